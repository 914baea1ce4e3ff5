//! Source of the messages that a reader shows, and the position it starts at.

use clientele::domain::{CustomerKey, Mode};

use crate::api::conversations::{MessagePage, read_messages};
use crate::api::desk::read_open_messages;
use crate::error::AppError;

/// API that messages are read from.
#[derive(Clone, Copy)]
pub enum Source {
    /// API of the Customers page, in a mode.
    Customers(Mode),
    /// API of the Conversations page, which works without access to the Customers page.
    Desk,
}

impl Source {
    /// Reads a range of messages.
    pub(super) async fn read(self, key: CustomerKey, from: u32, to: u32) -> Result<MessagePage, AppError> {
        match self {
            Self::Customers(mode) => read_messages(mode, key, from, to).await,
            Self::Desk => read_open_messages(key, from, to).await,
        }
    }
}

/// Position shown first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Newest message.
    End,
    /// Message by number.
    Message(u32),
    /// Beginning of a conversation, by number.
    Conversation(u32),
}

impl Mark {
    /// Returns the selector of the marked element in the reader; `None` for the end.
    pub(super) fn selector(self) -> Option<String> {
        match self {
            Self::End => None,
            Self::Message(number) => Some(format!("[data-message=\"{number}\"]")),
            Self::Conversation(number) => Some(format!(".is-begin[data-conversation=\"{number}\"]")),
        }
    }
}
