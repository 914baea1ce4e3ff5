//! Deleting what is no longer needed: records that answer repeated requests, that say who came from where, and that let known
//! browsers sign in. Each table has an index on its time, and little is deleted at a time.

use surrealdb::types::RecordId;

use super::database::read;
use super::rows::datetime;
use super::{Result, Store};
use crate::domain::Timestamp;

const DAY: i64 = 24 * 3_600_000;

/// Tables, and the age in milliseconds from which their records are deleted.
const AGES: [(&str, i64); 4] = [
    // Channels repeat a delivery for days at most.
    ("delivery", 60 * DAY),
    // A page repeats a request while it is open.
    ("request", 14 * DAY),
    // The question is about the last 30 days.
    ("seen", 31 * DAY),
    ("device", 180 * DAY),
];
/// Records that one transaction deletes.
const AT_ONCE: usize = 500;
/// Transactions of one call for each table; the next call goes on.
const MOST_STEPS: usize = 20;

impl Store {
    /// Deletes records that are older than anybody asks for; returns their number. Meant to be called each minute.
    ///
    /// # Errors
    /// What the database says.
    pub async fn prune(&self, now: Timestamp) -> Result<usize> {
        let mut deleted = 0;
        for (table, age) in AGES {
            for _ in 0..MOST_STEPS {
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
        // The lower bound leaves out records without a time, which sort before all others.
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
