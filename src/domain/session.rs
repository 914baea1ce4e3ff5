//! Lifetime of a sign-in session.

use super::time::Timestamp;

const HOUR: i64 = 3_600_000;

/// Times that decide how long a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// Time of sign-in.
    pub created_at: Timestamp,
    /// Time of the last request; up to [`SessionTimes::NOTE_MILLIS`] too early.
    pub seen_at: Timestamp,
}

impl SessionTimes {
    /// Idle timeout: a session expires 12 hours after its last request.
    pub const IDLE_MILLIS: i64 = 12 * HOUR;
    /// Absolute timeout: a session expires 7 days after sign-in, even if in use.
    pub const ABSOLUTE_MILLIS: i64 = 7 * 24 * HOUR;
    /// Minimum interval between updates of `seen_at`: one minute, because each update is a write.
    pub const NOTE_MILLIS: i64 = 60_000;

    /// Returns the latest times at which a session has expired: it expires if it was created at or
    /// before `created_at`, or last seen at or before `seen_at`.
    #[must_use]
    pub fn expired_since(now: Timestamp) -> Self {
        Self { created_at: now.plus_millis(-Self::ABSOLUTE_MILLIS), seen_at: now.plus_millis(-Self::IDLE_MILLIS) }
    }

    /// Returns `true` if the session has expired.
    #[must_use]
    pub fn has_expired(self, now: Timestamp) -> bool {
        let expired = Self::expired_since(now);
        self.seen_at <= expired.seen_at || self.created_at <= expired.created_at
    }

    /// Returns `true` if a request at `now` has to update `seen_at`.
    #[must_use]
    pub fn is_worth_noting(self, now: Timestamp) -> bool {
        now >= self.seen_at.plus_millis(Self::NOTE_MILLIS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(created_at: i64, seen_at: i64) -> SessionTimes {
        SessionTimes { created_at: Timestamp(created_at), seen_at: Timestamp(seen_at) }
    }

    #[test]
    fn an_idle_session_expires_after_12_hours() {
        assert!(!times(0, 0).has_expired(Timestamp(12 * HOUR - 1)));
        assert!(times(0, 0).has_expired(Timestamp(12 * HOUR)));
    }

    #[test]
    fn a_session_in_use_expires_after_7_days() {
        let now = 7 * 24 * HOUR;
        assert!(!times(1, now).has_expired(Timestamp(now)));
        assert!(times(0, now).has_expired(Timestamp(now)));
    }

    #[test]
    fn the_last_request_is_noted_once_a_minute() {
        assert!(!times(0, 0).is_worth_noting(Timestamp(59_999)));
        assert!(times(0, 0).is_worth_noting(Timestamp(60_000)));
    }
}
