//! The feed of committed events: broadcast in the process, and kept for a while for listeners that reconnect.
//!
//! A listener's position is a number of this process and not an id of the log. Ids of the log are made before the commit, so
//! that the order of ids is not the order of commits, and catching up by them means reading the log with an overlap. Positions
//! are given after the commit, under one lock with the broadcast: a listener that says its position misses nothing and hears
//! nothing twice, and no query is run for it. After a restart the positions of before mean nothing, and listeners read anew.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::domain::{AgentId, CustomerKey, Event, EventKind};

/// Events that are kept for those who reconnect.
const KEPT: usize = 4096;
/// Customers whose newest held message is kept.
const HELD_KEPT: usize = 512;
/// Events that are told again at most; reading everything anew costs less than more of them.
const MOST_MISSED: usize = 1000;
/// Events that a listener may fall behind before it has to read anew.
const BEHIND: usize = 1024;

/// A place in the feed of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Random number of the process.
    process: u64,
    /// Number of events published before.
    number: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.process, self.number)
    }
}

impl Position {
    /// Parses a position as a listener sends it back; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (process, number) = text.split_once('-')?;
        Some(Self { process: u64::from_str_radix(process, 16).ok()?, number: number.parse().ok()? })
    }
}

/// A committed event as listeners receive it.
#[derive(Debug)]
pub struct Published {
    /// Position behind the event.
    pub position: Position,
    /// The event.
    pub event: Event,
    /// The agents who served the event's customer by then: whether it is in a scope does not depend on the index.
    pub served_by: Vec<AgentId>,
}

impl Published {
    /// Returns `true` if the event is about a customer in a scope: served by this agent, or any when there is none.
    #[must_use]
    pub fn is_in_scope(&self, scope: Option<AgentId>) -> bool {
        self.event.customer.is_some() && scope.is_none_or(|agent| self.served_by.contains(&agent))
    }
}

/// Events that a listener missed.
#[derive(Debug)]
pub enum Missed {
    /// All of them, in order.
    All(Vec<Arc<Published>>),
    /// Too many, or the position is not one of this process: everything is to be read anew.
    TooMany,
}

/// Error returned to a listener that fell so far behind that it has to read everything anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind;

/// The receiving end of a listener.
#[derive(Debug)]
pub struct Listening(broadcast::Receiver<Arc<Published>>);

impl Listening {
    /// Returns the next event; `None` at the end.
    ///
    /// # Errors
    /// [`Behind`] when the listener missed some, because it was slow.
    pub async fn next(&mut self) -> Result<Option<Arc<Published>>, Behind> {
        match self.0.recv().await {
            Ok(published) => Ok(Some(published)),
            Err(RecvError::Closed) => Ok(None),
            Err(RecvError::Lagged(_)) => Err(Behind),
        }
    }
}

/// The feed.
pub(super) struct Feed {
    kept: Mutex<Kept>,
    sender: broadcast::Sender<Arc<Published>>,
    process: u64,
}

#[derive(Default)]
struct Kept {
    /// Number of the newest event.
    newest: u64,
    /// Number of the newest event that is no longer kept.
    gone: u64,
    events: VecDeque<Arc<Published>>,
    /// Newest held message of each customer. Apart from the others: somebody on the blacklist who keeps on writing must not
    /// push out what everybody else wants to catch up on.
    held: HashMap<CustomerKey, Arc<Published>>,
}

impl Feed {
    pub(super) fn new() -> Self {
        Self { kept: Mutex::default(), sender: broadcast::Sender::new(BEHIND), process: rand::random() }
    }

    /// Returns the position now. Data that are read after it contain everything published before it.
    pub(super) fn position(&self) -> Position {
        self.at(self.lock().newest)
    }

    /// Publishes an event that is committed.
    pub(super) fn publish(&self, event: Event, served_by: Vec<AgentId>) {
        let mut kept = self.lock();
        kept.newest += 1;
        let published = Arc::new(Published { position: self.at(kept.newest), event, served_by });
        kept.keep(Arc::clone(&published));
        // No listener is fine.
        let _ = self.sender.send(published);
    }

    /// Starts listening, after a position or from now on. The position that is returned is that of the start: what was missed
    /// lies before it, and what is heard behind it.
    pub(super) fn listen(&self, after: Option<Position>) -> (Missed, Position, Listening) {
        let kept = self.lock();
        let listening = Listening(self.sender.subscribe());
        let missed = match after {
            None => Missed::All(Vec::new()),
            Some(position) if position.process == self.process => kept.since(position.number),
            Some(_) => Missed::TooMany,
        };
        (missed, self.at(kept.newest), listening)
    }

    const fn at(&self, number: u64) -> Position {
        Position { process: self.process, number }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, published: Arc<Published>) {
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
            // Half at once, so that a full map is not searched with each message.
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
        let from = self.events.partition_point(|kept| kept.position.number <= number);
        let held = self.held.values().filter(|held| held.position.number > number);
        let mut missed: Vec<_> = self.events.range(from..).chain(held).take(MOST_MISSED + 1).cloned().collect();
        if missed.len() > MOST_MISSED {
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
        match feed.listen(Some(after)).0 {
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
        let Missed::All(events) = feed.listen(Some(position)).0 else { panic!("too many") };
        assert!(events[0].is_in_scope(None) && events[0].is_in_scope(Some(AgentId(3))));
        assert!(!events[0].is_in_scope(Some(AgentId(4))));
    }
}
