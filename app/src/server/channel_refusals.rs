//! Counts of rejected channel requests. Admins see them, so that a channel that loses messages is
//! noticed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use clientele::domain::Timestamp;

/// Rejected requests of one channel key since the server started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Number of rejected requests.
    pub count: u64,
    /// Error code of the last one.
    pub code: &'static str,
    /// Field that the last error was about.
    pub field: Option<String>,
    /// Time of the last one.
    pub at: Timestamp,
}

/// Rejected requests by channel key. Only requests with a valid signature are counted, so that
/// there are never more entries than keys.
#[derive(Default)]
pub struct ChannelRefusals(Mutex<HashMap<String, Refused>>);

impl ChannelRefusals {
    /// Counts a rejected request.
    pub fn note(&self, key: &str, code: &'static str, field: Option<&str>, at: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.get(key).map_or(0, |own| own.count) + 1;
        all.insert(key.to_owned(), Refused { count, code, field: field.map(str::to_owned), at });
    }

    /// Returns the rejected requests of a key; `None` if there are none.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<Refused> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}
