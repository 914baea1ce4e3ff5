//! A customer and the conversation that is open with it: every rule about who may say what to whom stands here, the
//! blacklist's among them. Channels, the visitors' page, agents, callbacks: whatever path a change takes, it is a method of
//! [`Thread`], and nothing else makes or changes conversations.

use super::blacklist::Blacklisting;
use super::conversation::{Conversation, ConversationState, Held, Message, Origin, Sender};
use super::customer::Customer;
use super::error::{Error, Reason};
use super::ids::AgentId;
use super::time::Timestamp;
use super::visitor::VisitorInfo;

/// A customer and its open conversation, and what a change of them leaves to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The customer.
    pub customer: Customer,
    /// The conversation that is open, if one is.
    pub open: Option<Conversation>,
    /// What the change brought.
    pub brought: Brought,
}

/// What a change brought, to be stored with the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Conversations that began or changed, as they are now.
    pub conversations: Vec<Conversation>,
    /// New messages.
    pub messages: Vec<Message>,
    /// New held messages.
    pub held: Vec<Held>,
}

/// What became of a customer's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It stands in a conversation.
    Said {
        /// The conversation's number.
        conversation: u32,
        /// The message's number.
        message: u32,
        /// Whether the conversation began with it.
        began: bool,
    },
    /// The customer is on the blacklist: it is kept, and nobody is told.
    Held {
        /// Its number among the customer's held messages.
        number: u32,
    },
}

/// Why a callback is not possible now; `None` of all would be that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obstacles {
    /// The unfinished conversation.
    pub open: Option<u32>,
    /// On the blacklist.
    pub blacklisted: bool,
    /// Nobody is connected to the customer's channel.
    pub unreachable: bool,
}

impl Obstacles {
    /// The one that is told: the blacklist first, since it would outlast the others.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self { blacklisted: true, .. } => Some(Reason::Blacklisted),
            Self { open: Some(number), .. } => Some(Reason::HasOpenConversation { number }),
            Self { unreachable: true, .. } => Some(Reason::ChannelUnreachable),
            _ => None,
        }
    }
}

impl Thread {
    /// The thread of a customer, with its open conversation if it has one.
    #[must_use]
    pub fn new(customer: Customer, open: Option<Conversation>) -> Self {
        Self { customer, open: open.filter(|open| open.state.is_open()), brought: Brought::default() }
    }

    /// Takes what the customer wrote. While it is on the blacklist the message is held; else it joins the open
    /// conversation, or one begins with it. `text` is as [`Message::accept`] keeps it; what is said of the visitor is
    /// [cleaned](VisitorInfo::accept) here.
    pub fn deliver(&mut self, text: String, visitor: Option<VisitorInfo>, at: Timestamp, now: Timestamp) -> Delivered {
        self.let_expire(now);
        if self.customer.blacklisted.is_some() {
            return self.hold(text, at);
        }
        let visitor = visitor.as_ref().map(VisitorInfo::accept);
        let began = self.open.is_none();
        if began {
            self.begin(Origin::Customer, None, visitor, at);
        } else if let (Some(open), Some(visitor)) = (&mut self.open, visitor) {
            open.visitor.get_or_insert(visitor);
        }
        let (conversation, message) = self.say(Sender::Customer, text, at, false);
        Delivered::Said { conversation, message, began }
    }

    /// An agent takes the waiting conversation.
    ///
    /// # Errors
    /// [`Reason::NotWaiting`] when there is none, or another agent has it.
    pub fn accept(&mut self, agent: AgentId) -> Result<u32, Error> {
        let Some(open) = &mut self.open else { return Err(Error::of(Reason::NotWaiting)) };
        match (open.state, open.agent) {
            // A second click of the same agent.
            (ConversationState::Processing, Some(own)) if own == agent => return Ok(open.number),
            (ConversationState::Waiting, _) => {}
            _ => return Err(Error::of(Reason::NotWaiting)),
        }
        open.state = ConversationState::Processing;
        open.agent = Some(agent);
        let (number, started_at) = (open.number, open.started_at);
        self.customer.serve(agent, started_at);
        self.keep_open();
        Ok(number)
    }

    /// The agent whose conversation it is writes.
    ///
    /// # Errors
    /// [`Reason::NotYours`] when the agent has no open conversation with the customer.
    pub fn reply(&mut self, agent: AgentId, text: String, now: Timestamp) -> Result<u32, Error> {
        self.must_have(agent)?;
        Ok(self.say(Sender::Agent(agent), text, now, false).1)
    }

    /// The agent whose conversation it is ends it.
    ///
    /// # Errors
    /// [`Reason::NotYours`].
    pub fn end_by(&mut self, agent: AgentId, now: Timestamp) -> Result<(), Error> {
        self.must_have(agent)?;
        self.end(now);
        Ok(())
    }

    /// Ends the open conversation, if there is one: the customer left, or was blacklisted. One that nobody had accepted
    /// is abandoned.
    pub fn end(&mut self, now: Timestamp) {
        let Some(mut open) = self.open.take() else { return };
        open.state = match open.agent {
            Some(_) => ConversationState::Ended,
            None => ConversationState::Abandoned,
        };
        open.ended_at = Some(now.max(open.started_at));
        self.customer.open = None;
        self.bring(open);
    }

    /// The customer leaves the chat: the open conversation ends. While the customer is on the blacklist there is none, and the
    /// chat with what was held is over instead.
    pub fn leave(&mut self, now: Timestamp) {
        self.customer.held_left = self.customer.held;
        self.end(now);
    }

    /// What stands in the way of a callback. `reachable` says whether anybody is connected to the customer's channel.
    #[must_use]
    pub fn obstacles(&self, reachable: bool, now: Timestamp) -> Obstacles {
        Obstacles {
            open: self.open.as_ref().map(|open| open.number),
            blacklisted: self.customer.is_blacklisted(now),
            unreachable: !reachable,
        }
    }

    /// An agent begins a conversation, which is the agent's from the start.
    ///
    /// # Errors
    /// [`Reason::HasOpenConversation`], [`Reason::Blacklisted`] or [`Reason::ChannelUnreachable`].
    pub fn call_back(&mut self, agent: AgentId, reachable: bool, now: Timestamp) -> Result<u32, Error> {
        self.let_expire(now);
        if let Some(reason) = self.obstacles(reachable, now).reason() {
            return Err(Error::of(reason));
        }
        Ok(self.begin(Origin::Callback, Some(agent), None, now))
    }

    /// Puts the customer on the blacklist; the open conversation ends.
    ///
    /// # Errors
    /// [`Reason::AlreadyBlacklisted`].
    pub fn blacklist(&mut self, entry: Blacklisting, now: Timestamp) -> Result<(), Error> {
        self.let_expire(now);
        self.customer.blacklist(entry)?;
        self.end(now);
        Ok(())
    }

    /// Takes the customer off the blacklist. With an opening, the oldest held messages become a conversation of that agent, or
    /// go on in the one it has already; returns its number. Without held messages none begins.
    ///
    /// # Errors
    /// [`Reason::NotBlacklisted`] when the customer is not on it and nothing is held; [`Reason::NotYours`] when somebody else
    /// has a conversation with the customer.
    pub fn unblacklist(&mut self, opening: Option<(AgentId, Vec<Held>)>, now: Timestamp) -> Result<Option<u32>, Error> {
        // The answer of the first time may have been lost.
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
            // The customer wrote again since: the agent takes that conversation.
            Some(open) if open.state == ConversationState::Waiting => self.accept(agent)?,
            Some(open) => {
                let number = open.number;
                self.must_have(agent)?;
                number
            }
            None => self.begin(Origin::Customer, Some(agent), None, now),
        };
        for message in held {
            self.customer.held_opened = self.customer.held_opened.max(message.number);
            self.say(Sender::Customer, message.text, message.at, true);
        }
        Ok(Some(number))
    }

    /// Puts the conversation of an agent who is gone back to waiting. The agent has served the customer all the same.
    pub fn give_back(&mut self, agent: AgentId) {
        if let Some(open) = self.open.as_mut().filter(|open| open.agent == Some(agent)) {
            open.state = ConversationState::Waiting;
            open.agent = None;
            self.keep_open();
        }
    }

    /// An entry that has run out is as good as removed; whoever comes next removes it.
    pub fn let_expire(&mut self, now: Timestamp) {
        self.customer.blacklisted.take_if(|entry| !entry.is_in_force(now));
    }

    fn hold(&mut self, text: String, at: Timestamp) -> Delivered {
        self.customer.held += 1;
        self.customer.held_at = self.customer.held_at.max(Some(at));
        self.customer.held_after = self.customer.conversations;
        let number = self.customer.held;
        self.brought.held.push(Held { customer: self.customer.key, number, text, at });
        Delivered::Held { number }
    }

    fn begin(
        &mut self,
        origin: Origin,
        agent: Option<AgentId>,
        visitor: Option<VisitorInfo>,
        started_at: Timestamp,
    ) -> u32 {
        // Conversations never begin before the one before them: they are found by date by halving.
        let started_at = self.customer.latest_conversation_at.map_or(started_at, |latest| latest.max(started_at));
        self.customer.conversations += 1;
        let number = self.customer.conversations;
        self.customer.open = Some(number);
        self.customer.latest_conversation_at = self.customer.latest_conversation_at.max(Some(started_at));
        if let Some(agent) = agent {
            self.customer.serve(agent, started_at);
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
        self.keep_open();
        number
    }

    /// Adds a message to the open conversation; its numbers.
    fn say(&mut self, sender: Sender, text: String, at: Timestamp, held: bool) -> (u32, u32) {
        let Some(open) = &mut self.open else { return (0, 0) };
        self.customer.messages += 1;
        self.customer.replies += u32::from(matches!(sender, Sender::Agent(_)));
        open.messages += 1;
        let (conversation, number) = (open.number, self.customer.messages);
        self.brought.messages.push(Message {
            customer: self.customer.key,
            number,
            conversation,
            sender,
            text,
            at,
            held,
        });
        self.keep_open();
        (conversation, number)
    }

    fn must_have(&self, agent: AgentId) -> Result<(), Error> {
        let own = self.open.as_ref().is_some_and(|open| open.agent == Some(agent));
        if own { Ok(()) } else { Err(Error::of(Reason::NotYours)) }
    }

    fn keep_open(&mut self) {
        if let Some(open) = self.open.clone() {
            self.bring(open);
        }
    }

    fn bring(&mut self, conversation: Conversation) {
        self.brought.conversations.retain(|other| other.number != conversation.number);
        self.brought.conversations.push(conversation);
    }
}

#[cfg(test)]
mod tests;
