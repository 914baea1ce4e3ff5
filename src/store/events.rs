//! Rows of the event log: one for each change, written in the transaction of the change.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};
use uuid::Uuid;

use super::rows::{datetime, timestamp};
use super::{Result, StoreError};
use crate::domain::{Actor, AgentId, Change, CustomerKey, Event, EventId, EventKind, Timestamp};

#[derive(Clone, SurrealValue)]
pub(super) struct EventRow {
    pub(super) id: RecordId,
    at: Datetime,
    actor: String,
    agent: Option<u32>,
    kind: String,
    customer: Option<u64>,
    changes: Vec<ChangeRow>,
    conversation: Option<u32>,
    message: Option<u32>,
    version: u32,
}

#[derive(Clone, SurrealValue)]
struct ChangeRow {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

/// Content of a new event.
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) actor: Actor,
    pub(super) kind: EventKind,
    pub(super) customer: Option<CustomerKey>,
    pub(super) changes: Vec<Change>,
    pub(super) version: u32,
}

impl EventRow {
    /// Returns the row of a new event. Its id is a UUID v7, so ids sort by time.
    pub(super) fn new(entry: Entry) -> Self {
        let (actor, agent) = actor_columns(entry.actor);
        Self {
            id: RecordId::new("event", surrealdb::types::Uuid::from(Uuid::now_v7())),
            at: datetime(entry.at),
            actor: actor.to_owned(),
            agent,
            kind: entry.kind.as_str().to_owned(),
            customer: entry.customer.map(|key| key.0),
            changes: entry
                .changes
                .into_iter()
                .map(|change| ChangeRow { field: change.field, before: change.before, after: change.after })
                .collect(),
            conversation: None,
            message: None,
            version: entry.version,
        }
    }

    /// Sets the conversation and the customer's newest message that the event refers to, by number.
    pub(super) fn about(mut self, conversation: Option<u32>, message: Option<u32>) -> Self {
        (self.conversation, self.message) = (conversation, message);
        self
    }
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self> {
        let RecordIdKey::Uuid(id) = row.id.key else {
            return Err(StoreError::internal("an event's key is not a UUID"));
        };
        let actor = actor_of(&row.actor, row.agent)?;
        let kind = EventKind::parse(&row.kind)
            .ok_or_else(|| StoreError::internal(format!("unknown kind of event: {}", row.kind)))?;
        Ok(Self {
            id: EventId(Uuid::from(id).to_string()),
            at: timestamp(row.at),
            actor,
            kind,
            customer: row.customer.map(CustomerKey),
            changes: row
                .changes
                .into_iter()
                .map(|change| Change { field: change.field, before: change.before, after: change.after })
                .collect(),
            conversation: row.conversation,
            message: row.message,
            version: row.version,
        })
    }
}

/// Returns the columns `actor` and `agent`: the kind of actor, and the number of the agent if it is one.
pub(super) const fn actor_columns(actor: Actor) -> (&'static str, Option<u32>) {
    match actor {
        Actor::Agent(agent) => ("agent", Some(agent.0)),
        Actor::Customer => ("customer", None),
        Actor::System => ("system", None),
    }
}

/// Parses the columns `actor` and `agent`.
pub(super) fn actor_of(actor: &str, agent: Option<u32>) -> Result<Actor> {
    match (actor, agent) {
        ("agent", Some(agent)) => Ok(Actor::Agent(AgentId(agent))),
        ("customer", None) => Ok(Actor::Customer),
        ("system", None) => Ok(Actor::System),
        _ => Err(StoreError::internal("an actor is unknown")),
    }
}
