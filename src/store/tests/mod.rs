//! Test suite of the store, run on each engine: in memory, RocksDB on disk, and, with the feature
//! `remote-tests`, the SurrealDB server in `CLIENTELE_TEST_WS` (`ws://127.0.0.1:8000`, user and
//! password `root`; see the README).

mod agents;
mod customers;
mod durability;
mod housekeeping;
mod list;
mod migrations;
mod scrubbing;
mod seeding;
mod threads;
mod units;

use super::{Connection, Missed, NewCustomer, Position, Published, Store};
use crate::domain::{Actor, Channel, Customer, CustomerId, Profile, Timestamp};

/// Store with a separate database, and the folder that holds it.
struct TestStore {
    store: Store,
    connection: Connection,
    _folder: Option<tempfile::TempDir>,
}

impl std::ops::Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    async fn open(connection: Connection, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(&connection).await.unwrap();
        store.warm().await.unwrap();
        Self { store, connection, _folder: folder }
    }

    async fn mem() -> Self {
        Self::open(Connection::to("mem://"), None).await
    }

    async fn rocksdb() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open(Connection::to(format!("rocksdb://{}", folder.path().display())), Some(folder)).await
    }

    /// Opens a store in a new database on the server.
    #[cfg(feature = "remote-tests")]
    async fn ws() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let url = std::env::var("CLIENTELE_TEST_WS").expect("CLIENTELE_TEST_WS names a server");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let database = format!("test_{}_{number}_{}", std::process::id(), uuid::Uuid::new_v4().simple());
        let credentials = Some(("root".to_owned(), "root".to_owned()));
        Self::open(Connection { database, credentials, ..Connection::to(url) }, None).await
    }

    /// Closes the store and opens its database again. RocksDB cannot be open twice.
    async fn reopen(self) -> Self {
        let Self { store, connection, _folder } = self;
        drop(store);
        // The engine closes in the background, so opening may fail at first.
        for _ in 0..100 {
            if let Ok(store) = Store::open(&connection).await {
                store.warm().await.unwrap();
                return Self { store, connection, _folder };
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the database does not open again");
    }

    async fn add(&self, id: &str) -> Customer {
        self.create_customer(new(id), Actor::Customer, NOW).await.unwrap()
    }
}

/// Defines a test for each function and engine.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        mod mem {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::TestStore::mem().await).await;
            })+
        }
        mod rocksdb {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::TestStore::rocksdb().await).await;
            })+
        }
        #[cfg(feature = "remote-tests")]
        mod ws {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::TestStore::ws().await).await;
            })+
        }
    };
}
use on_each_engine;

/// Returns the events published after a position.
fn published_since(store: &Store, position: Position) -> Vec<std::sync::Arc<Published>> {
    match store.listen(Some(position)).0 {
        Missed::All(published) => published,
        Missed::TooMany => panic!("too many"),
    }
}

const NOW: Timestamp = Timestamp(1_763_800_000_123);

fn new(id: &str) -> NewCustomer {
    let profile = Profile { nickname: format!("Name of {id}"), ..Profile::default() };
    NewCustomer { id: CustomerId::new(id).unwrap(), channel: Channel::Wechat, profile }
}
