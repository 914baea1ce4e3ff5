//! Writes: one transaction each, with its event, and what follows from it in memory. The three are one task, so that neither a
//! client that goes away nor a time limit separates a commit from what it is to bring about.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use surrealdb::types::{Object, QueryError, SurrealValue};

use super::database::{Database, read};
use super::events::EventRow;
use super::memory::{Memory, News};
use super::{Result, Store, StoreError};

/// Number of attempts of a write that meets another one.
pub(super) const ATTEMPTS: u32 = 5;

/// Text that a transaction throws when the record is no longer as it was read.
pub(super) const STALE: &str = "clientele:stale";

/// Read-back attempts after a lost connection, with a pause that grows to some seconds.
const READ_BACKS: u32 = 8;

/// A transaction that creates an event.
pub(super) struct Write {
    text: Cow<'static, str>,
    variables: Object,
    event: EventRow,
    unique: &'static [(&'static str, &'static str)],
}

impl Write {
    /// Makes a write of a text that creates `$event`.
    pub(super) fn new(text: impl Into<Cow<'static, str>>, event: &EventRow) -> Self {
        let mut variables = Object::new();
        variables.insert("event", event.clone());
        Self { text: text.into(), variables, event: event.clone(), unique: &[] }
    }

    /// Binds a variable.
    pub(super) fn bind(mut self, name: &'static str, value: impl SurrealValue) -> Self {
        self.variables.insert(name, value);
        self
    }

    /// Names unique indexes and the fields that [`StoreError::Taken`] names when they refuse.
    pub(super) const fn unique(mut self, indexes: &'static [(&'static str, &'static str)]) -> Self {
        self.unique = indexes;
        self
    }
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Committed, durable and published.
    Done,
    /// Not committed, because somebody else wrote at the same time or before; worth another try from the start.
    Stale,
}

impl Store {
    /// Runs a write, and publishes `news` once it is committed and durable.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when one of the write's unique indexes refused. [`StoreError::Unavailable`] when the outcome is
    /// unknown: the change may show later, but it is not acknowledged.
    pub(super) async fn commit(&self, write: Write, news: News) -> Result<Outcome> {
        let (db, memory) = (Arc::clone(&self.db), Arc::clone(&self.memory));
        let unit = tokio::spawn(async move {
            let _under_way = memory.under_way(news.keys());
            let event = write.event.clone();
            match execute(&db, write).await {
                Ok(Outcome::Done) => memory.publish(event, news).map(|()| Outcome::Done),
                Ok(Outcome::Stale) => Ok(Outcome::Stale),
                Err(StoreError::Unavailable) => {
                    db.doubt();
                    reconcile(&db, &memory, &news).await;
                    Err(StoreError::Unavailable)
                }
                Err(error) => Err(error),
            }
        });
        match tokio::time::timeout(self.db.limit(), unit).await {
            Ok(ended) => ended.map_err(StoreError::internal)?,
            // The unit goes on: should the database answer after all, the change is published.
            Err(_) => Err(StoreError::Unavailable),
        }
    }

    /// Returns the numbers of the attempts of a write, once everything that may be found on the way is durable.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; see [`Database::settle`].
    pub(super) async fn attempts(&self) -> Result<std::ops::Range<u32>> {
        self.db.settle().await?;
        Ok(0..ATTEMPTS)
    }
}

/// Runs a transaction.
///
/// The engine's word on a conflict is final, and so is a statement's refusal. A failed COMMIT of an embedded engine is unknown:
/// the change can be visible without being durable, so that reading it back proves nothing. Only after a lost connection the
/// event is looked for, because then the commit itself was never in doubt.
async fn execute(db: &Database, write: Write) -> Result<Outcome> {
    let Write { text, variables, event, unique } = write;
    let Err(error) = db.run(text, variables).await else { return Ok(Outcome::Done) };
    if matches!(error.query_details(), Some(QueryError::TransactionConflict))
        || (error.is_thrown() && error.message().contains(STALE))
    {
        return Ok(Outcome::Stale);
    }
    if let Some((_, field)) = unique.iter().find(|(index, _)| error.message().contains(&format!("`{index}`"))) {
        return Err(StoreError::Taken(field));
    }
    // A record that is made so that something happens once: it has happened meanwhile, and whoever begins again sees it.
    if error.is_already_exists() {
        return Ok(Outcome::Stale);
    }
    if error.is_connection() {
        return if committed(db, &event).await? { Ok(Outcome::Done) } else { Err(error.into()) };
    }
    if error.message().starts_with("Cannot COMMIT") || error.is_query() {
        tracing::error!(error = %error, "store: the outcome of a transaction is unknown");
        return Err(StoreError::Unavailable);
    }
    Err(error.into())
}

/// Returns `true` if a transaction whose connection was lost had been committed.
async fn committed(db: &Database, event: &EventRow) -> Result<bool> {
    for attempt in 0..READ_BACKS {
        let query = db.query("RETURN record::exists($event)").bind(("event", event.id.clone()));
        match read(query).await {
            Ok(mut found) => return Ok(found.take::<Option<bool>>(0)?.unwrap_or(false)),
            Err(StoreError::Unavailable) => tokio::time::sleep(Duration::from_millis(100 << attempt)).await,
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Unavailable)
}

/// Brings memory in line with what the database shows after a write that ended unknown. Nobody is told: it is not acknowledged.
async fn reconcile(db: &Database, memory: &Memory, news: &News) {
    match news {
        News::Settings(_) => {
            if let Ok(settings) = super::settings::load(db).await {
                memory.set_settings(settings);
            }
        }
        _ => {
            if let Ok(customers) = super::scrub::load(db, &news.keys()).await {
                memory.correct(customers);
            }
        }
    }
}

/// Waits before the next attempt: short, random, longer each time.
pub(super) async fn back_off(attempt: u32) {
    let most = 4u64 << attempt.min(6);
    let millis = rand::rng().random_range(1..=most);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
