//! Everything that the process keeps in memory of the database: index, desk, settings, and the feed of events; and the one way
//! by which a committed change gets there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{Semaphore, watch};

use super::Result;
use super::desk::{Desk, DeskChange, OpenConversation};
use super::events::EventRow;
use super::feed::Feed;
use crate::domain::{Customer, CustomerKey, Event, Settings, Timestamp};
use crate::index::Index;

/// Changes that a committed write makes in memory.
pub(super) enum News {
    /// Nothing that is kept there.
    Nothing,
    /// Customers, as they are now.
    Customers(Vec<Latest>),
    /// The settings, as they are now.
    Settings(Settings),
}

/// A customer as a write left it.
pub(super) struct Latest {
    pub(super) customer: Customer,
    pub(super) desk: DeskChange,
}

impl News {
    /// Returns the keys of the customers.
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
    /// Nobody asked for an index yet; commands such as seeding need none.
    #[default]
    NotBegun,
    /// The table is being read; these customers changed meanwhile.
    Begun(Vec<Customer>),
    /// The index is complete, and changes go there at once.
    Done,
}

/// See the [module's documentation](self).
pub(super) struct Memory {
    index: RwLock<Index>,
    filling: Mutex<Filling>,
    warm: watch::Sender<bool>,
    indexed: AtomicU64,
    desk: RwLock<Desk>,
    settings: watch::Sender<Settings>,
    pub(super) feed: Feed,
    /// Customers with a write between its start and its publication, and the number of such writes.
    under_way: Mutex<HashMap<CustomerKey, u32>>,
    /// Searches that run at a time. They keep a core busy for milliseconds, and the other threads are for everybody else.
    pub(super) searches: Semaphore,
    healed: AtomicU64,
}

impl Memory {
    pub(super) fn new(settings: Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            index: RwLock::new(Index::new()),
            filling: Mutex::default(),
            warm: watch::Sender::new(false),
            indexed: AtomicU64::new(0),
            desk: RwLock::default(),
            settings: watch::Sender::new(settings),
            feed: Feed::new(),
            under_way: Mutex::default(),
            searches: Semaphore::new(cores.max(2)),
            healed: AtomicU64::new(0),
        }
    }

    /// Takes over a committed change and broadcasts its event: first the index, so that the writer reads its own write.
    pub(super) fn publish(&self, event: EventRow, news: News) -> Result<()> {
        let mut served_by = Vec::new();
        match news {
            News::Nothing => {}
            News::Settings(settings) => self.set_settings(settings),
            News::Customers(customers) => {
                if let [only] = customers.as_slice() {
                    served_by.clone_from(&only.customer.served_by);
                }
                self.take(customers);
            }
        }
        self.feed.publish(Event::try_from(event)?, served_by);
        Ok(())
    }

    /// Takes over customers. Older versions than are known change nothing.
    fn take(&self, customers: Vec<Latest>) {
        let now = Timestamp::from(jiff::Timestamp::now());
        {
            let mut desk = self.desk_write();
            for Latest { customer, desk: change } in &customers {
                desk.apply(customer.key, customer.version, *change, now);
            }
        }
        self.enter_index(customers.into_iter().map(|latest| latest.customer).collect());
    }

    /// Brings index and desk in line with customers as the database has them, each with its open conversation.
    pub(super) fn correct(&self, customers: Vec<(Customer, Option<OpenConversation>)>) {
        let now = Timestamp::from(jiff::Timestamp::now());
        {
            let mut desk = self.desk_write();
            for (customer, open) in &customers {
                desk.correct(customer.key, customer.version, *open, now);
            }
        }
        self.enter_index(customers.into_iter().map(|(customer, _)| customer).collect());
    }

    fn enter_index(&self, customers: Vec<Customer>) {
        match &mut *self.lock_filling() {
            Filling::NotBegun => return,
            Filling::Begun(queue) => return queue.extend(customers),
            Filling::Done => {}
        }
        in_place(|| {
            // Locked for each one, so that a batch does not keep searches waiting.
            for customer in &customers {
                let mut index = self.index_write();
                index.upsert(customer);
                self.indexed.store(index.len() as u64, Ordering::Relaxed);
            }
        });
    }

    /// Replaces the settings, unless newer ones are known: two changes may finish in another order than they were committed in.
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

    /// Notes that customers are being written until the returned mark is dropped.
    pub(super) fn under_way(self: &Arc<Self>, keys: Vec<CustomerKey>) -> UnderWay {
        let mut under_way = self.lock_under_way();
        for key in &keys {
            *under_way.entry(*key).or_default() += 1;
        }
        UnderWay { memory: Arc::clone(self), keys }
    }

    /// Returns `true` while a customer is being written.
    pub(super) fn is_under_way(&self, key: CustomerKey) -> bool {
        self.lock_under_way().contains_key(&key)
    }

    /// Returns `true` once the index holds all customers.
    pub(super) fn is_warm(&self) -> bool {
        *self.warm.borrow()
    }

    /// Returns a receiver that tells when the index is warm.
    pub(super) fn watch_warm(&self) -> watch::Receiver<bool> {
        self.warm.subscribe()
    }

    /// Number of customers in the index; its progress while it is being filled.
    pub(super) fn indexed(&self) -> u64 {
        self.indexed.load(Ordering::Relaxed)
    }

    /// Tells the progress of filling an index that nobody sees yet.
    pub(super) fn set_progress(&self, customers: u64) {
        self.indexed.store(customers, Ordering::Relaxed);
    }

    /// Begins to keep the customers that change while the table is read for the index.
    pub(super) fn begin_filling(&self) {
        *self.lock_filling() = Filling::Begun(Vec::new());
    }

    /// Takes the customers that changed since the last call while the index is being filled.
    pub(super) fn take_queue(&self) -> Vec<Customer> {
        match &mut *self.lock_filling() {
            Filling::Begun(queue) => std::mem::take(queue),
            _ => Vec::new(),
        }
    }

    /// Puts an index into place that was filled aside, with what changed meanwhile. Everything from now on goes there.
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

    /// Number of customers that the scrubber found outdated in the index.
    pub(super) fn healed(&self) -> u64 {
        self.healed.load(Ordering::Relaxed)
    }

    pub(super) fn count_healed(&self, customers: usize) {
        self.healed.fetch_add(customers as u64, Ordering::Relaxed);
    }

    pub(super) fn desk(&self) -> RwLockReadGuard<'_, Desk> {
        self.desk.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters open conversations that were read at start; customers that changed since are left as they are.
    pub(super) fn fill_desk(&self, open: Vec<OpenConversation>) {
        let mut desk = self.desk_write();
        for open in open {
            desk.apply(open.customer, 0, DeskChange::Open(open), open.started_at);
        }
    }

    /// Forgets what the desk knows of conversations that were closed before a moment.
    pub(super) fn sweep_desk(&self, before: Timestamp) {
        self.desk_write().sweep(before);
    }

    /// A panic while the index was locked leaves it wrong for one customer at worst, which the scrubber heals; that beats
    /// refusing every list from then on.
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

    fn lock_under_way(&self) -> MutexGuard<'_, HashMap<CustomerKey, u32>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mark that customers are being written.
pub(super) struct UnderWay {
    memory: Arc<Memory>,
    keys: Vec<CustomerKey>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way = self.memory.lock_under_way();
        for key in &self.keys {
            if let Some(writes) = under_way.get_mut(key) {
                *writes -= 1;
                if *writes == 0 {
                    under_way.remove(key);
                }
            }
        }
    }
}

/// Runs work that keeps a core busy or waits for a lock, while the thread's other tasks move to other threads.
/// `block_in_place` needs the multi-threaded runtime, which tests may not have.
pub(super) fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
