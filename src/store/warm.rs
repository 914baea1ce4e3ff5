//! Filling index and desk at start: the whole table in bounded ranges, while the next range is already being read.
//!
//! The index is filled aside, where nobody waits for it, and put into place at the end with what changed meanwhile.

use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};
use surrealdb::types::{RecordId, RecordIdKeyRange};

use super::change::OpenRow;
use super::customers::CustomerRow;
use super::database::{Database, read};
use super::keys::{BLOCK, keys_of, next_block};
use super::memory::in_place;
use super::rows::timestamp;
use super::scrub::open_conversations;
use super::{Result, Store};
use crate::domain::Customer;
use crate::index::Index;

/// Blocks that one query reads: 2,048 keys.
const BLOCKS_AT_ONCE: u64 = 8;
/// Ranges that are read ahead of the index.
const RANGES_AHEAD: usize = 2;
/// Progress is logged each so many customers.
const LOGGED_EACH: u64 = 100_000;
/// Changed customers that are entered while everybody waits.
const FEW: usize = 64;

impl Store {
    /// Fills index and desk from the database. Until it is done there is no list.
    ///
    /// # Errors
    /// What the database says; a second call begins from the start.
    pub async fn warm(&self) -> Result<()> {
        let started = Instant::now();
        self.memory.begin_filling();
        let mut index = Index::new();
        let mut read = 0;
        let mut batches = std::pin::pin!(walk_customers(&self.db).await?);
        while let Some(customers) = batches.try_next().await? {
            // Indexing a batch takes milliseconds of a core; others' work moves to other threads meanwhile.
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
        // What changed meanwhile is entered aside too, as long as it is much.
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
        // The one walk over the whole table `open`: there are as many as conversations can be open at a time.
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

/// All customers, in the order of their keys, some thousand at a time.
pub(super) async fn walk_customers(db: &Database) -> Result<impl futures::Stream<Item = Result<Vec<Customer>>> + '_> {
    // Taking a block is the cheapest way to learn where the table ends: every key there is lies below.
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
