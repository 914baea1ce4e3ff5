//! Deletes records that are no longer needed: idempotency records, the addresses that customers came
//! from, and known devices. Each table has an index on its time; each transaction deletes a small
//! number of records.

use surrealdb::types::RecordId;

use super::database::read;
use super::rows::datetime;
use super::{Result, Store};
use crate::domain::Timestamp;

const DAY: i64 = 24 * 3_600_000;

/// Tables with the age in milliseconds from which their records are deleted.
const AGES: [(&str, i64); 4] = [
    // Channels repeat a delivery for a few days at most.
    ("delivery", 60 * DAY),
    // A page repeats a request only while it is open.
    ("request", 14 * DAY),
    // Other customers at the same address are counted over the last 30 days.
    ("seen", 31 * DAY),
    ("device", 180 * DAY),
];
/// Maximum number of records that one transaction deletes.
const AT_ONCE: usize = 500;
/// Maximum number of transactions per table and call; the next call continues.
const MAX_STEPS: usize = 20;

impl Store {
    /// Deletes records past their retention period and returns their number. Call it once a minute.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not answer.
    pub async fn prune(&self, now: Timestamp) -> Result<usize> {
        let mut deleted = 0;
        for (table, age) in AGES {
            for _ in 0..MAX_STEPS {
                let found = self.prune_step(table, now.plus_millis(-age)).await?;
                deleted += found;
                if found < AT_ONCE {
                    break;
                }
            }
        }
        Ok(deleted)
    }

    async fn prune_step(&self, table: &'static str, before: Timestamp) -> Result<usize> {
        // The lower bound excludes records without a time, which sort before all others.
        let text = format!("SELECT VALUE id FROM {table} WHERE at > $first AND at < $before LIMIT {AT_ONCE}");
        let query = self.db.query(text).bind(("first", datetime(Timestamp(0)))).bind(("before", datetime(before)));
        let ids: Vec<RecordId> = read(query).await?.take(0)?;
        let found = ids.len();
        if found > 0 {
            read(self.db.query("DELETE $ids RETURN NONE").bind(("ids", ids))).await?;
        }
        Ok(found)
    }
}
