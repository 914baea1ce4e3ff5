//! The blacklist: who is kept out, by whom and why.

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::ids::AgentId;
use super::text;
use super::time::Timestamp;

/// A customer's entry on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blacklisting {
    reason: String,
    /// Who added the customer; nobody when the system did.
    pub by: Option<AgentId>,
    /// Since when.
    pub at: Timestamp,
    /// Until when; without it, until somebody removes the entry.
    pub until: Option<Timestamp>,
}

impl Blacklisting {
    /// The most characters a reason may have.
    pub const MAX_REASON_CHARS: usize = 150;

    /// Makes an entry.
    ///
    /// # Errors
    /// [`Reason::Required`](super::Reason::Required) or [`Reason::TooLong`](super::Reason::TooLong), at `reason`.
    pub fn new(reason: &str, by: Option<AgentId>, at: Timestamp, until: Option<Timestamp>) -> Result<Self, Error> {
        let reason = text::required("reason", text::block(reason), Self::MAX_REASON_CHARS)?;
        Ok(Self { reason, by, at, until })
    }

    /// Whether the entry still counts.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Why: 1 to 150 characters.
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
