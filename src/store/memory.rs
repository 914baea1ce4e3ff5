//! In-memory state of the process: index, desk, settings and event feed. `Memory::publish` is the
//! only path by which a committed change gets there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{Semaphore, watch};

use super::Result;
use super::clock::Clock;
use super::desk::{Desk, DeskChange, OpenConversation};
use super::events::EventRow;
use super::feed::Feed;
use crate::domain::{Customer, CustomerKey, Event, Settings, Timestamp};
use crate::index::Index;

/// In-memory changes that follow from a committed write.
pub(super) enum MemoryUpdate {
    /// The write changed nothing that is kept in memory.
    Nothing,
    /// Customers after the write.
    Customers(Vec<UpdatedCustomer>),
    /// Settings after the write.
    Settings(Settings),
}

/// Customer after a write, with the change of its open conversation.
pub(super) struct UpdatedCustomer {
    pub(super) customer: Customer,
    pub(super) desk: DeskChange,
}

impl MemoryUpdate {
    /// Returns the keys of the customers; empty for other news.
    pub(super) fn keys(&self) -> Vec<CustomerKey> {
        match self {
            Self::Customers(customers) => customers.iter().map(|latest| latest.customer.key).collect(),
            _ => Vec::new(),
        }
    }
}

/// State of the index.
#[derive(Default)]
enum Filling {
    /// No index was requested yet. Commands such as seeding need none.
    #[default]
    NotBegun,
    /// The customer table is being read. Holds the customers that changed meanwhile.
    Begun(Vec<Customer>),
    /// The index is complete and receives every change immediately.
    Done,
}

/// In-memory state; see the [module documentation](self).
pub(super) struct Memory {
    clock: Clock,
    index: RwLock<Index>,
    filling: Mutex<Filling>,
    warm: watch::Sender<bool>,
    indexed: AtomicU64,
    desk: RwLock<Desk>,
    settings: watch::Sender<Settings>,
    pub(super) feed: Feed,
    /// Number of unfinished writes per customer, counted from the start of a write to its publication.
    in_flight: Mutex<HashMap<CustomerKey, u32>>,
    /// Limits concurrent searches to the number of cores (at least 2). A search occupies a core for
    /// milliseconds; the other threads stay free for other requests.
    pub(super) searches: Semaphore,
    healed: AtomicU64,
}

impl Memory {
    pub(super) fn new(settings: Settings, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            clock,
            index: RwLock::new(Index::new()),
            filling: Mutex::default(),
            warm: watch::Sender::new(false),
            indexed: AtomicU64::new(0),
            desk: RwLock::default(),
            settings: watch::Sender::new(settings),
            feed: Feed::new(),
            in_flight: Mutex::default(),
            searches: Semaphore::new(cores.max(2)),
            healed: AtomicU64::new(0),
        }
    }

    /// Applies a committed change to memory, then broadcasts its event. The index is updated first,
    /// so that writers read their own writes.
    pub(super) fn publish(&self, event: EventRow, update: MemoryUpdate) -> Result<()> {
        let mut served_by = Vec::new();
        match update {
            MemoryUpdate::Nothing => {}
            MemoryUpdate::Settings(settings) => self.set_settings(settings),
            MemoryUpdate::Customers(customers) => {
                if let [only] = customers.as_slice() {
                    served_by.clone_from(&only.customer.served_by);
                }
                self.apply(customers);
            }
        }
        self.feed.publish(Event::try_from(event)?, served_by);
        Ok(())
    }

    /// Applies customers to desk and index. Versions older than the current one change nothing.
    fn apply(&self, customers: Vec<UpdatedCustomer>) {
        let now = self.clock.now();
        {
            let mut desk = self.desk_write();
            for UpdatedCustomer { customer, desk: change } in &customers {
                desk.apply(customer.key, customer.version, *change, now);
            }
        }
        self.upsert_into_index(customers.into_iter().map(|latest| latest.customer).collect());
    }

    /// Overwrites index and desk with customers read from the database, each with its open conversation.
    pub(super) fn correct(&self, customers: Vec<(Customer, Option<OpenConversation>)>) {
        let now = self.clock.now();
        {
            let mut desk = self.desk_write();
            for (customer, open) in &customers {
                desk.correct(customer.key, customer.version, *open, now);
            }
        }
        self.upsert_into_index(customers.into_iter().map(|(customer, _)| customer).collect());
    }

    fn upsert_into_index(&self, customers: Vec<Customer>) {
        match &mut *self.lock_filling() {
            Filling::NotBegun => return,
            Filling::Begun(queue) => return queue.extend(customers),
            Filling::Done => {}
        }
        in_place(|| {
            // Locks the index for each customer, so that a batch does not block searches.
            for customer in &customers {
                let mut index = self.index_write();
                index.upsert(customer);
                self.indexed.store(index.len() as u64, Ordering::Relaxed);
            }
        });
    }

    /// Replaces the settings unless the current ones are newer: two changes may finish in a different
    /// order than they were committed in.
    pub(super) fn set_settings(&self, settings: Settings) {
        self.settings.send_if_modified(|current| {
            let newer = current.version < settings.version;
            if newer {
                *current = settings;
            }
            newer
        });
    }

    pub(super) const fn settings(&self) -> &watch::Sender<Settings> {
        &self.settings
    }

    /// Marks customers as being written until the returned guard is dropped.
    pub(super) fn in_flight(self: &Arc<Self>, keys: Vec<CustomerKey>) -> InFlight {
        let mut in_flight = self.lock_in_flight();
        for key in &keys {
            *in_flight.entry(*key).or_default() += 1;
        }
        InFlight { memory: Arc::clone(self), keys }
    }

    /// Returns `true` while a customer is being written.
    pub(super) fn is_in_flight(&self, key: CustomerKey) -> bool {
        self.lock_in_flight().contains_key(&key)
    }

    /// Returns `true` once the index holds all customers.
    pub(super) fn is_warm(&self) -> bool {
        *self.warm.borrow()
    }

    /// Returns a receiver that turns `true` when the index is warm.
    pub(super) fn watch_warm(&self) -> watch::Receiver<bool> {
        self.warm.subscribe()
    }

    /// Returns the number of customers in the index. While the index is being filled this is its progress.
    pub(super) fn indexed(&self) -> u64 {
        self.indexed.load(Ordering::Relaxed)
    }

    /// Sets the progress of an index that is being filled and not yet in use.
    pub(super) fn set_progress(&self, customers: u64) {
        self.indexed.store(customers, Ordering::Relaxed);
    }

    /// Starts queueing the customers that change while the table is read for the index.
    pub(super) fn begin_filling(&self) {
        *self.lock_filling() = Filling::Begun(Vec::new());
    }

    /// Returns and clears the queue of customers that changed while the index was being filled.
    pub(super) fn take_queue(&self) -> Vec<Customer> {
        match &mut *self.lock_filling() {
            Filling::Begun(queue) => std::mem::take(queue),
            _ => Vec::new(),
        }
    }

    /// Installs a separately filled index after applying the queued changes. Later changes go
    /// directly to this index.
    pub(super) fn finish_filling(&self, mut filled: Index) {
        let mut filling = self.lock_filling();
        if let Filling::Begun(queue) = std::mem::replace(&mut *filling, Filling::Done) {
            queue.iter().for_each(|customer| filled.upsert(customer));
        }
        self.indexed.store(filled.len() as u64, Ordering::Relaxed);
        *self.index_write() = filled;
        drop(filling);
        self.warm.send_replace(true);
    }

    /// Returns the number of customers that the scrubber corrected in index or desk.
    pub(super) fn healed(&self) -> u64 {
        self.healed.load(Ordering::Relaxed)
    }

    pub(super) fn count_healed(&self, customers: usize) {
        self.healed.fetch_add(customers as u64, Ordering::Relaxed);
    }

    pub(super) fn desk(&self) -> RwLockReadGuard<'_, Desk> {
        self.desk.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the open conversations read at start. Customers that changed since are left as they are.
    pub(super) fn fill_desk(&self, open: Vec<OpenConversation>) {
        let mut desk = self.desk_write();
        for open in open {
            desk.apply(open.customer, 0, DeskChange::Open(open), open.started_at);
        }
    }

    /// Removes closed conversations whose last change is before `before` from the desk.
    pub(super) fn sweep_desk(&self, before: Timestamp) {
        self.desk_write().sweep(before);
    }

    /// Ignores poisoning: a panic under the write lock leaves at most one customer wrong, which the
    /// scrubber corrects. That is better than failing every list from then on.
    pub(super) fn index_read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn index_write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk_write(&self) -> RwLockWriteGuard<'_, Desk> {
        self.desk.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_filling(&self) -> MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_in_flight(&self) -> MutexGuard<'_, HashMap<CustomerKey, u32>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Guard that marks customers as being written.
pub(super) struct InFlight {
    memory: Arc<Memory>,
    keys: Vec<CustomerKey>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut in_flight = self.memory.lock_in_flight();
        for key in &self.keys {
            if let Some(writes) = in_flight.get_mut(key) {
                *writes -= 1;
                if *writes == 0 {
                    in_flight.remove(key);
                }
            }
        }
    }
}

/// Runs work that occupies a core or waits for a lock, while the thread's other tasks move to other
/// threads. `block_in_place` needs the multi-threaded runtime, which tests may not have.
pub(super) fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
