//! Idempotency records, which let a message or a request take effect only once. If two
//! transactions create the same record, one of them fails.

use surrealdb::types::{Array, Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::datetime;
use super::{Result, Store};
use crate::domain::{Channel, CustomerKey, IdempotencyKey, Timestamp};

/// Stored result of a message or a request. Its record id contains the idempotency key and is unique.
#[derive(Clone, SurrealValue)]
pub(super) struct IdempotencyRecord {
    pub(super) id: RecordId,
    pub(super) customer: u64,
    pub(super) conversation: Option<u32>,
    /// Number in the original response: of a message, a held message or a conversation.
    pub(super) number: u32,
    /// Time of creation, for pruning. Records of messages from before pruning existed have none and are kept.
    pub(super) at: Option<Datetime>,
}

impl IdempotencyRecord {
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

/// Returns `request:[agent, "action key"]`. The same key with another action is a different request.
pub(super) fn request_record(key: &IdempotencyKey, action: &str) -> RecordId {
    let parts = [i64::from(key.agent().0).into_value(), format!("{action} {}", key.as_str()).into_value()];
    RecordId::new("request", Array::from(parts.to_vec()))
}

/// Returns `delivery:[channel, id]`.
pub(super) fn delivery_record(channel: Channel, id: &str) -> RecordId {
    let parts = [channel.as_str().to_owned().into_value(), id.to_owned().into_value()];
    RecordId::new("delivery", Array::from(parts.to_vec()))
}

impl Store {
    pub(super) async fn idempotency_record(&self, id: &RecordId) -> Result<Option<IdempotencyRecord>> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", id.clone()));
        Ok(read(query).await?.take(0)?)
    }
}
