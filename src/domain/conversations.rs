//! The conversations of a customer: at most one is open. Rules for messages, for starting and ending
//! conversations, and for the blacklist. The records, and ratings, are in `conversation`.
//!
//! Every change to a conversation is a method of [`CustomerAggregate`], whether a channel, the visitors' page, an
//! agent or a callback causes it. The exceptions are ratings ([`Conversation::rate`]) and imports.

use super::blacklist::Blacklisting;
use super::callback::CallbackBlockers;
use super::conversation::{Conversation, ConversationState, HeldMessage, Message, Origin, Sender};
use super::customer::Customer;
use super::error::{Error, Reason};
use super::ids::AgentId;
use super::time::Timestamp;
use super::visitor::VisitorInfo;

/// A customer, its open conversation, and the records that changes to them produced.
///
/// # Examples
/// ```
/// use clientele::domain::{AgentId, Channel, Customer, CustomerAggregate, CustomerId, CustomerKey, Profile, Timestamp};
///
/// let (li, now) = (AgentId(1), Timestamp(1_763_816_516_123));
/// let customer = Customer::new(CustomerKey(7), CustomerId::new("wx_1")?, Channel::Wechat, Profile::default(), now);
/// let mut aggregate = CustomerAggregate::new(customer, None);
/// aggregate.deliver("Where is my parcel?".into(), None, now, now);
/// aggregate.accept(li)?;
/// aggregate.reply(li, "On its way.".into(), now)?;
/// assert_eq!((aggregate.pending.conversations.len(), aggregate.pending.messages.len()), (1, 2));
/// # Ok::<(), clientele::domain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerAggregate {
    /// The customer.
    pub customer: Customer,
    /// The open conversation, if any.
    pub open: Option<Conversation>,
    /// Records produced so far, to be stored with the customer.
    pub pending: PendingWrites,
}

/// Records produced by a change, to be stored with the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingWrites {
    /// Started or changed conversations, in their current state; each once.
    pub conversations: Vec<Conversation>,
    /// New messages.
    pub messages: Vec<Message>,
    /// New held messages.
    pub held: Vec<HeldMessage>,
}

/// Outcome of a message from a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The message was added to a conversation.
    InConversation {
        /// Number of the conversation.
        conversation: u32,
        /// Number of the message.
        message: u32,
        /// `true` if the message started the conversation.
        began: bool,
    },
    /// The customer is on the blacklist: the message was stored, but in no conversation, and agents are
    /// not alerted.
    Held {
        /// Number among the customer's held messages.
        number: u32,
    },
}

impl CustomerAggregate {
    /// Creates an aggregate. `open` is ignored if that conversation has ended.
    #[must_use]
    pub fn new(customer: Customer, open: Option<Conversation>) -> Self {
        Self { customer, open: open.filter(|open| open.state.is_open()), pending: PendingWrites::default() }
    }

    /// Adds a message from the customer. If the customer is on the blacklist, the message is held.
    /// Otherwise it joins the open conversation or starts one. `text` must come from
    /// [`Message::parse`]; `visitor` is [cleaned](VisitorInfo::clean) here.
    pub fn deliver(&mut self, text: String, visitor: Option<VisitorInfo>, at: Timestamp, now: Timestamp) -> Delivered {
        self.remove_expired_blacklisting(now);
        if self.customer.blacklisted.is_some() {
            return self.hold_message(text, at);
        }
        let visitor = visitor.as_ref().map(VisitorInfo::clean);
        let began = self.open.is_none();
        if began {
            self.start_conversation(Origin::Customer, None, visitor, at);
        } else if let (Some(open), Some(visitor)) = (&mut self.open, visitor) {
            open.visitor.get_or_insert(visitor);
        }
        let (conversation, message) = self.add_message(Sender::Customer, text, at, false);
        Delivered::InConversation { conversation, message, began }
    }

    /// Assigns the waiting conversation to an agent and returns its number. Succeeds if the agent
    /// already has it.
    ///
    /// # Errors
    /// [`Reason::NotWaiting`] if no conversation is open, or another agent has it.
    pub fn accept(&mut self, agent: AgentId) -> Result<u32, Error> {
        let Some(open) = &mut self.open else { return Err(Error::of(Reason::NotWaiting)) };
        match (open.state, open.agent) {
            // The same agent clicked twice.
            (ConversationState::Processing, Some(own)) if own == agent => return Ok(open.number),
            (ConversationState::Waiting, _) => {}
            _ => return Err(Error::of(Reason::NotWaiting)),
        }
        open.state = ConversationState::Processing;
        open.agent = Some(agent);
        let (number, started_at) = (open.number, open.started_at);
        self.customer.record_served_by(agent, started_at);
        self.record_open();
        Ok(number)
    }

    /// Adds a message from the agent who has the conversation, and returns the message's number.
    ///
    /// # Errors
    /// [`Reason::NotYours`] if the agent has no open conversation with the customer.
    pub fn reply(&mut self, agent: AgentId, text: String, now: Timestamp) -> Result<u32, Error> {
        self.check_assigned(agent)?;
        Ok(self.add_message(Sender::Agent(agent), text, now, false).1)
    }

    /// Ends the conversation for the agent who has it.
    ///
    /// # Errors
    /// [`Reason::NotYours`] if the agent has no open conversation with the customer.
    pub fn end_by(&mut self, agent: AgentId, now: Timestamp) -> Result<(), Error> {
        self.check_assigned(agent)?;
        self.end(now);
        Ok(())
    }

    /// Ends the open conversation, if any, for example because the customer left or was blacklisted.
    /// Without an agent it becomes abandoned.
    pub fn end(&mut self, now: Timestamp) {
        let Some(mut open) = self.open.take() else { return };
        open.state = match open.agent {
            Some(_) => ConversationState::Ended,
            None => ConversationState::Abandoned,
        };
        open.ended_at = Some(now.max(open.started_at));
        self.customer.fields.open = None;
        self.record_conversation(open);
    }

    /// Ends the open conversation because the customer left the chat. A blacklisted customer has none;
    /// then the chat of the held messages ends instead.
    pub fn leave(&mut self, now: Timestamp) {
        self.customer.fields.held_left = self.customer.held;
        self.end(now);
    }

    /// Returns everything that blocks a callback. `reachable` is `true` if the customer's channel is connected.
    #[must_use]
    pub fn callback_blockers(&self, reachable: bool, now: Timestamp) -> CallbackBlockers {
        CallbackBlockers {
            open: self.open.as_ref().map(|open| open.number),
            blacklisted: self.customer.is_blacklisted(now),
            unreachable: !reachable,
        }
    }

    /// Starts a conversation that is assigned to the agent from the start, and returns its number.
    ///
    /// # Errors
    /// [`Reason::HasOpenConversation`], [`Reason::Blacklisted`] or [`Reason::ChannelUnreachable`].
    pub fn call_back(&mut self, agent: AgentId, reachable: bool, now: Timestamp) -> Result<u32, Error> {
        self.remove_expired_blacklisting(now);
        if let Some(reason) = self.callback_blockers(reachable, now).reason() {
            return Err(Error::of(reason));
        }
        Ok(self.start_conversation(Origin::Callback, Some(agent), None, now))
    }

    /// Adds the customer to the blacklist and ends the open conversation.
    ///
    /// # Errors
    /// [`Reason::AlreadyBlacklisted`] if an entry is in force.
    pub fn blacklist(&mut self, entry: Blacklisting, now: Timestamp) -> Result<(), Error> {
        self.remove_expired_blacklisting(now);
        self.customer.blacklist(entry)?;
        self.end(now);
        Ok(())
    }

    /// Removes the customer from the blacklist. `opening` moves the given held messages, the oldest
    /// ones, into a new conversation of the agent or into the one the agent already has, and returns
    /// its number. No conversation starts without held messages.
    ///
    /// # Errors
    /// [`Reason::NotBlacklisted`] if the customer is not on the blacklist and `opening` contains no
    /// messages; [`Reason::NotYours`] if another agent has a conversation with the customer.
    pub fn unblacklist(
        &mut self,
        opening: Option<(AgentId, Vec<HeldMessage>)>,
        now: Timestamp,
    ) -> Result<Option<u32>, Error> {
        // A retry after a lost response: report the conversation that the first attempt opened.
        if let (Some((agent, held)), Some(open)) = (&opening, &self.open)
            && (held.is_empty() && self.customer.held > 0 && self.customer.blacklisted.is_none())
            && open.agent == Some(*agent)
        {
            return Ok(Some(open.number));
        }
        let opening = opening.filter(|(_, held)| !held.is_empty());
        if self.customer.blacklisted.is_some() || opening.is_none() {
            self.customer.unblacklist()?;
        }
        let Some((agent, held)) = opening else { return Ok(None) };
        let number = match &self.open {
            // The customer has written again since, so the agent accepts that conversation.
            Some(open) if open.state == ConversationState::Waiting => self.accept(agent)?,
            Some(open) => {
                let number = open.number;
                self.check_assigned(agent)?;
                number
            }
            None => self.start_conversation(Origin::Customer, Some(agent), None, now),
        };
        for message in held {
            self.customer.fields.held_opened = self.customer.held_opened.max(message.number);
            self.add_message(Sender::Customer, message.text, message.at, true);
        }
        Ok(Some(number))
    }

    /// Returns a conversation to the queue because its agent is gone. The agent still counts as having
    /// served the customer.
    pub fn return_to_queue(&mut self, agent: AgentId) {
        if let Some(open) = self.open.as_mut().filter(|open| open.agent == Some(agent)) {
            open.state = ConversationState::Waiting;
            open.agent = None;
            self.record_open();
        }
    }

    /// Removes a blacklist entry that has expired. Such an entry has no effect, so any operation may
    /// remove it.
    pub fn remove_expired_blacklisting(&mut self, now: Timestamp) {
        self.customer.fields.blacklisted.take_if(|entry| !entry.is_in_force(now));
    }

    fn hold_message(&mut self, text: String, at: Timestamp) -> Delivered {
        self.customer.fields.held += 1;
        self.customer.fields.held_at = self.customer.held_at.max(Some(at));
        self.customer.fields.held_after = self.customer.conversations;
        let number = self.customer.held;
        self.pending.held.push(HeldMessage { customer: self.customer.key, number, text, at });
        Delivered::Held { number }
    }

    fn start_conversation(
        &mut self,
        origin: Origin,
        agent: Option<AgentId>,
        visitor: Option<VisitorInfo>,
        started_at: Timestamp,
    ) -> u32 {
        // Start times must not decrease within a customer: conversations are found by date with a
        // binary search.
        let started_at = self.customer.latest_conversation_at.map_or(started_at, |latest| latest.max(started_at));
        self.customer.fields.conversations += 1;
        let number = self.customer.conversations;
        self.customer.fields.open = Some(number);
        self.customer.fields.latest_conversation_at = self.customer.latest_conversation_at.max(Some(started_at));
        if let Some(agent) = agent {
            self.customer.record_served_by(agent, started_at);
        }
        self.open = Some(Conversation {
            customer: self.customer.key,
            number,
            channel: self.customer.channel,
            state: if agent.is_some() { ConversationState::Processing } else { ConversationState::Waiting },
            origin,
            agent,
            started_at,
            ended_at: None,
            first_message: self.customer.messages + 1,
            messages: 0,
            rating: None,
            visitor,
        });
        self.record_open();
        number
    }

    /// Adds a message to the open conversation. Returns the numbers of the conversation and the
    /// message.
    fn add_message(&mut self, sender: Sender, text: String, at: Timestamp, held: bool) -> (u32, u32) {
        let Some(open) = &mut self.open else { return (0, 0) };
        self.customer.fields.messages += 1;
        self.customer.fields.replies += u32::from(matches!(sender, Sender::Agent(_)));
        open.messages += 1;
        let (conversation, number) = (open.number, self.customer.messages);
        self.pending.messages.push(Message {
            customer: self.customer.key,
            number,
            conversation,
            sender,
            text,
            at,
            held,
        });
        self.record_open();
        (conversation, number)
    }

    fn check_assigned(&self, agent: AgentId) -> Result<(), Error> {
        let own = self.open.as_ref().is_some_and(|open| open.agent == Some(agent));
        if own { Ok(()) } else { Err(Error::of(Reason::NotYours)) }
    }

    fn record_open(&mut self) {
        if let Some(open) = self.open.clone() {
            self.record_conversation(open);
        }
    }

    fn record_conversation(&mut self, conversation: Conversation) {
        self.pending.conversations.retain(|other| other.number != conversation.number);
        self.pending.conversations.push(conversation);
    }
}

#[cfg(test)]
mod tests;
