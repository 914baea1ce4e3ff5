//! Identities. A key is the database's and never shown; a [`CustomerId`] is what people see and type.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};

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
    /// A customer's number in the database, dense and rising with creation. It stands in URLs (`/customers/17`).
    CustomerKey(u64)
}
number_id! {
    /// A tag's number.
    TagId(u32)
}
number_id! {
    /// An agent's number.
    AgentId(u32)
}

/// The identity a customer has in its channel: 1 to 128 characters, none of them a control character, no blank at
/// either end. Given once at creation and never changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomerId(String);

impl CustomerId {
    /// The most characters an ID may have.
    pub const MAX_CHARS: usize = 128;

    /// Takes an ID as a channel sends it.
    ///
    /// # Errors
    /// [`Reason::Required`] when blank, [`Reason::TooLong`], or [`Reason::Malformed`] for control characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
        let text = text.as_ref().trim();
        if text.is_empty() {
            return Err(Error::field("id", Reason::Required));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(Error::field("id", Reason::TooLong { most: Self::MAX_CHARS as u32 }));
        }
        if text.chars().any(char::is_control) {
            return Err(Error::field("id", Reason::Malformed));
        }
        Ok(Self(text.to_owned()))
    }

    /// The ID of a visitor of the built-in web channel, made of a hash.
    #[must_use]
    pub fn of_visitor(hash: &str) -> Self {
        Self(format!("web_{hash}"))
    }

    /// The ID as people see it.
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

/// An event's identity: a UUID v7 in its usual spelling, so that ids sort by the time of writing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_trimmed_and_kept_as_it_is() {
        assert_eq!(CustomerId::new("  wx_9F2c ").unwrap().as_str(), "wx_9F2c");
    }

    #[test]
    fn an_id_is_refused_when_blank_too_long_or_with_control_characters() {
        assert_eq!(CustomerId::new(" ").unwrap_err().reason, Reason::Required);
        assert_eq!(CustomerId::new("x".repeat(129)).unwrap_err().reason, Reason::TooLong { most: 128 });
        assert_eq!(CustomerId::new("a\nb").unwrap_err().reason, Reason::Malformed);
    }
}
