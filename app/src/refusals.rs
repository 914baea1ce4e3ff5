//! Requests of channels that were refused, for admins: a channel that loses messages must not do so unseen.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use clientele::domain::Timestamp;

/// Refusals of one key since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Number of refused requests.
    pub count: u64,
    /// Code of the last one.
    pub code: &'static str,
    /// Field that the last one was about.
    pub field: Option<String>,
    /// Moment of the last one.
    pub at: Timestamp,
}

/// Refusals of each key: of requests that were signed with it, so that there are no more entries than keys.
#[derive(Default)]
pub struct ChannelRefusals(Mutex<HashMap<String, Refused>>);

impl ChannelRefusals {
    /// Counts a refusal.
    pub fn note(&self, key: &str, code: &'static str, field: Option<&str>, at: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.get(key).map_or(0, |own| own.count) + 1;
        all.insert(key.to_owned(), Refused { count, code, field: field.map(str::to_owned), at });
    }

    /// Returns the refusals of a key, if there are any.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<Refused> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}
