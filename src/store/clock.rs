//! Source of the current time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Timestamp;

/// Clock of a store: the system's, or in tests one that is set by hand. Everything that acts on a
/// store reads this clock, so that a test can move all of it.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// Creates a clock that stands still until it is moved.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.0))))
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(millis) => Timestamp(millis.load(Ordering::Relaxed)),
            None => jiff::Timestamp::now().into(),
        }
    }

    /// Moves a manual clock forward. The system's clock stays as it is.
    pub fn advance(&self, millis: i64) {
        if let Some(now) = &self.0 {
            now.fetch_add(millis, Ordering::Relaxed);
        }
    }
}
