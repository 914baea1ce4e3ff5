//! Stars and comment of a rating. When a conversation can be rated:
//! [`Conversation::can_be_rated`](super::Conversation::can_be_rated).

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::text;
use super::time::Timestamp;

/// A rating: 1 to 5 stars and a comment of at most 1,000 characters, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    stars: u8,
    comment: String,
    /// Time at which it was given.
    pub at: Timestamp,
}

impl Rating {
    /// Maximum length of a comment, in characters.
    pub const MAX_COMMENT_CHARS: usize = 1000;

    /// Creates a rating from a person's input.
    ///
    /// # Errors
    /// [`Reason::Malformed`] at field `stars` unless 1 to 5; [`Reason::TooLong`] at field `comment`.
    pub fn new(stars: u8, comment: &str, at: Timestamp) -> Result<Self, Error> {
        let comment = text::at_most("comment", text::block(comment), Self::MAX_COMMENT_CHARS)?;
        Self::of(stars, comment, at)
    }

    /// Creates a rating that a channel forwards. A comment that is too long is shortened, because a
    /// channel cannot ask the customer to correct it.
    ///
    /// # Errors
    /// [`Reason::Malformed`] at field `stars` unless 1 to 5.
    pub fn from_channel(stars: u8, comment: &str, at: Timestamp) -> Result<Self, Error> {
        Self::of(stars, text::shorten_block(comment, Self::MAX_COMMENT_CHARS), at)
    }

    fn of(stars: u8, comment: String, at: Timestamp) -> Result<Self, Error> {
        if !(1..=5).contains(&stars) {
            return Err(Error::field("stars", Reason::Malformed));
        }
        Ok(Self { stars, comment, at })
    }

    /// Returns the number of stars, 1 to 5.
    #[must_use]
    pub const fn stars(&self) -> u8 {
        self.stars
    }

    /// Returns the cleaned comment; may be empty.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_one_to_five() {
        assert!(Rating::new(0, "", Timestamp(0)).is_err());
        assert!(Rating::new(6, "", Timestamp(0)).is_err());
        assert_eq!(Rating::new(5, " fine ", Timestamp(0)).unwrap().comment(), "fine");
        assert!(Rating::from_channel(6, "", Timestamp(0)).is_err());
    }

    #[test]
    fn a_comment_is_cleaned_and_may_show_nothing() {
        for (written, kept) in [("so\r\nslow\0", "so\nslow"), ("\u{200B}", ""), ("great \u{FFFD}", "great \u{FFFD}")] {
            assert_eq!(Rating::new(1, written, Timestamp(0)).unwrap().comment(), kept);
            assert_eq!(Rating::from_channel(1, written, Timestamp(0)).unwrap().comment(), kept);
        }
    }

    #[test]
    fn a_person_is_told_of_a_long_comment_and_a_channels_is_cut() {
        let long = "慢".repeat(1001);
        let refused = Rating::new(1, &long, Timestamp(0)).unwrap_err();
        assert_eq!(refused, Error::field("comment", Reason::TooLong { most: 1000 }));
        let cut = Rating::from_channel(1, &long, Timestamp(0)).unwrap();
        assert_eq!(cut.comment(), format!("{}…", "慢".repeat(999)));
        let form = "a\r\n".repeat(500);
        assert_eq!(Rating::new(1, &form, Timestamp(0)).unwrap().comment().chars().count(), 999);
    }
}
