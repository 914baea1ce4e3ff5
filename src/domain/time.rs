//! Points in time.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z. Nothing finer is stored, compared or
/// sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// 2000-01-01T00:00:00Z. Any realistic time in seconds lies before it when misread as milliseconds.
const FIRST: i64 = 946_684_800_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

impl Timestamp {
    /// Maximum age of a time that a channel sends, in days.
    pub const MAX_DAYS_AGO: u32 = 30;

    /// Validates the time at which a channel says something happened. `at` is in milliseconds since 1970.
    /// A future time becomes `now`, because the channel's clock must be fast. A time too far in the past is
    /// rejected, because it would permanently change the order of stored records.
    ///
    /// # Errors
    /// [`Reason::NotMilliseconds`] before the year 2000; [`Reason::TooLongAgo`] more than
    /// [`Self::MAX_DAYS_AGO`] days before `now`; at field `at`.
    pub fn from_channel(at: i64, now: Self) -> Result<Self, Error> {
        if at >= now.0 {
            Ok(now)
        } else if at < FIRST {
            Err(Error::field("at", Reason::NotMilliseconds))
        } else if at < now.0.saturating_sub(i64::from(Self::MAX_DAYS_AGO) * DAY) {
            Err(Error::field("at", Reason::TooLongAgo { days: Self::MAX_DAYS_AGO }))
        } else {
            Ok(Self(at))
        }
    }

    /// Returns the time `millis` milliseconds later (earlier if negative). Saturates at the limits of
    /// `i64`.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Converts to a jiff timestamp. Times outside jiff's years -9999 to 9999 are clamped.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self(moment.as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-11-25T07:06:40Z.
    const NOW: Timestamp = Timestamp(1_764_054_400_000);

    fn said(at: i64) -> Result<i64, Reason> {
        Timestamp::from_channel(at, NOW).map(|at| at.0).map_err(|error| {
            assert_eq!(error.field.as_deref(), Some("at"));
            error.reason
        })
    }

    #[test]
    fn a_recent_moment_is_taken_as_it_is_said() {
        let oldest = NOW.0 - 30 * DAY;
        for at in [NOW.0, NOW.0 - 1, oldest] {
            assert_eq!(said(at), Ok(at));
        }
    }

    #[test]
    fn the_future_becomes_now() {
        for at in [NOW.0 + 1, NOW.0 + 600_000, NOW.0 * 1000, i64::MAX] {
            assert_eq!(said(at), Ok(NOW.0));
        }
    }

    #[test]
    fn seconds_zero_and_absurd_moments_are_told_apart_from_old_ones() {
        for at in [NOW.0 / 1000, 1_732_500_000, 0, -1, -62_135_596_800_000, i64::MIN, FIRST - 1] {
            assert_eq!(said(at), Err(Reason::NotMilliseconds), "{at}");
        }
        for at in [FIRST, NOW.0 - 30 * DAY - 1] {
            assert_eq!(said(at), Err(Reason::TooLongAgo { days: 30 }), "{at}");
        }
    }

    #[test]
    fn a_clock_at_either_end_of_time_does_not_overflow() {
        for now in [i64::MIN, -1, 0, i64::MAX] {
            for at in [i64::MIN, 0, i64::MAX] {
                let _ = Timestamp::from_channel(at, Timestamp(now));
            }
        }
    }
}
