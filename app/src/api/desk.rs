//! Agent Mode > Conversations: those that wait and one's own. Its functions do not depend on the Customers page: they show
//! only conversations that are open and that the agent has or may take.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{Channel, CustomerKey, Timestamp};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{Action, AgentId, Conversation, ConversationState, Customer, Mode, Viewer},
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

/// What an agent has before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Conversations that nobody has accepted, in the order that was asked for.
    pub waiting: Vec<DeskItem>,
    /// How many wait; more than are listed when there are very many.
    pub total_waiting: u32,
    /// The agent's own, the oldest first.
    pub own: Vec<DeskItem>,
}

/// An open conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskItem {
    /// Whose.
    pub customer: CustomerKey,
    /// What the customer goes by: nickname, real name or ID.
    pub name: String,
    /// The customer ID.
    pub id: String,
    /// The channel.
    pub channel: Channel,
    /// When it began.
    pub started_at: Timestamp,
    /// When it began, in the agent's zone.
    pub started: String,
    /// The newest message, if there is one.
    pub last: Option<MessageInfo>,
    /// Number of messages that the customer has sent in all.
    pub received: u32,
}

/// One of an agent's own conversations, as far as unread messages are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnConversation {
    /// Whose.
    pub customer: CustomerKey,
    /// Number of messages that the customer has sent in all.
    pub received: u32,
    /// `true` if the customer wrote last.
    pub unanswered: bool,
}

/// An open conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenThread {
    /// Whose.
    pub customer: CustomerKey,
    /// What the customer goes by.
    pub name: String,
    /// The customer ID.
    pub id: String,
    /// The conversation.
    pub conversation: ConversationInfo,
    /// Messages of it, and before it if it is the agent's own.
    pub page: MessagePage,
    /// Whether it is the agent's own: else it waits.
    pub own: bool,
    /// Number of messages that the customer has sent in all.
    pub received: u32,
    /// Version of the customer.
    pub version: u32,
}

/// Waiting conversations that a page asks for at first, and at most. There is no way past the end: whoever accepts one
/// moves the others up, and they can be listed from the other end.
pub const FEW_WAITING: u32 = 100;
#[cfg(feature = "ssr")]
const MOST_WAITING: u32 = 10_000;

/// Returns up to `most` waiting conversations, those that waited longest or the newest ones, and the agent's own.
///
/// # Errors
/// `SignedOut`, `Forbidden`.
#[server(endpoint = "desk", input = GetUrl, client = ApiClient)]
pub async fn read_desk(most: u32, #[server(default)] newest: bool) -> Result<Desk, AppError> {
    use super::context::{answer, names, store, viewer_who_may, zone};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let (store, zone) = (store()?, zone()?);
        let most = most.clamp(1, MOST_WAITING) as usize;
        let order = if newest { QueueOrder::NewestFirst } else { QueueOrder::LongestFirst };
        let queue = store.queue(order, most).await?;
        let own = store.desk_entries(&store.conversations_of_agent(viewer.agent.id)).await?;
        let names = names(&store).await?;
        let items = |entries: &[DeskEntry]| entries.iter().map(|entry| item(entry, &names, &zone)).collect();
        Ok(Desk {
            waiting: items(&queue.entries[..queue.entries.len().min(most)]),
            total_waiting: queue.total as u32,
            own: items(&own),
        })
    })
    .await
}

/// Returns what tells whether there are unread messages in the agent's own conversations.
///
/// # Errors
/// `SignedOut`, `Forbidden`.
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
            received: received(&customer),
            unanswered: newest.is_some_and(|newest| newest.sender == Sender::Customer),
        });
        Ok(own.collect())
    })
    .await
}

/// An open conversation that waits or that the agent has, with its messages from a number on; with the newest ones when it is 0.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `NotFound` when it is over or another agent's.
#[server(endpoint = "desk/one", input = GetUrl, client = ApiClient)]
pub async fn read_open_conversation(key: CustomerKey, #[server(default)] from: u32) -> Result<OpenThread, AppError> {
    use super::context::{answer, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        thread(&viewer, key, (from, u32::MAX)).await
    })
    .await
}

/// Messages beside an open conversation, as `read_messages` returns them: of the conversation itself while it waits, and of all
/// before it when the agent has it, because the agent serves the customer then.
///
/// # Errors
/// As [`read_open_conversation`].
#[server(endpoint = "desk/messages", input = GetUrl, client = ApiClient)]
pub async fn read_open_messages(key: CustomerKey, from: u32, to: u32) -> Result<MessagePage, AppError> {
    use super::context::{answer, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        Ok(thread(&viewer, key, (from, to)).await?.page)
    })
    .await
}

/// Takes a waiting conversation.
///
/// # Errors
/// As [`read_open_conversation`]; `Conflict` when another agent was quicker.
#[server(endpoint = "desk/accept", input = Json, client = ApiClient)]
pub async fn accept_conversation(key: CustomerKey) -> Result<OpenThread, AppError> {
    use super::context::{answer, now, store, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let store = store()?;
        known(&store, &viewer, key).await?;
        store.accept(key, viewer.agent.id, now()).await?;
        thread(&viewer, key, (0, 0)).await
    })
    .await
}

/// Writes in one's own conversation; the message's number. `request` is the client's own key: the same again is one message.
///
/// # Errors
/// `SignedOut`, `Forbidden`, `NotFound`; `Refused` at `text` or `request`; `Conflict` when the conversation is not one's own.
#[server(endpoint = "desk/reply", input = Json, client = ApiClient)]
pub async fn reply(key: CustomerKey, text: String, request: String) -> Result<u32, AppError> {
    use super::context::{answer, now, request_of, store, viewer_who_may};
    use clientele::domain::Message;
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let text = Message::accept(&text)?;
        let request = request_of(&viewer, request)?;
        let store = store()?;
        known(&store, &viewer, key).await?;
        Ok(store.reply(key, &request, &text, now()).await?)
    })
    .await
}

/// Ends one's own conversation.
///
/// # Errors
/// `SignedOut`, `Forbidden`, `NotFound`; `Conflict` when it is not one's own.
#[server(endpoint = "desk/end", input = Json, client = ApiClient)]
pub async fn end_conversation(key: CustomerKey) -> Result<(), AppError> {
    use super::context::{answer, now, store, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let store = store()?;
        known(&store, &viewer, key).await?;
        Ok(store.end(key, viewer.agent.id, now()).await?)
    })
    .await
}

#[cfg(feature = "ssr")]
async fn thread(viewer: &Viewer, key: CustomerKey, range: (u32, u32)) -> Result<OpenThread, AppError> {
    use super::context::{names, state, zone};
    use super::conversations::{Start, page, shown};
    use crate::error::Code;
    let (state, zone) = (state()?, zone()?);
    let store = &state.store;
    known(store, viewer, key).await?;
    let customer = store.customer(key).await?;
    let open = store.conversation(key, customer.open.ok_or(Code::NotFound)?).await?;
    if !is_for(viewer.agent.id, &open) {
        return Err(Code::NotFound.into());
    }
    let names = names(store).await?;
    let own = open.agent == Some(viewer.agent.id);
    let start = if own { Start::default() } else { Start { message: open.first_message, conversation: open.number } };
    Ok(OpenThread {
        customer: key,
        name: name(&customer),
        id: customer.id.to_string(),
        own,
        page: page(&state, &names, &zone, &customer, start, range).await?,
        received: received(&customer),
        version: customer.version,
        conversation: shown(open, &names, &zone, &state.regions),
    })
}

#[cfg(feature = "ssr")]
fn is_for(agent: AgentId, open: &Conversation) -> bool {
    match open.state {
        ConversationState::Waiting => true,
        ConversationState::Processing => open.agent == Some(agent),
        _ => false,
    }
}

#[cfg(feature = "ssr")]
fn item(entry: &DeskEntry, names: &HashMap<AgentId, String>, zone: &TimeZone) -> DeskItem {
    use super::context::local;
    use super::conversations::said;
    let DeskEntry { open, customer, newest } = entry;
    DeskItem {
        customer: customer.key,
        name: name(customer),
        id: customer.id.to_string(),
        channel: customer.channel,
        started_at: open.started_at,
        started: local(open.started_at, zone),
        last: newest.clone().map(|newest| said(newest, names, zone)),
        received: received(customer),
    }
}

#[cfg(feature = "ssr")]
const fn received(customer: &Customer) -> u32 {
    customer.messages.saturating_sub(customer.replies)
}

/// Checks that an agent may know of a customer: at the desk, because the conversation waits or is the agent's, or because the
/// agent has served the customer. For anybody else a customer out of scope is as absent as one that does not exist.
#[cfg(feature = "ssr")]
async fn known(store: &Store, viewer: &Viewer, key: CustomerKey) -> Result<(), AppError> {
    if !store.may_know_conversation(key, viewer.agent.id, super::context::now()) {
        store.customer_in_scope(Some(viewer.agent.id), key).await?;
    }
    Ok(())
}

#[cfg(feature = "ssr")]
fn name(customer: &Customer) -> String {
    let names = [customer.profile.nickname.as_str(), customer.profile.real_name.as_str(), customer.id.as_str()];
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}
