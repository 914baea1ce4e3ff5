//! Consistency check of the stored data and of the index.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use surrealdb::types::{RecordId, SurrealValue};

use super::database::read;
use super::rows::conversation::{ConversationRow, numbered};
use super::rows::open::OpenRow;
use super::warm::walk_customers;
use super::{Result, Store};
use crate::domain::{AgentId, Conversation, Customer, CustomerKey, TagId};

/// Result of [`Store::check`].
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Number of customers checked.
    pub customers: u64,
    /// Number of conversations checked.
    pub conversations: u64,
    /// Number of messages counted.
    pub messages: u64,
    /// Descriptions of the first faults, at most [`Report::MOST`].
    pub faults: Vec<String>,
    /// Number of all faults, described or not.
    pub total_faults: u64,
}

impl Report {
    /// Maximum number of faults that are described.
    pub const MOST: usize = 100;

    fn fault(&mut self, what: String) {
        self.total_faults += 1;
        if self.faults.len() < Self::MOST {
            self.faults.push(what);
        }
    }
}

#[derive(SurrealValue)]
struct Numbered {
    id: RecordId,
    conversation: u32,
}

/// Messages of one conversation as the table has them.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    count: u32,
    first: u32,
    last: u32,
}

impl Counted {
    fn add(&mut self, number: u32) {
        self.first = if self.count == 0 { number } else { self.first.min(number) };
        self.last = self.last.max(number);
        self.count += 1;
    }

    /// Returns `true` if the stored count and first number of a conversation match its messages, and their
    /// numbers have no gap. Numbers are keys, so none is counted twice.
    const fn fits(self, conversation: &Conversation) -> bool {
        self.count == conversation.messages
            && (self.count == 0
                || (self.first == conversation.first_message && self.last - self.first == self.count - 1))
    }
}

/// Messages of a customer by the number of their conversation.
type CountedMessages = BTreeMap<u32, Counted>;

/// Maximum number of messages that one query reads; a larger range is split.
pub(super) const MESSAGES_AT_ONCE: u32 = if cfg!(test) { 20 } else { 20_000 };

impl Store {
    /// Checks all customers with their conversations and messages, and compares the index with them. The
    /// index must be warm. Concurrent writes may look like faults, so the store should have no other user.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not
    /// answer, and [`StoreError::Internal`](super::StoreError::Internal) if a row cannot be parsed.
    /// Other faults are in the report.
    pub async fn check(&self) -> Result<Report> {
        let mut report = Report::default();
        let tags: Vec<TagId> = self.tags().await?.into_iter().map(|tag| tag.id).collect();
        let agents: Vec<AgentId> = self.agents().await?.into_iter().map(|agent| agent.id).collect();
        let mut desk: BTreeMap<CustomerKey, u32> = self.open_rows().await?.into_iter().collect();
        let mut batches = std::pin::pin!(walk_customers(&self.db).await?);
        while let Some(customers) = batches.try_next().await? {
            let (Some(first), Some(last)) = (customers.first(), customers.last()) else { continue };
            let mut conversations = self.conversations_between(first.key, last.key).await?;
            let mut messages = self.count_messages(&customers).await?;
            for customer in &customers {
                report.customers += 1;
                let own = conversations.remove(&customer.key).unwrap_or_default();
                report.conversations += own.len() as u64;
                let counted = messages.remove(&customer.key).unwrap_or_default();
                report.messages += counted.values().map(|own| u64::from(own.count)).sum::<u64>();
                check_customer(&mut report, customer, &tags, &agents);
                check_conversations(&mut report, customer, &own, &counted);
                if desk.remove(&customer.key) != customer.open {
                    report.fault(format!("customer {}: the desk lists another open conversation", customer.key));
                }
                // Only customers with held messages are queried: a query for each customer would take minutes.
                if customer.held > 0 && self.count_held(customer).await? != customer.held_waiting() {
                    report.fault(format!("customer {}: held messages are missing", customer.key));
                }
                if let Err(fault) = self.memory.index_read().check(customer) {
                    report.fault(format!("customer {}: index: {fault}", customer.key));
                }
                if self.memory.desk().get(customer.key).map(|open| open.number) != customer.open {
                    report.fault(format!("customer {}: memory has another open conversation", customer.key));
                }
            }
            for (orphan, _) in conversations {
                report.fault(format!("conversations of customer {orphan}, which does not exist"));
            }
        }
        for (orphan, _) in desk {
            report.fault(format!("the desk lists a conversation of customer {orphan}, which does not exist"));
        }
        if let Err(surplus) = self.memory.index_read().check_surplus() {
            report.fault(format!("index: {surplus}"));
        }
        let indexed = self.memory.index_read().len() as u64;
        if indexed != report.customers {
            report.fault(format!("the index has {indexed} customers, the table {}", report.customers));
        }
        Ok(report)
    }

    /// Reads the table `open`: each customer with the number of its open conversation.
    async fn open_rows(&self) -> Result<Vec<(CustomerKey, u32)>> {
        let rows: Vec<OpenRow> = read(self.db.query("SELECT * FROM open")).await?.take(0)?;
        rows.iter().map(OpenRow::numbers).collect()
    }

    /// Counts a customer's held messages that are in no conversation, in bounded ranges.
    async fn count_held(&self, customer: &Customer) -> Result<u32> {
        let (mut count, mut from) = (0, customer.held_opened + 1);
        while from <= customer.held {
            let to = from.saturating_add(MESSAGES_AT_ONCE - 1).min(customer.held);
            let query = self
                .db
                .query("SELECT VALUE id FROM held:[$key, $from]..=[$key, $to]")
                .bind(("key", customer.key.0))
                .bind(("from", from))
                .bind(("to", to));
            count += read(query).await?.take::<Vec<RecordId>>(0)?.len() as u32;
            from = to + 1;
        }
        Ok(count)
    }

    /// Returns the conversations of the customers from `first` to `last`, both included.
    async fn conversations_between(
        &self,
        first: CustomerKey,
        last: CustomerKey,
    ) -> Result<BTreeMap<CustomerKey, Vec<Conversation>>> {
        let query = self
            .db
            .query("SELECT * FROM conversation:[$first, 0]..[$end, 0]")
            .bind(("first", first.0))
            .bind(("end", last.0 + 1));
        let rows: Vec<ConversationRow> = read(query).await?.take(0)?;
        let mut by_customer = BTreeMap::<_, Vec<_>>::new();
        for row in rows {
            let conversation = Conversation::try_from(row)?;
            by_customer.entry(conversation.customer).or_default().push(conversation);
        }
        Ok(by_customer)
    }

    /// Counts the messages of each conversation of these customers.
    async fn count_messages(&self, customers: &[Customer]) -> Result<BTreeMap<CustomerKey, CountedMessages>> {
        let mut counts = BTreeMap::<CustomerKey, CountedMessages>::new();
        let mut rest = customers;
        while let Some(first) = rest.first() {
            let mut messages = 0;
            let together = rest
                .iter()
                .take_while(|customer| {
                    messages += customer.messages;
                    messages <= MESSAGES_AT_ONCE
                })
                .count();
            let (group, later) = rest.split_at(together.max(1));
            rest = later;
            let last = group.last().map_or(first.key, |customer| customer.key);
            // Only a group of one customer can exceed the limit. It is read in ranges of message numbers.
            let most = if group.len() == 1 { first.messages } else { 0 };
            let mut from = 0;
            loop {
                let until = if most > MESSAGES_AT_ONCE { from + MESSAGES_AT_ONCE } else { u32::MAX };
                let query = self
                    .db
                    .query("SELECT id, conversation FROM message:[$first, $from]..[$last, $until]")
                    .bind(("first", first.key.0))
                    .bind(("last", last.0))
                    .bind(("from", from))
                    .bind(("until", until));
                for row in read(query).await?.take::<Vec<Numbered>>(0)? {
                    let (customer, number) = numbered(&row.id)?;
                    counts.entry(customer).or_default().entry(row.conversation).or_default().add(number);
                }
                // Message numbers start at 1, and the end of a range is exclusive.
                if until > most {
                    break;
                }
                from = until;
            }
        }
        Ok(counts)
    }
}

fn check_customer(report: &mut Report, customer: &Customer, tags: &[TagId], agents: &[AgentId]) {
    let mut fault = |what: &str| report.fault(format!("customer {}: {what}", customer.key));
    if !customer.tags.is_sorted_by(|a, b| a < b) {
        fault("tags are not in order");
    }
    if customer.tags.iter().any(|tag| !tags.contains(tag)) {
        fault("has a tag that does not exist");
    }
    if customer.served_by.iter().any(|agent| !agents.contains(agent)) {
        fault("was served by an agent who does not exist");
    }
    if customer.version == 0 || customer.updated_at < customer.created_at {
        fault("version or time of change is impossible");
    }
}

fn check_conversations(report: &mut Report, customer: &Customer, own: &[Conversation], counted: &CountedMessages) {
    let mut fault = |what: &str| report.fault(format!("customer {}: {what}", customer.key));
    if own.len() != customer.conversations as usize
        || own.iter().zip(1..).any(|(conversation, number)| conversation.number != number)
    {
        fault("conversations are not numbered without gaps");
    }
    if own.iter().map(|conversation| conversation.started_at).max() != customer.latest_conversation_at {
        fault("the time of the latest conversation is wrong");
    }
    let mut open =
        own.iter().filter(|conversation| conversation.state.is_open()).map(|conversation| conversation.number);
    if open.next() != customer.open || open.next().is_some() {
        fault("has other open conversations than it says");
    }
    if customer.blacklisted.is_some() && customer.open.is_some() {
        fault("is on the blacklist and has an open conversation");
    }
    // The reverse is no fault: an agent who is disabled loses the conversation but stays in `served_by`.
    if own.iter().filter_map(|conversation| conversation.agent).any(|agent| !customer.served_by.contains(&agent)) {
        fault("was served by an agent that it does not know");
    }
    let mut next = 1;
    for conversation in own {
        let messages = counted.get(&conversation.number).copied().unwrap_or_default();
        if conversation.first_message != next || !messages.fits(conversation) {
            fault(&format!("messages of conversation {} have gaps", conversation.number));
        }
        next += conversation.messages;
    }
    if counted.keys().any(|number| own.iter().all(|conversation| conversation.number != *number)) {
        fault("has messages of a conversation that does not exist");
    }
    if next != customer.messages + 1 {
        fault("the number of messages is wrong");
    }
}
