//! Filling the index at start: the whole table in bounded ranges, while the next range is already being read.

use std::sync::atomic::Ordering;
use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};
use surrealdb::Surreal;
use surrealdb::engine::any::Any;
use surrealdb::types::{RecordId, RecordIdKeyRange};

use super::customers::CustomerRow;
use super::keys::{BLOCK, keys_of, next_block};
use super::transaction::read;
use super::{Result, Store};
use crate::domain::Customer;

/// Blocks that one query reads: 2,048 keys.
const BLOCKS_AT_ONCE: u64 = 8;
/// Ranges that are read ahead of the index.
const RANGES_AHEAD: usize = 2;
/// Progress is logged each so many customers.
const LOGGED_EACH: u64 = 100_000;

impl Store {
    /// Fills the index from the database. Until it is done there is no list.
    ///
    /// # Errors
    /// What the database says; nothing is half indexed that a second call would not put right.
    pub async fn warm(&self) -> Result<()> {
        let started = Instant::now();
        let mut read = 0;
        let mut batches = std::pin::pin!(walk_customers(&self.db).await?);
        while let Some(customers) = batches.try_next().await? {
            // Indexing a batch takes milliseconds of a core; others' work moves to other threads meanwhile.
            in_place(|| self.index_write().load(&customers));
            let before = read;
            read += customers.len() as u64;
            if before / LOGGED_EACH != read / LOGGED_EACH {
                tracing::info!(customers = read, "store: warming the index");
            }
        }
        in_place(|| self.index_write().finish_loading());
        self.warm.store(true, Ordering::Release);
        let (customers, millis) = (self.indexed(), started.elapsed().as_millis() as u64);
        tracing::info!(customers, millis, bytes = self.index_memory() as u64, "store: the index is warm");
        Ok(())
    }
}

/// All customers, in the order of their keys, some thousand at a time.
pub(super) async fn walk_customers(
    db: &Surreal<Any>,
) -> Result<impl futures::Stream<Item = Result<Vec<Customer>>> + '_> {
    // Taking a block is the cheapest way to learn where the table ends: every key there is lies below.
    let end = next_block(db).await?;
    let starts = (0..=end / BLOCKS_AT_ONCE).map(|chunk| chunk * BLOCKS_AT_ONCE);
    Ok(stream::iter(starts).map(move |block| read_blocks(db, block)).buffered(RANGES_AHEAD))
}

async fn read_blocks(db: &Surreal<Any>, block: u64) -> Result<Vec<Customer>> {
    let first = keys_of(block).start as i64;
    let range = RecordIdKeyRange::from(first..first + (BLOCKS_AT_ONCE * BLOCK) as i64);
    let rows: Vec<CustomerRow> =
        read(db.query("SELECT * FROM $range").bind(("range", RecordId::new("customer", range)))).await?.take(0)?;
    rows.into_iter().map(Customer::try_from).collect()
}

/// Runs work that keeps a core busy. `block_in_place` needs the multi-threaded runtime, which tests may not have.
fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::current().runtime_flavor() {
        tokio::runtime::RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
