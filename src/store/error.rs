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
    /// The database does not answer, or its answer was lost; nothing is known to be written.
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
        if error.is_connection() {
            tracing::warn!(error = %error, "store: database unavailable");
            return Self::Unavailable;
        }
        Self::internal(error)
    }
}
