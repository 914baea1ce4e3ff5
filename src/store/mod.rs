//! The database: the only place that names SurrealDB.
//!
//! # Layout
//!
//! - `connect`: opening, migrating (`schema/NNNN_*.surql`).
//! - `transaction`: one use case, one transaction; what is retried and what a failed commit means.
//! - one module per aggregate (`customers`, `tags`, `agents`, `sessions`, `settings`, `conversations`, `events`), each
//!   with its private row structs.
//! - `change`: the one way a customer is written, with all that belongs to it. `threads`: what is said, and who may.
//! - `reading`: conversations and messages, forward and back. `channel_keys`: who may deliver.
//! - `list`: a page of customers: the index decides which, the database has the rows.
//! - `keys`: where customer keys come from.
//! - `warm`: filling the index at start. `check`: whether what is stored holds together.
//! - `import`, `seed`: many customers at once, and a made-up tenant to try things with.
//!
//! A table is walked in bounded ranges of its integer keys, never by `ORDER BY` or an open range: SurrealDB does not
//! push `LIMIT` down into those.

mod agents;
mod blacklist;
mod change;
mod channel_keys;
mod check;
mod connect;
mod conversations;
mod customers;
mod error;
mod events;
mod import;
mod keys;
mod list;
mod reading;
mod rows;
pub mod seed;
mod sessions;
mod settings;
mod tags;
#[cfg(test)]
mod tests;
mod threads;
mod transaction;
mod warm;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use surrealdb::Surreal;
use surrealdb::engine::any::Any;
use tokio::sync::{Mutex, broadcast, watch};

pub use agents::NewAgent;
pub use blacklist::Neighbours;
pub use channel_keys::{ChannelKey, ChannelSecret};
pub use check::Report;
pub use connect::Connection;
pub use customers::NewCustomer;
pub use error::StoreError;
pub use events::Missed;
pub use import::Imported;
pub use list::{CustomerList, ListRequest};
pub use reading::{LowRating, OpenConversation, Revision, WordMatch};
pub use sessions::{Session, SessionToken};
pub use threads::{Delivery, Receipt, Request};

use crate::domain::{Event, Settings};
use crate::index::Index;
use keys::KeyBlock;

/// What a store call gives, or why not.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Events a slow listener may fall behind before it has to catch up from the log.
const EVENTS_KEPT: usize = 1024;

/// The database and the index over it. One for the process, shared in an `Arc`.
pub struct Store {
    db: Surreal<Any>,
    index: RwLock<Index>,
    keys: Mutex<Option<KeyBlock>>,
    events: broadcast::Sender<Event>,
    settings: watch::Sender<Settings>,
    warm: AtomicBool,
}

impl Store {
    /// Opens the database and brings its schema up to date. The index is still empty: see [`Store::warm`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached, [`StoreError::Internal`] when a migration fails or was
    /// changed after it ran.
    pub async fn open(connection: &Connection) -> Result<Self> {
        let db = connection.open().await?;
        connect::migrate(&db).await?;
        let settings = settings::load(&db).await?;
        Ok(Self {
            db,
            index: RwLock::new(Index::new()),
            keys: Mutex::new(None),
            events: broadcast::Sender::new(EVENTS_KEPT),
            settings: watch::Sender::new(settings),
            warm: AtomicBool::new(false),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<()> {
        transaction::read(self.db.query("RETURN 1")).await.map(drop)
    }

    /// Whether the index holds all customers.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.warm.load(Ordering::Acquire)
    }

    /// How many customers the index holds; while it warms, the progress.
    #[must_use]
    pub fn indexed(&self) -> u64 {
        self.index_read().len() as u64
    }

    /// Estimated memory of the index, in bytes.
    #[must_use]
    pub fn index_memory(&self) -> usize {
        self.index_read().memory()
    }

    /// The events committed from now on, by this process.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// A panic while the index was locked leaves it usable at worst for one customer, which `check` would show; that
    /// beats refusing every list from then on.
    fn index_read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}
