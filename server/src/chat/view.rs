//! What a visitor sees: what was said and where the conversation stands. What was held is shown as if it had been said, and
//! nothing here may tell the difference.

use std::collections::HashMap;

use clientele::domain::{AgentId, Conversation, ConversationState, Customer, Sender, Timestamp};
use clientele::store::{Store, StoreError};
use serde::Serialize;

/// Messages that are shown.
const SHOWN: u32 = 100;

/// What a visitor sees.
#[derive(Debug, Default, Serialize)]
pub struct Chat {
    /// The last messages, by time.
    pub messages: Vec<Said>,
    /// Where the conversation stands.
    pub state: Stand,
    /// Whether the visitor is asked for a rating.
    pub may_rate: bool,
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
    /// What the visitor that became this customer sees, who last ended a chat at the moment `left`.
    pub async fn of(store: &Store, customer: &Customer, left: Option<Timestamp>) -> Result<Self, StoreError> {
        let names: HashMap<AgentId, String> =
            store.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect();
        let from = customer.messages.saturating_sub(SHOWN) + 1;
        let said = store.messages(customer.key, from, customer.messages).await?;
        // No more of what is held is read than can be shown, however much there is.
        let held = store.held(customer, SHOWN).await?;
        let held_at = held.last().map(|held| held.at);

        let of_agent = |sender: Sender| match sender {
            Sender::Agent(agent) => Some(names.get(&agent).cloned().unwrap_or_default()),
            Sender::Customer => None,
        };
        let said = said.into_iter().map(|message| (message.at, of_agent(message.sender), message.text));
        let messages = in_order(said.chain(held.into_iter().map(|held| (held.at, None, held.text))).collect());

        let newest = match customer.conversations {
            0 => None,
            number => Some(store.conversation(customer.key, number).await?),
        };
        let (state, may_rate) = stand(customer, newest.as_ref(), held_at, left);
        Ok(Self { messages, state, may_rate })
    }
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

/// Where the conversation stands, and whether it can be rated.
fn stand(
    customer: &Customer,
    newest: Option<&Conversation>,
    held_at: Option<Timestamp>,
    left: Option<Timestamp>,
) -> (Stand, bool) {
    // What was held since the last conversation would have begun another one, which the visitor may have left.
    let ended_at = newest.and_then(|newest| newest.ended_at);
    if customer.is_blacklisted(jiff::Timestamp::now().into())
        && let Some(at) = held_at.filter(|at| ended_at.is_none_or(|ended| *at >= ended))
    {
        let over = left.is_some_and(|left| left >= at);
        return (if over { Stand::Ended } else { Stand::Waiting }, false);
    }
    let Some(newest) = newest else { return (Stand::Empty, false) };
    match newest.state {
        ConversationState::Waiting => (Stand::Waiting, false),
        ConversationState::Processing => (Stand::Talking, false),
        ConversationState::Ended if newest.rating.is_some() => (Stand::Rated, false),
        ConversationState::Ended => (Stand::Ended, true),
        ConversationState::Abandoned => (Stand::Ended, false),
    }
}
