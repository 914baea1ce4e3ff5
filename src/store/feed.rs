//! Feed of committed events: broadcast within the process, and kept for a while for listeners that reconnect.
//!
//! A listener's position is a sequence number of this process and not an id of the event log. Log ids
//! are assigned before the commit, so their order is not the order of commits, and catching up by id
//! would mean reading the log with an overlap. Positions are assigned after the commit, under the same
//! lock as the broadcast: a listener that sends its position misses nothing, receives nothing twice,
//! and needs no query. After a restart all positions are invalid and listeners reload everything.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::domain::{AgentId, CustomerKey, Event, EventKind};

/// Number of events that are kept for listeners that reconnect.
const KEPT: usize = 4096;
/// Maximum number of customers whose newest held message is kept.
const HELD_KEPT: usize = 512;
/// Maximum number of events that are replayed. Replaying more would cost more than reloading everything.
const MAX_MISSED: usize = 1000;
/// Number of events that a listener may fall behind before it must reload everything.
const MAX_LAG: usize = 1024;

/// Position in the feed of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Random number that identifies the process.
    process: u64,
    /// Number of events published up to this position.
    number: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.process, self.number)
    }
}

impl Position {
    /// Parses the position that a listener sent back. Returns `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (process, number) = text.split_once('-')?;
        Some(Self { process: u64::from_str_radix(process, 16).ok()?, number: number.parse().ok()? })
    }
}

/// Committed event as listeners receive it.
#[derive(Debug)]
pub struct Published {
    /// Position directly after the event.
    pub position: Position,
    /// Event as it was written to the log.
    pub event: Event,
    /// Agents who had served the event's customer by then. Makes scope checks independent of the index.
    pub served_by: Vec<AgentId>,
}

impl Published {
    /// Returns `true` if the event is about a customer in scope: served by this agent, or any if `None`.
    #[must_use]
    pub fn is_in_scope(&self, scope: Option<AgentId>) -> bool {
        self.event.customer.is_some() && scope.is_none_or(|agent| self.served_by.contains(&agent))
    }
}

/// Events that a listener missed since its position.
#[derive(Debug)]
pub enum Missed {
    /// All missed events, in order.
    All(Vec<Arc<Published>>),
    /// Too many events, or a position that is too old or of another process: the listener must reload
    /// everything.
    TooMany,
}

/// Error returned to a listener that fell so far behind that it must reload everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lagged;

/// Receiving end of a listener's subscription.
#[derive(Debug)]
pub struct Subscription(broadcast::Receiver<Arc<Published>>);

impl Subscription {
    /// Waits for the next event. Returns `None` once the feed is closed.
    ///
    /// # Errors
    /// Returns [`Lagged`] if the listener was too slow and missed events.
    pub async fn next(&mut self) -> Result<Option<Arc<Published>>, Lagged> {
        match self.0.recv().await {
            Ok(published) => Ok(Some(published)),
            Err(RecvError::Closed) => Ok(None),
            Err(RecvError::Lagged(_)) => Err(Lagged),
        }
    }
}

/// Broadcast of committed events, with a buffer for replay.
pub(super) struct Feed {
    buffer: Mutex<Buffer>,
    sender: broadcast::Sender<Arc<Published>>,
    process: u64,
}

#[derive(Default)]
struct Buffer {
    /// Number of the newest event.
    newest: u64,
    /// Number of the newest event that has been discarded.
    gone: u64,
    events: VecDeque<Arc<Published>>,
    /// Newest held message of each customer. Kept apart from the other events, so that a
    /// blacklisted customer who keeps writing cannot push out events that listeners need.
    held: HashMap<CustomerKey, Arc<Published>>,
}

impl Feed {
    pub(super) fn new() -> Self {
        Self { buffer: Mutex::default(), sender: broadcast::Sender::new(MAX_LAG), process: rand::random() }
    }

    /// Returns the current position. Data that is read afterwards contains every event published before it.
    pub(super) fn position(&self) -> Position {
        self.at(self.lock().newest)
    }

    /// Publishes a committed event.
    pub(super) fn publish(&self, event: Event, served_by: Vec<AgentId>) {
        let mut buffer = self.lock();
        buffer.newest += 1;
        let published = Arc::new(Published { position: self.at(buffer.newest), event, served_by });
        buffer.push(Arc::clone(&published));
        // `send` fails only if there are no listeners.
        let _ = self.sender.send(published);
    }

    /// Subscribes to the events after a position, or from now on. Missed events lie before the
    /// returned position; events from the subscription lie after it.
    pub(super) fn subscribe(&self, after: Option<Position>) -> (Missed, Position, Subscription) {
        let buffer = self.lock();
        let subscription = Subscription(self.sender.subscribe());
        let missed = match after {
            None => Missed::All(Vec::new()),
            Some(position) if position.process == self.process => buffer.since(position.number),
            Some(_) => Missed::TooMany,
        };
        (missed, self.at(buffer.newest), subscription)
    }

    const fn at(&self, number: u64) -> Position {
        Position { process: self.process, number }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffer {
    fn push(&mut self, published: Arc<Published>) {
        match published.event.customer.filter(|_| published.event.kind == EventKind::MessageHeld) {
            Some(customer) => _ = self.held.insert(customer, published),
            None => self.events.push_back(published),
        }
        if self.events.len() > KEPT
            && let Some(oldest) = self.events.pop_front()
        {
            self.gone = self.gone.max(oldest.position.number);
        }
        if self.held.len() > HELD_KEPT {
            // Discard half at once, so that a full map is not searched for every message.
            let mut numbers: Vec<u64> = self.held.values().map(|held| held.position.number).collect();
            let (_, middle, _) = numbers.select_nth_unstable(HELD_KEPT / 2);
            let middle = *middle;
            self.held.retain(|_, held| held.position.number > middle);
            self.gone = self.gone.max(middle);
        }
    }

    fn since(&self, number: u64) -> Missed {
        if number < self.gone || number > self.newest {
            return Missed::TooMany;
        }
        let from = self.events.partition_point(|published| published.position.number <= number);
        let held = self.held.values().filter(|held| held.position.number > number);
        let mut missed: Vec<_> = self.events.range(from..).chain(held).take(MAX_MISSED + 1).cloned().collect();
        if missed.len() > MAX_MISSED {
            return Missed::TooMany;
        }
        missed.sort_by_key(|published| published.position.number);
        Missed::All(missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Actor, EventId, Timestamp};

    fn event(customer: u64, kind: EventKind) -> Event {
        Event {
            id: EventId(String::new()),
            at: Timestamp(0),
            actor: Actor::System,
            kind,
            customer: Some(CustomerKey(customer)),
            changes: Vec::new(),
            conversation: None,
            message: None,
            version: 1,
        }
    }

    fn missed(feed: &Feed, after: Position) -> Option<Vec<u64>> {
        match feed.subscribe(Some(after)).0 {
            Missed::All(events) => Some(events.iter().map(|own| own.event.customer.unwrap().0).collect()),
            Missed::TooMany => None,
        }
    }

    #[test]
    fn a_listener_misses_nothing_after_its_position_and_hears_nothing_twice() {
        let feed = Feed::new();
        feed.publish(event(1, EventKind::TagsChanged), Vec::new());
        let position = feed.position();
        assert_eq!(missed(&feed, position), Some(vec![]));
        for customer in 2..5 {
            feed.publish(event(customer, EventKind::TagsChanged), Vec::new());
        }
        assert_eq!(missed(&feed, position), Some(vec![2, 3, 4]));
        assert_eq!(missed(&feed, Position::parse(&position.to_string()).unwrap()), Some(vec![2, 3, 4]));
    }

    #[test]
    fn a_position_of_another_process_or_of_long_ago_reads_anew() {
        let feed = Feed::new();
        let position = feed.position();
        assert_eq!(missed(&Feed::new(), position), None);
        for customer in 0..=KEPT as u64 {
            feed.publish(event(customer, EventKind::TagsChanged), Vec::new());
        }
        assert_eq!(missed(&feed, position), None);
        assert_eq!(missed(&feed, Position { number: u64::MAX, ..position }), None);
        assert_eq!(Position::parse("nonsense"), None);
    }

    #[test]
    fn a_flood_of_held_messages_pushes_nothing_out() {
        let feed = Feed::new();
        let position = feed.position();
        feed.publish(event(1, EventKind::MessageSent), Vec::new());
        for _ in 0..3 * KEPT {
            feed.publish(event(2, EventKind::MessageHeld), Vec::new());
        }
        assert_eq!(missed(&feed, position), Some(vec![1, 2]));
        for customer in 0..2 * HELD_KEPT as u64 {
            feed.publish(event(customer, EventKind::MessageHeld), Vec::new());
        }
        assert_eq!(missed(&feed, position), None);
    }

    #[test]
    fn scope_is_told_by_who_served_the_customer() {
        let feed = Feed::new();
        let position = feed.position();
        feed.publish(event(1, EventKind::TagsChanged), vec![AgentId(3)]);
        let Missed::All(events) = feed.subscribe(Some(position)).0 else { panic!("too many") };
        assert!(events[0].is_in_scope(None) && events[0].is_in_scope(Some(AgentId(3))));
        assert!(!events[0].is_in_scope(Some(AgentId(4))));
    }
}
