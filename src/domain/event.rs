//! Entries of the event log. Every change writes one in its own transaction.

use serde::{Deserialize, Serialize};

use super::ids::{AgentId, CustomerKey, EventId};
use super::time::Timestamp;

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Identifier. Identifiers sort by the time at which the change was prepared.
    pub id: EventId,
    /// Time of the change.
    pub at: Timestamp,
    /// Author of the change.
    pub actor: Actor,
    /// Kind of change.
    pub kind: EventKind,
    /// Customer the change is about, if any.
    pub customer: Option<CustomerKey>,
    /// Changed fields.
    pub changes: Vec<Change>,
    /// Number of the customer's conversation that the change is about, if any.
    pub conversation: Option<u32>,
    /// Number of the customer's newest message if the change added messages to a conversation.
    pub message: Option<u32>,
    /// Version of the changed record after the change.
    pub version: u32,
}

/// Author of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// An agent or admin.
    Agent(AgentId),
    /// The customer, through its channel.
    Customer,
    /// Clientele itself: the command line, an import or an expiry.
    System,
}

/// Kind of change that an event records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A customer was created, possibly together with its first message.
    CustomerCreated,
    /// Several customers were imported at once; `changes` holds the first and the last key.
    CustomersImported,
    /// A profile field changed.
    ProfileEdited,
    /// Tags were added to or removed from a customer.
    TagsChanged,
    /// An agent was recorded as serving the customer. Only found in old logs; nothing writes it any
    /// more.
    CustomerServed,
    /// A known customer sent a message, which may have started a conversation.
    MessageReceived,
    /// A blacklisted customer sent a message or left the chat. The desk of the agents does not change.
    MessageHeld,
    /// An agent sent a message.
    MessageSent,
    /// An agent accepted a waiting conversation.
    ConversationAccepted,
    /// A conversation went back to waiting because its agent was disabled.
    ConversationReturned,
    /// A conversation ended.
    ConversationEnded,
    /// The customer rated a conversation.
    ConversationRated,
    /// An agent started a conversation by calling back.
    CalledBack,
    /// A customer was added to the blacklist.
    Blacklisted,
    /// A customer was removed from the blacklist, or the entry expired.
    Unblacklisted,
    /// A tag was created.
    TagCreated,
    /// The system settings changed.
    SettingsChanged,
    /// An agent was added or disabled, or its password changed.
    AgentChanged,
    /// A channel's signing key was created or revoked.
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

    /// Returns `true` if an event of this kind can change the set of open conversations or their
    /// agents.
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

    /// Returns the kind's name on the wire and in the database.
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

/// Change of one field. Values are as displayed in the log; secrets are never recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Name of the field.
    pub field: String,
    /// Value before the change; `None` if there was none.
    pub before: Option<String>,
    /// Value after the change; `None` if there is none.
    pub after: Option<String>,
}
