//! Validation and rule errors.

use serde::{Deserialize, Serialize};

/// Error returned when a rule rejects a value or a request. The browser makes the displayed text from
/// it in the user's language and shows it at the field or in a toast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason:?} ({field:?})")]
pub struct Error {
    /// Form name of the rejected field; `None` if the whole request was rejected.
    pub field: Option<String>,
    /// Reason for the rejection.
    pub reason: Reason,
}

impl Error {
    /// Creates an error about the value of one field.
    #[must_use]
    pub fn field(field: &str, reason: Reason) -> Self {
        Self { field: Some(field.to_owned()), reason }
    }

    /// Creates an error about the whole request.
    #[must_use]
    pub const fn of(reason: Reason) -> Self {
        Self { field: None, reason }
    }
}

/// Reason for a rejection. The text of each is in `app/locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A required value is missing.
    Required,
    /// More characters than the field allows.
    TooLong {
        /// Maximum number of characters.
        most: u32,
    },
    /// Fewer characters than the field requires.
    TooShort {
        /// Minimum number of characters.
        least: u32,
    },
    /// The format is not the one the field requires.
    Malformed,
    /// The field does not allow one of the characters.
    NotAllowed {
        /// The first such character. It is always a visible one.
        character: char,
    },
    /// Not an email address.
    NotAnEmail,
    /// A phone number without any digit.
    NotAPhone,
    /// A number with no digit or with too few.
    NotDigits {
        /// Minimum number of digits.
        least: u32,
        /// Maximum number of digits.
        most: u32,
    },
    /// Not a day of the calendar.
    NotADate,
    /// Not an origin of a web page, or one without https on another machine.
    NotAnOrigin,
    /// Not a valid date and time.
    NotATime,
    /// A time before the year 2000: most likely seconds where milliseconds are expected.
    NotMilliseconds,
    /// A time too far in the past.
    TooLongAgo {
        /// Maximum age in days.
        days: u32,
    },
    /// A period ends before it starts.
    EndBeforeStart,
    /// The maximum number of items already exists.
    TooMany {
        /// Maximum number of items.
        most: u32,
    },
    /// Another record already has this unique value (an ID, a login or a name).
    Taken,
    /// The customer is already on the blacklist.
    AlreadyBlacklisted,
    /// The customer is not on the blacklist.
    NotBlacklisted,
    /// The customer is on the blacklist, so no conversation can start.
    Blacklisted,
    /// The customer has an open conversation.
    HasOpenConversation {
        /// Number of that conversation.
        number: u32,
    },
    /// The customer's channel is not connected.
    ChannelUnreachable,
    /// No conversation is waiting, or another agent accepted it first.
    NotWaiting,
    /// The conversation is not open, or is assigned to another agent.
    NotYours,
    /// The conversation cannot be rated: it is open, or no agent had it.
    NotEnded,
    /// The value was changed by someone else since it was read.
    ChangedMeanwhile,
}

impl Reason {
    /// Returns `true` if the reason depends on the current state, so that the same request may succeed
    /// later. All other reasons reject the input itself.
    #[must_use]
    pub const fn is_conflict(self) -> bool {
        match self {
            Self::Taken
            | Self::AlreadyBlacklisted
            | Self::NotBlacklisted
            | Self::Blacklisted
            | Self::HasOpenConversation { .. }
            | Self::ChannelUnreachable
            | Self::NotWaiting
            | Self::NotYours
            | Self::NotEnded
            | Self::ChangedMeanwhile => true,
            Self::Required
            | Self::TooLong { .. }
            | Self::TooShort { .. }
            | Self::Malformed
            | Self::NotAllowed { .. }
            | Self::NotAnEmail
            | Self::NotAPhone
            | Self::NotDigits { .. }
            | Self::NotADate
            | Self::NotAnOrigin
            | Self::NotATime
            | Self::NotMilliseconds
            | Self::TooLongAgo { .. }
            | Self::EndBeforeStart
            | Self::TooMany { .. } => false,
        }
    }
}
