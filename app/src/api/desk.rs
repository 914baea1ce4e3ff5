//! Agent Mode > Conversations: the waiting conversations and the agent's own. These functions work
//! even if the Customers page is off: they return only open conversations that the agent has or may
//! accept.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{Channel, CustomerKey, Timestamp};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{Action, AgentId, Mode, Viewer},
    store::{DeskEntry, QueueOrder, Store},
};
#[cfg(feature = "ssr")]
use std::collections::HashMap;

#[cfg(feature = "ssr")]
use jiff::tz::TimeZone;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use super::conversations::{ConversationInfo, MessageInfo, MessagePage};
use crate::client::ApiClient;
use crate::error::AppError;

/// Conversations on the agent's desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Conversations that no agent has accepted, in the requested order.
    pub waiting: Vec<DeskItem>,
    /// Number of waiting conversations; may exceed the length of `waiting`.
    pub total_waiting: u32,
    /// The agent's own conversations, oldest first.
    pub own: Vec<DeskItem>,
}

/// An open conversation as a list entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskItem {
    /// Key of the customer.
    pub customer: CustomerKey,
    /// Display name: nickname, else real name, else ID.
    pub name: String,
    /// Customer ID.
    pub id: String,
    /// Channel of the customer.
    pub channel: Channel,
    /// Start time.
    pub started_at: Timestamp,
    /// Start time as text in the agent's time zone.
    pub started: String,
    /// Newest message of the conversation, if any.
    pub last: Option<MessageInfo>,
    /// Total number of messages that the customer has sent.
    pub received: u32,
}

/// Data of one of the agent's own conversations from which its unread messages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnConversation {
    /// Key of the customer.
    pub customer: CustomerKey,
    /// Total number of messages that the customer has sent.
    pub received: u32,
    /// `true` if the newest message is from the customer.
    pub unanswered: bool,
}

/// An open conversation with its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationDetails {
    /// Key of the customer.
    pub customer: CustomerKey,
    /// Display name of the customer.
    pub name: String,
    /// Customer ID.
    pub id: String,
    /// The conversation.
    pub conversation: ConversationInfo,
    /// Its messages and, if it is the agent's own, also the earlier messages of the customer.
    pub page: MessagePage,
    /// `true` if it is the agent's own; `false` if it is waiting.
    pub own: bool,
    /// Total number of messages that the customer has sent.
    pub received: u32,
    /// Version of the customer.
    pub version: u32,
}

/// Number of waiting conversations that a page requests initially. The server returns at most
/// `MAX_WAITING`. There is no paging beyond that: each accepted conversation moves the others up,
/// and the list can be read from its other end.
pub const FEW_WAITING: u32 = 100;
#[cfg(feature = "ssr")]
const MAX_WAITING: u32 = 10_000;

/// Returns up to `most` waiting conversations, either the longest-waiting or the newest, and the
/// agent's own.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Unavailable` if the database does not answer.
#[server(endpoint = "desk", input = GetUrl, client = ApiClient)]
pub async fn read_desk(most: u32, #[server(default)] newest: bool) -> Result<Desk, AppError> {
    use super::context::{answer, names, store, viewer_who_may, zone};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let (store, zone) = (store()?, zone()?);
        let most = most.clamp(1, MAX_WAITING) as usize;
        let order = if newest { QueueOrder::NewestFirst } else { QueueOrder::LongestFirst };
        let queue = store.queue(order, most).await?;
        let own = store.desk_entries(&store.conversations_of_agent(viewer.agent.id)).await?;
        let names = names(&store).await?;
        let items = |entries: &[DeskEntry]| entries.iter().map(|entry| desk_item(entry, &names, &zone)).collect();
        Ok(Desk {
            waiting: items(&queue.entries[..queue.entries.len().min(most)]),
            total_waiting: queue.total as u32,
            own: items(&own),
        })
    })
    .await
}

/// Returns the agent's own conversations with the data needed to count unread messages.
///
/// # Errors
/// As [`read_desk`].
#[server(endpoint = "desk/own", input = GetUrl, client = ApiClient)]
pub async fn read_own_conversations() -> Result<Vec<OwnConversation>, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Sender;
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let store = store()?;
        let own = store.desk_entries(&store.conversations_of_agent(viewer.agent.id)).await?;
        let own = own.into_iter().map(|DeskEntry { customer, newest, .. }| OwnConversation {
            customer: customer.key,
            received: customer.received(),
            unanswered: newest.is_some_and(|newest| newest.sender == Sender::Customer),
        });
        Ok(own.collect())
    })
    .await
}

/// Returns an open conversation that is waiting or the agent's own, with its messages from number
/// `from` on. If it is 0, returns the newest ones.
///
/// # Errors
/// As [`read_desk`]; `NotFound` if the conversation has ended or belongs to another agent.
#[server(endpoint = "desk/one", input = GetUrl, client = ApiClient)]
pub async fn read_open_conversation(
    key: CustomerKey,
    #[server(default)] from: u32,
) -> Result<ConversationDetails, AppError> {
    use super::context::{answer, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        conversation_details(&viewer, key, (from, u32::MAX)).await
    })
    .await
}

/// Returns messages of an open conversation like `read_messages`. While it is waiting, only its own
/// messages can be read; once the agent has it, all earlier messages of the customer too.
///
/// # Errors
/// As [`read_open_conversation`].
#[server(endpoint = "desk/messages", input = GetUrl, client = ApiClient)]
pub async fn read_open_messages(key: CustomerKey, from: u32, to: u32) -> Result<MessagePage, AppError> {
    use super::context::{answer, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        Ok(conversation_details(&viewer, key, (from, to)).await?.page)
    })
    .await
}

/// Assigns a waiting conversation to the calling agent.
///
/// # Errors
/// As [`read_open_conversation`]; `Conflict` if it is no longer waiting.
#[server(endpoint = "desk/accept", input = Json, client = ApiClient)]
pub async fn accept_conversation(key: CustomerKey) -> Result<ConversationDetails, AppError> {
    use super::context::{answer, store, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let store = store()?;
        check_visible(&store, &viewer, key).await?;
        store.accept(key, viewer.agent.id, store.now()).await?;
        conversation_details(&viewer, key, (0, 0)).await
    })
    .await
}

/// Sends a message in the agent's own conversation and returns the message's number. `request` is
/// the client's idempotency key: repeating it sends no second message.
///
/// # Errors
/// As [`read_desk`]; `NotFound`; `Refused` at `text` or `request`; `Conflict` if the conversation
/// is not the agent's own.
#[server(endpoint = "desk/reply", input = Json, client = ApiClient)]
pub async fn reply(key: CustomerKey, text: String, request: String) -> Result<u32, AppError> {
    use super::context::{answer, idempotency_key, store, viewer_who_may};
    use clientele::domain::Message;
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let text = Message::parse(&text)?;
        let request = idempotency_key(&viewer, request)?;
        let store = store()?;
        check_visible(&store, &viewer, key).await?;
        Ok(store.reply(key, &request, &text, store.now()).await?)
    })
    .await
}

/// Ends the agent's own conversation. Repeating the call changes nothing.
///
/// # Errors
/// As [`read_desk`]; `NotFound`; `Conflict` if the conversation is not the agent's own.
#[server(endpoint = "desk/end", input = Json, client = ApiClient)]
pub async fn end_conversation(key: CustomerKey) -> Result<(), AppError> {
    use super::context::{answer, store, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let store = store()?;
        check_visible(&store, &viewer, key).await?;
        Ok(store.end(key, viewer.agent.id, store.now()).await?)
    })
    .await
}

#[cfg(feature = "ssr")]
async fn conversation_details(
    viewer: &Viewer,
    key: CustomerKey,
    range: (u32, u32),
) -> Result<ConversationDetails, AppError> {
    use super::context::{names, state, zone};
    use super::conversations::{HistoryStart, conversation_info, message_page};
    use crate::error::Code;
    let (state, zone) = (state()?, zone()?);
    let store = &state.store;
    check_visible(store, viewer, key).await?;
    let customer = store.customer(key).await?;
    let open = store.conversation(key, customer.open.ok_or(Code::NotFound)?).await?;
    if !open.is_on_desk_of(viewer.agent.id) {
        return Err(Code::NotFound.into());
    }
    let names = names(store).await?;
    let own = open.agent == Some(viewer.agent.id);
    let start = if own {
        HistoryStart::default()
    } else {
        HistoryStart { message: open.first_message, conversation: open.number }
    };
    Ok(ConversationDetails {
        customer: key,
        name: customer.display_name().to_owned(),
        id: customer.id.to_string(),
        own,
        page: message_page(&state, &names, &zone, &customer, start, range).await?,
        received: customer.received(),
        version: customer.version,
        conversation: conversation_info(open, &names, &zone, &state.regions),
    })
}

#[cfg(feature = "ssr")]
fn desk_item(entry: &DeskEntry, names: &HashMap<AgentId, String>, zone: &TimeZone) -> DeskItem {
    use super::context::local;
    use super::conversations::message_info;
    let DeskEntry { open, customer, newest } = entry;
    DeskItem {
        customer: customer.key,
        name: customer.display_name().to_owned(),
        id: customer.id.to_string(),
        channel: customer.channel,
        started_at: open.started_at,
        started: local(open.started_at, zone),
        last: newest.clone().map(|newest| message_info(newest, names, zone)),
        received: customer.received(),
    }
}

/// Checks that an agent may see a customer: the open conversation is waiting or the agent's own, or
/// the agent has served the customer before. For all others the result is the same `NotFound` as
/// for a customer that does not exist.
#[cfg(feature = "ssr")]
async fn check_visible(store: &Store, viewer: &Viewer, key: CustomerKey) -> Result<(), AppError> {
    if !store.may_see_conversation(key, viewer.agent.id, store.now()) {
        let customer = store.customer(key).await?;
        if !viewer.has_served(&customer) {
            return Err(crate::error::Code::NotFound.into());
        }
    }
    Ok(())
}
