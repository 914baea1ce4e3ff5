//! Entries of the event log. Every change writes one in its own transaction.

use serde::{Deserialize, Serialize};

use super::ids::{AgentId, CustomerKey, EventId};
use super::named::named;
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

impl Event {
    /// Returns `true` if the change has an effect that the visitor of the chat can see. Changes of tags,
    /// profile and blacklist have none.
    #[must_use]
    pub const fn changes_chat(&self) -> bool {
        self.conversation.is_some() || matches!(self.kind, EventKind::MessageHeld | EventKind::CustomerCreated)
    }
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

named! {
    /// Kind of change that an event records.
    pub enum EventKind {
        /// A customer was created, possibly together with its first message.
        CustomerCreated = "customer_created",
        /// Several customers were imported at once; `changes` holds the first and the last key.
        CustomersImported = "customers_imported",
        /// A profile field changed.
        ProfileEdited = "profile_edited",
        /// Tags were added to or removed from a customer.
        TagsChanged = "tags_changed",
        /// An agent was recorded as serving the customer. Only found in old logs; nothing writes it any
        /// more.
        CustomerServed = "customer_served",
        /// A known customer sent a message, which may have started a conversation.
        MessageReceived = "message_received",
        /// A blacklisted customer sent a message or left the chat. The desk of the agents does not change.
        MessageHeld = "message_held",
        /// An agent sent a message.
        MessageSent = "message_sent",
        /// An agent accepted a waiting conversation.
        ConversationAccepted = "conversation_accepted",
        /// A conversation went back to waiting because its agent was disabled.
        ConversationReturned = "conversation_returned",
        /// A conversation ended.
        ConversationEnded = "conversation_ended",
        /// The customer rated a conversation.
        ConversationRated = "conversation_rated",
        /// An agent started a conversation by calling back.
        CalledBack = "called_back",
        /// A customer was added to the blacklist.
        Blacklisted = "blacklisted",
        /// A customer was removed from the blacklist, or the entry expired.
        Unblacklisted = "unblacklisted",
        /// A tag was created.
        TagCreated = "tag_created",
        /// The system settings changed.
        SettingsChanged = "settings_changed",
        /// An agent was added or disabled, or its password changed.
        AgentChanged = "agent_changed",
        /// A channel's signing key was created or revoked.
        ChannelKeyChanged = "channel_key_changed",
        /// A key with which a host mints embed tokens was created or revoked.
        EmbedKeyChanged = "embed_key_changed",
    }
}

impl EventKind {
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
