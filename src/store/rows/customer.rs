//! Rows of customers.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue, Value};

use super::{datetime, timestamp};
use crate::domain::{
    AgentId, Blacklisting, Channel, Customer, CustomerFields, CustomerId, CustomerKey, FieldProvenance, ProfileField,
    TagId,
};
use crate::store::database::{Database, read};
use crate::store::events::{actor_columns, actor_of};
use crate::store::profile::ProfileColumns;
use crate::store::{Result, StoreError};

#[derive(Clone, SurrealValue)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(in crate::store) struct CustomerRow {
    id: RecordId,
    customer_id: String,
    channel: String,
    #[surreal(flatten)]
    profile: ProfileColumns,
    tags: Vec<u32>,
    served_by: Vec<u32>,
    blacklisted: Option<BlacklistRow>,
    created_at: Datetime,
    updated_at: Datetime,
    latest_conversation_at: Option<Datetime>,
    conversations: u32,
    messages: u32,
    replies: Option<u32>,
    open: Option<u32>,
    held: Option<u32>,
    held_opened: Option<u32>,
    held_left: Option<u32>,
    held_after: Option<u32>,
    held_at: Option<Datetime>,
    revisions: Option<u32>,
    written: Option<Vec<FieldProvenanceRow>>,
    version: u32,
}

#[derive(Clone, SurrealValue)]
#[cfg_attr(test, derive(Debug, PartialEq))]
struct FieldProvenanceRow {
    field: String,
    actor: String,
    agent: Option<u32>,
    at: Datetime,
}

#[derive(Clone, SurrealValue)]
#[cfg_attr(test, derive(Debug, PartialEq))]
struct BlacklistRow {
    reason: String,
    by: Option<u32>,
    at: Datetime,
    until: Option<Datetime>,
}

pub(in crate::store) fn record(key: CustomerKey) -> RecordId {
    RecordId::new("customer", key.0 as i64)
}

impl From<&Customer> for CustomerRow {
    fn from(customer: &Customer) -> Self {
        Self {
            id: record(customer.key),
            customer_id: customer.id.as_str().to_owned(),
            channel: customer.channel.as_str().to_owned(),
            profile: ProfileColumns(customer.profile.clone()),
            tags: customer.tags.iter().map(|tag| tag.0).collect(),
            served_by: customer.served_by.iter().map(|agent| agent.0).collect(),
            blacklisted: customer.blacklisted.as_ref().map(|entry| BlacklistRow {
                reason: entry.reason().to_owned(),
                by: entry.by.map(|agent| agent.0),
                at: datetime(entry.at),
                until: entry.until.map(datetime),
            }),
            created_at: datetime(customer.created_at),
            updated_at: datetime(customer.updated_at),
            latest_conversation_at: customer.latest_conversation_at.map(datetime),
            conversations: customer.conversations,
            messages: customer.messages,
            replies: Some(customer.replies).filter(|replies| *replies > 0),
            open: customer.open,
            // Defaults are not stored, to save space: most customers were never on the blacklist.
            held: Some(customer.held).filter(|held| *held > 0),
            held_opened: Some(customer.held_opened).filter(|opened| *opened > 0),
            held_left: Some(customer.held_left).filter(|left| *left > 0),
            held_after: Some(customer.held_after).filter(|after| *after > 0),
            held_at: customer.held_at.map(datetime),
            revisions: Some(customer.revisions).filter(|revisions| *revisions > 0),
            written: (!customer.written.is_empty())
                .then(|| customer.written.iter().map(FieldProvenanceRow::from).collect()),
            version: customer.version,
        }
    }
}

impl From<&FieldProvenance> for FieldProvenanceRow {
    fn from(written: &FieldProvenance) -> Self {
        let (actor, agent) = actor_columns(written.by);
        Self { field: written.field.as_str().to_owned(), actor: actor.to_owned(), agent, at: datetime(written.at) }
    }
}

impl TryFrom<FieldProvenanceRow> for FieldProvenance {
    type Error = StoreError;

    fn try_from(row: FieldProvenanceRow) -> Result<Self> {
        let field = ProfileField::parse(&row.field);
        Ok(Self {
            field: field.ok_or_else(|| StoreError::internal(format!("unknown field: {}", row.field)))?,
            by: actor_of(&row.actor, row.agent)?,
            at: timestamp(row.at),
        })
    }
}

impl TryFrom<CustomerRow> for Customer {
    type Error = StoreError;

    fn try_from(row: CustomerRow) -> Result<Self> {
        let RecordIdKey::Number(key) = row.id.key else {
            return Err(StoreError::internal("a customer's key is not a number"));
        };
        let broken = |what: &str| StoreError::internal(format!("customer {key}: {what}"));
        let blacklisted = match row.blacklisted {
            None => None,
            Some(entry) => Some(
                Blacklisting::new(
                    &entry.reason,
                    entry.by.map(AgentId),
                    timestamp(entry.at),
                    entry.until.map(timestamp),
                )
                .map_err(|_| broken("blacklist reason"))?,
            ),
        };
        Ok(Self::unchecked(CustomerFields {
            key: CustomerKey(key as u64),
            id: CustomerId::new(&row.customer_id).map_err(|_| broken("customer id"))?,
            channel: Channel::parse(&row.channel).ok_or_else(|| broken("channel"))?,
            profile: row.profile.0,
            tags: row.tags.into_iter().map(TagId).collect(),
            served_by: row.served_by.into_iter().map(AgentId).collect(),
            blacklisted,
            created_at: timestamp(row.created_at),
            updated_at: timestamp(row.updated_at),
            latest_conversation_at: row.latest_conversation_at.map(timestamp),
            conversations: row.conversations,
            messages: row.messages,
            replies: row.replies.unwrap_or(0),
            open: row.open,
            held: row.held.unwrap_or(0),
            held_opened: row.held_opened.unwrap_or(0),
            held_left: row.held_left.unwrap_or(0),
            held_after: row.held_after.unwrap_or(0),
            held_at: row.held_at.map(timestamp),
            revisions: row.revisions.unwrap_or(0),
            written: row
                .written
                .unwrap_or_default()
                .into_iter()
                .map(FieldProvenance::try_from)
                .collect::<Result<_>>()?,
            version: row.version,
        }))
    }
}

/// Loads customers by key, in the order of the keys. Keys without a customer are skipped.
pub(in crate::store) async fn load(db: &Database, keys: &[CustomerKey]) -> Result<Vec<Customer>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RecordId> = keys.iter().copied().map(record).collect();
    let rows: Vec<CustomerRow> = read(db.query("SELECT * FROM $ids").bind(("ids", ids))).await?.take(0)?;
    rows.into_iter().map(Customer::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Profile, Timestamp};

    /// The columns of the profile are flattened into the row. If a field had the name of another
    /// column, one of the two values would be lost.
    #[test]
    fn no_profile_field_has_the_name_of_another_column() {
        let at = |millis| datetime(Timestamp(millis));
        let row = CustomerRow {
            id: record(CustomerKey(7)),
            customer_id: "wx_1".into(),
            channel: "wechat".into(),
            profile: ProfileColumns(Profile::from_fn(|field| format!("value of {}", field.as_str()))),
            tags: vec![1],
            served_by: vec![2],
            blacklisted: Some(BlacklistRow { reason: "abuse".into(), by: None, at: at(3), until: None }),
            created_at: at(4),
            updated_at: at(5),
            latest_conversation_at: Some(at(6)),
            conversations: 8,
            messages: 9,
            replies: Some(10),
            open: Some(11),
            held: Some(12),
            held_opened: Some(13),
            held_left: Some(14),
            held_after: Some(15),
            held_at: Some(at(16)),
            revisions: Some(17),
            written: Some(vec![FieldProvenanceRow {
                field: "phone".into(),
                actor: "agent".into(),
                agent: Some(1),
                at: at(18),
            }]),
            version: 19,
        };
        assert_eq!(CustomerRow::from_value(row.clone().into_value()).unwrap(), row);
    }
}
