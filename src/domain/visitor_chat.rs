//! The chat as its visitor sees it. Held messages appear as if they had been delivered; nothing here may
//! reveal that the visitor is on the blacklist.

use super::conversation::{Conversation, ConversationState, HeldMessage};
use super::customer::Customer;
use super::named::named;
use super::settings::Settings;
use super::time::Timestamp;

named! {
    /// State of the chat as its visitor sees it.
    #[derive(Default)]
    pub enum ChatState {
        /// The visitor has not written yet.
        #[default]
        Empty = "empty",
        /// No agent has accepted the conversation yet.
        Waiting = "waiting",
        /// An agent has accepted the conversation.
        Talking = "talking",
        /// The conversation has ended.
        Ended = "ended",
        /// The conversation has ended and is rated.
        Rated = "rated",
    }
}

/// State of a visitor's chat. The default is the chat of a visitor who has not written yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisitorChat {
    /// State that the visitor sees.
    pub state: ChatState,
    /// End of the conversation that the visitor can rate; `None` if there is none. A
    /// conversation number would reveal how many conversations there were, and held messages have none.
    pub to_rate: Option<Timestamp>,
}

impl VisitorChat {
    /// Number of newest conversations that a visitor can rate. No page stays open for longer than that.
    pub const RATEABLE: u32 = 20;

    /// Returns the chat whose newest messages are in a conversation.
    #[must_use]
    pub const fn of_conversation(newest: &Conversation) -> Self {
        match newest.state {
            ConversationState::Waiting => Self { state: ChatState::Waiting, to_rate: None },
            ConversationState::Processing => Self { state: ChatState::Talking, to_rate: None },
            ConversationState::Ended if newest.rating.is_some() => Self { state: ChatState::Rated, to_rate: None },
            ConversationState::Ended => Self { state: ChatState::Ended, to_rate: newest.ended_at },
            ConversationState::Abandoned => Self { state: ChatState::Ended, to_rate: None },
        }
    }

    /// Returns the chat of the messages held since the last conversation, or `None` if another
    /// conversation has started since `newest`, the newest of them.
    ///
    /// They would have started a conversation, so the visitor sees its state: waiting, or ended like a
    /// real one. This continues after the customer is taken off the blacklist, because the visitor must
    /// not see when that happens.
    #[must_use]
    pub fn of_held(customer: &Customer, newest: &HeldMessage, settings: &Settings, now: Timestamp) -> Option<Self> {
        let over = !is_after_leaving(customer, newest) || newest.at < settings.abandon_before(now);
        let state = if over { ChatState::Ended } else { ChatState::Waiting };
        (customer.conversations == customer.held_after).then_some(Self { state, to_rate: None })
    }

    /// Returns `true` if a held message belongs to the chat that the visitor sees as open. `over` is the
    /// end of the last conversation that has ended.
    #[must_use]
    pub fn has_held(customer: &Customer, held: &HeldMessage, over: Option<Timestamp>) -> bool {
        over.is_none_or(|over| held.at >= over) && is_after_leaving(customer, held)
    }
}

/// Returns `true` if the visitor has not left the chat since sending the held message.
const fn is_after_leaving(customer: &Customer, held: &HeldMessage) -> bool {
    held.number > customer.fields.held_left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, Blacklisting, Channel, CustomerAggregate, CustomerId, CustomerKey, Profile, Rating};

    const NOW: Timestamp = Timestamp(100_000_000);

    fn aggregate() -> CustomerAggregate {
        let id = CustomerId::of_visitor("1");
        CustomerAggregate::new(Customer::new(CustomerKey(7), id, Channel::Web, Profile::default(), Timestamp(0)), None)
    }

    fn of_newest(aggregate: &CustomerAggregate) -> VisitorChat {
        VisitorChat::of_conversation(aggregate.pending.conversations.last().unwrap())
    }

    fn held(aggregate: &mut CustomerAggregate) -> HeldMessage {
        aggregate.deliver("hello?".into(), None, NOW, NOW);
        aggregate.pending.held.last().unwrap().clone()
    }

    fn of_held(aggregate: &CustomerAggregate, newest: &HeldMessage, now: Timestamp) -> Option<ChatState> {
        VisitorChat::of_held(&aggregate.customer, newest, &Settings::default(), now).map(|chat| chat.state)
    }

    #[test]
    fn a_chat_can_be_rated_once_an_agent_has_ended_it() {
        let mut aggregate = aggregate();
        aggregate.deliver("hello".into(), None, NOW, NOW);
        assert_eq!(of_newest(&aggregate), VisitorChat { state: ChatState::Waiting, to_rate: None });
        aggregate.accept(AgentId(1)).unwrap();
        assert_eq!(of_newest(&aggregate), VisitorChat { state: ChatState::Talking, to_rate: None });
        aggregate.end(NOW);
        assert_eq!(of_newest(&aggregate), VisitorChat { state: ChatState::Ended, to_rate: Some(NOW) });
        let ended = aggregate.pending.conversations.last_mut().unwrap();
        ended.rate(Rating::new(5, "", NOW).unwrap()).unwrap();
        assert_eq!(of_newest(&aggregate), VisitorChat { state: ChatState::Rated, to_rate: None });
    }

    #[test]
    fn held_messages_look_like_a_conversation_that_waits_and_is_abandoned() {
        let mut aggregate = aggregate();
        aggregate.blacklist(Blacklisting::new("abuse", None, NOW, None).unwrap(), NOW).unwrap();
        let newest = held(&mut aggregate);
        assert_eq!(of_held(&aggregate, &newest, NOW), Some(ChatState::Waiting));
        let later = NOW.plus_millis(25 * 3_600_000);
        assert_eq!(of_held(&aggregate, &newest, later), Some(ChatState::Ended));
        // Being taken off the blacklist changes nothing; the next conversation does.
        aggregate.unblacklist(None, NOW).unwrap();
        assert_eq!(of_held(&aggregate, &newest, NOW), Some(ChatState::Waiting));
        aggregate.deliver("hello".into(), None, NOW, NOW);
        assert_eq!(of_held(&aggregate, &newest, NOW), None);
    }

    #[test]
    fn leaving_ends_the_chat_of_the_held_messages() {
        let mut aggregate = aggregate();
        aggregate.blacklist(Blacklisting::new("abuse", None, NOW, None).unwrap(), NOW).unwrap();
        let first = held(&mut aggregate);
        aggregate.leave(NOW);
        assert_eq!(of_held(&aggregate, &first, NOW), Some(ChatState::Ended));
        assert!(!VisitorChat::has_held(&aggregate.customer, &first, None));
        let second = held(&mut aggregate);
        assert_eq!(of_held(&aggregate, &second, NOW), Some(ChatState::Waiting));
        assert!(VisitorChat::has_held(&aggregate.customer, &second, Some(NOW)));
        assert!(!VisitorChat::has_held(&aggregate.customer, &second, Some(NOW.plus_millis(1))));
    }
}
