//! The desk: all open conversations, in memory. Every agent's page reloads it after each change, so
//! scanning the table `open` for every request would cost too much.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use crate::domain::{AgentId, Conversation, CustomerKey, Timestamp, address};

/// Entry of the desk: an open conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenConversation {
    /// Key of the customer.
    pub customer: CustomerKey,
    /// Number of the conversation within its customer, from 1.
    pub number: u32,
    /// Assigned agent; `None` while the conversation is waiting.
    pub agent: Option<AgentId>,
    /// Start time. A channel may report one that is long past.
    pub started_at: Timestamp,
    /// Network of the visitor's IP address, if known.
    pub network: Option<IpAddr>,
    /// Time of the last change. The idle time counts from here and not from the start: a message may
    /// carry yesterday's time, and a conversation that was returned to the queue started long ago.
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
    /// The open conversation, if any, is unchanged.
    Same,
    /// The customer has no open conversation any more.
    Closed,
    /// The customer's open conversation is new or changed.
    Open(OpenConversation),
}

/// Open conversations, indexed by customer, agent and network.
#[derive(Default)]
pub(super) struct Desk {
    entries: HashMap<CustomerKey, Entry>,
    /// Start time and customer of each waiting conversation, oldest first.
    waiting: BTreeSet<(Timestamp, CustomerKey)>,
    /// Start time and customer of each agent's conversations, oldest first.
    by_agent: HashMap<AgentId, BTreeSet<(Timestamp, CustomerKey)>>,
    /// Number of waiting conversations from each network.
    networks: HashMap<IpAddr, u32>,
}

/// Time in milliseconds for which a conversation that left the queue stays visible to all agents. Until
/// then, an agent who was too slow to accept it gets an error that it is taken, not that it does not exist.
const RECENTLY_ACCEPTED: i64 = 10 * 60_000;

/// Newest state of a customer. It is kept for a while after the conversation closes, because
/// changes can arrive in a different order than they were committed.
struct Entry {
    version: u32,
    open: Option<OpenConversation>,
    changed_at: Timestamp,
    /// Time at which a conversation of the customer last left the queue.
    accepted_at: Option<Timestamp>,
}

impl Desk {
    /// Applies a change that produced `version` of the customer, unless the entry is at least as new.
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

    /// Replaces a customer's entry with the state in the database, unless the entry has a newer version.
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
        let accepted_at = match &before {
            Some(before) if waits(&before.open) && !waits(&open) => Some(now),
            Some(before) => before.accepted_at,
            None => None,
        };
        self.entries.insert(customer, Entry { version, open, changed_at: now, accepted_at });
        if let Some(before) = before.and_then(|entry| entry.open) {
            self.remove(&before);
        }
        if let Some(open) = open {
            self.insert(&open);
        }
    }

    /// Removes entries without an open conversation that last changed before `before`.
    pub(super) fn sweep(&mut self, before: Timestamp) {
        self.entries.retain(|_, entry| entry.open.is_some() || entry.changed_at >= before);
    }

    /// Returns at most `most` waiting conversations after the cursor `after`, oldest first.
    pub(super) fn waiting(&self, after: Option<(Timestamp, CustomerKey)>, most: usize) -> Vec<OpenConversation> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let entries = self.waiting.range((from, std::ops::Bound::Unbounded));
        entries.take(most).filter_map(|(_, customer)| self.get(*customer)).collect()
    }

    /// Returns the `most` waiting conversations that started last, newest first.
    pub(super) fn newest_waiting(&self, most: usize) -> Vec<OpenConversation> {
        self.waiting.iter().rev().take(most).filter_map(|(_, customer)| self.get(*customer)).collect()
    }

    /// Returns at most `most` waiting conversations without a change since `before`.
    pub(super) fn idle(&self, before: Timestamp, most: usize) -> Vec<OpenConversation> {
        let waiting = self.waiting.iter().filter_map(|(_, customer)| self.get(*customer));
        waiting.filter(|open| open.active_at < before).take(most).collect()
    }

    /// Returns the number of waiting conversations.
    pub(super) fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// Returns the number of waiting conversations of visitors from a network.
    pub(super) fn waiting_from(&self, network: IpAddr) -> u32 {
        self.networks.get(&network).copied().unwrap_or(0)
    }

    /// Returns an agent's conversations, oldest first.
    pub(super) fn of_agent(&self, agent: AgentId) -> Vec<OpenConversation> {
        let entries = self.by_agent.get(&agent).into_iter().flatten();
        entries.filter_map(|(_, customer)| self.get(*customer)).collect()
    }

    /// Returns the customer's open conversation, if any.
    pub(super) fn get(&self, customer: CustomerKey) -> Option<OpenConversation> {
        self.entries.get(&customer)?.open
    }

    /// Returns `true` if an agent may see that the customer has a conversation: it is waiting, left
    /// the queue in the last 10 minutes, or is assigned to the agent.
    pub(super) fn may_see(&self, customer: CustomerKey, agent: AgentId, now: Timestamp) -> bool {
        let Some(entry) = self.entries.get(&customer) else { return false };
        let own_or_waiting = entry.open.is_some_and(|open| open.agent.is_none_or(|own| own == agent));
        own_or_waiting || entry.accepted_at.is_some_and(|at| now < at.plus_millis(RECENTLY_ACCEPTED))
    }

    /// Returns all open conversations, oldest first.
    pub(super) fn all(&self) -> Vec<OpenConversation> {
        let mut all: Vec<_> = self.entries.values().filter_map(|entry| entry.open).collect();
        all.sort_by_key(|open| (open.started_at, open.customer));
        all
    }

    fn insert(&mut self, open: &OpenConversation) {
        let entry = (open.started_at, open.customer);
        match open.agent {
            Some(agent) => _ = self.by_agent.entry(agent).or_default().insert(entry),
            None => {
                self.waiting.insert(entry);
                if let Some(network) = open.network {
                    *self.networks.entry(network).or_default() += 1;
                }
            }
        }
    }

    fn remove(&mut self, open: &OpenConversation) {
        let entry = (open.started_at, open.customer);
        if let Some(agent) = open.agent {
            if let Some(own) = self.by_agent.get_mut(&agent) {
                own.remove(&entry);
                if own.is_empty() {
                    self.by_agent.remove(&agent);
                }
            }
            return;
        }
        self.waiting.remove(&entry);
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
        assert_eq!((waiting(&desk), desk.of_agent(AgentId(7)).len()), (vec![1], 1));
        apply(&mut desk, 2, 3, DeskChange::Closed);
        assert_eq!((desk.of_agent(AgentId(7)), desk.waiting_len()), (vec![], 1));
    }

    #[test]
    fn changes_in_another_order_end_in_the_same_desk() {
        let mut desk = Desk::default();
        apply(&mut desk, 1, 3, DeskChange::Closed);
        apply(&mut desk, 1, 2, open(1, Some(7), 10));
        apply(&mut desk, 1, 1, open(1, None, 10));
        assert_eq!(desk.all(), []);
        // A newer change that does not affect the desk must not hide an older one that does.
        apply(&mut desk, 2, 9, DeskChange::Same);
        apply(&mut desk, 2, 8, open(2, None, 10));
        assert_eq!(waiting(&desk), [2]);
    }

    #[test]
    fn agents_know_of_what_waits_and_of_their_own() {
        let mut desk = Desk::default();
        let may_see = |desk: &Desk, agent: u32, now: i64| desk.may_see(CustomerKey(1), AgentId(agent), Timestamp(now));
        assert!(!may_see(&desk, 7, 0));
        apply(&mut desk, 1, 1, open(1, None, 0));
        assert!(may_see(&desk, 7, 0));
        apply(&mut desk, 1, 2, open(1, Some(7), 0));
        // Another agent still sees it shortly after it was accepted, but not later.
        assert!(may_see(&desk, 8, RECENTLY_ACCEPTED - 1) && !may_see(&desk, 8, RECENTLY_ACCEPTED));
        assert!(may_see(&desk, 7, RECENTLY_ACCEPTED));
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
