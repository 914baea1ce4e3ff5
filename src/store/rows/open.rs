//! Rows of open conversations.

use std::collections::HashMap;

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};

use super::conversation::{ConversationRow, record};
use super::{customer, datetime};
use crate::domain::{Conversation, Customer, CustomerKey};
use crate::store::database::{Database, read};
use crate::store::desk::OpenConversation;
use crate::store::{Result, StoreError};

/// Records loaded per query.
const AT_ONCE: usize = 200;

#[derive(Clone, SurrealValue)]
pub(in crate::store) struct OpenRow {
    pub(in crate::store) id: RecordId,
    pub(in crate::store) conversation: u32,
    pub(in crate::store) agent: Option<u32>,
    pub(in crate::store) started_at: Datetime,
    pub(in crate::store) active_at: Option<Datetime>,
}

pub(in crate::store) fn open_record(customer: CustomerKey) -> RecordId {
    RecordId::new("open", customer.0 as i64)
}

impl OpenRow {
    /// Returns the customer and the number of its open conversation.
    pub(in crate::store) fn numbers(&self) -> Result<(CustomerKey, u32)> {
        match self.id.key {
            RecordIdKey::Number(key) => Ok((CustomerKey(key as u64), self.conversation)),
            _ => Err(StoreError::internal("an open conversation's key is not a number")),
        }
    }
}

impl From<&Conversation> for OpenRow {
    fn from(conversation: &Conversation) -> Self {
        Self {
            id: open_record(conversation.customer),
            conversation: conversation.number,
            agent: conversation.agent.map(|agent| agent.0),
            started_at: datetime(conversation.started_at),
            active_at: None,
        }
    }
}

/// Loads customers, each with its open conversation in the form that the desk holds.
pub(in crate::store) async fn load(
    db: &Database,
    keys: &[CustomerKey],
) -> Result<Vec<(Customer, Option<OpenConversation>)>> {
    let customers = customer::load(db, keys).await?;
    let numbers = customers.iter().filter_map(|customer| Some((customer.key, customer.open?)));
    let mut open = open_conversations(db, &numbers.collect::<Vec<_>>()).await?;
    Ok(customers
        .into_iter()
        .map(|customer| {
            let open = open.remove(&customer.key);
            (customer, open)
        })
        .collect())
}

/// Loads conversations by customer and number, and returns those that are open.
pub(in crate::store) async fn open_conversations(
    db: &Database,
    numbers: &[(CustomerKey, u32)],
) -> Result<HashMap<CustomerKey, OpenConversation>> {
    let mut open = HashMap::with_capacity(numbers.len());
    for numbers in numbers.chunks(AT_ONCE) {
        let ids: Vec<RecordId> = numbers.iter().map(|(key, number)| record("conversation", *key, *number)).collect();
        let rows: Vec<ConversationRow> = read(db.query("SELECT * FROM $ids").bind(("ids", ids))).await?.take(0)?;
        for row in rows {
            let conversation = Conversation::try_from(row)?;
            if conversation.state.is_open() {
                open.insert(conversation.customer, OpenConversation::from(&conversation));
            }
        }
    }
    Ok(open)
}
