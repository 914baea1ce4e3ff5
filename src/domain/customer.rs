//! The customer and the rules of its profile.

use serde::{Deserialize, Serialize};

use super::blacklist::Blacklisting;
use super::conversation::Channel;
use super::error::{Error, Reason};
use super::event::Actor;
use super::ids::{AgentId, CustomerId, CustomerKey, TagId};
use super::profile::{Profile, ProfileField, Written};
use super::time::Timestamp;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The number in the database.
    pub key: CustomerKey,
    /// The identity in the channel; never changes.
    pub id: CustomerId,
    /// Through which channel the customer came.
    pub channel: Channel,
    /// What is known of the customer.
    pub profile: Profile,
    /// The customer's tags, rising, each once.
    pub tags: Vec<TagId>,
    /// The agents who served the customer, rising, each once: they accepted, were transferred, or started by a
    /// callback at least one conversation.
    pub served_by: Vec<AgentId>,
    /// The blacklist entry, while there is one.
    pub blacklisted: Option<Blacklisting>,
    /// Since when we know the customer.
    pub created_at: Timestamp,
    /// When anything here last changed.
    pub updated_at: Timestamp,
    /// When the latest conversation began; nothing when there was none.
    pub latest_conversation_at: Option<Timestamp>,
    /// How many conversations there are, and so the number of the newest.
    pub conversations: u32,
    /// How many messages there are, and so the number of the newest.
    pub messages: u32,
    /// Number of messages that agents wrote.
    pub replies: u32,
    /// The conversation that is open, by number: there is at most one.
    pub open: Option<u32>,
    /// How many messages were ever held while the customer was on the blacklist, and so the number of the newest.
    pub held: u32,
    /// Up to which of them stand in a conversation now.
    pub held_opened: u32,
    /// Number of the newest held message at the moment when the customer last left the chat. A blacklisted visitor must see the
    /// chat end like anybody else, and has no conversation that could end.
    pub held_left: u32,
    /// Number of conversations there were when the newest held message came: while there are no more, the visitor sees a chat of
    /// what was held, also when the customer is off the blacklist again.
    pub held_after: u32,
    /// When the newest held message was sent.
    pub held_at: Option<Timestamp>,
    /// How many times fields of the profile were written, and so the number of the newest entry of their history.
    pub revisions: u32,
    /// Who wrote each field of the profile last; fields that only the import or nobody wrote are not in it.
    pub written: Vec<Written>,
    /// Rises by one with each change, from 1.
    pub version: u32,
}

impl Customer {
    /// A customer as the first sign of it makes one: a profile, and nothing else yet.
    #[must_use]
    pub fn new(key: CustomerKey, id: CustomerId, channel: Channel, profile: Profile, now: Timestamp) -> Self {
        Self {
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
        }
    }

    /// Writes a field of the profile, as somebody who saw `seen` in it. What others wrote into other fields meanwhile
    /// does not matter.
    ///
    /// # Errors
    /// As [`ProfileField::accept`]; [`Reason::ChangedMeanwhile`] at the field when it has neither the value that was seen
    /// nor the one that is to be.
    pub fn write(
        &mut self,
        field: ProfileField,
        seen: &str,
        typed: &str,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), Error> {
        let value = field.accept(typed)?;
        let current = self.profile.get(field);
        if current == value {
            return Ok(());
        }
        // A form without a script sends its line ends as CR LF.
        if current != seen && field.clean(current) != field.clean(seen) {
            return Err(Error::field(field.as_str(), Reason::ChangedMeanwhile));
        }
        *self.profile.get_mut(field) = value;
        self.note(Written { field, by, at: now });
        Ok(())
    }

    /// Takes over what the channel says of the customer, as [`ProfileField::accept_from_channel`] keeps it. Fields that an
    /// agent wrote stay, so do those it says nothing sensible of.
    pub fn learn(&mut self, said: &Profile, now: Timestamp) {
        for field in ProfileField::ALL {
            let by_agent = self.written(field).is_some_and(|written| matches!(written.by, Actor::Agent(_)));
            let value = field.accept_from_channel(said.get(field));
            if !by_agent && !value.is_empty() && value != self.profile.get(field) {
                *self.profile.get_mut(field) = value;
                self.note(Written { field, by: Actor::Customer, at: now });
            }
        }
    }

    /// Who wrote a field last.
    #[must_use]
    pub fn written(&self, field: ProfileField) -> Option<&Written> {
        self.written.iter().find(|written| written.field == field)
    }

    fn note(&mut self, written: Written) {
        self.written.retain(|own| own.field != written.field);
        self.written.push(written);
    }

    /// How many held messages stand in no conversation.
    #[must_use]
    pub const fn held_waiting(&self) -> u32 {
        self.held.saturating_sub(self.held_opened)
    }

    /// Gives the customer a tag; one it has already changes nothing.
    pub fn tag(&mut self, tag: TagId) {
        insert_sorted(&mut self.tags, tag);
    }

    /// Takes a tag away; one it has not changes nothing.
    pub fn untag(&mut self, tag: TagId) {
        self.tags.retain(|have| *have != tag);
    }

    /// Notes that an agent serves the customer, in a conversation that began at `started_at`.
    pub fn serve(&mut self, agent: AgentId, started_at: Timestamp) {
        insert_sorted(&mut self.served_by, agent);
        self.latest_conversation_at = self.latest_conversation_at.max(Some(started_at));
    }

    /// Puts the customer on the blacklist.
    ///
    /// # Errors
    /// [`Reason::AlreadyBlacklisted`].
    pub fn blacklist(&mut self, entry: Blacklisting) -> Result<(), Error> {
        if self.blacklisted.is_some() {
            return Err(Error::of(Reason::AlreadyBlacklisted));
        }
        self.blacklisted = Some(entry);
        Ok(())
    }

    /// Returns `true` while an entry on the blacklist is in force. An entry that has run out stays until it is swept, so
    /// `blacklisted.is_some()` says less.
    #[must_use]
    pub fn is_blacklisted(&self, now: Timestamp) -> bool {
        self.blacklisted.as_ref().is_some_and(|entry| entry.is_in_force(now))
    }

    /// Takes the customer off the blacklist and returns the entry it had.
    ///
    /// # Errors
    /// [`Reason::NotBlacklisted`].
    pub fn unblacklist(&mut self) -> Result<Blacklisting, Error> {
        self.blacklisted.take().ok_or(Error::of(Reason::NotBlacklisted))
    }
}

fn insert_sorted<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}

#[cfg(test)]
mod tests;
