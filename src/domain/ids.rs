//! Identifiers. Keys are database numbers and appear in URLs only; a [`CustomerId`] is displayed and
//! searched for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::text;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

number_id! {
    /// Number of a customer in the database, dense and ascending by creation. Used in URLs
    /// (`/customers/17`).
    CustomerKey(u64)
}
number_id! {
    /// Number of a tag.
    TagId(u32)
}
number_id! {
    /// Number of an agent.
    AgentId(u32)
}

/// Identity of a customer in its channel: 1 to 128 visible characters, no whitespace at the ends. Set
/// at creation and never changed. IDs are compared byte for byte: `Wx_1` and `wx_1`, or a composed `é`
/// and an `é` of two characters, are different customers, because the channel treats them as different.
///
/// # Examples
/// ```
/// use clientele::domain::{CustomerId, CustomerKey};
///
/// // The id is what people see and search for; the key is the number in `/customers/17`.
/// assert_eq!(CustomerId::new(" wx_9F2c ")?.as_str(), "wx_9F2c");
/// assert_eq!("17".parse(), Ok(CustomerKey(17)));
/// # Ok::<(), clientele::domain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomerId(String);

impl CustomerId {
    /// Maximum length of an ID, in characters.
    pub const MAX_CHARS: usize = 128;

    /// Validates an ID from a channel. Whitespace at the ends is removed.
    ///
    /// # Errors
    /// [`Reason::Required`] if nothing in it is visible, [`Reason::TooLong`], or [`Reason::Malformed`]
    /// if it contains line breaks, control characters or invisible characters; at field `id`.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
        identity(text::trim(text.as_ref()), Self::MAX_CHARS).map(Self)
    }

    /// Returns the ID of a visitor of the built-in web channel: `web_` and the hash.
    #[must_use]
    pub fn of_visitor(hash: &str) -> Self {
        Self(format!("web_{hash}"))
    }

    /// Returns the ID as it is displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CustomerId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl From<CustomerId> for String {
    fn from(id: CustomerId) -> Self {
        id.0
    }
}

fn identity(text: &str, most: usize) -> Result<String, Error> {
    let refused = if text::is_blank_to_the_eye(text) {
        Reason::Required
    } else if text.chars().nth(most).is_some() {
        Reason::TooLong { most: most as u32 }
    } else if text::hides_something(text) {
        Reason::Malformed
    } else {
        return Ok(text.to_owned());
    };
    Err(Error::field("id", refused))
}

/// A channel's own id for a message: 1 to 128 characters without hidden ones. Stored exactly as
/// received, spaces at the ends included: a message is a repetition only if its entire id is the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Maximum length of an id, in characters.
    pub const MAX_CHARS: usize = 128;

    /// Validates an id from a channel. Removes nothing.
    ///
    /// # Errors
    /// The errors of [`CustomerId::new`], at field `id`.
    pub fn new(text: &str) -> Result<Self, Error> {
        identity(text, Self::MAX_CHARS).map(Self)
    }

    /// Maximum length of an id that a visitor's page chooses, in characters.
    pub const MAX_CHARS_OF_PAGE: usize = 64;

    /// Validates an id that the page of a visitor chose. The customer ID becomes a part of it, because
    /// pages do not know each other's ids.
    ///
    /// # Errors
    /// As [`MessageId::new`], with a maximum of [`Self::MAX_CHARS_OF_PAGE`].
    pub fn of_visitor(visitor: &CustomerId, chosen: &str) -> Result<Self, Error> {
        let chosen = identity(chosen, Self::MAX_CHARS_OF_PAGE)?;
        Ok(Self(format!("{visitor} {chosen}")))
    }

    /// Returns the id exactly as the channel sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifier of an event: a hyphenated UUID v7, so that ids sort by the time at which they were
/// generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<Reason> {
        CustomerId::new(text).err().map(|error| error.reason)
    }

    #[test]
    fn an_id_is_trimmed_and_kept_as_it_is() {
        for (text, kept) in [
            ("  wx_9F2c ", "wx_9F2c"),
            ("\u{3000}wx\u{A0}1\n", "wx\u{A0}1"),
            ("\u{2800}m_1\u{3164}", "m_1"),
            ("é_1", "é_1"),
            ("e\u{301}_1", "e\u{301}_1"),
            ("ｗｘ_ａ１", "ｗｘ_ａ１"),
            ("&amp; <b>", "&amp; <b>"),
            ("❤\u{FE0F}", "❤\u{FE0F}"),
        ] {
            assert_eq!(CustomerId::new(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn ids_that_only_look_the_same_are_different_customers() {
        let ids = ["Wx_A1", "wx_a1", "ｗｘ_ａ１", "é_1", "e\u{301}_1"].map(|id| CustomerId::new(id).unwrap());
        for (place, id) in ids.iter().enumerate() {
            assert!(!ids[..place].contains(id), "{id}");
        }
    }

    #[test]
    fn an_id_is_refused_when_blank_too_long_or_with_what_cannot_be_seen() {
        for blank in ["", " ", "\u{200B}", "\u{3164}\u{2800}", "\u{FE0F}"] {
            assert_eq!(refused(blank), Some(Reason::Required), "{blank:?}");
        }
        assert_eq!(refused(&"名".repeat(128)), None);
        assert_eq!(refused(&"x".repeat(129)), Some(Reason::TooLong { most: 128 }));
        for bad in [
            "a\nb",
            "m\0x",
            "a\u{2028}b",
            "wx_a1\u{200B}",
            "\u{FEFF}wx",
            "a\u{202E}b",
            "a\u{AD}b",
            "a\tb",
            "a\u{3164}b",
            "a\u{200D}b",
        ] {
            assert_eq!(refused(bad), Some(Reason::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn the_id_of_a_message_is_taken_exactly_or_not_at_all() {
        assert_eq!(MessageId::new(" k-77 ").unwrap().as_str(), " k-77 ");
        for (bad, reason) in [
            ("", Reason::Required),
            (" ", Reason::Required),
            ("m\0x", Reason::Malformed),
            ("m\n", Reason::Malformed),
            ("m\u{200B}1", Reason::Malformed),
            (&"x".repeat(129), Reason::TooLong { most: 128 }),
        ] {
            assert_eq!(MessageId::new(bad), Err(Error::field("id", reason)), "{bad:?}");
        }
        assert!(MessageId::new(&"x".repeat(128)).is_ok());
    }

    #[test]
    fn the_id_that_a_page_chooses_belongs_to_its_visitor() {
        let visitor = CustomerId::of_visitor("0123456789abcdef0123");
        let id = |chosen: &str| MessageId::of_visitor(&visitor, chosen);
        assert_eq!(id("m1").unwrap().as_str(), "web_0123456789abcdef0123 m1");
        let longest = id(&"x".repeat(64)).unwrap();
        assert_eq!(MessageId::new(longest.as_str()), Ok(longest));
        for (bad, reason) in
            [("", Reason::Required), ("m\n", Reason::Malformed), (&"x".repeat(65), Reason::TooLong { most: 64 })]
        {
            assert_eq!(id(bad), Err(Error::field("id", reason)), "{bad:?}");
        }
    }
}
