//! Errors of store calls.

use std::fmt::Display;

use crate::domain;

/// Error of a store call. Internal causes are logged where they occur and are not passed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The record does not exist.
    #[error("not found")]
    NotFound,
    /// Another write conflicted with every attempt; nothing was written.
    #[error("conflicting writes")]
    Conflict,
    /// Another record already has this value of the named field.
    #[error("{0} is taken")]
    AlreadyExists(&'static str),
    /// A domain rule rejected the change; nothing was written.
    #[error(transparent)]
    Refused(#[from] domain::Error),
    /// Too many operations of this kind are running; this one was not started.
    #[error("too many operations")]
    Busy,
    /// The database does not answer, cannot write, or its response was lost. The change may have
    /// been stored, but is not acknowledged. Also returned by reads of the index until it is filled
    /// (`Store::check_warm`).
    #[error("the database does not answer")]
    Unavailable,
    /// Bug in Clientele or invalid stored data.
    #[error("internal error")]
    Internal,
}

impl StoreError {
    /// Logs the cause and drops it.
    pub(super) fn internal(what: impl Display) -> Self {
        tracing::error!(error = %what, "store: internal error");
        Self::Internal
    }
}

/// Error returned when the database cannot be opened. Its `Display` is for the operator of the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A query failed, or the database cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A newer version has migrated the database. Records are written whole, so this version would
    /// erase the fields that were added since.
    #[error(
        "a newer version of Clientele has migrated this database to schema {found}; this version knows schema {known}"
    )]
    NewerSchema {
        /// Highest number of a migration in the database.
        found: i64,
        /// Highest number of a migration of this version.
        known: i64,
    },
    /// The database has a profile field that this version does not know and would erase.
    #[error("a newer version of Clientele has added the profile field {0} to this database")]
    UnknownProfileField(String),
    /// The script of a migration differs from the one that ran.
    #[error("migration {0} was changed after it ran on this database")]
    EditedMigration(i64),
    /// A version with another storage engine has converted the files, which cannot be undone.
    #[error("a newer version of Clientele has converted this folder to another storage engine; use that version")]
    Converted,
    /// The storage engine is not supported.
    #[error("surrealkv:// loses acknowledged writes; use rocksdb://")]
    SurrealKv,
}

impl From<surrealdb::Error> for OpenError {
    fn from(error: surrealdb::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<surrealdb::Error> for StoreError {
    fn from(error: surrealdb::Error) -> Self {
        // Full disk, file system that became read-only, or engine that rejects writes to keep some space free.
        let storage = ["IO error", "No space left", "Read-only", "read-only", "deletion-only", "disk space"];
        if error.is_connection() || storage.iter().any(|sign| error.message().contains(sign)) {
            tracing::warn!(error = %error, "store: database unavailable");
            return Self::Unavailable;
        }
        Self::internal(error)
    }
}
