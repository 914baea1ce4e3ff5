//! The only way to write a customer: one transaction with its conversations, messages, event and other rows.

use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::desk::{DeskChange, OpenConversation};
use super::events::{Entry, EventRow, actor_columns};
use super::idempotency::IdempotencyRecord;
use super::memory::{MemoryUpdate, UpdatedCustomer};
use super::rows::blacklist::{ExpiryRow, SeenRow};
use super::rows::conversation::{ConversationRow, HeldRow, MessageRow, record};
use super::rows::customer::CustomerRow;
use super::rows::datetime;
use super::rows::open::{OpenRow, open_record};
use super::transaction::{STALE, Write};
use super::{Result, Store};
use crate::domain::{
    Actor, Change, Customer, CustomerAggregate, EventKind, PendingWrites, ProfileField, Sender, Timestamp,
};

/// Context of a change: its actor, kind and time.
#[derive(Clone, Copy)]
pub(super) struct ChangeContext {
    pub(super) actor: Actor,
    pub(super) kind: EventKind,
    pub(super) now: Timestamp,
}

/// `reply:[customer, k]`: the `k`-th message from agents to a customer. Channels page through
/// replies by `k`, because gaps in the message numbers would reveal held messages.
#[derive(Clone, SurrealValue)]
struct ReplyRow {
    id: RecordId,
    message: u32,
}

#[derive(Clone, SurrealValue)]
pub(super) struct RevisionRow {
    id: RecordId,
    pub(super) field: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) actor: String,
    pub(super) agent: Option<u32>,
    pub(super) at: Datetime,
}

/// Everything that one change writes.
pub(super) struct CustomerWrite<'a> {
    /// Customer as it was read; `None` for a new customer.
    pub(super) before: Option<&'a Customer>,
    /// Customer to be stored. `write_change` sets `version`, `updated_at` and `revisions` if it is not new.
    pub(super) after: Customer,
    pub(super) pending: PendingWrites,
    pub(super) claim: Option<IdempotencyRecord>,
    /// Number of the last held message that is now in a conversation; `None` if the change moves none.
    pub(super) opened: Option<u32>,
}

impl<'a> CustomerWrite<'a> {
    /// Creates the write from the stored customer and the customer that replaces it.
    pub(super) fn from(before: &'a Customer, after: Customer) -> Self {
        Self { before: Some(before), after, pending: PendingWrites::default(), claim: None, opened: None }
    }

    /// Creates the write from the stored customer and its aggregate after an edit.
    pub(super) fn from_aggregate(before: &'a Customer, aggregate: CustomerAggregate) -> Self {
        Self { pending: aggregate.pending, ..Self::from(before, aggregate.customer) }
    }
}

impl Store {
    /// Writes the change in one transaction. Returns `None` if the customer changed since it was
    /// read, another write conflicts, or the idempotency record already exists; the caller reloads
    /// and retries. A change without differences writes nothing and returns the customer.
    pub(super) async fn write_change(&self, by: ChangeContext, changed: CustomerWrite<'_>) -> Result<Option<Customer>> {
        let CustomerWrite { before, mut after, pending, claim, opened } = changed;
        let changes = match before {
            Some(before) => differences(before, &after),
            None => vec![Change { field: "id".into(), before: None, after: Some(after.id.to_string()) }],
        };
        if let Some(before) = before {
            let same = (before.open, before.held_left) == (after.open, after.held_left);
            if same && changes.is_empty() && pending == PendingWrites::default() {
                return Ok(Some(after));
            }
            after.record_change(by.now);
        }
        let revisions = revisions(by, before, &mut after, &changes);
        let conversation = pending.conversations.last().map(|conversation| conversation.number);
        let message = pending.messages.last().map(|message| message.number);
        let event = EventRow::new(Entry {
            at: by.now,
            actor: by.actor,
            kind: by.kind,
            customer: Some(after.key),
            changes,
            version: after.version,
        })
        .about(conversation, message);

        let open = pending.conversations.iter().find(|conversation| conversation.state.is_open());
        let was_open = before.is_some_and(|before| before.open.is_some());
        let closed = was_open && after.open.is_none();
        let open_row = open.map(|open| OpenRow { active_at: Some(datetime(by.now)), ..OpenRow::from(open) });
        let desk = match open {
            Some(open) => DeskChange::Open(OpenConversation { active_at: by.now, ..OpenConversation::from(open) }),
            None if closed => DeskChange::Closed,
            None => DeskChange::Same,
        };
        let was_until = before.and_then(ExpiryRow::of).map(|row| row.id);
        let write = Write::new(include_str!("queries/change_customer.surql"), &event)
            .unique(&[("customer_id", "id")])
            .bind("stale", STALE)
            .bind("key", after.key.0)
            .bind("before", before.map(|before| before.version))
            .bind("customer", CustomerRow::from(&after))
            .bind("revisions", revisions)
            .bind("conversations", pending.conversations.iter().map(ConversationRow::from).collect::<Vec<_>>())
            .bind("messages", pending.messages.iter().map(MessageRow::from).collect::<Vec<_>>())
            .bind("replies", replies(&after, &pending))
            .bind("began", open_row.clone().filter(|_| !was_open))
            .bind("continued", open_row.filter(|_| was_open))
            .bind("ended", closed.then(|| open_record(after.key)))
            // Not of an old conversation that is rated: the customer may have come again since.
            .bind("seen", open.and_then(SeenRow::of))
            .bind("held", pending.held.iter().map(HeldRow::from).collect::<Vec<_>>())
            .bind("first_opened", before.map_or(0, |before| before.held_opened) + 1)
            .bind("opened", opened)
            .bind("conversation", conversation)
            .bind("expiry", ExpiryRow::of(&after).filter(|row| was_until.as_ref() != Some(&row.id)))
            .bind("claim", claim)
            .keep_bound_sections();
        let latest = UpdatedCustomer { customer: after.clone(), desk };
        Ok(self.commit(write, MemoryUpdate::Customers(vec![latest])).await?.then(after))
    }
}

/// Returns a reply row for each message that an agent wrote in this change.
fn replies(after: &Customer, pending: &PendingWrites) -> Vec<ReplyRow> {
    let of_agents: Vec<u32> = pending
        .messages
        .iter()
        .filter(|message| matches!(message.sender, Sender::Agent(_)))
        .map(|message| message.number)
        .collect();
    let first = after.replies + 1 - of_agents.len() as u32;
    (first..).zip(of_agents).map(|(k, message)| ReplyRow { id: record("reply", after.key, k), message }).collect()
}

/// Returns a history row for each changed profile field and counts it in `after`. Returns none for a
/// new customer.
fn revisions(
    by: ChangeContext,
    before: Option<&Customer>,
    after: &mut Customer,
    changes: &[Change],
) -> Vec<RevisionRow> {
    if before.is_none() {
        return Vec::new();
    }
    let (actor, agent) = actor_columns(by.actor);
    let of_profile = changes.iter().filter(|change| ProfileField::parse(&change.field).is_some());
    of_profile
        .map(|change| {
            let number = after.record_revision();
            RevisionRow {
                id: record("revision", after.key, number),
                field: change.field.clone(),
                before: change.before.clone().unwrap_or_default(),
                after: change.after.clone().unwrap_or_default(),
                actor: actor.to_owned(),
                agent,
                at: datetime(by.now),
            }
        })
        .collect()
}

/// Returns the fields that differ, as the event log records them.
fn differences(before: &Customer, after: &Customer) -> Vec<Change> {
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
