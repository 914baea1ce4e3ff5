//! The handle on the database, and how queries are run on it.

use std::borrow::Cow;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use surrealdb::engine::any::Any;
use surrealdb::engine::local::Db;
use surrealdb::types::{Object, QueryError, SurrealValue};
use surrealdb::{IndexedResults, Surreal};
use surrealdb_core::kvs::Datastore;

use super::{Result, StoreError};

/// Time limit of a query on a SurrealDB server. While the connection is lost the SDK queues queries without a limit of its own.
const REMOTE_LIMIT: Duration = Duration::from_secs(2);
/// Time limit of a query on an embedded engine, which only a disk that does not answer exceeds.
const EMBEDDED_LIMIT: Duration = Duration::from_secs(20);
/// Interval at which it is looked whether the engine has closed, and how often.
const CLOSING_CHECK: Duration = Duration::from_millis(5);
const CLOSING_CHECKS: u32 = 1000;

/// The SDK's handle on an engine.
pub(super) enum Sdk {
    /// RocksDB, opened with settings of its own.
    RocksDb(Surreal<Db>, Weak<Datastore>),
    /// An engine in memory, or a SurrealDB server.
    Any(Surreal<Any>),
}

/// The database handle of the process. Shared in an `Arc`: a clone of the SDK's handle would be a new session.
pub(super) struct Database {
    sdk: Sdk,
    limit: Duration,
    /// Set when a write ended unknown: the engine may show a change that is not durable.
    doubtful: AtomicBool,
    /// Highest block of customer keys that this process took: no customer it knows or makes lies above.
    highest_block: AtomicU64,
}

impl Database {
    pub(super) fn new(sdk: Sdk, remote: bool) -> Self {
        let limit = if remote { REMOTE_LIMIT } else { EMBEDDED_LIMIT };
        Self { sdk, limit, doubtful: AtomicBool::new(false), highest_block: AtomicU64::new(0) }
    }

    /// Returns what completes when the engine has closed its files, after the handle is dropped. A runtime that ends before
    /// cuts the engine's tasks off, which it logs as errors.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + use<> {
        let datastore = match &self.sdk {
            Sdk::RocksDb(_, datastore) => datastore.clone(),
            Sdk::Any(_) => Weak::new(),
        };
        async move {
            for _ in 0..CLOSING_CHECKS {
                if datastore.strong_count() == 0 {
                    return;
                }
                tokio::time::sleep(CLOSING_CHECK).await;
            }
        }
    }

    /// Starts a query; [`read`] runs it.
    pub(super) fn query<'a>(&'a self, text: impl Into<Cow<'a, str>>) -> Query<'a> {
        Query { text: text.into(), variables: Object::new(), database: self }
    }

    /// Time limit of a query, also of a write that a caller waits for.
    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }

    /// Runs a query without a time limit, and returns the error that caused the others if any statement failed.
    pub(super) async fn run(
        &self,
        text: Cow<'_, str>,
        variables: Object,
    ) -> std::result::Result<IndexedResults, surrealdb::Error> {
        let mut results = match &self.sdk {
            Sdk::RocksDb(db, _) => db.query(text).bind(variables).await?,
            Sdk::Any(db) => db.query(text).bind(variables).await?,
        };
        // `take_errors` and not `check`: within a transaction every statement fails once one does, and only all errors
        // together show the one that caused it.
        match cause(results.take_errors().into_values().collect()) {
            None => Ok(results),
            Some(error) => Err(error),
        }
    }

    pub(super) fn note_block(&self, block: u64) {
        self.highest_block.fetch_max(block, Ordering::Relaxed);
    }

    pub(super) fn highest_block(&self) -> u64 {
        self.highest_block.load(Ordering::Relaxed)
    }

    /// Notes that a write ended unknown. Until [`Database::settle`] succeeds, nothing that is read may be acknowledged.
    pub(super) fn doubt(&self) {
        self.doubtful.store(true, Ordering::Release);
    }

    #[cfg(test)]
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Acquire)
    }

    /// Makes everything durable that the engine shows, if a write ended unknown before.
    ///
    /// RocksDB shows a transaction before its log is synced. When the sync fails, the transaction is refused but stays
    /// visible; a retry would find it and be told that it is done. A write that succeeds after it syncs the log up to
    /// itself, or the engine has recovered by writing everything to tables.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] while the database still cannot write.
    pub(super) async fn settle(&self) -> Result<()> {
        if !self.doubtful.load(Ordering::Acquire) {
            return Ok(());
        }
        read(self.query("UPSERT barrier:1 SET at = time::now() RETURN NONE")).await.map_err(|error| {
            tracing::warn!(%error, "store: the database still cannot write");
            StoreError::Unavailable
        })?;
        self.doubtful.store(false, Ordering::Release);
        Ok(())
    }
}

/// A query with its variables.
#[must_use]
pub(super) struct Query<'a> {
    text: Cow<'a, str>,
    variables: Object,
    database: &'a Database,
}

impl Query<'_> {
    /// Binds a variable. Values never stand in the text.
    pub(super) fn bind(mut self, (name, value): (&'static str, impl SurrealValue)) -> Self {
        self.variables.insert(name, value);
        self
    }
}

/// Runs a query and fails on the first statement that failed, or when the time limit is over.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database does not answer, [`StoreError::Internal`] else.
pub(super) async fn read(query: Query<'_>) -> Result<IndexedResults> {
    let Query { text, variables, database } = query;
    match tokio::time::timeout(database.limit, database.run(text, variables)).await {
        Ok(answer) => Ok(answer?),
        Err(_) => {
            tracing::warn!("store: the database did not answer within the time limit");
            Err(StoreError::Unavailable)
        }
    }
}

/// Returns the error that made the others: "not executed" only says that another statement failed.
fn cause(errors: Vec<surrealdb::Error>) -> Option<surrealdb::Error> {
    let mut consequence = None;
    for error in errors {
        match error.query_details() {
            Some(QueryError::NotExecuted | QueryError::Cancelled) => consequence = Some(error),
            _ => return Some(error),
        }
    }
    consequence
}
