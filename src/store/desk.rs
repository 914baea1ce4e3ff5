//! The desk: all open conversations, in memory. Every agent's page asks for it whenever anything moves, so that it must not
//! cost a walk over the table `open` each time.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use crate::domain::{AgentId, Conversation, CustomerKey, Timestamp, address};

/// An open conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenConversation {
    /// The customer.
    pub customer: CustomerKey,
    /// Its number.
    pub number: u32,
    /// The agent who has it; none while it waits.
    pub agent: Option<AgentId>,
    /// Moment of its beginning.
    pub started_at: Timestamp,
    /// Network that the visitor came from, if known.
    pub network: Option<IpAddr>,
    /// When something last happened in it. Waiting counts from then on: a message may say that it is of yesterday, and a
    /// conversation that went back to waiting began long ago.
    pub active_at: Timestamp,
}

impl From<&Conversation> for OpenConversation {
    fn from(conversation: &Conversation) -> Self {
        let ip = conversation.visitor.as_ref().and_then(|visitor| visitor.ip.parse().ok());
        Self {
            customer: conversation.customer,
            number: conversation.number,
            agent: conversation.agent,
            started_at: conversation.started_at,
            network: ip.map(address::network),
            active_at: conversation.started_at,
        }
    }
}

/// Effect of a customer's change on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeskChange {
    /// The open conversation, if any, is as it was.
    Same,
    /// No conversation is open.
    Closed,
    /// This conversation is open.
    Open(OpenConversation),
}

/// All open conversations.
#[derive(Default)]
pub(super) struct Desk {
    entries: HashMap<CustomerKey, Entry>,
    /// Waiting ones, the oldest first.
    waiting: BTreeSet<(Timestamp, CustomerKey)>,
    /// Those of each agent, the oldest first.
    own: HashMap<AgentId, BTreeSet<(Timestamp, CustomerKey)>>,
    /// Waiting ones of each network.
    networks: HashMap<IpAddr, u32>,
}

/// Time in milliseconds for which agents who were slower learn that a conversation is taken, and not that it does not exist.
const TAKEN_LATELY: i64 = 10 * 60_000;

/// The newest state of a customer. A closed one is kept for a while, because changes can arrive in another order than they were
/// committed in.
struct Entry {
    version: u32,
    open: Option<OpenConversation>,
    changed_at: Timestamp,
    /// Moment at which the conversation last stopped waiting.
    taken_at: Option<Timestamp>,
}

impl Desk {
    /// Applies a change that made `version` of the customer; an older one than is known changes nothing.
    pub(super) fn apply(&mut self, customer: CustomerKey, version: u32, change: DeskChange, now: Timestamp) {
        let open = match change {
            DeskChange::Same => return,
            DeskChange::Closed => None,
            DeskChange::Open(open) => Some(open),
        };
        if self.entries.get(&customer).is_none_or(|entry| entry.version < version) {
            self.replace(customer, version, open, now);
        }
    }

    /// Replaces what is known of a customer by what the database has, unless a newer version is known.
    pub(super) fn correct(
        &mut self,
        customer: CustomerKey,
        version: u32,
        open: Option<OpenConversation>,
        now: Timestamp,
    ) {
        if self.entries.get(&customer).is_none_or(|entry| entry.version <= version) {
            self.replace(customer, version, open, now);
        }
    }

    fn replace(&mut self, customer: CustomerKey, version: u32, open: Option<OpenConversation>, now: Timestamp) {
        let before = self.entries.remove(&customer);
        let waits = |open: &Option<OpenConversation>| open.is_some_and(|open| open.agent.is_none());
        let taken_at = match &before {
            Some(before) if waits(&before.open) && !waits(&open) => Some(now),
            Some(before) => before.taken_at,
            None => None,
        };
        self.entries.insert(customer, Entry { version, open, changed_at: now, taken_at });
        if let Some(before) = before.and_then(|entry| entry.open) {
            self.leave(&before);
        }
        if let Some(open) = open {
            self.enter(&open);
        }
    }

    /// Forgets customers without an open conversation whose last change is before `before`.
    pub(super) fn sweep(&mut self, before: Timestamp) {
        self.entries.retain(|_, entry| entry.open.is_some() || entry.changed_at >= before);
    }

    /// Returns the waiting conversations after a place, the oldest first; at most `most`.
    pub(super) fn waiting(&self, after: Option<(Timestamp, CustomerKey)>, most: usize) -> Vec<OpenConversation> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let places = self.waiting.range((from, std::ops::Bound::Unbounded));
        places.take(most).filter_map(|(_, customer)| self.of(*customer)).collect()
    }

    /// Returns the waiting conversations that began last, the newest first; at most `most`.
    pub(super) fn newest_waiting(&self, most: usize) -> Vec<OpenConversation> {
        self.waiting.iter().rev().take(most).filter_map(|(_, customer)| self.of(*customer)).collect()
    }

    /// Returns waiting conversations in which nothing has happened since a moment; at most `most`.
    pub(super) fn idle(&self, before: Timestamp, most: usize) -> Vec<OpenConversation> {
        let waiting = self.waiting.iter().filter_map(|(_, customer)| self.of(*customer));
        waiting.filter(|open| open.active_at < before).take(most).collect()
    }

    /// Number of waiting conversations.
    pub(super) fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// Number of waiting conversations of visitors from a network.
    pub(super) fn waiting_from(&self, network: IpAddr) -> u32 {
        self.networks.get(&network).copied().unwrap_or(0)
    }

    /// Returns an agent's conversations, the oldest first.
    pub(super) fn own(&self, agent: AgentId) -> Vec<OpenConversation> {
        let places = self.own.get(&agent).into_iter().flatten();
        places.filter_map(|(_, customer)| self.of(*customer)).collect()
    }

    /// Returns the open conversation of a customer.
    pub(super) fn of(&self, customer: CustomerKey) -> Option<OpenConversation> {
        self.entries.get(&customer)?.open
    }

    /// Returns `true` if an agent may know of a customer's conversation: it waits, waited until just now, or is the agent's.
    pub(super) fn may_know(&self, customer: CustomerKey, agent: AgentId, now: Timestamp) -> bool {
        let Some(entry) = self.entries.get(&customer) else { return false };
        let own_or_waiting = entry.open.is_some_and(|open| open.agent.is_none_or(|own| own == agent));
        own_or_waiting || entry.taken_at.is_some_and(|at| now < at.plus_millis(TAKEN_LATELY))
    }

    /// Returns all open conversations, the oldest first.
    pub(super) fn all(&self) -> Vec<OpenConversation> {
        let mut all: Vec<_> = self.entries.values().filter_map(|entry| entry.open).collect();
        all.sort_by_key(|open| (open.started_at, open.customer));
        all
    }

    fn enter(&mut self, open: &OpenConversation) {
        let place = (open.started_at, open.customer);
        match open.agent {
            Some(agent) => _ = self.own.entry(agent).or_default().insert(place),
            None => {
                self.waiting.insert(place);
                if let Some(network) = open.network {
                    *self.networks.entry(network).or_default() += 1;
                }
            }
        }
    }

    fn leave(&mut self, open: &OpenConversation) {
        let place = (open.started_at, open.customer);
        if let Some(agent) = open.agent {
            if let Some(own) = self.own.get_mut(&agent) {
                own.remove(&place);
                if own.is_empty() {
                    self.own.remove(&agent);
                }
            }
            return;
        }
        self.waiting.remove(&place);
        if let Some(network) = open.network
            && let Some(count) = self.networks.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                self.networks.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(customer: u64, agent: Option<u32>, started_at: i64) -> DeskChange {
        DeskChange::Open(OpenConversation {
            customer: CustomerKey(customer),
            number: 1,
            agent: agent.map(AgentId),
            started_at: Timestamp(started_at),
            network: Some(IpAddr::from([192, 0, 2, 1])),
            active_at: Timestamp(started_at),
        })
    }

    fn apply(desk: &mut Desk, customer: u64, version: u32, change: DeskChange) {
        desk.apply(CustomerKey(customer), version, change, Timestamp(0));
    }

    fn waiting(desk: &Desk) -> Vec<u64> {
        desk.waiting(None, 100).iter().map(|open| open.customer.0).collect()
    }

    #[test]
    fn the_longest_waiting_comes_first_and_an_accepted_one_moves_to_its_agent() {
        let mut desk = Desk::default();
        apply(&mut desk, 1, 1, open(1, None, 20));
        apply(&mut desk, 2, 1, open(2, None, 10));
        assert_eq!(waiting(&desk), [2, 1]);
        let first = desk.waiting(None, 1)[0];
        assert_eq!(desk.waiting(Some((first.started_at, first.customer)), 9)[0].customer, CustomerKey(1));
        assert_eq!(desk.newest_waiting(1)[0].customer, CustomerKey(1));
        apply(&mut desk, 2, 2, open(2, Some(7), 10));
        assert_eq!((waiting(&desk), desk.own(AgentId(7)).len()), (vec![1], 1));
        apply(&mut desk, 2, 3, DeskChange::Closed);
        assert_eq!((desk.own(AgentId(7)), desk.waiting_len()), (vec![], 1));
    }

    #[test]
    fn changes_in_another_order_end_in_the_same_desk() {
        let mut desk = Desk::default();
        apply(&mut desk, 1, 3, DeskChange::Closed);
        apply(&mut desk, 1, 2, open(1, Some(7), 10));
        apply(&mut desk, 1, 1, open(1, None, 10));
        assert_eq!(desk.all(), []);
        // A later change that leaves the desk alone does not hide an earlier one that does not.
        apply(&mut desk, 2, 9, DeskChange::Same);
        apply(&mut desk, 2, 8, open(2, None, 10));
        assert_eq!(waiting(&desk), [2]);
    }

    #[test]
    fn agents_know_of_what_waits_and_of_their_own() {
        let mut desk = Desk::default();
        let may_know =
            |desk: &Desk, agent: u32, now: i64| desk.may_know(CustomerKey(1), AgentId(agent), Timestamp(now));
        assert!(!may_know(&desk, 7, 0));
        apply(&mut desk, 1, 1, open(1, None, 0));
        assert!(may_know(&desk, 7, 0));
        apply(&mut desk, 1, 2, open(1, Some(7), 0));
        // The slower one of two learns that it is taken, and nobody who comes later.
        assert!(may_know(&desk, 8, TAKEN_LATELY - 1) && !may_know(&desk, 8, TAKEN_LATELY));
        assert!(may_know(&desk, 7, TAKEN_LATELY));
    }

    #[test]
    fn waiting_conversations_are_counted_by_network() {
        let (mut desk, network) = (Desk::default(), IpAddr::from([192, 0, 2, 1]));
        apply(&mut desk, 1, 1, open(1, None, 10));
        apply(&mut desk, 2, 1, open(2, None, 11));
        assert_eq!(desk.waiting_from(network), 2);
        apply(&mut desk, 1, 2, open(1, Some(7), 10));
        apply(&mut desk, 2, 2, DeskChange::Closed);
        assert_eq!((desk.waiting_from(network), desk.networks.len()), (0, 0));
    }
}
