//! Bulk import of customers with their conversations and messages.

use super::desk::DeskChange;
use super::events::{Entry, EventRow};
use super::keys::{BLOCK, keys_of, next_block};
use super::memory::{MemoryUpdate, UpdatedCustomer};
use super::rows::blacklist::SeenRow;
use super::rows::conversation::{ConversationRow, MessageRow};
use super::rows::customer::CustomerRow;
use super::transaction::{ATTEMPTS, Write};
use super::{Result, Store, StoreError};
use crate::domain::{Actor, Change, Conversation, Customer, CustomerKey, EventKind, Message, Timestamp};

/// Customer to import, with its conversations and messages. Its key, here and in the conversations
/// and messages, is a placeholder: [`Store::import`] assigns the real one.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The customer. Its counters must match the conversations and messages.
    pub customer: Customer,
    /// Conversations, numbered from 1 without gaps.
    pub conversations: Vec<Conversation>,
    /// Messages of all conversations, numbered from 1 without gaps.
    pub messages: Vec<Message>,
}

/// Rows that are inserted together with a batch of customers.
#[derive(Default)]
struct Rows {
    conversations: Vec<ConversationRow>,
    messages: Vec<MessageRow>,
    seen: Vec<SeenRow>,
}

impl Store {
    /// Maximum number of customers in a batch: one block of keys.
    pub const BATCH: usize = BLOCK as usize;

    /// Imports a batch of customers in one transaction with one event, then updates the index.
    ///
    /// # Errors
    /// Returns [`StoreError::AlreadyExists`] if an ID is in use, and [`StoreError::Internal`] for more than
    /// [`Store::BATCH`] customers.
    pub async fn import(&self, batch: Vec<Imported>, now: Timestamp) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        if batch.len() > Self::BATCH {
            return Err(StoreError::internal("a batch is too large"));
        }
        let keys = keys_of(next_block(&self.db).await?);
        let mut customers = Vec::with_capacity(batch.len());
        let mut rows = Rows::default();
        for (mut imported, key) in batch.into_iter().zip(keys.map(CustomerKey)) {
            imported.customer.fields_unchecked().key = key;
            for conversation in &mut imported.conversations {
                conversation.customer = key;
                rows.conversations.push(ConversationRow::from(&*conversation));
                rows.seen.extend(SeenRow::of(conversation));
            }
            for message in &mut imported.messages {
                message.customer = key;
                rows.messages.push(MessageRow::from(&*message));
            }
            customers.push(imported.customer);
        }
        self.write_batch(customers, rows, now).await
    }

    async fn write_batch(&self, customers: Vec<Customer>, also: Rows, now: Timestamp) -> Result<()> {
        let (Some(first), Some(last)) = (customers.first(), customers.last()) else { return Ok(()) };
        let key = |customer: &Customer| Some(customer.key.to_string());
        let change = Change { field: "keys".into(), before: key(first), after: key(last) };
        let rows: Vec<CustomerRow> = customers.iter().map(CustomerRow::from).collect();
        self.retry(ATTEMPTS, || async {
            // A new event for each attempt, so that the time in its id is not that of the first attempt.
            let event = EventRow::new(Entry {
                at: now,
                actor: Actor::System,
                kind: EventKind::CustomersImported,
                customer: None,
                changes: vec![change.clone()],
                version: 1,
            });
            let write = Write::new(include_str!("queries/import.surql"), &event)
                .unique(&[("customer_id", "id")])
                .bind("customers", rows.clone())
                .bind("conversations", also.conversations.clone())
                .bind("messages", also.messages.clone())
                .bind("seen", also.seen.clone());
            let latest =
                customers.iter().map(|customer| UpdatedCustomer { customer: customer.clone(), desk: DeskChange::Same });
            Ok(self.commit(write, MemoryUpdate::Customers(latest.collect())).await?.then(()))
        })
        .await
    }
}
