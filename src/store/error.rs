//! What a store call can fail with.

use std::fmt::Display;

use crate::domain;

/// Why a store call failed. Internals are logged where they happen and do not travel further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such record.
    #[error("not found")]
    NotFound,
    /// Others changed the same record again and again; nothing was written.
    #[error("changed by others at the same time")]
    Conflict,
    /// Another record has this field's value already.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// A rule of the domain refused; nothing was written.
    #[error(transparent)]
    Refused(#[from] domain::Error),
    /// So much of the same is under way that this was not begun.
    #[error("too much at once")]
    Busy,
    /// The database does not answer, cannot write, or its answer was lost; nothing is acknowledged.
    #[error("the database does not answer")]
    Unavailable,
    /// A fault in Clientele or in the data.
    #[error("internal error")]
    Internal,
}

impl StoreError {
    /// Logs what happened and forgets it.
    pub(super) fn internal(what: impl Display) -> Self {
        tracing::error!(error = %what, "store: internal error");
        Self::Internal
    }
}

impl From<surrealdb::Error> for StoreError {
    fn from(error: surrealdb::Error) -> Self {
        // A full disk, a file system that became read-only, an engine that refuses writes to keep some room.
        let storage = ["IO error", "No space left", "Read-only", "read-only", "deletion-only", "disk space"];
        if error.is_connection() || storage.iter().any(|sign| error.message().contains(sign)) {
            tracing::warn!(error = %error, "store: database unavailable");
            return Self::Unavailable;
        }
        Self::internal(error)
    }
}
