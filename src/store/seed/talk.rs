//! Conversations and messages of the generated customers.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::cast::Cast;
use crate::domain::{
    Channel, Conversation, ConversationState, Customer, Message, Origin, Rating, Sender, Timestamp, VisitorInfo,
};
use crate::store::Imported;

const TALK: &str = include_str!("words/talk.txt");
const COMMENTS: &str = include_str!("words/comments.txt");
const USER_AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];
/// First three octets of the networks reserved for documentation (RFC 5737).
const NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
/// Milliseconds between two messages, if the conversation has enough time.
const STEP: i64 = 120_000;
/// Number of conversations of a frequent customer. From this number on, conversations have 20
/// messages each.
pub(super) const MANY: u32 = 240;

/// Returns the first line of the dialog at `place` in the word list.
pub(super) fn opening(place: usize) -> &'static str {
    TALK.lines().nth(place).and_then(|dialog| dialog.split('|').next()).unwrap_or_default()
}

/// Generates a customer's conversations, spread evenly between its creation and now.
pub(super) fn converse(rng: &mut StdRng, mut customer: Customer, how_many: u32, cast: &Cast) -> Imported {
    let mut conversations = Vec::with_capacity(how_many as usize);
    let mut messages = Vec::new();
    let span = cast.now.0 - customer.created_at.0;
    for number in 1..=how_many {
        let time = span / i64::from(how_many);
        let started_at = customer.created_at.plus_millis(i64::from(number - 1) * time);
        let count = match how_many {
            MANY.. => 20,
            _ => rng.random_range(2..=5),
        };
        // The step is short enough for the conversation to end and be rated before the next one starts.
        let step = STEP.min(time / i64::from(count + 2));
        let slot = Slot { started_at, step, count, first_message: messages.len() as u32 + 1 };
        let conversation = conversation(rng, &customer, (number, how_many), &slot, cast);
        messages.extend(say(rng, &conversation, step));
        match conversation.agent {
            Some(agent) => customer.record_served_by(agent, started_at),
            None => {
                let latest = customer.latest_conversation_at.max(Some(started_at));
                customer.fields_unchecked().latest_conversation_at = latest;
            }
        }
        conversations.push(conversation);
    }
    let fields = customer.fields_unchecked();
    fields.conversations = how_many;
    fields.messages = messages.len() as u32;
    fields.updated_at = fields.latest_conversation_at.unwrap_or(fields.created_at).max(fields.created_at);
    Imported { customer, conversations, messages }
}

/// Time slot of a conversation.
struct Slot {
    started_at: Timestamp,
    /// Milliseconds between two messages.
    step: i64,
    /// Number of messages, unless the conversation is abandoned (then 1).
    count: u32,
    first_message: u32,
}

fn conversation(
    rng: &mut StdRng,
    customer: &Customer,
    (number, how_many): (u32, u32),
    slot: &Slot,
    cast: &Cast,
) -> Conversation {
    let abandoned = how_many < 1000 && rng.random_bool(0.05);
    // Skewed: the first agents serve most conversations.
    let agent = cast.agents.get((rng.random::<f64>().powi(2) * cast.agents.len() as f64) as usize).copied();
    let count = if abandoned { 1 } else { slot.count };
    let ended_at = slot.started_at.plus_millis(i64::from(count) * slot.step);
    let rating = (!abandoned && rng.random_bool(0.4))
        .then(|| {
            let stars = *[5, 5, 5, 4, 4, 3, 2, 1].choose(rng).unwrap_or(&5);
            let comments: Vec<&str> = COMMENTS.lines().collect();
            Rating::new(stars, comments.choose(rng).copied().unwrap_or_default(), ended_at.plus_millis(slot.step)).ok()
        })
        .flatten();
    Conversation {
        customer: customer.key,
        number,
        channel: customer.channel,
        state: if abandoned { ConversationState::Abandoned } else { ConversationState::Ended },
        origin: if !abandoned && number > 1 && rng.random_bool(0.1) { Origin::Callback } else { Origin::Customer },
        agent: agent.filter(|_| !abandoned),
        started_at: slot.started_at,
        ended_at: Some(ended_at),
        first_message: slot.first_message,
        messages: count,
        rating,
        visitor: (customer.channel == Channel::Web).then(|| visitor(rng)),
    }
}

fn visitor(rng: &mut StdRng) -> VisitorInfo {
    let network = NETWORKS.choose(rng).unwrap_or(&NETWORKS[0]);
    VisitorInfo {
        ip: format!("{network}.{}", rng.random_range(1..255)),
        user_agent: USER_AGENTS.choose(rng).copied().unwrap_or_default().to_owned(),
        referrer: ["", "https://search.example/?q=shoes", "https://news.example/"]
            .choose(rng)
            .copied()
            .unwrap_or_default()
            .to_owned(),
        landing_page: format!("https://shop.example/item/{}", rng.random_range(1..500)),
    }
}

fn say(rng: &mut StdRng, conversation: &Conversation, step: i64) -> Vec<Message> {
    let dialogs: Vec<&str> = TALK.lines().collect();
    let lines: Vec<&str> = dialogs.choose(rng).copied().unwrap_or_default().split('|').collect();
    (0..conversation.messages)
        .map(|place| Message {
            customer: conversation.customer,
            number: conversation.first_message + place,
            conversation: conversation.number,
            sender: match conversation.agent {
                Some(agent) if place % 2 == 1 => Sender::Agent(agent),
                _ => Sender::Customer,
            },
            text: lines[place as usize % lines.len()].to_owned(),
            at: conversation.started_at.plus_millis(i64::from(place) * step),
            held: false,
        })
        .collect()
}
