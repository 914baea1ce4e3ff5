//! Claims: records by which a message or a request takes effect once. Of two transactions that make the same one, one fails.

use surrealdb::types::{Array, Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::datetime;
use super::{Result, Store};
use crate::domain::{AgentId, Channel, CustomerKey, Timestamp};

/// An agent's request that is carried out once, however often it is sent: the idempotency key is the client's, 1 to 64
/// characters.
#[derive(Clone, Debug)]
pub struct Request {
    /// The client's idempotency key.
    pub key: String,
    /// The agent.
    pub agent: AgentId,
}

/// Record of what a message or a request brought about. The table's key is what must not happen twice.
#[derive(Clone, SurrealValue)]
pub(super) struct Claim {
    pub(super) id: RecordId,
    pub(super) customer: u64,
    pub(super) conversation: Option<u32>,
    /// The number that was answered: of a message, a held message, or a conversation.
    pub(super) number: u32,
    /// When; old claims are pruned. Claims of messages that were made before there was pruning have none.
    pub(super) at: Option<Datetime>,
}

impl Claim {
    pub(super) fn new(
        id: &RecordId,
        customer: CustomerKey,
        conversation: Option<u32>,
        number: u32,
        now: Timestamp,
    ) -> Self {
        Self { id: id.clone(), customer: customer.0, conversation, number, at: Some(datetime(now)) }
    }
}

impl Request {
    /// `request:[agent, "action key"]`: the same key for another action is another request.
    pub(super) fn record(&self, action: &str) -> RecordId {
        let parts = [i64::from(self.agent.0).into_value(), format!("{action} {}", self.key).into_value()];
        RecordId::new("request", Array::from(parts.to_vec()))
    }
}

/// `delivery:[channel, id]`
pub(super) fn delivery_record(channel: Channel, id: &str) -> RecordId {
    let parts = [channel.as_str().to_owned().into_value(), id.to_owned().into_value()];
    RecordId::new("delivery", Array::from(parts.to_vec()))
}

impl Store {
    pub(super) async fn claimed(&self, id: &RecordId) -> Result<Option<Claim>> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", id.clone()));
        Ok(read(query).await?.take(0)?)
    }
}
