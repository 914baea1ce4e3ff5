//! Rules for calling a customer back: what blocks it.

use super::error::Reason;

/// Everything that currently blocks a callback. If no field is set, the customer can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackBlockers {
    /// Number of the customer's open conversation.
    pub open: Option<u32>,
    /// `true` if the customer is on the blacklist.
    pub blacklisted: bool,
    /// `true` if the customer's channel is not connected.
    pub unreachable: bool,
}

impl CallbackBlockers {
    /// Returns the reason to report; `None` if nothing blocks. The blacklist comes first, because it
    /// would outlast the others.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self { blacklisted: true, .. } => Some(Reason::Blacklisted),
            Self { open: Some(number), .. } => Some(Reason::HasOpenConversation { number }),
            Self { unreachable: true, .. } => Some(Reason::ChannelUnreachable),
            _ => None,
        }
    }
}
