//! Agent Mode > Conversations: those that wait and one's own. Its functions do not depend on the Customers page: they show
//! only conversations that are open and that the agent has or may take.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{Channel, CustomerKey, Timestamp};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{Action, AgentId, Conversation, ConversationState, Customer, Mode, Viewer},
    store::{OpenConversation, Store},
};
#[cfg(feature = "ssr")]
use jiff::tz::TimeZone;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use super::conversations::{ConversationInfo, MessageInfo};
use crate::client::ApiClient;
use crate::error::AppError;

/// What an agent has before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Conversations that nobody has accepted, the one that waits longest first.
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
    /// Its newest messages, rising; at most 200.
    pub messages: Vec<MessageInfo>,
    /// Whether it is the agent's own: else it waits.
    pub own: bool,
}

/// Conversations that wait, in one answer.
#[cfg(feature = "ssr")]
const MOST_WAITING: usize = 100;
/// Messages of a conversation, in one answer.
#[cfg(feature = "ssr")]
const MOST_MESSAGES: u32 = 200;

/// What waits, and what the agent has.
///
/// # Errors
/// `SignedOut`, `Forbidden`.
#[server(endpoint = "desk", input = GetUrl, client = ApiClient)]
pub async fn read_desk() -> Result<Desk, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        let (store, zone) = (store()?, zone()?);
        let open = store.open_conversations().await?;
        let (own, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|open| open.agent == Some(viewer.agent.id));
        let mut waiting: Vec<OpenConversation> = others.into_iter().filter(|open| open.agent.is_none()).collect();
        let total_waiting = waiting.len() as u32;
        waiting.truncate(MOST_WAITING);
        Ok(Desk {
            waiting: items(&store, &zone, &waiting).await?,
            total_waiting,
            own: items(&store, &zone, &own).await?,
        })
    })
    .await
}

/// An open conversation that waits or that the agent has.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `NotFound` when it is over or another agent's.
#[server(endpoint = "desk/one", input = GetUrl, client = ApiClient)]
pub async fn read_open_conversation(key: CustomerKey) -> Result<OpenThread, AppError> {
    use super::context::{answer, viewer_who_may};
    answer(async {
        let viewer = viewer_who_may(Action::Talk, Mode::Agent)?;
        thread(&viewer, key).await
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
        store()?.accept(key, viewer.agent.id, now()).await?;
        thread(&viewer, key).await
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
        Ok(store()?.reply(key, &request, &text, now()).await?)
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
        Ok(store()?.end(key, viewer.agent.id, now()).await?)
    })
    .await
}

#[cfg(feature = "ssr")]
async fn thread(viewer: &Viewer, key: CustomerKey) -> Result<OpenThread, AppError> {
    use super::context::{names, state, zone};
    use super::conversations::{said, shown};
    use crate::error::Code;
    let (state, zone, language) = (state()?, zone()?, crate::i18n::of_request());
    let store = &state.store;
    let customer = store.customer(key).await?;
    let open = store.conversation(key, customer.open.ok_or(Code::NotFound)?).await?;
    if !is_for(viewer.agent.id, &open) {
        return Err(Code::NotFound.into());
    }
    let names = names(store).await?;
    let end = open.first_message + open.messages;
    let messages = store.messages(key, open.first_message.max(end.saturating_sub(MOST_MESSAGES)), end).await?;
    Ok(OpenThread {
        customer: key,
        name: name(&customer),
        id: customer.id.to_string(),
        own: open.agent == Some(viewer.agent.id),
        conversation: shown(open, &names, &zone, &state.regions, language),
        messages: messages.into_iter().map(|message| said(message, &names, &zone)).collect(),
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
async fn items(store: &Store, zone: &TimeZone, open: &[OpenConversation]) -> Result<Vec<DeskItem>, AppError> {
    use super::context::{local, names};
    use super::conversations::said;
    let names = names(store).await?;
    let keys: Vec<CustomerKey> = open.iter().map(|open| open.customer).collect();
    let customers: std::collections::HashMap<CustomerKey, Customer> =
        store.customers(&keys).await?.into_iter().map(|customer| (customer.key, customer)).collect();
    let mut items = Vec::with_capacity(open.len());
    for open in open {
        let Some(customer) = customers.get(&open.customer) else { continue };
        let last = store.messages(customer.key, customer.messages.max(1), customer.messages).await?;
        items.push(DeskItem {
            customer: customer.key,
            name: name(customer),
            id: customer.id.to_string(),
            channel: customer.channel,
            started_at: open.started_at,
            started: local(open.started_at, zone),
            last: last.into_iter().find(|last| last.conversation == open.number).map(|last| said(last, &names, zone)),
        });
    }
    Ok(items)
}

#[cfg(feature = "ssr")]
fn name(customer: &Customer) -> String {
    let names = [customer.profile.nickname.as_str(), customer.profile.real_name.as_str(), customer.id.as_str()];
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}
