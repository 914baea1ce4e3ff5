//! Loads, creates and changes single customers.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue, Value};

use super::change::{By, Changed};
use super::database::{Database, read};
use super::events::{actor_columns, actor_of};
use super::profile::ProfileColumns;
use super::rows::{datetime, timestamp};
use super::transaction::ATTEMPTS;
use super::{Result, Store, StoreError};
use crate::domain::{
    self, Actor, AgentId, Blacklisting, Brought, Change, Channel, Customer, CustomerId, CustomerKey, Editable,
    EventKind, Profile, ProfileField, TagId, Timestamp, Viewer, Visible, Written,
};

/// Data of a customer to create.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// Identity in the channel. No two customers have the same ID, even in different channels.
    pub id: CustomerId,
    /// Channel through which the customer came.
    pub channel: Channel,
    /// Initial profile; unknown fields are empty.
    pub profile: Profile,
}

#[derive(Clone, SurrealValue)]
pub(super) struct CustomerRow {
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
    written: Option<Vec<WrittenRow>>,
    version: u32,
}

#[derive(Clone, SurrealValue)]
struct WrittenRow {
    field: String,
    actor: String,
    agent: Option<u32>,
    at: Datetime,
}

#[derive(Clone, SurrealValue)]
struct BlacklistRow {
    reason: String,
    by: Option<u32>,
    at: Datetime,
    until: Option<Datetime>,
}

pub(super) fn record(key: CustomerKey) -> RecordId {
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
            written: (!customer.written.is_empty()).then(|| customer.written.iter().map(WrittenRow::from).collect()),
            version: customer.version,
        }
    }
}

impl From<&Written> for WrittenRow {
    fn from(written: &Written) -> Self {
        let (actor, agent) = actor_columns(written.by);
        Self { field: written.field.as_str().to_owned(), actor: actor.to_owned(), agent, at: datetime(written.at) }
    }
}

impl TryFrom<WrittenRow> for Written {
    type Error = StoreError;

    fn try_from(row: WrittenRow) -> Result<Self> {
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
        Ok(Self {
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
            written: row.written.unwrap_or_default().into_iter().map(Written::try_from).collect::<Result<_>>()?,
            version: row.version,
        })
    }
}

/// Loads customers by key, in the order of the keys. Keys without a customer are skipped.
pub(super) async fn load(db: &Database, keys: &[CustomerKey]) -> Result<Vec<Customer>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RecordId> = keys.iter().copied().map(record).collect();
    let rows: Vec<CustomerRow> = read(db.query("SELECT * FROM $ids").bind(("ids", ids))).await?.take(0)?;
    rows.into_iter().map(Customer::try_from).collect()
}

impl Store {
    /// Returns the customer with this key.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer.
    pub async fn customer(&self, key: CustomerKey) -> Result<Customer> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", record(key)))).await?;
        found.take::<Option<CustomerRow>>(0)?.ok_or(StoreError::NotFound)?.try_into()
    }

    /// Returns the customer with this ID, the one that users see.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer.
    pub async fn customer_by_id(&self, id: &CustomerId) -> Result<Customer> {
        let query = self.db.query("SELECT * FROM customer WHERE customer_id = $id").bind(("id", id.to_string()));
        let found: Vec<CustomerRow> = read(query).await?.take(0)?;
        found.into_iter().next().ok_or(StoreError::NotFound)?.try_into()
    }

    /// Returns the customer with this key if the viewer may see it.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer or the viewer may not see it: the
    /// existence of a customer must not be revealed.
    pub async fn visible(&self, viewer: &Viewer, key: CustomerKey) -> Result<Visible> {
        viewer.see(self.customer(key).await?).ok_or(StoreError::NotFound)
    }

    /// Returns the viewer's permission to change the customer with this key.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer, or the viewer may not see or change it.
    pub async fn editable(&self, viewer: &Viewer, key: CustomerKey) -> Result<Editable> {
        viewer.edit(&self.visible(viewer, key).await?).ok_or(StoreError::NotFound)
    }

    /// Returns several customers, in the order of the keys. Keys without a customer are skipped.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn customers(&self, keys: &[CustomerKey]) -> Result<Vec<Customer>> {
        load(&self.db, keys).await
    }

    /// Creates a customer and logs the event.
    ///
    /// # Errors
    /// Returns [`StoreError::Taken`] if another customer has this ID.
    pub async fn create_customer(&self, new: NewCustomer, actor: Actor, now: Timestamp) -> Result<Customer> {
        let key = self.next_key().await?;
        let customer = Customer::new(key, new.id, new.channel, new.profile, now);
        self.retry(ATTEMPTS, || async {
            let changed = Changed {
                before: None,
                after: customer.clone(),
                brought: Brought::default(),
                claim: None,
                opened: None,
            };
            self.write_change(By { actor, kind: EventKind::CustomerCreated, now }, changed).await
        })
        .await
    }

    /// Loads a customer, applies `edit`, and writes customer and event in one transaction if anything
    /// changed. After a conflicting write it reloads the customer and applies `edit` again.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer, [`StoreError::Refused`] if `edit`
    /// returns an error, and [`StoreError::Conflict`] if every attempt met a conflicting write.
    pub async fn change_customer(
        &self,
        customer: Editable,
        kind: EventKind,
        now: Timestamp,
        edit: impl Fn(&mut Customer) -> std::result::Result<(), domain::Error>,
    ) -> Result<Customer> {
        let (key, actor) = (customer.key(), customer.actor());
        let _turn = self.turn(key).await;
        self.retry(ATTEMPTS, || async {
            let before = self.customer(key).await?;
            let mut after = before.clone();
            edit(&mut after)?;
            let changed = Changed::from(&before, after);
            self.write_change(By { actor, kind, now }, changed).await
        })
        .await
    }
}

/// Returns the fields that differ, as the event log records them.
pub(super) fn differences(before: &Customer, after: &Customer) -> Vec<Change> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let list = |ids: &[u32]| (!ids.is_empty()).then(|| ids.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
    let tags = |customer: &Customer| list(&customer.tags.iter().map(|tag| tag.0).collect::<Vec<_>>());
    let served = |customer: &Customer| list(&customer.served_by.iter().map(|agent| agent.0).collect::<Vec<_>>());
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_jiff().to_string());
    let reason = |customer: &Customer| customer.blacklisted.as_ref().map(|entry| entry.reason().to_owned());

    let mut fields: Vec<(&str, Option<String>, Option<String>)> = ProfileField::ALL
        .into_iter()
        .map(|field| (field.as_str(), text(before.profile.get(field)), text(after.profile.get(field))))
        .collect();
    fields.push(("tags", tags(before), tags(after)));
    fields.push(("served_by", served(before), served(after)));
    fields.push(("blacklisted", reason(before), reason(after)));
    fields.push((
        "latest_conversation_at",
        moment(before.latest_conversation_at),
        moment(after.latest_conversation_at),
    ));
    fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| Change { field: field.to_owned(), before, after })
        .collect()
}
