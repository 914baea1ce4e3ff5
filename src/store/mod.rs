//! The database: the only place that names SurrealDB.
//!
//! # Layout
//!
//! - `connect`: opening and migrating (`schema/NNNN_*.surql`). `database`: the handle, and how queries are run.
//! - `transaction`: one use case is one transaction; what is retried, and what a failed commit means.
//! - `memory`: what the process keeps of the database, and how committed changes get there. In it `desk`: the open
//!   conversations, and [`feed`](Published): the events for listeners. `waiting`: the queue as agents see it.
//! - one module per aggregate (`customers`, `tags`, `agents`, `sessions`, `devices`, `settings`, `conversations`, `events`), each
//!   with its private row structs.
//! - `change`: the one way a customer is written, with all that belongs to it. `threads`: messages and conversations.
//!   `claims`: the records by which a message or a request takes effect once.
//! - `reading`: conversations and messages, forward and back. `channel_keys`: the keys of channels.
//! - `list`: a page of customers: the index decides which, the database has the rows.
//! - `keys`: where customer keys come from.
//! - `warm`: filling the index at start. `scrub`: comparing it with the database later. `check`: consistency of everything.
//! - `prune`: deleting what is no longer needed.
//! - `import`, `seed`: many customers at once, and a made-up tenant to try things with.
//!
//! A table is walked in bounded ranges of its integer keys, never by `ORDER BY` or an open range: SurrealDB does not
//! push `LIMIT` down into those.

mod agents;
mod blacklist;
mod change;
mod channel_keys;
mod check;
mod claims;
mod connect;
mod conversations;
mod customers;
mod database;
mod desk;
mod devices;
mod embedded;
mod error;
mod events;
mod feed;
mod import;
mod keys;
mod list;
mod memory;
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
mod threads;
mod transaction;
mod waiting;
mod warm;

use std::sync::Arc;

use tokio::sync::{Mutex, watch};

pub use agents::NewAgent;
pub use blacklist::Neighbours;
pub use channel_keys::{ChannelKey, ChannelSecret};
pub use check::Report;
pub use claims::Request;
pub use connect::Connection;
pub use customers::NewCustomer;
pub use desk::OpenConversation;
pub use devices::DeviceToken;
pub use embedded::CACHE_MIB;
pub use error::StoreError;
pub use feed::{Behind, Listening, Missed, Position, Published};
pub use import::Imported;
pub use list::{CustomerList, ListRequest};
pub use reading::{LowRating, Revision, WordMatch};
pub use scrub::Scrubber;
pub use sessions::{Session, SessionToken};
pub use threads::{Delivery, Receipt};
pub use waiting::{DeskEntry, Queue, QueueOrder};

use database::{Database, read};
use keys::KeyBlock;
use memory::Memory;

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The database and what is kept in memory of it. One for the process, shared in an `Arc`.
pub struct Store {
    db: Arc<Database>,
    memory: Arc<Memory>,
    keys: Mutex<Option<KeyBlock>>,
    queue: waiting::SharedQueue,
    /// Writers of one customer take turns here. Without it, whoever blacklists somebody who floods would lose each race.
    turns: [Mutex<()>; TURNS],
}

/// Turns that customers share by their keys.
const TURNS: usize = 128;

impl Store {
    /// Opens the database and brings its schema up to date. The index is still empty: see [`Store::warm`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached, [`StoreError::Internal`] when a migration fails or was
    /// changed after it ran, or when a newer version of Clientele has migrated it.
    pub async fn open(connection: &Connection) -> Result<Self> {
        let db = connection.open().await?;
        connect::migrate(&db).await?;
        let settings = settings::load(&db).await?;
        Ok(Self {
            db: Arc::new(db),
            memory: Arc::new(Memory::new(settings)),
            keys: Mutex::new(None),
            queue: Default::default(),
            turns: std::array::from_fn(|_| Mutex::new(())),
        })
    }

    /// Returns what completes when an embedded database has closed, after the store is dropped. What was acknowledged is durable
    /// without it.
    pub fn closed(&self) -> impl Future<Output = ()> + use<> {
        self.db.closed()
    }

    /// Waits until no other writer of a customer in this process is before. Correctness does not depend on it: versions do that.
    async fn turn(&self, key: crate::domain::CustomerKey) -> tokio::sync::MutexGuard<'_, ()> {
        self.turns[key.0 as usize % TURNS].lock().await
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<()> {
        read(self.db.query("RETURN 1")).await.map(drop)
    }

    /// Returns `true` once the index holds all customers.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.memory.is_warm()
    }

    /// Waits until the index holds all customers.
    pub async fn warmed(&self) {
        // The sender lives as long as the store.
        let _ = self.memory.watch_warm().wait_for(|warm| *warm).await;
    }

    /// Number of customers in the index; its progress while it is being filled.
    #[must_use]
    pub fn indexed(&self) -> u64 {
        self.memory.indexed()
    }

    /// Estimated memory of the index, in bytes.
    #[must_use]
    pub fn index_memory(&self) -> usize {
        memory::in_place(|| self.memory.index_read().memory())
    }

    /// Returns the position of the feed now. Data that are read after it contain everything published before it.
    #[must_use]
    pub fn position(&self) -> Position {
        self.memory.feed.position()
    }

    /// Listens to the events that are committed after a position, or from now on; returns what was missed since, and the
    /// position behind it.
    #[must_use]
    pub fn listen(&self, after: Option<Position>) -> (Missed, Position, Listening) {
        self.memory.feed.listen(after)
    }

    /// Returns the settings now.
    #[must_use]
    pub fn settings(&self) -> crate::domain::Settings {
        self.memory.settings().borrow().clone()
    }

    /// Returns a receiver of the settings, now and whenever they change.
    #[must_use]
    pub fn watch_settings(&self) -> watch::Receiver<crate::domain::Settings> {
        self.memory.settings().subscribe()
    }
}
