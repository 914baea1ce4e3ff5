//! Reading what was said. Conversations and messages have dense numbers within their customer, so that any part of them is a
//! bounded range of keys: it costs the same however many there are.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};

use super::change::{OpenRow, RevisionRow};
use super::conversations::{ConversationRow, MessageRow, numbered, record};
use super::events::actor_of;
use super::rows::timestamp;
use super::transaction::read;
use super::{Result, Store, StoreError};
use crate::domain::{Actor, AgentId, Conversation, Customer, CustomerKey, Message, ProfileField, Timestamp};

/// An open conversation, as the desk of an agent lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenConversation {
    /// Whose.
    pub customer: CustomerKey,
    /// Its number.
    pub number: u32,
    /// Who has it; nobody while it waits.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Timestamp,
}

/// A former value of a field of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The field.
    pub field: ProfileField,
    /// What was in it before.
    pub before: String,
    /// What was in it then.
    pub after: String,
    /// Who wrote it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Where a search for a low rating ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LowRating {
    /// This conversation has one.
    At(u32),
    /// There is none further that way.
    None,
}

/// Where a search for a word ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordMatch {
    /// This message has it.
    At(u32),
    /// Not found yet: the search goes on at this message.
    GoOn(u32),
    /// No message further that way has it.
    None,
}

/// Conversations that a search for a date looks at together: one question for many costs little more than for one.
const PROBES: u32 = 8;
/// A rating of so many stars or fewer is low.
const LOW: u8 = 2;
/// Conversations that a search for a rating reads at first; each further step reads twice as many, up to the most.
const FIRST_STEP: u32 = 32;
const MOST_IN_STEP: u32 = 1024;
/// Messages that a search for a word reads at a time, and in one call.
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
    /// A customer's conversations with numbers from `from` to `to`, both included, rising.
    ///
    /// # Errors
    /// What the database says.
    pub async fn conversations(&self, key: CustomerKey, from: u32, to: u32) -> Result<Vec<Conversation>> {
        let query = self.range("SELECT * FROM conversation:[$key, $from]..=[$key, $to]", key, from, to);
        let rows: Vec<ConversationRow> = read(query).await?.take(0)?;
        rows.into_iter().map(Conversation::try_from).collect()
    }

    /// A customer's messages with numbers from `from` to `to`, both included, rising.
    ///
    /// # Errors
    /// What the database says.
    pub async fn messages(&self, key: CustomerKey, from: u32, to: u32) -> Result<Vec<Message>> {
        let query = self.range("SELECT * FROM message:[$key, $from]..=[$key, $to]", key, from, to);
        let rows: Vec<MessageRow> = read(query).await?.take(0)?;
        rows.into_iter().map(Message::try_from).collect()
    }

    /// The last conversation that had begun by a moment, or the first one; nothing without any. A conversation never
    /// begins before the one before it, so that each look at a few of them leaves a small part of the rest.
    ///
    /// # Errors
    /// What the database says.
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

    /// When some of a customer's conversations began, in the order of their numbers.
    async fn starts(&self, key: CustomerKey, numbers: &[u32]) -> Result<Vec<Timestamp>> {
        let ids: Vec<RecordId> = numbers.iter().map(|number| record("conversation", key, *number)).collect();
        let query = self.db.query("SELECT started_at FROM $ids").bind(("ids", ids));
        let rows: Vec<StartRow> = read(query).await?.take(0)?;
        Ok(rows.into_iter().map(|row| timestamp(row.started_at)).collect())
    }

    /// The first message of a moment or later, or else the newest one; nothing when nothing was ever said.
    ///
    /// # Errors
    /// What the database says.
    pub async fn message_at(&self, customer: &Customer, at: Timestamp) -> Result<Option<u32>> {
        let before = match self.conversation_at(customer, at.plus_millis(-1)).await? {
            Some(before) if customer.messages > 0 => before,
            _ => return Ok(None),
        };
        if before.started_at >= at {
            return Ok(Some(before.first_message.min(customer.messages)));
        }
        // The conversation from before may have gone on into what was asked for.
        let next = before.first_message + before.messages;
        let said = self.messages(customer.key, before.first_message, next.saturating_sub(1)).await?;
        let found = said.iter().find(|message| message.at >= at).map(|message| message.number);
        Ok(Some(found.unwrap_or(next).min(customer.messages)))
    }

    /// The nearest conversation after (or before) one whose rating is low.
    ///
    /// # Errors
    /// What the database says.
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
            step = (step * 2).min(MOST_IN_STEP);
        }
    }

    /// The nearest message after (or before) one that has a text in it, ignoring case. Looks at some ten thousand
    /// messages at most, and then says where to go on.
    ///
    /// # Errors
    /// What the database says.
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

    /// The newest entries of the history of a customer's profile, the newest first; at most `most`.
    ///
    /// # Errors
    /// What the database says.
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

    /// All open conversations, the oldest first. There are as many as agents can talk at a time, so the table is read
    /// whole.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_conversations(&self) -> Result<Vec<OpenConversation>> {
        let rows: Vec<OpenRow> = read(self.db.query("SELECT * FROM open")).await?.take(0)?;
        let mut all = rows
            .into_iter()
            .map(|row| {
                let RecordIdKey::Number(key) = row.id.key else {
                    return Err(StoreError::internal("an open conversation's key is not a number"));
                };
                Ok(OpenConversation {
                    customer: CustomerKey(key as u64),
                    number: row.conversation,
                    agent: row.agent.map(AgentId),
                    started_at: timestamp(row.started_at),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        all.sort_by_key(|open| (open.started_at, open.customer));
        Ok(all)
    }

    fn range(
        &self,
        text: &'static str,
        key: CustomerKey,
        from: u32,
        to: u32,
    ) -> surrealdb::method::Query<'_, surrealdb::engine::any::Any> {
        self.db.query(text).bind(("key", key.0)).bind(("from", from)).bind(("to", to))
    }
}
