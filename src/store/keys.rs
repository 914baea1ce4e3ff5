//! Allocation of customer keys.
//!
//! A sequence hands out blocks of [`BLOCK`] keys, and each process numbers its new customers from
//! its own block. This avoids a counter record on which all creations would conflict, and gives an
//! upper bound for walking the table. A process that ends leaves the rest of its block unused.

use std::ops::Range;

use super::database::{Database, read};
use super::{Result, Store, StoreError};
use crate::domain::CustomerKey;

/// Number of keys in a block.
pub(super) const BLOCK: u64 = 256;

/// Unused keys of a block.
pub(super) struct KeyBlock {
    keys: Range<u64>,
}

/// Returns the keys of a block. Customer keys start at 1.
pub(super) const fn keys_of(block: u64) -> Range<u64> {
    block * BLOCK + 1..(block + 1) * BLOCK + 1
}

/// Takes the next block. Its number is higher than that of every block that any process took before.
pub(super) async fn next_block(db: &Database) -> Result<u64> {
    let block = next_number(db, "customer_block").await?;
    db.note_block(block);
    Ok(block)
}

/// Returns the next number of a sequence.
pub(super) async fn next_number(db: &Database, sequence: &'static str) -> Result<u64> {
    let mut answer = read(db.query("RETURN sequence::nextval($sequence)").bind(("sequence", sequence))).await?;
    let number: Option<i64> = answer.take(0)?;
    number
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| StoreError::internal(format!("sequence {sequence} gave no number")))
}

impl Store {
    /// Returns a key that was never used.
    pub(super) async fn next_key(&self) -> Result<CustomerKey> {
        let mut block = self.keys.lock().await;
        loop {
            if let Some(key) = block.as_mut().and_then(|block| block.keys.next()) {
                return Ok(CustomerKey(key));
            }
            *block = Some(KeyBlock { keys: keys_of(next_block(&self.db).await?) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_touch_and_do_not_overlap() {
        assert_eq!(keys_of(0), 1..257);
        assert_eq!(keys_of(1), 257..513);
    }
}
