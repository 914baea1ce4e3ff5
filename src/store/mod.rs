//! Persistence in SurrealDB. No other module uses the SurrealDB SDK.
//!
//! # Layout
//!
//! - `connect`: opens the database and runs migrations (`schema/NNNN_*.surql`). `embedded`: RocksDB
//!   with bounded memory. `database`: the handle and its queries.
//! - `transaction`: one transaction per use case, retries, and the handling of failed commits.
//! - `memory`: in-memory state and the path by which committed changes reach it. It contains `desk`,
//!   the open conversations, and [`feed`](Published), the events for listeners. `waiting`: the queue
//!   as agents see it.
//! - One module per aggregate (`customers`, `blacklist`, `tags`, `agents`, `sessions`, `devices`,
//!   `settings`, `events`). `rows`: row structs that several modules read. `profile`: the columns of
//!   the profile fields. `error`: [`StoreError`] and [`OpenError`].
//! - `change`: the only code that writes a customer, together with everything that belongs to it.
//!   `conversations`: messages and conversations. `idempotency`: idempotency records, by which a message or a
//!   request takes effect once.
//! - `reading`: reads conversations and messages in both directions. `channel_keys`: the keys of channels.
//!   `embedding`: the keys of hosts that embed the Customers page, and the tokens minted with them.
//! - `list`: pages of the customer list; the index selects, the database supplies the rows.
//! - `keys`: allocation of customer keys. `clock`: the current time.
//! - `warm`: fills the index at start. `scrub`: compares it with the database later. `check`: checks
//!   all data for consistency.
//! - `prune`: deletes records that are no longer needed.
//! - `import`, `seed`: bulk import, and a generated tenant for demonstrations and benchmarks.
//!
//! Tables are walked in bounded ranges of their integer keys, never by `ORDER BY` or an open range:
//! SurrealDB does not push `LIMIT` down into those.

mod agents;
mod blacklist;
mod change;
mod channel_keys;
mod check;
mod clock;
mod connect;
mod conversations;
mod customers;
mod database;
mod desk;
mod devices;
mod embedded;
mod embedding;
mod error;
mod events;
mod feed;
mod idempotency;
mod import;
mod keys;
mod list;
mod memory;
mod profile;
mod prune;
mod reading;
mod rows;
mod scrub;
pub mod seed;
mod sessions;
mod settings;
mod tags;
#[cfg(test)]
mod tests;
mod transaction;
mod waiting;
mod warm;

use std::sync::Arc;

use tokio::sync::{Mutex, watch};

pub use agents::NewAgent;
pub use blacklist::Neighbours;
pub use channel_keys::{ChannelKey, ChannelSecret};
pub use check::Report;
pub use clock::Clock;
pub use connect::Connection;
pub use conversations::{Delivery, Receipt};
pub use customers::NewCustomer;
pub use desk::OpenConversation;
pub use devices::DeviceToken;
pub use embedded::CACHE_MIB;
pub use embedding::{AgentRef, EmbedKey, EmbedSecret, EmbedSession, EmbedToken, NewEmbedSession};
pub use error::{OpenError, StoreError};
pub use feed::{Lagged, Missed, Position, Published, Subscription};
pub use import::Imported;
pub use list::{CustomerList, ListRequest};
pub use reading::{LowRating, Revision, WordMatch};
pub use scrub::Scrubber;
pub use sessions::{Session, SessionToken};
pub use waiting::{DeskEntry, Queue, QueueOrder};

use database::{Database, read};
use keys::KeyBlock;
use memory::Memory;

use crate::domain::Timestamp;

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Database handle and in-memory state. One per process, shared in an `Arc`.
pub struct Store {
    db: Arc<Database>,
    memory: Arc<Memory>,
    clock: Clock,
    keys: Mutex<Option<KeyBlock>>,
    queue: waiting::SharedQueue,
    /// Locks that serialize the writers of one customer. Without them, blacklisting a customer who
    /// floods the chat would lose every race.
    customer_locks: [Mutex<()>; CUSTOMER_LOCKS],
}

/// Number of locks in `Store::customer_locks`; customers share them by key.
const CUSTOMER_LOCKS: usize = 128;

impl Store {
    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Opens the database and migrates its schema. The index is still empty: see [`Store::warm`].
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database cannot be reached, [`StoreError::Internal`]
    /// if a migration fails, and the other [`OpenError`]s if the database is not one for this version.
    pub async fn open(connection: &Connection) -> std::result::Result<Self, OpenError> {
        let db = connection.open().await?;
        connect::migrate(&db).await?;
        let settings = rows::settings::load(&db).await?;
        Ok(Self {
            db: Arc::new(db),
            memory: Arc::new(Memory::new(settings, connection.clock.clone())),
            clock: connection.clock.clone(),
            keys: Mutex::new(None),
            queue: Default::default(),
            customer_locks: std::array::from_fn(|_| Mutex::new(())),
        })
    }

    /// Returns a future that completes when an embedded database has closed, after the store is
    /// dropped. Acknowledged writes are durable without it.
    pub fn closed(&self) -> impl Future<Output = ()> + use<> {
        self.db.closed()
    }

    /// Waits for this process's earlier writers of the customer. Correctness relies on versions, not
    /// on this lock.
    async fn lock_customer(&self, key: crate::domain::CustomerKey) -> tokio::sync::MutexGuard<'_, ()> {
        self.customer_locks[key.0 as usize % CUSTOMER_LOCKS].lock().await
    }

    /// Sends a trivial query to the database.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn ping(&self) -> Result<()> {
        read(self.db.query("RETURN 1")).await.map(drop)
    }

    /// Returns `true` once the index holds all customers.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.memory.is_warm()
    }

    /// Checks that the index holds all customers. Until then everything that reads it answers 503.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] before.
    pub(crate) fn check_warm(&self) -> Result<()> {
        if self.is_warm() { Ok(()) } else { Err(StoreError::Unavailable) }
    }

    /// Waits until the index holds all customers.
    pub async fn warmed(&self) {
        // The sender lives as long as the store, so waiting cannot fail.
        let _ = self.memory.watch_warm().wait_for(|warm| *warm).await;
    }

    /// Returns the number of customers in the index. While the index is being filled this is its progress.
    #[must_use]
    pub fn indexed(&self) -> u64 {
        self.memory.indexed()
    }

    /// Returns the estimated memory of the index, in bytes.
    #[must_use]
    pub fn index_memory(&self) -> usize {
        memory::in_place(|| self.memory.index_read().memory())
    }

    /// Returns the current position of the feed. Data read after this call contain everything
    /// published before it.
    #[must_use]
    pub fn position(&self) -> Position {
        self.memory.feed.position()
    }

    /// Subscribes to the events committed after a position, or from now on. Returns the events missed
    /// since that position, the position behind them, and the subscription.
    #[must_use]
    pub fn subscribe(&self, after: Option<Position>) -> (Missed, Position, Subscription) {
        self.memory.feed.subscribe(after)
    }

    /// Returns the current settings.
    #[must_use]
    pub fn settings(&self) -> crate::domain::Settings {
        self.memory.settings().borrow().clone()
    }

    /// Returns a receiver that holds the current settings and reports every change.
    #[must_use]
    pub fn watch_settings(&self) -> watch::Receiver<crate::domain::Settings> {
        self.memory.settings().subscribe()
    }
}
