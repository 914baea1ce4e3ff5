//! The event log's entries: each change of anything writes one, in the change's own transaction.

use serde::{Deserialize, Serialize};

use super::ids::{AgentId, CustomerKey, EventId};
use super::time::Timestamp;

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Sorts by the time of writing.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub kind: EventKind,
    /// To which customer, if to one.
    pub customer: Option<CustomerKey>,
    /// What changed, field by field.
    pub changes: Vec<Change>,
    /// In which of the customer's conversations, if in one.
    pub conversation: Option<u32>,
    /// The customer's newest message, if there is a new one.
    pub message: Option<u32>,
    /// The version of the changed record after the change.
    pub version: u32,
}

/// Who makes changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// An agent or admin.
    Agent(AgentId),
    /// The customer, through its channel.
    Customer,
    /// Clientele itself: the command line, an import, an expiry.
    System,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A customer became known.
    CustomerCreated,
    /// Several customers were brought in at once; `changes` names the first and the last key.
    CustomersImported,
    /// A field of a profile changed.
    ProfileEdited,
    /// Tags were added or taken away.
    TagsChanged,
    /// A conversation began, or an agent took it; only in imports and logs of before.
    CustomerServed,
    /// The customer wrote; a conversation may have begun with it.
    MessageReceived,
    /// The customer wrote while on the blacklist: nobody is told.
    MessageHeld,
    /// An agent wrote.
    MessageSent,
    /// An agent took a waiting conversation.
    ConversationAccepted,
    /// A conversation was put back to waiting, because its agent is gone.
    ConversationReturned,
    /// A conversation ended.
    ConversationEnded,
    /// The customer rated a conversation.
    ConversationRated,
    /// An agent began a conversation.
    CalledBack,
    /// Put on the blacklist.
    Blacklisted,
    /// Taken off the blacklist.
    Unblacklisted,
    /// A tag was created.
    TagCreated,
    /// The system settings changed.
    SettingsChanged,
    /// An agent was added, disabled, or had its role or password changed.
    AgentChanged,
    /// A channel's key was made or revoked.
    ChannelKeyChanged,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 19] = [
        Self::CustomerCreated,
        Self::CustomersImported,
        Self::ProfileEdited,
        Self::TagsChanged,
        Self::CustomerServed,
        Self::MessageReceived,
        Self::MessageHeld,
        Self::MessageSent,
        Self::ConversationAccepted,
        Self::ConversationReturned,
        Self::ConversationEnded,
        Self::ConversationRated,
        Self::CalledBack,
        Self::Blacklisted,
        Self::Unblacklisted,
        Self::TagCreated,
        Self::SettingsChanged,
        Self::AgentChanged,
        Self::ChannelKeyChanged,
    ];

    /// Whether it may change which conversations are open, or who has them.
    #[must_use]
    pub const fn changes_desk(self) -> bool {
        matches!(
            self,
            Self::CustomerCreated
                | Self::MessageReceived
                | Self::ConversationAccepted
                | Self::ConversationReturned
                | Self::ConversationEnded
                | Self::CalledBack
                | Self::Blacklisted
                | Self::Unblacklisted
        )
    }

    /// The kind's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerCreated => "customer_created",
            Self::CustomersImported => "customers_imported",
            Self::ProfileEdited => "profile_edited",
            Self::TagsChanged => "tags_changed",
            Self::CustomerServed => "customer_served",
            Self::MessageReceived => "message_received",
            Self::MessageHeld => "message_held",
            Self::MessageSent => "message_sent",
            Self::ConversationAccepted => "conversation_accepted",
            Self::ConversationReturned => "conversation_returned",
            Self::ConversationEnded => "conversation_ended",
            Self::ConversationRated => "conversation_rated",
            Self::CalledBack => "called_back",
            Self::Blacklisted => "blacklisted",
            Self::Unblacklisted => "unblacklisted",
            Self::TagCreated => "tag_created",
            Self::SettingsChanged => "settings_changed",
            Self::AgentChanged => "agent_changed",
            Self::ChannelKeyChanged => "channel_key_changed",
        }
    }
}

/// One field's change. Texts as they are shown in the log; secrets never stand here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field.
    pub field: String,
    /// Its value before; nothing when there was none.
    pub before: Option<String>,
    /// Its value after; nothing when there is none.
    pub after: Option<String>,
}
