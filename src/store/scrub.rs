//! The scrubber compares index and desk with the database while the server runs, in bounded ranges of keys.
//!
//! Every write publishes its changes, so normally there is nothing to correct. The scrubber is a
//! safety net: what a fault in Clientele or a panic left outdated in memory must not stay so until the
//! next restart. It does not notice a database that is older than memory, such as a restored backup,
//! because memory never accepts an older version: the server must be stopped during a restore.

use surrealdb::types::{RecordId, RecordIdKey, RecordIdKeyRange, SurrealValue};

use super::database::read;
use super::keys::{BLOCK, keys_of};
use super::rows::open::load;
use super::{Result, Store};
use crate::domain::CustomerKey;

/// Key blocks compared per step: 2,048 keys.
const BLOCKS: u64 = 8;
/// Records loaded per query.
const AT_ONCE: usize = 200;

#[derive(SurrealValue)]
struct VersionRow {
    id: RecordId,
    version: u32,
    open: Option<u32>,
}

/// Position of the scrubber in the customer table.
#[derive(Debug, Default)]
pub struct Scrubber {
    block: u64,
}

impl Store {
    /// Compares the next range of customers with index and desk, corrects outdated ones, and returns
    /// their number. Repeated calls walk the whole table and start over at its end. Does nothing
    /// until the index is warm.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not answer.
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

    /// Returns the number of customers that [`Store::scrub`] corrected since the start. Any value
    /// above 0 indicates a fault in Clientele.
    #[must_use]
    pub fn healed(&self) -> u64 {
        self.memory.healed()
    }

    /// Returns the customer's key if memory lacks it, has an older version, or has another open
    /// conversation at the same version. Customers that are being written are skipped.
    fn outdated(&self, row: &VersionRow) -> Option<CustomerKey> {
        let RecordIdKey::Number(key) = row.id.key else { return None };
        let key = CustomerKey(key as u64);
        // Check this before reading memory: a write that ends between the two has already published
        // its version.
        if self.memory.is_in_flight(key) {
            return None;
        }
        let known = self.memory.index_read().version_of(key);
        let open = self.memory.desk().get(key).map(|open| open.number);
        let outdated = match known {
            None => true,
            Some(known) => known < row.version || (known == row.version && open != row.open),
        };
        outdated.then_some(key)
    }
}
