//! Reading what was said with a customer: its conversations, and its messages across their borders.
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

/// A conversation. Moments are in the agent's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationInfo {
    /// Its number among the customer's, from 1.
    pub number: u32,
    /// The channel.
    pub channel: Channel,
    /// Its state.
    pub state: ConversationState,
    /// Who began it.
    pub origin: Origin,
    /// Who has or had it.
    pub agent: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it began, in words.
    pub started: String,
    /// When it ended.
    pub ended: Option<LocalMoment>,
    /// Its first message's number among the customer's; with none, the number the first would have.
    pub first_message: u32,
    /// How many messages it has.
    pub messages: u32,
    /// The rating.
    pub rating: Option<RatingInfo>,
    /// Where the visitor came from; web only.
    pub visitor: Option<VisitorDetails>,
}

impl ConversationInfo {
    /// Returns a text that is another one when the conversation is drawn otherwise.
    pub fn look(&self) -> String {
        let Self { number, state, agent, rating, .. } = self;
        format!("{number}{}{}{rating:?}", state.as_str(), agent.is_some())
    }
}

/// A rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingInfo {
    /// 1 to 5.
    pub stars: u8,
    /// May be empty.
    pub comment: String,
}

/// Where a visitor came from. Empty texts are unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorDetails {
    /// The IP address.
    pub ip: String,
    /// The region of the address in each language, in the order of `i18n::Locale::ALL`; empty where it is not known.
    pub region: Vec<String>,
    /// The browser, where the user agent tells it.
    pub browser: Option<String>,
    /// The system, where the user agent tells it.
    pub system: Option<String>,
    /// The raw user agent.
    pub user_agent: String,
    /// The page that led here.
    pub referrer: String,
    /// The page the chat was opened on.
    pub landing_page: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInfo {
    /// Its number among the customer's, from 1.
    pub number: u32,
    /// Its conversation's number.
    pub conversation: u32,
    /// Who wrote it.
    pub by: Author,
    /// What was written.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at: Timestamp,
    /// When, in the agent's zone: `2026-11-18 09:30`.
    pub exact: String,
    /// Whether it was sent while the customer was on the blacklist.
    pub held: bool,
}

/// A part of a customer's conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationPage {
    /// The newest first.
    pub conversations: Vec<ConversationInfo>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A part of what was said. The default is nothing of nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePage {
    /// The messages, rising, without gaps.
    pub messages: Vec<MessageInfo>,
    /// The conversations they stand in, that of the message before, and the empty ones between, rising; at the very start and
    /// end, also the empty ones there.
    pub conversations: Vec<ConversationInfo>,
    /// The number of the first message that may be read.
    pub first: u32,
    /// The number of the customer's newest message.
    pub last: u32,
}

/// Where a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The message.
    pub message: Option<u32>,
    /// When nothing was found yet but there is more: where to go on.
    pub go_on: Option<u32>,
}

/// The most messages in one answer.
pub const MOST_MESSAGES: u32 = 100;
/// Messages in an answer about the newest.
#[cfg(feature = "ssr")]
const NEWEST: u32 = 50;
/// Conversations in one answer.
#[cfg(feature = "ssr")]
const CONVERSATIONS: u32 = 50;
/// Conversations beside one answer of messages: more only when hundreds of empty ones follow each other.
#[cfg(feature = "ssr")]
const MOST_BESIDE: u32 = 300;

/// A customer's conversations before a number, the newest first; from the newest on when it is 0.
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
        let customer = state.store.customer_in_scope(viewer.scope(), key).await?;
        let to =
            if before == 0 { customer.conversations } else { before.saturating_sub(1).min(customer.conversations) };
        let from = to.saturating_sub(CONVERSATIONS) + 1;
        let names = names(&state.store).await?;
        let shown = |own| shown(own, &names, &zone, &state.regions);
        let found = if to == 0 { Vec::new() } else { state.store.conversations(key, from, to).await? };
        Ok(ConversationPage { conversations: found.into_iter().rev().map(shown).collect(), more: from > 1 && to > 0 })
    })
    .await
}

/// A customer's messages with numbers from `from` to `to`, at most [`MOST_MESSAGES`] of them; the newest ones when `from` is 0.
/// `to` beyond the newest is fine.
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
        let customer = state.store.customer_in_scope(viewer.scope(), key).await?;
        let names = names(&state.store).await?;
        page(&state, &names, &zone, &customer, Start::default(), (from, to)).await
    })
    .await
}

/// Number of the first message that may be read.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy)]
pub(super) struct Start {
    /// Number of the first message.
    pub message: u32,
    /// Number of the first conversation.
    pub conversation: u32,
}

#[cfg(feature = "ssr")]
impl Default for Start {
    fn default() -> Self {
        Self { message: 1, conversation: 1 }
    }
}

/// Reads the messages of a range, as [`read_messages`] does, from where they may be read.
#[cfg(feature = "ssr")]
pub(super) async fn page(
    state: &crate::state::AppState,
    names: &HashMap<AgentId, String>,
    zone: &TimeZone,
    customer: &Customer,
    start: Start,
    (from, to): (u32, u32),
) -> Result<MessagePage, AppError> {
    let (store, key) = (&state.store, customer.key);
    let (from, to) = match from {
        0 => (customer.messages.saturating_sub(NEWEST - 1), customer.messages),
        _ => (from, to),
    };
    let from = from.clamp(start.message, customer.messages.max(start.message));
    let to = to.min(customer.messages).min(from.saturating_add(MOST_MESSAGES - 1));
    // With the one before: empty conversations may lie between the two.
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
        store.conversations(key, first.max(last.saturating_sub(MOST_BESIDE)), last).await?
    };
    Ok(MessagePage {
        messages: messages.into_iter().map(|message| said(message, names, zone)).collect(),
        conversations: beside.into_iter().map(|own| shown(own, names, zone, &state.regions)).collect(),
        first: start.message,
        last: customer.messages,
    })
}

/// The first message on or after a date (`2026-11-18`, in the agent's zone), or the last one before it.
///
/// # Errors
/// As `read_customer`; `Refused` at `date`.
#[server(endpoint = "customers/find_date", input = GetUrl, client = ApiClient)]
pub async fn find_date(mode: Mode, key: CustomerKey, date: String) -> Result<Found, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::{Action, Error, Reason};
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        let start = date.parse::<jiff::civil::Date>().ok().and_then(|date| date.to_zoned(zone).ok());
        let start = start.ok_or(Error::field("date", Reason::NotATime))?.timestamp().into();
        Ok(Found { message: store.message_at(&customer, start).await?, go_on: None })
    })
    .await
}

/// The first message of the nearest conversation with a low rating after (or before) the one of a message.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/find_rating", input = GetUrl, client = ApiClient)]
pub async fn find_rating(mode: Mode, key: CustomerKey, from: u32, later: bool) -> Result<Found, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Action;
    use clientele::store::LowRating;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let store = store()?;
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        let said = store.messages(key, from, from).await?;
        // After the newest message comes what would be the next conversation.
        let from = said.first().map_or(customer.conversations + 1, |message| message.conversation);
        let message = match store.next_low_rating(&customer, from, later).await? {
            LowRating::At(number) => Some(store.conversation(key, number).await?.first_message),
            LowRating::None => None,
        };
        Ok(Found { message, go_on: None })
    })
    .await
}

/// The nearest message with a text in it after (or before) the one with a number.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/find_word", input = GetUrl, client = ApiClient)]
pub async fn find_word(mode: Mode, key: CustomerKey, word: String, from: u32, later: bool) -> Result<Found, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Action;
    use clientele::store::WordMatch;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let store = store()?;
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        Ok(match store.next_match(&customer, &word, from, later).await? {
            WordMatch::At(number) => Found { message: Some(number), go_on: None },
            WordMatch::GoOn(from) => Found { message: None, go_on: Some(from) },
            WordMatch::None => Found { message: None, go_on: None },
        })
    })
    .await
}

/// What is shown of a conversation.
#[cfg(feature = "ssr")]
pub(super) fn shown(
    own: Conversation,
    names: &HashMap<AgentId, String>,
    zone: &TimeZone,
    regions: &crate::visitor::Regions,
) -> ConversationInfo {
    use super::context::{local, moment};
    use crate::i18n::Locale;
    let visitor = own.visitor.map(|visitor| {
        let software = crate::visitor::software(&visitor.user_agent);
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
        number: own.number,
        channel: own.channel,
        state: own.state,
        origin: own.origin,
        agent: own.agent.map(|agent| names.get(&agent).cloned().unwrap_or_default()),
        started_at: own.started_at,
        started: local(own.started_at, zone),
        ended: own.ended_at.map(|at| moment(at, zone)),
        first_message: own.first_message,
        messages: own.messages,
        rating: own.rating.map(|rating| RatingInfo { stars: rating.stars(), comment: rating.comment().to_owned() }),
        visitor,
    }
}

/// What is shown of a message.
#[cfg(feature = "ssr")]
pub(super) fn said(message: Message, names: &HashMap<AgentId, String>, zone: &TimeZone) -> MessageInfo {
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
