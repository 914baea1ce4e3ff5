//! Reads conversations and messages. Both have dense numbers within their customer, so any part of a
//! history is a bounded range of keys and costs the same however long the history is.

use std::net::IpAddr;
use std::ops::Range;

use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::change::RevisionRow;
use super::database::{Query, read};
use super::desk::OpenConversation;
use super::events::actor_of;
use super::rows::conversation::{ConversationRow, MessageRow, numbered, record};
use super::rows::timestamp;
use super::{Result, Store, StoreError};
use crate::domain::{Actor, AgentId, Conversation, Customer, CustomerKey, Message, ProfileField, Timestamp};

/// One entry in the history of a profile field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Field that was edited.
    pub field: ProfileField,
    /// Value before the edit.
    pub before: String,
    /// Value after the edit.
    pub after: String,
    /// Actor who made the edit.
    pub by: Actor,
    /// Time of the edit.
    pub at: Timestamp,
}

/// Result of a search for a low rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LowRating {
    /// Number of the conversation with the low rating.
    At(u32),
    /// No further conversation in this direction has a low rating.
    None,
}

/// Result of a text search in a customer's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordMatch {
    /// Number of the message that contains the text.
    At(u32),
    /// No match yet: call again with this message number as `from` to continue.
    GoOn(u32),
    /// No further message in this direction contains the text.
    None,
}

/// Conversations or messages read per query of a search by date. Reading many costs little more than
/// reading one.
const PROBES: u32 = 8;
/// Highest number of stars that counts as a low rating.
const LOW: u8 = 2;
/// Conversations that a search for a rating reads first. Each further step reads twice as many, up to
/// `MAX_IN_STEP`.
const FIRST_STEP: u32 = 32;
const MAX_IN_STEP: u32 = 1024;
/// Messages that a text search reads per query, and at most per call.
const WORDS_STEP: u32 = 2_000;
const WORDS_MOST: u32 = 20_000;

#[derive(SurrealValue)]
struct StartRow {
    started_at: Datetime,
}

#[derive(SurrealValue)]
struct StarsRow {
    id: RecordId,
    stars: Option<u8>,
}

impl Store {
    /// Returns a customer's conversations with numbers `from..=to`, ascending.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn conversations(&self, key: CustomerKey, from: u32, to: u32) -> Result<Vec<Conversation>> {
        let query = self.range("SELECT * FROM conversation:[$key, $from]..=[$key, $to]", key, from, to);
        let rows: Vec<ConversationRow> = read(query).await?.take(0)?;
        rows.into_iter().map(Conversation::try_from).collect()
    }

    /// Returns a customer's messages with numbers `from..=to`, ascending.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn messages(&self, key: CustomerKey, from: u32, to: u32) -> Result<Vec<Message>> {
        let query = self.range("SELECT * FROM message:[$key, $from]..=[$key, $to]", key, from, to);
        let rows: Vec<MessageRow> = read(query).await?.take(0)?;
        rows.into_iter().map(Message::try_from).collect()
    }

    /// Returns the last conversation that started at or before `at`, or else the first one; `None` if
    /// there is none. A conversation never starts before its predecessor, so each query of up to
    /// eight probes narrows the search to a fraction of the rest.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn conversation_at(&self, customer: &Customer, at: Timestamp) -> Result<Option<Conversation>> {
        if customer.conversations == 0 {
            return Ok(None);
        }
        let (mut low, mut high) = (1, customer.conversations);
        while low < high {
            let span = high - low;
            let parts = span.min(PROBES);
            let probes: Vec<u32> =
                (1..=parts).map(|part| low + (u64::from(span) * u64::from(part) / u64::from(parts)) as u32).collect();
            let begun = self.starts(customer.key, &probes).await?.iter().take_while(|start| **start <= at).count();
            high = probes.get(begun).map_or(high, |too_late| too_late - 1);
            low = begun.checked_sub(1).map_or(low, |last| probes[last]);
        }
        self.conversation(customer.key, low).await.map(Some)
    }

    /// Returns the start times of some of a customer's conversations, in the order of their numbers.
    async fn starts(&self, key: CustomerKey, numbers: &[u32]) -> Result<Vec<Timestamp>> {
        let ids: Vec<RecordId> = numbers.iter().map(|number| record("conversation", key, *number)).collect();
        let query = self.db.query("SELECT started_at FROM $ids").bind(("ids", ids));
        let rows: Vec<StartRow> = read(query).await?.take(0)?;
        Ok(rows.into_iter().map(|row| timestamp(row.started_at)).collect())
    }

    /// Returns the number of the first message sent at `at` or later, or else of the newest one;
    /// `None` if the customer has no messages. Messages delivered late are slightly out of order, so
    /// the result may be off by a few.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn message_at(&self, customer: &Customer, at: Timestamp) -> Result<Option<u32>> {
        let before = match self.conversation_at(customer, at.plus_millis(-1)).await? {
            Some(before) if customer.messages > 0 => before,
            _ => return Ok(None),
        };
        if before.started_at >= at {
            return Ok(Some(before.first_message.min(customer.messages)));
        }
        // The earlier conversation may have continued past the requested time.
        let next = before.first_message + before.messages;
        let found = self.first_message_at(customer.key, before.first_message..next, at).await?;
        Ok(Some(found.min(customer.messages)))
    }

    /// Returns the number of the first message in a range sent at `at` or later, or the end of the
    /// range. Messages delivered late are slightly out of order, so the result is near that time but
    /// not always the first message.
    async fn first_message_at(&self, key: CustomerKey, range: Range<u32>, at: Timestamp) -> Result<u32> {
        #[derive(SurrealValue)]
        struct AtRow {
            at: Datetime,
        }
        let Range { start: mut low, end: mut high } = range;
        // Each step keeps one of nine parts, until the rest is small enough to be read as a whole.
        while high - low > PROBES * 8 {
            let span = high - low;
            let probes: Vec<u32> = (1..=PROBES)
                .map(|part| low + (u64::from(span) * u64::from(part) / u64::from(PROBES + 1)) as u32)
                .collect();
            let ids: Vec<RecordId> = probes.iter().map(|number| record("message", key, *number)).collect();
            let rows: Vec<AtRow> = read(self.db.query("SELECT at FROM $ids").bind(("ids", ids))).await?.take(0)?;
            let earlier = rows.iter().take_while(|row| timestamp(row.at) < at).count();
            high = probes.get(earlier).copied().unwrap_or(high);
            low = earlier.checked_sub(1).map_or(low, |last| probes[last]);
        }
        let left = self.messages(key, low, high.saturating_sub(1)).await?;
        Ok(left.iter().find(|message| message.at >= at).map_or(high, |message| message.number))
    }

    /// Returns up to `most` agent messages to a customer that follow the `after`-th one, each with
    /// its ordinal among the customer's agent messages, from 1.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn replies(&self, customer: &Customer, after: u32, most: u32) -> Result<Vec<(u32, Message)>> {
        #[derive(SurrealValue)]
        struct ReplyRow {
            message: u32,
        }
        let (from, to) = (after.saturating_add(1), after.saturating_add(most).min(customer.replies));
        if from > to {
            return Ok(Vec::new());
        }
        let text = "SELECT message FROM reply:[$key, $from]..=[$key, $to]";
        let rows: Vec<ReplyRow> = read(self.range(text, customer.key, from, to)).await?.take(0)?;
        let ids: Vec<RecordId> = rows.iter().map(|row| record("message", customer.key, row.message)).collect();
        let rows: Vec<MessageRow> = read(self.db.query("SELECT * FROM $ids").bind(("ids", ids))).await?.take(0)?;
        let messages = rows.into_iter().map(Message::try_from).collect::<Result<Vec<_>>>()?;
        Ok((from..).zip(messages).collect())
    }

    /// Searches for the nearest conversation with a low rating after `from`, or before it unless `later`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn next_low_rating(&self, customer: &Customer, from: u32, later: bool) -> Result<LowRating> {
        let (mut from, mut step) = (from, FIRST_STEP);
        loop {
            let (first, last) = if later {
                (from.saturating_add(1), from.saturating_add(step).min(customer.conversations))
            } else {
                (from.saturating_sub(step).max(1), from.saturating_sub(1))
            };
            if first > last {
                return Ok(LowRating::None);
            }
            let text = "SELECT id, rating.stars AS stars FROM conversation:[$key, $from]..=[$key, $to]";
            let rows: Vec<StarsRow> = read(self.range(text, customer.key, first, last)).await?.take(0)?;
            let mut low = rows.iter().filter(|row| row.stars.is_some_and(|stars| stars <= LOW));
            if let Some(found) = if later { low.next() } else { low.next_back() } {
                return Ok(LowRating::At(numbered(&found.id)?.1));
            }
            from = if later { last } else { first };
            step = (step * 2).min(MAX_IN_STEP);
        }
    }

    /// Searches for the nearest message that contains a text, ignoring case, after `from`, or before
    /// it unless `later`. Reads at most 20,000 messages and then returns [`WordMatch::GoOn`].
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn next_match(&self, customer: &Customer, word: &str, from: u32, later: bool) -> Result<WordMatch> {
        let word = word.trim().to_lowercase();
        if word.is_empty() {
            return Ok(WordMatch::None);
        }
        let mut from = from;
        for _ in 0..WORDS_MOST / WORDS_STEP {
            let (first, last) = if later {
                (from.saturating_add(1), from.saturating_add(WORDS_STEP).min(customer.messages))
            } else {
                (from.saturating_sub(WORDS_STEP).max(1), from.saturating_sub(1))
            };
            if first > last {
                return Ok(WordMatch::None);
            }
            let messages = self.messages(customer.key, first, last).await?;
            let mut found = messages.iter().filter(|message| message.text.to_lowercase().contains(&word));
            if let Some(found) = if later { found.next() } else { found.next_back() } {
                return Ok(WordMatch::At(found.number));
            }
            from = if later { last } else { first };
        }
        Ok(WordMatch::GoOn(from))
    }

    /// Returns up to `most` entries of a customer's profile history, newest first.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn revisions(&self, customer: &Customer, most: u32) -> Result<Vec<Revision>> {
        let from = customer.revisions.saturating_sub(most) + 1;
        let text = "SELECT * FROM revision:[$key, $from]..=[$key, $to]";
        let rows: Vec<RevisionRow> = read(self.range(text, customer.key, from, customer.revisions)).await?.take(0)?;
        let revision = |row: RevisionRow| {
            let field = ProfileField::parse(&row.field);
            Ok(Revision {
                field: field.ok_or_else(|| StoreError::internal("a revision of an unknown field"))?,
                before: row.before,
                after: row.after,
                by: actor_of(&row.actor, row.agent)?,
                at: timestamp(row.at),
            })
        };
        rows.into_iter().rev().map(revision).collect()
    }

    /// Returns all open conversations, oldest first.
    #[must_use]
    pub fn open_conversations(&self) -> Vec<OpenConversation> {
        self.memory.desk().all()
    }

    /// Returns up to `most` waiting conversations after a position, oldest first, and the total
    /// number of waiting ones.
    #[must_use]
    pub fn waiting(&self, after: Option<(Timestamp, CustomerKey)>, most: usize) -> (Vec<OpenConversation>, usize) {
        let desk = self.memory.desk();
        (desk.waiting(after, most), desk.waiting_len())
    }

    /// Returns the open conversations of an agent, oldest first.
    #[must_use]
    pub fn conversations_of_agent(&self, agent: AgentId) -> Vec<OpenConversation> {
        self.memory.desk().of_agent(agent)
    }

    /// Returns the open conversation of a customer.
    #[must_use]
    pub fn open_conversation(&self, key: CustomerKey) -> Option<OpenConversation> {
        self.memory.desk().get(key)
    }

    /// Returns `true` if an agent may see a customer's open conversation: it is waiting, stopped
    /// waiting in the last ten minutes, or belongs to the agent.
    #[must_use]
    pub fn may_see_conversation(&self, key: CustomerKey, agent: AgentId, now: Timestamp) -> bool {
        self.memory.desk().may_see(key, agent, now)
    }

    /// Returns the number of waiting conversations of visitors from a network; see
    /// [`crate::domain::address::network`].
    #[must_use]
    pub fn waiting_from(&self, network: IpAddr) -> u32 {
        self.memory.desk().waiting_from(network)
    }

    /// Removes conversations closed before `before` from memory. Call it regularly.
    pub fn sweep_desk(&self, before: Timestamp) {
        self.memory.sweep_desk(before);
    }

    /// Returns the newest message of each of the given customers that has one.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn newest_messages(&self, customers: &[Customer]) -> Result<Vec<Message>> {
        let with_messages = customers.iter().filter(|customer| customer.messages > 0);
        let ids: Vec<RecordId> =
            with_messages.map(|customer| record("message", customer.key, customer.messages)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<MessageRow> = read(self.db.query("SELECT * FROM $ids").bind(("ids", ids))).await?.take(0)?;
        rows.into_iter().map(Message::try_from).collect()
    }

    fn range(&self, text: &'static str, key: CustomerKey, from: u32, to: u32) -> Query<'_> {
        self.db.query(text).bind(("key", key.0)).bind(("from", from)).bind(("to", to))
    }
}
