//! A customer, and the changes to its own fields.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::blacklist::Blacklisting;
use super::conversation::Channel;
use super::error::{Error, Reason};
use super::event::Actor;
use super::ids::{AgentId, CustomerId, CustomerKey, TagId};
use super::profile::{FieldProvenance, Profile, ProfileField};
use super::time::Timestamp;

/// A customer, without its conversations and messages.
///
/// Its fields are read as those of [`CustomerFields`]. They are changed by the methods of this type and
/// of [`CustomerAggregate`](super::CustomerAggregate), which keep the rules between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Customer {
    pub(super) fields: CustomerFields,
}

impl Deref for Customer {
    type Target = CustomerFields;

    fn deref(&self) -> &CustomerFields {
        &self.fields
    }
}

/// Fields of a [`Customer`], as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFields {
    /// Number in the database.
    pub key: CustomerKey,
    /// Identity in the channel; never changes.
    pub id: CustomerId,
    /// Channel through which the customer came.
    pub channel: Channel,
    /// Profile fields.
    pub profile: Profile,
    /// Tags, ascending without duplicates.
    pub tags: Vec<TagId>,
    /// Agents who served the customer, ascending without duplicates. An agent serves a customer by
    /// accepting a conversation, by calling back, or by opening held messages.
    pub served_by: Vec<AgentId>,
    /// Blacklist entry, until it is removed. It may have expired: see [`Customer::is_blacklisted`].
    pub blacklisted: Option<Blacklisting>,
    /// Time at which the customer was created here.
    pub created_at: Timestamp,
    /// Time of the last change to this record.
    pub updated_at: Timestamp,
    /// Start of the latest conversation; `None` without conversations.
    pub latest_conversation_at: Option<Timestamp>,
    /// Number of conversations, and therefore the number of the newest one.
    pub conversations: u32,
    /// Number of messages in all conversations, and therefore the number of the newest one.
    pub messages: u32,
    /// Number of messages that agents wrote.
    pub replies: u32,
    /// Number of the open conversation. At most one is open.
    pub open: Option<u32>,
    /// Number of messages ever held while the customer was on the blacklist, and therefore the number
    /// of the newest one.
    pub held: u32,
    /// Number of the newest held message that was moved into a conversation; 0 if none was.
    pub held_opened: u32,
    /// Number of the newest held message when the customer last left the chat. A blacklisted visitor
    /// must see the chat end like any other visitor, but has no conversation that could end.
    pub held_left: u32,
    /// Number of conversations when the newest held message was sent. As long as `conversations` equals
    /// it, the visitor sees a chat made of the held messages, even after the customer was taken off the
    /// blacklist.
    pub held_after: u32,
    /// Time at which the newest held message was sent.
    pub held_at: Option<Timestamp>,
    /// Number of writes to profile fields, and therefore the number of the newest entry in their
    /// history.
    pub revisions: u32,
    /// Last author of each profile field. A field that was never written, or only by an import, has no
    /// entry.
    pub written: Vec<FieldProvenance>,
    /// Version, from 1; incremented by each change.
    pub version: u32,
}

impl Customer {
    /// Creates a customer that has a profile and nothing else.
    #[must_use]
    pub fn new(key: CustomerKey, id: CustomerId, channel: Channel, profile: Profile, now: Timestamp) -> Self {
        Self::unchecked(CustomerFields {
            key,
            id,
            channel,
            profile,
            tags: Vec::new(),
            served_by: Vec::new(),
            blacklisted: None,
            created_at: now,
            updated_at: now,
            latest_conversation_at: None,
            conversations: 0,
            messages: 0,
            replies: 0,
            open: None,
            held: 0,
            held_opened: 0,
            held_left: 0,
            held_after: 0,
            held_at: None,
            revisions: 0,
            written: Vec::new(),
            version: 1,
        })
    }

    /// Creates a customer from fields that are known to keep the rules, because they were stored.
    #[must_use]
    pub const fn unchecked(fields: CustomerFields) -> Self {
        Self { fields }
    }

    /// Returns the fields, for taking them apart.
    #[must_use]
    pub fn into_fields(self) -> CustomerFields {
        self.fields
    }

    /// Returns the fields for writing that the rules do not check. Only for imports, generated data and
    /// tests.
    pub const fn fields_unchecked(&mut self) -> &mut CustomerFields {
        &mut self.fields
    }

    /// Counts a change made at `now`, which may be earlier than the last one if the clock was set back.
    pub fn record_change(&mut self, now: Timestamp) {
        self.fields.version += 1;
        self.fields.updated_at = self.updated_at.max(now);
    }

    /// Counts a write to a profile field and returns its number in the history.
    pub const fn record_revision(&mut self) -> u32 {
        self.fields.revisions += 1;
        self.fields.revisions
    }

    /// Writes a profile field for an editor who saw the value `seen`. Concurrent writes to other fields
    /// do not conflict.
    ///
    /// # Errors
    /// The errors of [`ProfileField::parse_value`]; [`Reason::ChangedMeanwhile`] at the field if its current
    /// value is neither `seen` nor the new value.
    pub fn write(
        &mut self,
        field: ProfileField,
        seen: &str,
        typed: &str,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), Error> {
        let value = field.parse_value(typed)?;
        let current = self.profile.get(field);
        if current == value {
            return Ok(());
        }
        // Browsers submit line breaks of a plain HTML form as CR LF, so compare the cleaned values too.
        if current != seen && field.clean(current) != field.clean(seen) {
            return Err(Error::field(field.as_str(), Reason::ChangedMeanwhile));
        }
        *self.fields.profile.get_mut(field) = value;
        self.set_provenance(FieldProvenance { field, by, at: now });
        Ok(())
    }

    /// Merges profile data from the channel, cleaned by [`ProfileField::value_from_channel`]. Keeps
    /// fields that an agent wrote, and fields for which the channel sent nothing usable.
    pub fn merge_from_channel(&mut self, reported: &Profile, now: Timestamp) {
        for field in ProfileField::ALL {
            let by_agent = self.provenance(field).is_some_and(|written| matches!(written.by, Actor::Agent(_)));
            let value = field.value_from_channel(reported.get(field));
            if !by_agent && !value.is_empty() && value != self.profile.get(field) {
                *self.fields.profile.get_mut(field) = value;
                self.set_provenance(FieldProvenance { field, by: Actor::Customer, at: now });
            }
        }
    }

    /// Returns the last author of a field; `None` if it was never written, or only by an import.
    #[must_use]
    pub fn provenance(&self, field: ProfileField) -> Option<&FieldProvenance> {
        self.written.iter().find(|provenance| provenance.field == field)
    }

    fn set_provenance(&mut self, provenance: FieldProvenance) {
        self.fields.written.retain(|other| other.field != provenance.field);
        self.fields.written.push(provenance);
    }

    /// Returns the displayed name: the nickname, else the real name, else the ID.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let names = [self.profile.nickname.as_str(), self.profile.real_name.as_str()];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or(self.id.as_str())
    }

    /// Returns the number of messages in all conversations that the customer sent.
    #[must_use]
    pub const fn received(&self) -> u32 {
        self.fields.messages.saturating_sub(self.fields.replies)
    }

    /// Returns the number of held messages that are not in a conversation.
    #[must_use]
    pub const fn held_waiting(&self) -> u32 {
        self.fields.held.saturating_sub(self.fields.held_opened)
    }

    /// Adds a tag. Does nothing if the customer already has it.
    pub fn tag(&mut self, tag: TagId) {
        insert_sorted(&mut self.fields.tags, tag);
    }

    /// Removes a tag. Does nothing if the customer does not have it.
    pub fn untag(&mut self, tag: TagId) {
        self.fields.tags.retain(|have| *have != tag);
    }

    /// Records that an agent serves the customer, in a conversation that started at `started_at`.
    pub fn record_served_by(&mut self, agent: AgentId, started_at: Timestamp) {
        insert_sorted(&mut self.fields.served_by, agent);
        self.fields.latest_conversation_at = self.latest_conversation_at.max(Some(started_at));
    }

    /// Adds the customer to the blacklist.
    ///
    /// # Errors
    /// [`Reason::AlreadyBlacklisted`] if there is an entry, even an expired one.
    pub fn blacklist(&mut self, entry: Blacklisting) -> Result<(), Error> {
        if self.blacklisted.is_some() {
            return Err(Error::of(Reason::AlreadyBlacklisted));
        }
        self.fields.blacklisted = Some(entry);
        Ok(())
    }

    /// Returns `true` if the customer has a blacklist entry that has not expired. An expired entry
    /// stays until it is swept, so `blacklisted.is_some()` is not enough.
    #[must_use]
    pub fn is_blacklisted(&self, now: Timestamp) -> bool {
        self.blacklisted.as_ref().is_some_and(|entry| entry.is_in_force(now))
    }

    /// Removes the customer from the blacklist and returns the removed entry.
    ///
    /// # Errors
    /// [`Reason::NotBlacklisted`] if there is no entry.
    pub fn unblacklist(&mut self) -> Result<Blacklisting, Error> {
        self.fields.blacklisted.take().ok_or(Error::of(Reason::NotBlacklisted))
    }
}

fn insert_sorted<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}

#[cfg(test)]
mod tests;
