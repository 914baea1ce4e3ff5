//! The event log: written in each change's own transaction, then applied to the index and broadcast.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, RecordIdKeyRange, SurrealValue};
use uuid::Uuid;

use super::rows::{datetime, timestamp};
use super::transaction::read;
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

    /// The same, about one of the customer's conversations and the newest of its messages.
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
            conversation: row.conversation,
            message: row.message,
            version: row.version,
        })
    }
}

/// Who did something, in two columns: what it is, and which agent.
pub(super) const fn actor_columns(actor: Actor) -> (&'static str, Option<u32>) {
    match actor {
        Actor::Agent(agent) => ("agent", Some(agent.0)),
        Actor::Customer => ("customer", None),
        Actor::System => ("system", None),
    }
}

/// Reads the two columns back.
pub(super) fn actor_of(actor: &str, agent: Option<u32>) -> Result<Actor> {
    match (actor, agent) {
        ("agent", Some(agent)) => Ok(Actor::Agent(AgentId(agent))),
        ("customer", None) => Ok(Actor::Customer),
        ("system", None) => Ok(Actor::System),
        _ => Err(StoreError::internal("an actor is unknown")),
    }
}

/// What a listener missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Everything, and some of it that it may have heard.
    All(Vec<Event>),
    /// More than is worth telling, or from too long ago.
    TooMany,
}

/// An event may be committed so much later than its id says.
const OVERLAP: i64 = 10_000;
/// What is older than this, or more than so many, is not told again.
const OLDEST: i64 = 3_600_000;
const MOST: usize = 1_000;

impl Store {
    /// The id an event would have now: what comes later can be asked for with [`Store::events_since`].
    #[must_use]
    pub fn log_position() -> String {
        Uuid::now_v7().to_string()
    }

    /// The events since one, from the log: those of the last seconds before it too, since ids sort by when a change began.
    ///
    /// # Errors
    /// What the database says.
    pub async fn events_since(&self, last: &str) -> Result<Missed> {
        let now = jiff::Timestamp::now().as_millisecond();
        let Some(seconds) = Uuid::parse_str(last).ok().and_then(|id| id.get_timestamp()) else {
            return Ok(Missed::TooMany);
        };
        let (seconds, nanos) = seconds.to_unix();
        let at = seconds as i64 * 1000 + i64::from(nanos / 1_000_000);
        if now - at > OLDEST {
            return Ok(Missed::TooMany);
        }
        // Both ends are bounded: an open range would be read whole.
        let bound = |millis: i64| RecordIdKey::Uuid(first_uuid_at(millis).into());
        let range = RecordIdKeyRange::from(bound(at - OVERLAP)..bound(now + OVERLAP));
        let query = self.db.query("SELECT * FROM $range").bind(("range", RecordId::new("event", range)));
        let rows: Vec<EventRow> = read(query).await?.take(0)?;
        if rows.len() > MOST {
            return Ok(Missed::TooMany);
        }
        rows.into_iter().map(Event::try_from).collect::<Result<_>>().map(Missed::All)
    }

    /// Whether a customer is in a scope: served by this agent, or anyone when there is none.
    #[must_use]
    pub fn is_in_scope(&self, scope: Option<AgentId>, customer: CustomerKey) -> bool {
        scope.is_none_or(|agent| self.index_read().has_served(agent, customer))
    }

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

/// The smallest UUID v7 of a moment.
const fn first_uuid_at(millis: i64) -> Uuid {
    let millis = if millis < 0 { 0 } else { millis as u128 };
    Uuid::from_u128((millis << 80) | (7 << 76) | (2 << 62))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_uuid_of_a_moment_comes_before_all_of_it() {
        let now = jiff::Timestamp::now().as_millisecond();
        let id = Uuid::now_v7();
        assert!(first_uuid_at(now) <= id && id < first_uuid_at(now + 10_000));
        assert_eq!(first_uuid_at(now).get_version_num(), 7);
    }
}
