//! The scrubber: compares what memory holds with the database while the server runs, in bounded ranges of keys.
//!
//! Every write publishes what it changed, so there is nothing to find. It is the net below: a fault in Clientele, a panic, or a
//! backup that was restored under a running server must not stay unseen until the next restart.

use std::collections::HashMap;

use surrealdb::types::{RecordId, RecordIdKey, RecordIdKeyRange, SurrealValue};

use super::conversations::{ConversationRow, record};
use super::customers;
use super::database::{Database, read};
use super::desk::OpenConversation;
use super::keys::{BLOCK, keys_of};
use super::{Result, Store};
use crate::domain::{Conversation, Customer, CustomerKey};

/// Blocks of keys that one step compares: 2,048 keys.
const BLOCKS: u64 = 8;
/// Customers that one query loads.
const AT_ONCE: usize = 200;

#[derive(SurrealValue)]
struct VersionRow {
    id: RecordId,
    version: u32,
    open: Option<u32>,
}

/// The place of the scrubber in the table.
#[derive(Debug, Default)]
pub struct Scrubber {
    block: u64,
}

impl Store {
    /// Compares the next range of customers with index and desk, and corrects what is outdated; returns the number of
    /// customers that were. One call after the other walks over the whole table again and again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn scrub(&self, scrubber: &mut Scrubber) -> Result<usize> {
        if !self.memory.is_warm() {
            return Ok(0);
        }
        if scrubber.block > self.db.highest_block() {
            scrubber.block = 0;
        }
        let first = keys_of(scrubber.block).start as i64;
        let range = RecordIdKeyRange::from(first..first + (BLOCKS * BLOCK) as i64);
        let query =
            self.db.query("SELECT id, version, open FROM $range").bind(("range", RecordId::new("customer", range)));
        let rows: Vec<VersionRow> = read(query).await?.take(0)?;
        scrubber.block += BLOCKS;
        let outdated: Vec<CustomerKey> = rows.iter().filter_map(|row| self.outdated(row)).collect();
        if outdated.is_empty() {
            return Ok(0);
        }
        for keys in outdated.chunks(AT_ONCE) {
            self.memory.correct(load(&self.db, keys).await?);
        }
        tracing::error!(customers = outdated.len() as u64, "store: the index was outdated");
        self.memory.count_healed(outdated.len());
        Ok(outdated.len())
    }

    /// Number of customers that [`Store::scrub`] corrected since the start: 0, or there is a fault in Clientele.
    #[must_use]
    pub fn healed(&self) -> u64 {
        self.memory.healed()
    }

    /// Returns the key of a customer that memory knows in an older version and that nobody is writing.
    fn outdated(&self, row: &VersionRow) -> Option<CustomerKey> {
        let RecordIdKey::Number(key) = row.id.key else { return None };
        let key = CustomerKey(key as u64);
        // In this order: a write that ended between the two has published its version.
        if self.memory.is_under_way(key) {
            return None;
        }
        let known = self.memory.index_read().version_of(key);
        let open = self.memory.desk().of(key).map(|open| open.number);
        let outdated = match known {
            None => true,
            Some(known) => known < row.version || (known == row.version && open != row.open),
        };
        outdated.then_some(key)
    }
}

/// Loads customers, each with its open conversation as the desk has it.
pub(super) async fn load(db: &Database, keys: &[CustomerKey]) -> Result<Vec<(Customer, Option<OpenConversation>)>> {
    let customers = customers::load(db, keys).await?;
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

/// Loads conversations that are open, by customer and number.
pub(super) async fn open_conversations(
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
