//! Storage of the blacklist: entries and held messages, the `seen` records that link IP addresses
//! to customers, and the `expiry` records of entries with an end.

use super::change::{ChangeContext, CustomerWrite};
use super::database::read;
use super::rows::blacklist::{ExpiryRow, SeenRow, seen};
use super::rows::conversation::HeldRow;
use super::rows::timestamp;
use super::transaction::ATTEMPTS;
use super::{Result, Store, StoreError};
use crate::domain::{Actor, AgentId, Blacklisting, Customer, Editable, EventKind, HeldMessage, Timestamp};

/// Number of a customer's newest conversations that are searched for an IP address.
const NEWEST: u32 = 50;

/// Number of other customers from a customer's latest IP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// IP address of the newest conversation that has one, among the customer's 50 newest.
    pub ip: String,
    /// Number of other customers seen at this address in the requested period.
    pub others: u32,
}

/// Maximum number of held messages that one transaction moves into a conversation.
const HELD_AT_ONCE: u32 = if cfg!(test) { 20 } else { 200 };

impl Store {
    /// Puts a customer on the blacklist and ends its open conversation. Repeating the same call changes nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] with [`crate::domain::Reason::AlreadyBlacklisted`] if a different
    /// entry is in force, and [`StoreError::NotFound`] if the customer does not exist.
    pub async fn blacklist(&self, customer: Editable, entry: &Blacklisting, now: Timestamp) -> Result<Customer> {
        let by = ChangeContext { actor: customer.actor(), kind: EventKind::Blacklisted, now };
        // Compare durations: `until` is computed from the time of the request, so it differs in a retry.
        let length = |blacklisting: &Blacklisting| blacklisting.until.map(|until| until.0 - blacklisting.at.0);
        let repeats = |customer: &Customer| {
            let same = |blacklisting: &Blacklisting| {
                (blacklisting.reason(), blacklisting.by, length(blacklisting))
                    == (entry.reason(), entry.by, length(entry))
            };
            customer
                .blacklisted
                .as_ref()
                .is_some_and(|blacklisting| blacklisting.is_in_force(now) && same(blacklisting))
        };
        self.change_aggregate(customer.key(), by, |aggregate| {
            // A retry after a lost response must succeed.
            if repeats(&aggregate.customer) { Ok(()) } else { aggregate.blacklist(entry.clone(), now) }
        })
        .await
        .map(|(customer, ())| customer)
    }

    /// Takes a customer off the blacklist. With `open_for`, moves the held messages into a
    /// conversation of this agent and returns its number. This also works for messages held under
    /// an entry that has expired.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] with [`crate::domain::Reason::NotBlacklisted`] if there is no entry
    /// and no held message to move, or with [`crate::domain::Reason::NotYours`] if another agent has an
    /// open conversation with the customer. Returns [`StoreError::NotFound`] if the customer does not exist.
    pub async fn unblacklist(
        &self,
        customer: Editable,
        open_for: Option<AgentId>,
        now: Timestamp,
    ) -> Result<Option<u32>> {
        let Some(agent) = open_for else {
            self.unblacklist_step(customer, None, now).await?;
            return Ok(None);
        };
        // At most `HELD_AT_ONCE` messages per transaction. After a crash the rest is still held, for a retry.
        let mut opened = None;
        loop {
            let (number, left) = self.unblacklist_step(customer, Some(agent), now).await?;
            opened = number.or(opened);
            if left == 0 {
                return Ok(opened);
            }
        }
    }

    /// Removes the blacklist entry, if there is one, and moves the oldest held messages into a
    /// conversation. Returns the conversation's number and the number of messages that are still held.
    async fn unblacklist_step(
        &self,
        customer: Editable,
        open_for: Option<AgentId>,
        now: Timestamp,
    ) -> Result<(Option<u32>, u32)> {
        let (key, actor) = (customer.key(), customer.actor());
        let _lock = self.lock_customer(key).await;
        self.retry(ATTEMPTS, || async {
            let before = self.customer(key).await?;
            let opening = match open_for {
                Some(agent) => {
                    let first = before.held_opened + 1;
                    Some((agent, self.held_between(&before, first, first.saturating_add(HELD_AT_ONCE - 1)).await?))
                }
                None => None,
            };
            let mut aggregate = self.aggregate_of(before.clone()).await?;
            let number = aggregate.unblacklist(opening, now)?;
            let opened = number.map(|_| aggregate.customer.held_opened);
            let left = aggregate.customer.held_waiting();
            let changed = CustomerWrite { opened, ..CustomerWrite::from_aggregate(&before, aggregate) };
            Ok(self
                .write_change(ChangeContext { actor, kind: EventKind::Unblacklisted, now }, changed)
                .await?
                .map(|_| (number, left)))
        })
        .await
    }

    /// Returns the newest messages that a customer sent while on the blacklist and that are not in a
    /// conversation yet. At most `most`, in ascending order.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn held(&self, customer: &Customer, most: u32) -> Result<Vec<HeldMessage>> {
        self.held_between(customer, customer.held.saturating_sub(most) + 1, customer.held).await
    }

    async fn held_between(&self, customer: &Customer, from: u32, to: u32) -> Result<Vec<HeldMessage>> {
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
        rows.into_iter().map(HeldMessage::try_from).collect()
    }

    /// Counts the other customers who started a conversation from the customer's latest IP address
    /// since `since`. Returns `None` if no address is known.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn neighbours(&self, customer: &Customer, since: Timestamp) -> Result<Option<Neighbours>> {
        let from = customer.conversations.saturating_sub(NEWEST) + 1;
        let newest = self.conversations(customer.key, from, customer.conversations).await?;
        let ip = newest.into_iter().rev().filter_map(|conversation| conversation.visitor).map(|visitor| visitor.ip);
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

    /// Removes the blacklist entries that have expired and returns their number. Should run every
    /// second: the list's filter counts an expired entry until it is removed.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn sweep_blacklist(&self, now: Timestamp) -> Result<usize> {
        let query =
            self.db.query("SELECT id FROM expiry:[0, 0]..=[$now, $last]").bind(("now", now.0)).bind(("last", i64::MAX));
        let rows: Vec<ExpiryRow> = read(query).await?.take(0)?;
        let mut taken_off = 0;
        for row in rows {
            let by = ChangeContext { actor: Actor::System, kind: EventKind::Unblacklisted, now };
            let expire = self.change_aggregate(row.customer()?, by, |aggregate| {
                let before = aggregate.customer.blacklisted.is_some();
                aggregate.remove_expired_blacklisting(now);
                Ok(before && aggregate.customer.blacklisted.is_none())
            });
            match expire.await {
                Ok((_, expired)) => taken_off += usize::from(expired),
                Err(StoreError::NotFound) => {}
                // Skip an entry that fails, so that it does not block the others. The next call retries it.
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
