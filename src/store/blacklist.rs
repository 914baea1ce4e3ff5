//! The blacklist: entries and held messages, and what it needs besides: who came from where, and which entries run out when.

use surrealdb::types::{Array, Datetime, RecordId, RecordIdKey, SurrealValue, Value};

use super::change::{By, Changed};
use super::conversations::HeldRow;
use super::database::read;
use super::rows::{datetime, timestamp};
use super::transaction::back_off;
use super::{Result, Store, StoreError};
use crate::domain::{Actor, AgentId, Blacklisting, Conversation, Customer, CustomerKey, EventKind, Held, Timestamp};

/// How many of a customer's newest conversations are looked through for where it came from last.
const NEWEST: u32 = 50;

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

/// Held messages that one transaction opens.
const HELD_AT_ONCE: u32 = if cfg!(test) { 20 } else { 200 };

impl Store {
    /// Puts a customer on the blacklist and ends its open conversation.
    ///
    /// # Errors
    /// [`crate::domain::Reason::AlreadyBlacklisted`]; [`StoreError::NotFound`].
    pub async fn blacklist(
        &self,
        key: CustomerKey,
        entry: &Blacklisting,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Customer> {
        let by = By { actor, kind: EventKind::Blacklisted, now };
        // An end is made of the moment it was asked for; the length is what was asked.
        let length = |own: &Blacklisting| own.until.map(|until| until.0 - own.at.0);
        let repeats = |customer: &Customer| {
            let same =
                |own: &Blacklisting| (own.reason(), own.by, length(own)) == (entry.reason(), entry.by, length(entry));
            customer.blacklisted.as_ref().is_some_and(|own| own.is_in_force(now) && same(own))
        };
        self.change_thread(key, by, |thread| {
            // The answer of the first time may have been lost.
            if repeats(&thread.customer) { Ok(()) } else { thread.blacklist(entry.clone(), now) }
        })
        .await
        .map(|(customer, ())| customer)
    }

    /// Takes a customer off the blacklist. With `open_for`, the held messages become a conversation of this agent; returns its
    /// number. Messages that were held under an entry that has run out can be opened in the same way.
    ///
    /// # Errors
    /// [`crate::domain::Reason::NotBlacklisted`]; [`crate::domain::Reason::NotYours`] when another agent has a conversation with the customer
    /// by now; [`StoreError::NotFound`].
    pub async fn unblacklist(
        &self,
        key: CustomerKey,
        open_for: Option<AgentId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<u32>> {
        let Some(agent) = open_for else {
            self.unblacklist_step(key, None, actor, now).await?;
            return Ok(None);
        };
        // In transactions of some hundred messages each: what is left after a crash is still held, and can be opened.
        let mut opened = None;
        loop {
            let (number, left) = self.unblacklist_step(key, Some(agent), actor, now).await?;
            opened = number.or(opened);
            if left == 0 {
                return Ok(opened);
            }
        }
    }

    /// Takes a customer off the blacklist if it is there, and opens the oldest held messages; returns the conversation's number
    /// and the number of messages that are left.
    async fn unblacklist_step(
        &self,
        key: CustomerKey,
        open_for: Option<AgentId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(Option<u32>, u32)> {
        let _turn = self.turn(key).await;
        for attempt in self.attempts().await? {
            let before = self.customer(key).await?;
            let opening = match open_for {
                Some(agent) => {
                    let first = before.held_opened + 1;
                    Some((agent, self.held_between(&before, first, first.saturating_add(HELD_AT_ONCE - 1)).await?))
                }
                None => None,
            };
            let mut thread = self.thread_of(before.clone()).await?;
            let number = thread.unblacklist(opening, now)?;
            let opened = number.map(|_| thread.customer.held_opened);
            let left = thread.customer.held_waiting();
            let changed =
                Changed { before: Some(&before), after: thread.customer, brought: thread.brought, claim: None, opened };
            match self.write_change(By { actor, kind: EventKind::Unblacklisted, now }, changed).await? {
                Some(_) => return Ok((number, left)),
                None => back_off(attempt).await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// Returns the newest messages that a customer sent while on the blacklist and that stand in no conversation yet, rising;
    /// at most `most`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held(&self, customer: &Customer, most: u32) -> Result<Vec<Held>> {
        self.held_between(customer, customer.held.saturating_sub(most) + 1, customer.held).await
    }

    async fn held_between(&self, customer: &Customer, from: u32, to: u32) -> Result<Vec<Held>> {
        let (from, to) = (from.max(customer.held_opened + 1), to.min(customer.held));
        if from > to {
            return Ok(Vec::new());
        }
        let query = self
            .db
            .query("SELECT * FROM held:[$key, $from]..=[$key, $to]")
            .bind(("key", customer.key.0))
            .bind(("from", from))
            .bind(("to", to));
        let rows: Vec<HeldRow> = read(query).await?.take(0)?;
        rows.into_iter().map(Held::try_from).collect()
    }

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

    /// Takes those off the blacklist whose entries have run out; returns their number. Meant to be called each second: until
    /// then the list's filter still counts them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_blacklist(&self, now: Timestamp) -> Result<usize> {
        let query =
            self.db.query("SELECT id FROM expiry:[0, 0]..=[$now, $last]").bind(("now", now.0)).bind(("last", i64::MAX));
        let rows: Vec<ExpiryRow> = read(query).await?.take(0)?;
        let mut taken_off = 0;
        for row in rows {
            let by = By { actor: Actor::System, kind: EventKind::Unblacklisted, now };
            let expire = self.change_thread(row.customer()?, by, |thread| {
                let before = thread.customer.blacklisted.is_some();
                thread.let_expire(now);
                Ok(before && thread.customer.blacklisted.is_none())
            });
            match expire.await {
                Ok((_, expired)) => taken_off += usize::from(expired),
                Err(StoreError::NotFound) => {}
                // One that fails must not keep all behind it waiting; it is tried again with the next call.
                Err(error) => {
                    tracing::warn!(%error, "store: cannot take an expired entry off the blacklist");
                    continue;
                }
            }
            read(self.db.query("DELETE $id").bind(("id", row.id))).await?;
        }
        Ok(taken_off)
    }
}
