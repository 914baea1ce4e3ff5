//! Blacklist entries.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::ids::AgentId;
use super::text;
use super::time::Timestamp;

/// A customer's entry on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blacklisting {
    reason: String,
    /// Agent who added the customer; `None` if the system did.
    pub by: Option<AgentId>,
    /// Time at which the entry was added.
    pub at: Timestamp,
    /// Expiry, exclusive. `None`: the entry stays until an agent removes it.
    pub until: Option<Timestamp>,
}

impl Blacklisting {
    /// Maximum length of a reason, in characters.
    pub const MAX_REASON_CHARS: usize = 150;

    /// Maximum duration of an entry with an expiry, in days.
    pub const MAX_DAYS: u32 = 3650;

    /// Age in milliseconds up to which other customers at the same IP address are counted, so that an
    /// agent sees whom an entry might concern: 30 days.
    pub const NEIGHBOUR_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

    /// Creates an entry.
    ///
    /// # Errors
    /// [`Reason::Required`] or [`Reason::TooLong`], at
    /// field `reason`.
    pub fn new(reason: &str, by: Option<AgentId>, at: Timestamp, until: Option<Timestamp>) -> Result<Self, Error> {
        let reason = text::required("reason", text::block(reason), Self::MAX_REASON_CHARS)?;
        Ok(Self { reason, by, at, until })
    }

    /// Returns the expiry of an entry that is added at `at` for a number of days.
    ///
    /// # Errors
    /// [`Reason::Malformed`] at field `days` unless it is 1 to 3650.
    pub fn expiry(at: Timestamp, days: u32) -> Result<Timestamp, Error> {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        if days == 0 || days > Self::MAX_DAYS {
            return Err(Error::field("days", Reason::Malformed));
        }
        Ok(at.plus_millis(i64::from(days) * DAY))
    }

    /// Returns `true` if the entry has not expired at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Returns the reason, 1 to 150 characters long.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_required_and_at_most_150_characters() {
        assert_eq!(Blacklisting::new(" ", None, Timestamp(0), None).unwrap_err().reason, Reason::Required);
        assert!(Blacklisting::new(&"骂".repeat(150), None, Timestamp(0), None).is_ok());
        let long = Blacklisting::new(&"骂".repeat(151), None, Timestamp(0), None).unwrap_err();
        assert_eq!(long, Error::field("reason", Reason::TooLong { most: 150 }));
    }

    #[test]
    fn an_entry_expires_after_a_day_to_ten_years() {
        assert_eq!(Blacklisting::expiry(Timestamp(5), 1), Ok(Timestamp(86_400_005)));
        assert!(Blacklisting::expiry(Timestamp(5), 3650).is_ok());
        for days in [0, 3651, u32::MAX] {
            assert_eq!(Blacklisting::expiry(Timestamp(5), days), Err(Error::field("days", Reason::Malformed)));
        }
    }

    #[test]
    fn a_reason_that_shows_nothing_is_none() {
        for nothing in ["\u{200B}", "\u{3164}", "\r\n", "\0"] {
            let refused = Blacklisting::new(nothing, None, Timestamp(0), None).unwrap_err();
            assert_eq!(refused, Error::field("reason", Reason::Required), "{nothing:?}");
        }
        let entry = Blacklisting::new("spam\r\nagain\u{202E}", None, Timestamp(0), None).unwrap();
        assert_eq!(entry.reason(), "spam\nagain");
    }
}
