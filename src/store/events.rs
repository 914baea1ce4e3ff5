//! The event log: written in each change's own transaction, then applied to the index and broadcast.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};
use uuid::Uuid;

use super::rows::{datetime, timestamp};
use super::{Result, Store, StoreError};
use crate::domain::{Actor, AgentId, Change, Customer, CustomerKey, Event, EventId, EventKind, Timestamp};

#[derive(Clone, SurrealValue)]
pub(super) struct EventRow {
    pub(super) id: RecordId,
    at: Datetime,
    actor: String,
    agent: Option<u32>,
    kind: String,
    customer: Option<u64>,
    changes: Vec<ChangeRow>,
    version: u32,
}

#[derive(Clone, SurrealValue)]
struct ChangeRow {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

/// What is to be logged of a change.
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) actor: Actor,
    pub(super) kind: EventKind,
    pub(super) customer: Option<CustomerKey>,
    pub(super) changes: Vec<Change>,
    pub(super) version: u32,
}

impl EventRow {
    /// The row of a new event.
    pub(super) fn new(entry: Entry) -> Self {
        let (actor, agent) = match entry.actor {
            Actor::Agent(agent) => ("agent", Some(agent.0)),
            Actor::Customer => ("customer", None),
            Actor::System => ("system", None),
        };
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
            version: entry.version,
        }
    }
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self> {
        let RecordIdKey::Uuid(id) = row.id.key else {
            return Err(StoreError::internal("an event's key is not a UUID"));
        };
        let actor = match (row.actor.as_str(), row.agent) {
            ("agent", Some(agent)) => Actor::Agent(AgentId(agent)),
            ("customer", None) => Actor::Customer,
            ("system", None) => Actor::System,
            _ => return Err(StoreError::internal("an event's actor is unknown")),
        };
        let kind = EventKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == row.kind)
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
            version: row.version,
        })
    }
}

impl Store {
    /// After the commit: first the index, so that the writer reads its own write, then everybody else.
    pub(super) fn publish(&self, event: EventRow, customer: Option<&Customer>) -> Result<Event> {
        if let Some(customer) = customer {
            self.index_write().upsert(customer);
        }
        let event = Event::try_from(event)?;
        // Nobody listening is fine.
        let _ = self.events.send(event.clone());
        Ok(event)
    }
}
