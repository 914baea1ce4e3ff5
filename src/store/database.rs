//! Database handle and query execution.

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

/// Time limit of a query on a SurrealDB server. The SDK has none and queues queries without a connection.
const REMOTE_LIMIT: Duration = Duration::from_secs(2);
/// Time limit of a query on an embedded engine. Only a disk that does not respond exceeds it.
const EMBEDDED_LIMIT: Duration = Duration::from_secs(20);
/// Interval and number of the checks for a closed engine: 5 seconds in total.
const CLOSING_CHECK: Duration = Duration::from_millis(5);
const CLOSING_CHECKS: u32 = 1000;

/// SDK handle of an engine.
pub(super) enum Sdk {
    /// RocksDB opened with our own settings. The weak reference expires when the engine has closed.
    RocksDb(Surreal<Db>, Weak<Datastore>),
    /// In-memory engine or SurrealDB server.
    Any(Surreal<Any>),
}

/// Database handle of the process. Shared in an `Arc`, because a clone of the SDK's handle is a new session.
pub(super) struct Database {
    sdk: Sdk,
    limit: Duration,
    /// `true` after a write with an unknown outcome: the engine may show a change that is not durable.
    doubtful: AtomicBool,
    /// Highest key block that this process took. No customer that it loaded or created has a higher key.
    highest_block: AtomicU64,
}

impl Database {
    pub(super) fn new(sdk: Sdk, remote: bool) -> Self {
        let limit = if remote { REMOTE_LIMIT } else { EMBEDDED_LIMIT };
        Self { sdk, limit, doubtful: AtomicBool::new(false), highest_block: AtomicU64::new(0) }
    }

    /// Returns a future that completes once the engine has closed its files after the handle was
    /// dropped, or after 5 seconds. If the runtime shuts down earlier, it aborts the engine's
    /// tasks, and the engine logs errors.
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

    /// Creates a query; [`read`] runs it.
    pub(super) fn query<'a>(&'a self, text: impl Into<Cow<'a, str>>) -> Query<'a> {
        Query { text: text.into(), variables: Object::new(), database: self }
    }

    /// Returns the time limit of a query, which is also how long a caller waits for a write.
    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }

    /// Runs a query without a time limit. If statements failed, returns the error that caused the others.
    pub(super) async fn run(
        &self,
        text: Cow<'_, str>,
        variables: Object,
    ) -> std::result::Result<IndexedResults, surrealdb::Error> {
        let mut results = match &self.sdk {
            Sdk::RocksDb(db, _) => db.query(text).bind(variables).await?,
            Sdk::Any(db) => db.query(text).bind(variables).await?,
        };
        // `take_errors` instead of `check`: once a statement of a transaction fails, all of them
        // report errors, and the cause can be any of them.
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

    /// Records that the outcome of a write is unknown. Nothing that is read may be acknowledged until
    /// [`Database::settle`] succeeds.
    pub(super) fn mark_doubtful(&self) {
        self.doubtful.store(true, Ordering::Release);
    }

    #[cfg(test)]
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Acquire)
    }

    /// Makes all visible changes durable if the outcome of an earlier write is unknown.
    ///
    /// RocksDB makes a transaction visible before its log is synced. If the sync fails, the
    /// transaction reports an error but stays visible, so a retry would find it and be
    /// acknowledged. Once a later write succeeds, either it has synced the log up to itself, or the
    /// engine has recovered by flushing everything to tables.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] while the database cannot write.
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

/// Query text with its bound variables.
#[must_use]
pub(super) struct Query<'a> {
    text: Cow<'a, str>,
    variables: Object,
    database: &'a Database,
}

impl Query<'_> {
    /// Binds a variable. Values are never inserted into the text.
    pub(super) fn bind(mut self, (name, value): (&'static str, impl SurrealValue)) -> Self {
        self.variables.insert(name, value);
        self
    }
}

/// Runs a query within the time limit. Fails if any statement fails.
///
/// # Errors
/// Returns [`StoreError::Unavailable`] if the database does not answer or cannot write, otherwise
/// [`StoreError::Internal`].
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

/// Returns the error that caused the others: "not executed" only means that another statement failed.
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
