//! How queries are run: reads, and writes that are one transaction each.

use std::time::Duration;

use rand::Rng;
use surrealdb::IndexedResults;
use surrealdb::Surreal;
use surrealdb::engine::any::Any;
use surrealdb::method::Query;
use surrealdb::types::{QueryError, RecordId};

use super::events::EventRow;
use super::{Result, StoreError};

/// A write that meets another one is tried so often.
pub(super) const ATTEMPTS: u32 = 5;

/// What a transaction throws when the record is no longer as it was read.
pub(super) const STALE: &str = "clientele:stale";

/// Runs a query and fails on the first statement that failed.
///
/// `take_errors` and not `check`: within a transaction every statement fails once one does, and only all errors
/// together show the one that caused it.
pub(super) async fn read(query: Query<'_, Any>) -> Result<IndexedResults> {
    let mut results = query.await?;
    match cause(results.take_errors().into_values().collect()) {
        None => Ok(results),
        Some(error) => Err(error.into()),
    }
}

/// How a write ended.
pub(super) enum Outcome {
    /// Committed.
    Done,
    /// Not committed, because somebody else wrote at the same time or before; worth another try from the start.
    Stale,
}

/// Runs a transaction that creates `$event`.
///
/// The engine's word on a conflict is final. After any other failure the answer is unknown, and the event tells: it is
/// there exactly when the transaction was committed.
///
/// # Errors
/// [`StoreError::Taken`] by `unique` when an index of that name refused; else what the database says.
pub(super) async fn write(
    db: &Surreal<Any>,
    query: Query<'_, Any>,
    event: &EventRow,
    unique: &[(&str, &'static str)],
) -> Result<Outcome> {
    let error = match query.await {
        Ok(mut results) => match cause(results.take_errors().into_values().collect()) {
            None => return Ok(Outcome::Done),
            Some(error) => error,
        },
        Err(error) => error,
    };
    if is_conflict(&error) || error.message().contains(STALE) {
        return Ok(Outcome::Stale);
    }
    if let Some((_, field)) = unique.iter().find(|(index, _)| error.message().contains(&format!("`{index}`"))) {
        return Err(StoreError::Taken(field));
    }
    // A record that is made so that something happens once: it has happened meanwhile, and whoever begins again sees it.
    if error.is_already_exists() {
        return Ok(Outcome::Stale);
    }
    if committed(db, event.id.clone()).await? {
        return Ok(Outcome::Done);
    }
    Err(error.into())
}

/// Waits before the next attempt: short, random, longer each time.
pub(super) async fn back_off(attempt: u32) {
    let most = 4u64 << attempt.min(6);
    let millis = rand::rng().random_range(1..=most);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

async fn committed(db: &Surreal<Any>, event: RecordId) -> Result<bool> {
    let mut found = read(db.query("RETURN record::exists($event)").bind(("event", event))).await?;
    Ok(found.take::<Option<bool>>(0)?.unwrap_or(false))
}

/// The error that made the others: "not executed" only says that another statement failed.
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

fn is_conflict(error: &surrealdb::Error) -> bool {
    matches!(error.query_details(), Some(QueryError::TransactionConflict))
}
