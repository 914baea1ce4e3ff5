//! Reading a customer's history: the conversations, and the messages across all of them.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

#[cfg(feature = "ssr")]
use clientele::domain::{Actor, AgentId, Conversation, Customer, Message, Sender};
use clientele::domain::{Channel, ConversationState, CustomerKey, Mode, Origin, Timestamp};
#[cfg(feature = "ssr")]
use jiff::tz::TimeZone;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;
#[cfg(feature = "ssr")]
use std::collections::HashMap;

use super::customer::Author;
use crate::client::ApiClient;
use crate::dates::LocalMoment;
use crate::error::AppError;

/// A conversation. Times are in the agent's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationInfo {
    /// Number among the customer's conversations, from 1.
    pub number: u32,
    /// Channel of the customer.
    pub channel: Channel,
    /// Current state.
    pub state: ConversationState,
    /// Party that started it.
    pub origin: Origin,
    /// Name of the agent who has or had it.
    pub agent: Option<String>,
    /// Start time.
    pub started_at: Timestamp,
    /// Start time as text in the agent's time zone: `2026-11-18 09:30`.
    pub started: String,
    /// End time; `None` while it is open.
    pub ended: Option<LocalMoment>,
    /// Number of its first message among the customer's messages. If it has none, the number that
    /// its first message would have.
    pub first_message: u32,
    /// Number of messages in it.
    pub messages: u32,
    /// Rating by the customer.
    pub rating: Option<RatingInfo>,
    /// IP address, browser and referrer of the visitor; web channel only.
    pub visitor: Option<VisitorDetails>,
}

impl ConversationInfo {
    /// Returns a key that changes whenever the conversation has to be rendered differently.
    pub fn look(&self) -> String {
        let Self { number, state, agent, rating, .. } = self;
        format!("{number}{}{}{rating:?}", state.as_str(), agent.is_some())
    }
}

/// Rating of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingInfo {
    /// 1 to 5.
    pub stars: u8,
    /// Comment; may be empty.
    pub comment: String,
}

/// Origin of a web visitor. Empty strings mean unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorDetails {
    /// IP address.
    pub ip: String,
    /// Region of the address in each language, in the order of `i18n::Locale::ALL`; empty if
    /// unknown.
    pub region: Vec<String>,
    /// Browser with its version, if the user agent reveals it.
    pub browser: Option<String>,
    /// Operating system, if the user agent reveals it.
    pub system: Option<String>,
    /// Raw user agent.
    pub user_agent: String,
    /// URL of the referring page.
    pub referrer: String,
    /// URL of the page on which the chat was opened.
    pub landing_page: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInfo {
    /// Number among the customer's messages, from 1.
    pub number: u32,
    /// Number of its conversation.
    pub conversation: u32,
    /// Author of the message.
    pub by: Author,
    /// Text of the message.
    pub text: String,
    /// Time in milliseconds since 1970.
    pub at: Timestamp,
    /// Time as text in the agent's time zone: `2026-11-18 09:30`.
    pub exact: String,
    /// `true` if it was sent while the customer was on the blacklist.
    pub held: bool,
}

/// One page of a customer's conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationPage {
    /// The conversations, newest first.
    pub conversations: Vec<ConversationInfo>,
    /// `true` if there are older ones.
    pub more: bool,
}

/// A range of a customer's messages with their conversations. The default is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePage {
    /// The messages in ascending order, without gaps.
    pub messages: Vec<MessageInfo>,
    /// Conversations in ascending order: those of the messages and of the message before the range,
    /// and the empty ones in between. At the start and end of the history, also the empty ones
    /// there.
    pub conversations: Vec<ConversationInfo>,
    /// Number of the first message that the agent may read.
    pub first: u32,
    /// Number of the customer's newest message.
    pub last: u32,
}

/// Maximum number of messages in one response.
pub const MAX_MESSAGES: u32 = 100;
/// Number of messages returned when the newest are requested.
#[cfg(feature = "ssr")]
const NEWEST: u32 = 50;
/// Number of conversations in one page.
#[cfg(feature = "ssr")]
const CONVERSATIONS: u32 = 50;
/// Limit for the conversations sent along with messages. Only hundreds of consecutive empty
/// conversations exceed it.
#[cfg(feature = "ssr")]
const MAX_CONVERSATIONS_OF_PAGE: u32 = 300;

/// Returns a page of the conversations before number `before`, newest first. If it is 0, the page
/// starts with the newest conversation.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/conversations", input = GetUrl, client = ApiClient)]
pub async fn list_conversations(mode: Mode, key: CustomerKey, before: u32) -> Result<ConversationPage, AppError> {
    use super::context::{answer, names, state, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (state, zone) = (state()?, zone()?);
        let customer = state.store.visible(&viewer, key).await?;
        let to =
            if before == 0 { customer.conversations } else { before.saturating_sub(1).min(customer.conversations) };
        let from = to.saturating_sub(CONVERSATIONS) + 1;
        let names = names(&state.store).await?;
        let shown = |conversation| conversation_info(conversation, &names, &zone, &state.regions);
        let found = if to == 0 { Vec::new() } else { state.store.conversations(key, from, to).await? };
        Ok(ConversationPage { conversations: found.into_iter().rev().map(shown).collect(), more: from > 1 && to > 0 })
    })
    .await
}

/// Returns the messages with numbers `from` to `to`, at most [`MAX_MESSAGES`]. If `from` is 0,
/// returns the newest ones. `to` may exceed the newest number.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/messages", input = GetUrl, client = ApiClient)]
pub async fn read_messages(mode: Mode, key: CustomerKey, from: u32, to: u32) -> Result<MessagePage, AppError> {
    use super::context::{answer, names, state, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (state, zone) = (state()?, zone()?);
        let customer = state.store.visible(&viewer, key).await?;
        let names = names(&state.store).await?;
        message_page(&state, &names, &zone, &customer, HistoryStart::default(), (from, to)).await
    })
    .await
}

/// Start of the history that an agent may read.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy)]
pub(super) struct HistoryStart {
    /// Number of the first message.
    pub message: u32,
    /// Number of the first conversation.
    pub conversation: u32,
}

#[cfg(feature = "ssr")]
impl Default for HistoryStart {
    fn default() -> Self {
        Self { message: 1, conversation: 1 }
    }
}

/// Returns the messages of a range like [`read_messages`], limited to those from `start` on.
#[cfg(feature = "ssr")]
pub(super) async fn message_page(
    state: &crate::server::state::AppState,
    names: &HashMap<AgentId, String>,
    zone: &TimeZone,
    customer: &Customer,
    start: HistoryStart,
    (from, to): (u32, u32),
) -> Result<MessagePage, AppError> {
    let (store, key) = (&state.store, customer.key);
    let (from, to) = match from {
        0 => (customer.messages.saturating_sub(NEWEST - 1), customer.messages),
        _ => (from, to),
    };
    let from = from.clamp(start.message, customer.messages.max(start.message));
    let to = to.min(customer.messages).min(from.saturating_add(MAX_MESSAGES - 1));
    // Include the message before the range: empty conversations may lie between the two.
    let before = (from - 1).max(start.message);
    let mut messages = if to < from { Vec::new() } else { store.messages(key, before, to).await? };
    let first = match messages.first() {
        Some(message) if from > start.message => message.conversation,
        _ => start.conversation,
    };
    messages.retain(|message| message.number >= from);
    let last = match messages.last() {
        Some(message) if to < customer.messages => message.conversation,
        _ => customer.conversations,
    };
    let beside = if last < first {
        Vec::new()
    } else {
        store.conversations(key, first.max(last.saturating_sub(MAX_CONVERSATIONS_OF_PAGE)), last).await?
    };
    Ok(MessagePage {
        messages: messages.into_iter().map(|message| message_info(message, names, zone)).collect(),
        conversations: beside
            .into_iter()
            .map(|conversation| conversation_info(conversation, names, zone, &state.regions))
            .collect(),
        first: start.message,
        last: customer.messages,
    })
}

/// Converts a conversation for the browser.
#[cfg(feature = "ssr")]
pub(super) fn conversation_info(
    conversation: Conversation,
    names: &HashMap<AgentId, String>,
    zone: &TimeZone,
    regions: &crate::server::regions::Regions,
) -> ConversationInfo {
    use super::context::{local, moment};
    use crate::i18n::Locale;
    let visitor = conversation.visitor.map(|visitor| {
        let software = crate::server::software::software(&visitor.user_agent);
        VisitorDetails {
            region: Locale::ALL.into_iter().filter_map(|locale| regions.of(&visitor.ip, locale.tag())).collect(),
            browser: software.as_ref().map(|software| software.browser.clone()).filter(|name| !name.is_empty()),
            system: software.map(|software| software.system).filter(|name| !name.is_empty()),
            ip: visitor.ip,
            user_agent: visitor.user_agent,
            referrer: visitor.referrer,
            landing_page: visitor.landing_page,
        }
    });
    ConversationInfo {
        number: conversation.number,
        channel: conversation.channel,
        state: conversation.state,
        origin: conversation.origin,
        agent: conversation.agent.map(|agent| names.get(&agent).cloned().unwrap_or_default()),
        started_at: conversation.started_at,
        started: local(conversation.started_at, zone),
        ended: conversation.ended_at.map(|at| moment(at, zone)),
        first_message: conversation.first_message,
        messages: conversation.messages,
        rating: conversation
            .rating
            .map(|rating| RatingInfo { stars: rating.stars(), comment: rating.comment().to_owned() }),
        visitor,
    }
}

/// Converts a message for the browser.
#[cfg(feature = "ssr")]
pub(super) fn message_info(message: Message, names: &HashMap<AgentId, String>, zone: &TimeZone) -> MessageInfo {
    let actor = match message.sender {
        Sender::Agent(agent) => Actor::Agent(agent),
        Sender::Customer => Actor::Customer,
    };
    MessageInfo {
        number: message.number,
        conversation: message.conversation,
        by: super::customer::author(names, actor),
        text: message.text,
        at: message.at,
        exact: super::context::local(message.at, zone),
        held: message.held,
    }
}
