//! What a visitor sees: what was said and where the conversation stands. What was held is shown as if it had been said, and
//! nothing here may tell the difference.

use std::collections::HashMap;

use clientele::domain::{AgentId, Conversation, ConversationState, Customer, Message, Sender, Timestamp};
use clientele::store::{Store, StoreError};
use serde::Serialize;

/// Messages that are shown.
const SHOWN: u32 = 100;
/// Times that so many messages are read, at most, to find those that are shown.
const MOST_READS: u32 = 10;

/// What a visitor sees.
#[derive(Debug, Default, Serialize)]
pub struct Chat {
    /// The last messages, by time.
    pub messages: Vec<Said>,
    /// Where the conversation stands.
    pub state: Stand,
    /// The moment at which the conversation ended that the visitor is asked to rate, if it is: a number would tell how many there
    /// were, and what was held is none.
    pub to_rate: Option<i64>,
    /// The moment at which the chat was read.
    pub seen: i64,
}

/// Where the conversation stands, as the visitor sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Nothing was said yet.
    #[default]
    Empty,
    /// Nobody has taken it yet.
    Waiting,
    /// An agent has.
    Talking,
    /// It is over.
    Ended,
    /// It is over and rated.
    Rated,
}

impl Stand {
    /// The name in the page and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Waiting => "waiting",
            Self::Talking => "talking",
            Self::Ended => "ended",
            Self::Rated => "rated",
        }
    }
}

/// A message as its visitor sees it.
#[derive(Debug, Serialize)]
pub struct Said {
    /// The same message keeps the same one, also when what was held is opened.
    pub id: String,
    /// The agent's name; nothing for the visitor's own.
    pub agent: Option<String>,
    /// What was written.
    pub text: String,
    /// In milliseconds since 1970.
    pub at: i64,
}

impl Chat {
    /// Returns the chat as the visitor that became this customer sees it.
    pub async fn of(store: &Store, customer: &Customer, now: Timestamp) -> Result<Self, StoreError> {
        let names: HashMap<AgentId, String> =
            store.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect();
        let said = newest(store, customer).await?;
        // No more of what is held is read than can be shown, however much there is.
        let held = store.held(customer, SHOWN).await?;

        let of_agent = |sender: Sender| match sender {
            Sender::Agent(agent) => Some(names.get(&agent).cloned().unwrap_or_default()),
            Sender::Customer => None,
        };
        let said = said.into_iter().map(|message| (message.at, of_agent(message.sender), message.text));
        let newest_held = held.last().map(|held| (held.number, held.at));
        let messages = in_order(said.chain(held.into_iter().map(|held| (held.at, None, held.text))).collect());
        let (state, to_rate) = match newest_held {
            // What was held since the last conversation would have begun another one. It goes on or is over like one, also when
            // the customer is off the blacklist meanwhile: the visitor must not see when that was.
            Some((number, at)) if customer.conversations == customer.held_after => {
                let left = number <= customer.held_left;
                let abandoned = at < store.settings().abandon_before(now);
                (if left || abandoned { Stand::Ended } else { Stand::Waiting }, None)
            }
            _ => match customer.conversations {
                0 => (Stand::Empty, None),
                number => stand(&store.conversation(customer.key, number).await?),
            },
        };
        Ok(Self { messages, state, to_rate: to_rate.map(|ended| ended.0), seen: now.0 })
    }
}

/// Returns the moment at which the open chat began, as its visitor sees it: that of its oldest message among those that are shown.
/// What was held since the last conversation ended is as open as any other. `None` when nothing is open.
pub async fn began(store: &Store, customer: &Customer) -> Result<Option<Timestamp>, StoreError> {
    let open = match customer.open {
        Some(number) => Some(store.conversation(customer.key, number).await?),
        None => None,
    };
    let over = match open.as_ref().map_or(customer.conversations, |open| open.number - 1) {
        0 => None,
        number => store.conversation(customer.key, number).await?.ended_at,
    };
    let said = newest(store, customer).await?.into_iter().map(|own| (own.at, Some(own.conversation) == customer.open));
    let held = store.held(customer, SHOWN).await?.into_iter().map(|own| {
        let since = over.is_none_or(|over| own.at >= over);
        (own.at, since && own.number > customer.held_left)
    });
    let mut all: Vec<_> = said.chain(held).collect();
    all.sort_by_key(|(at, _)| *at);
    let shown = all.split_off(all.len().saturating_sub(SHOWN as usize));
    let first = shown.into_iter().find_map(|(at, is_open)| is_open.then_some(at));
    // An agent that called back may have said nothing yet.
    Ok(first.or_else(|| open.map(|open| open.started_at)))
}

/// Returns the last messages by time, and more. Messages that were held and opened later have the highest numbers and old times:
/// behind them, as many others are read as are shown.
async fn newest(store: &Store, customer: &Customer) -> Result<Vec<Message>, StoreError> {
    let (mut newest, mut to) = (Vec::new(), customer.messages);
    for _ in 0..MOST_READS {
        let from = to.saturating_sub(SHOWN) + 1;
        newest.splice(0..0, store.messages(customer.key, from, to).await?);
        to = from - 1;
        if to == 0 || newest.iter().filter(|message: &&Message| !message.held).count() >= SHOWN as usize {
            break;
        }
    }
    Ok(newest)
}

/// The last messages by time. Their ids are made of it: a number would tell where a message is kept.
fn in_order(mut all: Vec<(Timestamp, Option<String>, String)>) -> Vec<Said> {
    // Stable: what was written in the same millisecond stays as it was.
    all.sort_by_key(|(at, ..)| *at);
    let shown = all.split_off(all.len().saturating_sub(SHOWN as usize));
    let mut before = (Timestamp(0), 0);
    shown
        .into_iter()
        .map(|(at, agent, text)| {
            before = if before.0 == at { (at, before.1 + 1) } else { (at, 0) };
            Said { id: format!("m{}-{}", at.0, before.1), agent, text, at: at.0 }
        })
        .collect()
}

/// Returns the state of a conversation, and when it ended if it can be rated.
const fn stand(conversation: &Conversation) -> (Stand, Option<Timestamp>) {
    match conversation.state {
        ConversationState::Waiting => (Stand::Waiting, None),
        ConversationState::Processing => (Stand::Talking, None),
        ConversationState::Ended if conversation.rating.is_some() => (Stand::Rated, None),
        ConversationState::Ended => (Stand::Ended, conversation.ended_at),
        ConversationState::Abandoned => (Stand::Ended, None),
    }
}
