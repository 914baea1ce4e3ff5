//! Rows of conversations, messages and held messages.

use surrealdb::types::{Array, Datetime, RecordId, RecordIdKey, SurrealValue, Value};

use super::{datetime, timestamp};
use crate::domain::{
    AgentId, Channel, Conversation, ConversationState, CustomerKey, HeldMessage, Message, Origin, Rating, Sender,
    VisitorInfo,
};
use crate::store::{Result, StoreError};

#[derive(Clone, SurrealValue)]
pub(in crate::store) struct ConversationRow {
    id: RecordId,
    channel: String,
    state: String,
    origin: String,
    agent: Option<u32>,
    started_at: Datetime,
    ended_at: Option<Datetime>,
    first_message: u32,
    messages: u32,
    rating: Option<RatingRow>,
    visitor: Option<VisitorRow>,
}

#[derive(Clone, SurrealValue)]
struct RatingRow {
    stars: u8,
    comment: String,
    at: Datetime,
}

#[derive(Clone, SurrealValue)]
struct VisitorRow {
    ip: String,
    user_agent: String,
    referrer: String,
    landing_page: String,
}

#[derive(Clone, SurrealValue)]
pub(in crate::store) struct MessageRow {
    id: RecordId,
    conversation: u32,
    agent: Option<u32>,
    text: String,
    at: Datetime,
    held: Option<bool>,
}

#[derive(Clone, SurrealValue)]
pub(in crate::store) struct HeldRow {
    id: RecordId,
    text: String,
    at: Datetime,
}

/// Returns the record id `table:[customer, number]`.
pub(in crate::store) fn record(table: &str, customer: CustomerKey, number: u32) -> RecordId {
    let key = [customer.0 as i64, i64::from(number)].map(SurrealValue::into_value);
    RecordId::new(table, Array::from(key.to_vec()))
}

/// Parses the key `[customer, number]` of a record id.
pub(in crate::store) fn numbered(id: &RecordId) -> Result<(CustomerKey, u32)> {
    let broken = || StoreError::internal("a key is not [customer, number]");
    let RecordIdKey::Array(parts) = &id.key else { return Err(broken()) };
    let mut parts = parts.iter().map(|part| match part {
        Value::Number(number) => number.to_int(),
        _ => None,
    });
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(customer), Some(number)) => Ok((CustomerKey(customer as u64), number as u32)),
        _ => Err(broken()),
    }
}

impl From<&Conversation> for ConversationRow {
    fn from(conversation: &Conversation) -> Self {
        Self {
            id: record("conversation", conversation.customer, conversation.number),
            channel: conversation.channel.as_str().to_owned(),
            state: conversation.state.as_str().to_owned(),
            origin: conversation.origin.as_str().to_owned(),
            agent: conversation.agent.map(|agent| agent.0),
            started_at: datetime(conversation.started_at),
            ended_at: conversation.ended_at.map(datetime),
            first_message: conversation.first_message,
            messages: conversation.messages,
            rating: conversation.rating.as_ref().map(|rating| RatingRow {
                stars: rating.stars(),
                comment: rating.comment().to_owned(),
                at: datetime(rating.at),
            }),
            visitor: conversation.visitor.clone().map(|visitor| VisitorRow {
                ip: visitor.ip,
                user_agent: visitor.user_agent,
                referrer: visitor.referrer,
                landing_page: visitor.landing_page,
            }),
        }
    }
}

impl TryFrom<ConversationRow> for Conversation {
    type Error = StoreError;

    fn try_from(row: ConversationRow) -> Result<Self> {
        let (customer, number) = numbered(&row.id)?;
        let broken = |what: &str| StoreError::internal(format!("conversation {customer}/{number}: {what}"));
        let rating = match row.rating {
            None => None,
            Some(rating) => {
                Some(Rating::new(rating.stars, &rating.comment, timestamp(rating.at)).map_err(|_| broken("rating"))?)
            }
        };
        Ok(Self {
            customer,
            number,
            channel: Channel::parse(&row.channel).ok_or_else(|| broken("channel"))?,
            state: ConversationState::parse(&row.state).ok_or_else(|| broken("state"))?,
            origin: Origin::parse(&row.origin).ok_or_else(|| broken("origin"))?,
            agent: row.agent.map(AgentId),
            started_at: timestamp(row.started_at),
            ended_at: row.ended_at.map(timestamp),
            first_message: row.first_message,
            messages: row.messages,
            rating,
            visitor: row.visitor.map(|visitor| VisitorInfo {
                ip: visitor.ip,
                user_agent: visitor.user_agent,
                referrer: visitor.referrer,
                landing_page: visitor.landing_page,
            }),
        })
    }
}

impl From<&Message> for MessageRow {
    fn from(message: &Message) -> Self {
        Self {
            id: record("message", message.customer, message.number),
            conversation: message.conversation,
            agent: match message.sender {
                Sender::Customer => None,
                Sender::Agent(agent) => Some(agent.0),
            },
            text: message.text.clone(),
            at: datetime(message.at),
            held: message.held.then_some(true),
        }
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self> {
        let (customer, number) = numbered(&row.id)?;
        Ok(Self {
            customer,
            number,
            conversation: row.conversation,
            sender: row.agent.map_or(Sender::Customer, |agent| Sender::Agent(AgentId(agent))),
            text: row.text,
            at: timestamp(row.at),
            held: row.held.unwrap_or(false),
        })
    }
}

impl From<&HeldMessage> for HeldRow {
    fn from(held: &HeldMessage) -> Self {
        Self { id: record("held", held.customer, held.number), text: held.text.clone(), at: datetime(held.at) }
    }
}

impl TryFrom<HeldRow> for HeldMessage {
    type Error = StoreError;

    fn try_from(row: HeldRow) -> Result<Self> {
        let (customer, number) = numbered(&row.id)?;
        Ok(Self { customer, number, text: row.text, at: timestamp(row.at) })
    }
}
