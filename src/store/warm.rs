//! Fills index and desk at start. Reads the whole table in bounded ranges and prefetches.
//!
//! The index is built separately, so that it blocks no request. At the end it is installed together
//! with the changes made meanwhile.

use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};
use surrealdb::types::{RecordId, RecordIdKeyRange};

use super::database::{Database, read};
use super::keys::{BLOCK, keys_of, next_block};
use super::memory::in_place;
use super::rows::customer::CustomerRow;
use super::rows::open::OpenRow;
use super::rows::open::open_conversations;
use super::rows::timestamp;
use super::{Result, Store};
use crate::domain::Customer;
use crate::index::Index;

/// Key blocks per query: 2,048 keys.
const BLOCKS_AT_ONCE: u64 = 8;
/// Number of ranges read concurrently.
const RANGES_AHEAD: usize = 2;
/// Number of customers between two progress log lines.
const LOGGED_EACH: u64 = 100_000;
/// Maximum length of the change queue at which building stops. The rest is applied under the lock,
/// which blocks other requests.
const FEW: usize = 64;

impl Store {
    /// Fills index and desk from the database. The list is unavailable until this completes.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not
    /// answer. A second call starts over.
    pub async fn warm(&self) -> Result<()> {
        let started = Instant::now();
        self.memory.begin_filling();
        let mut index = Index::new();
        let mut read = 0;
        let mut batches = std::pin::pin!(walk_customers(&self.db).await?);
        while let Some(customers) = batches.try_next().await? {
            // Indexing a batch occupies a core for milliseconds; the thread's other tasks move to
            // other threads meanwhile.
            in_place(|| index.load(&customers));
            let before = read;
            read += customers.len() as u64;
            self.memory.set_progress(read);
            if before / LOGGED_EACH != read / LOGGED_EACH {
                tracing::info!(customers = read, "store: warming the index");
            }
        }
        in_place(|| index.finish_loading());
        self.warm_desk().await?;
        // Long queues of changes are also applied before the index is installed.
        loop {
            let queue = self.memory.take_queue();
            in_place(|| queue.iter().for_each(|customer| index.upsert(customer)));
            if queue.len() <= FEW {
                break;
            }
        }
        in_place(|| self.memory.finish_filling(index));
        let (customers, millis) = (self.indexed(), started.elapsed().as_millis() as u64);
        tracing::info!(customers, millis, bytes = self.index_memory() as u64, "store: the index is warm");
        Ok(())
    }

    async fn warm_desk(&self) -> Result<()> {
        // Scans the whole table `open`, which has one record per open conversation.
        let rows: Vec<OpenRow> = read(self.db.query("SELECT * FROM open")).await?.take(0)?;
        let numbers = rows.iter().map(OpenRow::numbers).collect::<Result<Vec<_>>>()?;
        let mut open = open_conversations(&self.db, &numbers).await?;
        for row in rows {
            let (customer, _) = row.numbers()?;
            if let (Some(open), Some(active_at)) = (open.get_mut(&customer), row.active_at) {
                open.active_at = timestamp(active_at);
            }
        }
        self.memory.fill_desk(open.into_values().collect());
        Ok(())
    }
}

/// Streams all customers in the order of their keys, in batches of up to 2,048.
pub(super) async fn walk_customers(db: &Database) -> Result<impl futures::Stream<Item = Result<Vec<Customer>>> + '_> {
    // Allocating a block is the cheapest way to find the end of the table: all existing keys lie below it.
    let end = next_block(db).await?;
    let starts = (0..=end / BLOCKS_AT_ONCE).map(|chunk| chunk * BLOCKS_AT_ONCE);
    Ok(stream::iter(starts).map(move |block| read_blocks(db, block)).buffered(RANGES_AHEAD))
}

async fn read_blocks(db: &Database, block: u64) -> Result<Vec<Customer>> {
    let first = keys_of(block).start as i64;
    let range = RecordIdKeyRange::from(first..first + (BLOCKS_AT_ONCE * BLOCK) as i64);
    let rows: Vec<CustomerRow> =
        read(db.query("SELECT * FROM $range").bind(("range", RecordId::new("customer", range)))).await?.take(0)?;
    rows.into_iter().map(Customer::try_from).collect()
}
