//! Writes. A write is one transaction including its event, followed by the update of memory. Both run
//! in one task, so that neither a disconnecting client nor a time limit can separate a commit from
//! its effects.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use surrealdb::types::{Object, QueryError, SurrealValue};
use tracing::Instrument;

use super::database::{Database, read};
use super::events::EventRow;
use super::memory::{Memory, MemoryUpdate};
use super::{Result, Store, StoreError};

/// Attempts per write before reporting a conflict.
pub(super) const ATTEMPTS: u32 = 5;

/// Text that a transaction throws if the record changed since it was read.
pub(super) const STALE: &str = "clientele:stale";

/// Attempts to read back the event after a lost connection, with pauses growing from 0.1 to 12.8 seconds.
const READ_BACKS: u32 = 8;

/// Transaction that creates an event.
pub(super) struct Write {
    text: Cow<'static, str>,
    variables: Object,
    event: EventRow,
    unique: &'static [(&'static str, &'static str)],
}

impl Write {
    /// Creates a write. Its text must create `$event`.
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

    /// Drops the sections of the text whose variable is empty. Running them anyway would make a small change
    /// a third slower.
    ///
    /// A section is a paragraph. It is dropped if it begins with `-- with $name` and the variable is empty
    /// (`NONE` or a list without rows), or with `-- without $name` and the variable is not empty. A section
    /// that names no variable is kept, so that a misspelt name fails.
    pub(super) fn keep_bound_sections(mut self) -> Self {
        let is_kept = |section: &&str| {
            let mut words = section.split([' ', ':', '\n']);
            let (Some("--"), Some(word), Some(name)) = (words.next(), words.next(), words.next()) else { return true };
            let Some(value) = name.strip_prefix('$').and_then(|name| self.variables.get(name)) else { return true };
            match word {
                "with" => !value.is_empty(),
                "without" => value.is_empty(),
                _ => true,
            }
        };
        let kept: Vec<&str> = self.text.split("\n\n").filter(is_kept).collect();
        self.text = kept.join("\n").into();
        self
    }

    /// Maps unique indexes to the field names that [`StoreError::AlreadyExists`] reports if one of them
    /// rejects the write.
    pub(super) const fn unique(mut self, indexes: &'static [(&'static str, &'static str)]) -> Self {
        self.unique = indexes;
        self
    }
}

/// Outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Committed, durable and published.
    Done,
    /// Not committed because of a concurrent or earlier write. The caller reloads and retries.
    Stale,
}

impl Outcome {
    /// Returns `value` if the write was committed, as [`Store::retry`] expects it.
    pub(super) fn then<T>(self, value: T) -> Option<T> {
        (self == Self::Done).then_some(value)
    }
}

impl Store {
    /// Runs a write, and publishes `update` once it is committed and durable.
    ///
    /// # Errors
    /// Returns [`StoreError::AlreadyExists`] if one of the write's unique indexes rejects it,
    /// [`StoreError::Unavailable`] if the outcome is unknown: the change may become visible later but
    /// is not acknowledged.
    pub(super) async fn commit(&self, write: Write, update: MemoryUpdate) -> Result<Outcome> {
        let (db, memory) = (Arc::clone(&self.db), Arc::clone(&self.memory));
        let unit = async move {
            let _in_flight = memory.in_flight(update.keys());
            let event = write.event.clone();
            match execute(&db, write).await {
                Ok(Outcome::Done) => memory.publish(event, update).map(|()| Outcome::Done),
                Ok(Outcome::Stale) => Ok(Outcome::Stale),
                Err(StoreError::Unavailable) => {
                    db.mark_doubtful();
                    reconcile(&db, &memory, &update).await;
                    Err(StoreError::Unavailable)
                }
                Err(error) => Err(error),
            }
        };
        // The span of the request goes along, so that causes are logged with its ID.
        let unit = tokio::spawn(unit.in_current_span());
        match tokio::time::timeout(self.db.limit(), unit).await {
            Ok(ended) => ended.map_err(StoreError::internal)?,
            // The task continues: if the database answers after all, the change is published.
            Err(_) => Err(StoreError::Unavailable),
        }
    }

    /// Runs `work` until it returns a value, at most `attempts` times. `work` returns `None` after a
    /// conflicting write; it then runs again after a pause and reads everything anew. Before the first
    /// attempt, everything that the attempts may read is made durable.
    ///
    /// # Errors
    /// Returns the error of `work`, [`StoreError::Conflict`] if every attempt met a conflicting write,
    /// and [`StoreError::Unavailable`] if the database cannot write; see [`Database::settle`].
    pub(super) async fn retry<T, F>(&self, attempts: u32, work: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        self.db.settle().await?;
        for attempt in 0..attempts {
            if let Some(done) = work().await? {
                return Ok(done);
            }
            back_off(attempt).await;
        }
        Err(StoreError::Conflict)
    }
}

/// Runs a transaction.
///
/// Conflicts and failed statements are definite: nothing was committed. After a failed COMMIT on an
/// embedded engine the outcome is unknown: the change can be visible without being durable, so
/// reading it back proves nothing. Only after a lost connection is the event read back, because there
/// a visible commit is also durable.
async fn execute(db: &Database, write: Write) -> Result<Outcome> {
    let Write { text, variables, event, unique } = write;
    let Err(error) = db.run(text, variables).await else { return Ok(Outcome::Done) };
    if matches!(error.query_details(), Some(QueryError::TransactionConflict))
        || (error.is_thrown() && error.message().contains(STALE))
    {
        return Ok(Outcome::Stale);
    }
    if let Some((_, field)) = unique.iter().find(|(index, _)| error.message().contains(&format!("`{index}`"))) {
        return Err(StoreError::AlreadyExists(field));
    }
    // A record that guards against repetition already exists: the write was executed meanwhile, and
    // the retry finds it.
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

/// Returns `true` if a transaction whose connection was lost has been committed.
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

/// Updates memory from the database after a write with unknown outcome. Publishes no event, since the
/// write is not acknowledged.
async fn reconcile(db: &Database, memory: &Memory, update: &MemoryUpdate) {
    match update {
        MemoryUpdate::Settings(_) => {
            if let Ok(settings) = super::rows::settings::load(db).await {
                memory.set_settings(settings);
            }
        }
        _ => {
            if let Ok(customers) = super::rows::open::load(db, &update.keys()).await {
                memory.correct(customers);
            }
        }
    }
}

/// Waits before the next attempt, for a random time whose upper bound doubles from 4 to 256 milliseconds.
async fn back_off(attempt: u32) {
    let most = 4u64 << attempt.min(6);
    let millis = rand::rng().random_range(1..=most);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
