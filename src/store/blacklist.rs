//! What the blacklist needs besides the customer's own entry: who came from where, and which entries run out when.

use surrealdb::types::{Array, Datetime, RecordId, RecordIdKey, SurrealValue, Value};

use super::change::By;
use super::rows::{datetime, timestamp};
use super::transaction::read;
use super::{Result, Store, StoreError};
use crate::domain::{Actor, Conversation, Customer, CustomerKey, EventKind, Timestamp};

/// How many of a customer's newest conversations are looked through for where it came from last.
const NEWEST: u32 = 50;
/// Entries that one sweep takes off.
const AT_ONCE: usize = 500;

/// `seen:[ip, customer]`: when a customer last came from an address.
#[derive(Clone, SurrealValue)]
pub(super) struct SeenRow {
    pub(super) id: RecordId,
    pub(super) at: Datetime,
}

impl SeenRow {
    /// Where a conversation came from, if that is known.
    pub(super) fn of(conversation: &Conversation) -> Option<Self> {
        let ip = conversation.visitor.as_ref().map(|visitor| visitor.ip.trim()).filter(|ip| !ip.is_empty())?;
        Some(Self { id: seen(ip, conversation.customer), at: datetime(conversation.started_at) })
    }
}

fn seen(ip: &str, customer: CustomerKey) -> RecordId {
    let parts = [ip.to_owned().into_value(), (customer.0 as i64).into_value()];
    RecordId::new("seen", Array::from(parts.to_vec()))
}

/// `expiry:[until, customer]`: an entry that runs out then, if it is still the same one.
#[derive(Clone, SurrealValue)]
pub(super) struct ExpiryRow {
    pub(super) id: RecordId,
}

impl ExpiryRow {
    /// When a customer's entry runs out, if it does.
    pub(super) fn of(customer: &Customer) -> Option<Self> {
        let until = customer.blacklisted.as_ref()?.until?;
        let parts = [until.0.into_value(), (customer.key.0 as i64).into_value()];
        Some(Self { id: RecordId::new("expiry", Array::from(parts.to_vec())) })
    }

    fn customer(&self) -> Result<CustomerKey> {
        let RecordIdKey::Array(parts) = &self.id.key else {
            return Err(StoreError::internal("an expiry's key is not [until, customer]"));
        };
        match parts.get(1) {
            Some(Value::Number(number)) => Ok(CustomerKey(number.to_int().unwrap_or_default() as u64)),
            _ => Err(StoreError::internal("an expiry's key is not [until, customer]")),
        }
    }
}

/// Others who came from where a customer came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// The address of the customer's newest conversation that has one.
    pub ip: String,
    /// How many other customers came from there.
    pub others: u32,
}

impl Store {
    /// How many other customers came from the address a customer last came from, since a moment; nothing when no address is
    /// known.
    ///
    /// # Errors
    /// What the database says.
    pub async fn neighbours(&self, customer: &Customer, since: Timestamp) -> Result<Option<Neighbours>> {
        let from = customer.conversations.saturating_sub(NEWEST) + 1;
        let newest = self.conversations(customer.key, from, customer.conversations).await?;
        let ip = newest.into_iter().rev().filter_map(|own| own.visitor).map(|visitor| visitor.ip);
        let Some(ip) = ip.map(|ip| ip.trim().to_owned()).find(|ip| !ip.is_empty()) else { return Ok(None) };
        let query = self
            .db
            .query("SELECT id, at FROM seen:[$ip, 0]..=[$ip, $last]")
            .bind(("ip", ip.clone()))
            .bind(("last", i64::MAX));
        let rows: Vec<SeenRow> = read(query).await?.take(0)?;
        let own = seen(&ip, customer.key);
        let others = rows.iter().filter(|row| row.id != own && timestamp(row.at) >= since).count();
        Ok(Some(Neighbours { ip, others: others as u32 }))
    }

    /// Takes those off the blacklist whose entries have run out; how many. Meant to be called now and then: until then every
    /// rule already knows that such an entry does not count.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_blacklist(&self, now: Timestamp) -> Result<usize> {
        let query =
            self.db.query("SELECT id FROM expiry:[0, 0]..=[$now, $last]").bind(("now", now.0)).bind(("last", i64::MAX));
        let rows: Vec<ExpiryRow> = read(query).await?.take(0)?;
        let mut taken_off = 0;
        for row in rows.into_iter().take(AT_ONCE) {
            let by = By { actor: Actor::System, kind: EventKind::Unblacklisted, now };
            let expire = self.change_thread(row.customer()?, by, |thread| {
                let before = thread.customer.blacklisted.is_some();
                thread.let_expire(now);
                Ok(before && thread.customer.blacklisted.is_none())
            });
            taken_off += usize::from(expire.await?.1);
            read(self.db.query("DELETE $id").bind(("id", row.id))).await?;
        }
        Ok(taken_off)
    }
}
