//! Rows beside the customer that the blacklist needs: addresses of visitors, and ends of entries.

use surrealdb::types::{Array, Datetime, RecordId, RecordIdKey, SurrealValue, Value};

use super::datetime;
use crate::domain::{Conversation, Customer, CustomerKey};
use crate::store::{Result, StoreError};

/// `seen:[ip, customer]`: start time of the latest conversation of a customer from an IP address.
#[derive(Clone, SurrealValue)]
pub(in crate::store) struct SeenRow {
    pub(in crate::store) id: RecordId,
    pub(in crate::store) at: Datetime,
}

impl SeenRow {
    /// Returns the row of a conversation, or `None` if the visitor's IP address is unknown.
    pub(in crate::store) fn of(conversation: &Conversation) -> Option<Self> {
        let ip = conversation.visitor.as_ref().map(|visitor| visitor.ip.trim()).filter(|ip| !ip.is_empty())?;
        Some(Self { id: seen(ip, conversation.customer), at: datetime(conversation.started_at) })
    }
}

/// Returns `seen:[ip, customer]`.
pub(in crate::store) fn seen(ip: &str, customer: CustomerKey) -> RecordId {
    let parts = [ip.to_owned().into_value(), (customer.0 as i64).into_value()];
    RecordId::new("seen", Array::from(parts.to_vec()))
}

/// `expiry:[until, customer]`: end of a customer's blacklist entry, which may have been removed or replaced.
#[derive(Clone, SurrealValue)]
pub(in crate::store) struct ExpiryRow {
    pub(in crate::store) id: RecordId,
}

impl ExpiryRow {
    /// Returns the row of the customer's entry, or `None` if the customer has no entry with an end.
    pub(in crate::store) fn of(customer: &Customer) -> Option<Self> {
        let until = customer.blacklisted.as_ref()?.until?;
        let parts = [until.0.into_value(), (customer.key.0 as i64).into_value()];
        Some(Self { id: RecordId::new("expiry", Array::from(parts.to_vec())) })
    }

    /// Returns the customer of the record id.
    pub(in crate::store) fn customer(&self) -> Result<CustomerKey> {
        let RecordIdKey::Array(parts) = &self.id.key else {
            return Err(StoreError::internal("an expiry's key is not [until, customer]"));
        };
        match parts.get(1) {
            Some(Value::Number(number)) => Ok(CustomerKey(number.to_int().unwrap_or_default() as u64)),
            _ => Err(StoreError::internal("an expiry's key is not [until, customer]")),
        }
    }
}
