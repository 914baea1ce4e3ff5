//! Blacklist entries.

use serde::{Deserialize, Serialize};

use super::error::Error;
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

    /// Creates an entry.
    ///
    /// # Errors
    /// [`Reason::Required`](super::Reason::Required) or [`Reason::TooLong`](super::Reason::TooLong), at
    /// field `reason`.
    pub fn new(reason: &str, by: Option<AgentId>, at: Timestamp, until: Option<Timestamp>) -> Result<Self, Error> {
        let reason = text::required("reason", text::block(reason), Self::MAX_REASON_CHARS)?;
        Ok(Self { reason, by, at, until })
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
    use crate::domain::Reason;

    #[test]
    fn a_reason_is_required_and_at_most_150_characters() {
        assert_eq!(Blacklisting::new(" ", None, Timestamp(0), None).unwrap_err().reason, Reason::Required);
        assert!(Blacklisting::new(&"骂".repeat(150), None, Timestamp(0), None).is_ok());
        let long = Blacklisting::new(&"骂".repeat(151), None, Timestamp(0), None).unwrap_err();
        assert_eq!(long, Error::field("reason", Reason::TooLong { most: 150 }));
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
