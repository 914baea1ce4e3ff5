//! What a rule refuses, and why.

use serde::{Deserialize, Serialize};

/// A rule's refusal: which field, if it is about one, and the reason. The words people read are made from it in
/// their language, at the field or in a toast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason:?} ({field:?})")]
pub struct Error {
    /// The field the refusal is shown at, by its name in the form.
    pub field: Option<String>,
    /// Why.
    pub reason: Reason,
}

impl Error {
    /// A refusal of one field's value.
    #[must_use]
    pub fn field(field: &str, reason: Reason) -> Self {
        Self { field: Some(field.to_owned()), reason }
    }

    /// A refusal of the whole request.
    #[must_use]
    pub const fn of(reason: Reason) -> Self {
        Self { field: None, reason }
    }
}

/// Why a rule refuses. Each has its words in `app/locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A value is needed and there is none.
    Required,
    /// More characters than the field takes.
    TooLong {
        /// The most it takes.
        most: u32,
    },
    /// Fewer characters than the field needs.
    TooShort {
        /// The least it needs.
        least: u32,
    },
    /// Not of the form the field asks for.
    Malformed,
    /// A character that the field does not take.
    NotAllowed {
        /// The first such character; it can be seen.
        character: char,
    },
    /// Not an email address.
    NotAnEmail,
    /// Something else than digits, blanks and `+ - ( )`.
    NotAPhone,
    /// Something else than 4 to 22 digits.
    NotAQq,
    /// A date and time that no calendar has.
    NotATime,
    /// A moment before the year 2000: most likely seconds where milliseconds are expected.
    NotMilliseconds,
    /// A moment too long before now.
    TooLongAgo {
        /// The most days it may lie before now.
        days: u32,
    },
    /// The end of a period lies before its start.
    EndBeforeStart,
    /// As many as there may be exist already.
    TooMany {
        /// The most there may be.
        most: u32,
    },
    /// Another one has this name already.
    Taken,
    /// Already on the blacklist.
    AlreadyBlacklisted,
    /// Not on the blacklist.
    NotBlacklisted,
    /// On the blacklist: no conversation can begin.
    Blacklisted,
    /// The customer has an unfinished conversation.
    HasOpenConversation {
        /// Its number.
        number: u32,
    },
    /// Nobody is connected to the customer's channel.
    ChannelUnreachable,
    /// There is no waiting conversation, or another agent was quicker.
    NotWaiting,
    /// The conversation is not open, or another agent's.
    NotYours,
    /// Only a conversation that an agent had and that is over can be rated.
    NotEnded,
    /// Somebody else wrote something else here since it was read.
    ChangedMeanwhile,
}
