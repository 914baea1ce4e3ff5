//! The chat as its visitor sees it: messages and state, loaded and ordered. The rules are those of
//! [`VisitorChat`]: nothing in this view may reveal which messages are held.

use std::collections::HashMap;

use clientele::domain::{AgentId, ChatState, Customer, Message, Sender, Timestamp, VisitorChat};
use clientele::store::{Store, StoreError};
use serde::Serialize;

/// Number of messages shown.
const SHOWN: u32 = 100;
/// Most pages of `SHOWN` messages that are read to find the ones to show.
const MAX_READS: u32 = 10;

/// The chat as its visitor sees it.
#[derive(Debug, Default, Serialize)]
pub struct Chat {
    /// Newest messages, oldest first; at most `SHOWN`.
    pub messages: Vec<ChatMessage>,
    /// State of the newest conversation.
    pub state: ChatState,
    /// End of the conversation that the visitor can rate, in milliseconds since 1970; `None` if
    /// there is none.
    pub to_rate: Option<i64>,
    /// Time at which the chat was read, in milliseconds since 1970.
    pub seen: i64,
}

/// A message as its visitor sees it.
#[derive(Debug, Serialize)]
pub struct ChatMessage {
    /// Id of the message in the page. It stays the same when a held message is opened.
    pub id: String,
    /// Name of the agent; `None` for the visitor's own messages.
    pub agent: Option<String>,
    /// Text of the message.
    pub text: String,
    /// Time in milliseconds since 1970.
    pub at: i64,
}

impl Chat {
    /// Loads the chat of the visitor who became this customer.
    pub async fn of(store: &Store, customer: &Customer, now: Timestamp) -> Result<Self, StoreError> {
        let names: HashMap<AgentId, String> =
            store.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect();
        let sent = newest(store, customer).await?;
        // Reads no more held messages than can be shown, however many there are.
        let held = store.held(customer, SHOWN).await?;

        let of_agent = |sender: Sender| match sender {
            Sender::Agent(agent) => Some(names.get(&agent).cloned().unwrap_or_default()),
            Sender::Customer => None,
        };
        let sent = sent.into_iter().map(|message| (message.at, of_agent(message.sender), message.text));
        let of_held = held.last().and_then(|newest| VisitorChat::of_held(customer, newest, &store.settings(), now));
        let messages = in_order(sent.chain(held.into_iter().map(|held| (held.at, None, held.text))).collect());
        let chat = match (of_held, customer.conversations) {
            (Some(chat), _) => chat,
            (None, 0) => VisitorChat::default(),
            (None, newest) => VisitorChat::of_conversation(&store.conversation(customer.key, newest).await?),
        };
        Ok(Self { messages, state: chat.state, to_rate: chat.to_rate.map(|ended| ended.0), seen: now.0 })
    }
}

/// Returns the start of the open chat as its visitor sees it: the time of the oldest shown message
/// in it. Messages held since the last conversation ended belong to the open chat. `None` if no
/// chat is open.
pub async fn chat_started_at(store: &Store, customer: &Customer) -> Result<Option<Timestamp>, StoreError> {
    let open = match customer.open {
        Some(number) => Some(store.conversation(customer.key, number).await?),
        None => None,
    };
    let over = match open.as_ref().map_or(customer.conversations, |open| open.number - 1) {
        0 => None,
        number => store.conversation(customer.key, number).await?.ended_at,
    };
    let sent = newest(store, customer)
        .await?
        .into_iter()
        .map(|message| (message.at, Some(message.conversation) == customer.open));
    let held = store.held(customer, SHOWN).await?.into_iter().map(|message| {
        let is_open = VisitorChat::has_held(customer, &message, over);
        (message.at, is_open)
    });
    let mut all: Vec<_> = sent.chain(held).collect();
    all.sort_by_key(|(at, _)| *at);
    let shown = all.split_off(all.len().saturating_sub(SHOWN as usize));
    let first = shown.into_iter().find_map(|(at, is_open)| is_open.then_some(at));
    // After a callback the agent may not have written yet.
    Ok(first.or_else(|| open.map(|open| open.started_at)))
}

/// Returns the newest messages by number, and more if some of them were held. Held messages get the
/// highest numbers when they are opened but keep their old times, so older pages are read until
/// `SHOWN` others are found or `MAX_READS` pages are read.
async fn newest(store: &Store, customer: &Customer) -> Result<Vec<Message>, StoreError> {
    let (mut newest, mut to) = (Vec::new(), customer.messages);
    for _ in 0..MAX_READS {
        let from = to.saturating_sub(SHOWN) + 1;
        newest.splice(0..0, store.messages(customer.key, from, to).await?);
        to = from - 1;
        if to == 0 || newest.iter().filter(|message: &&Message| !message.held).count() >= SHOWN as usize {
            break;
        }
    }
    Ok(newest)
}

/// Sorts the messages by time and keeps the newest `SHOWN`. Ids are derived from the time, because
/// a message number would reveal which messages are held.
fn in_order(mut all: Vec<(Timestamp, Option<String>, String)>) -> Vec<ChatMessage> {
    // A stable sort keeps the order of messages of the same millisecond.
    all.sort_by_key(|(at, ..)| *at);
    let shown = all.split_off(all.len().saturating_sub(SHOWN as usize));
    let mut before = (Timestamp(0), 0);
    shown
        .into_iter()
        .map(|(at, agent, text)| {
            before = if before.0 == at { (at, before.1 + 1) } else { (at, 0) };
            ChatMessage { id: format!("m{}-{}", at.0, before.1), agent, text, at: at.0 }
        })
        .collect()
}
