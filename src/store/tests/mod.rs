//! Test suite of the store, run on each engine: in memory, RocksDB on disk, and a SurrealDB server.
//!
//! The tests in the modules `ws` are ignored unless asked for, because they need the `surreal` binary
//! whose path is in `CLIENTELE_TEST_SURREAL`. `make ws` finds it and runs them.

mod agents;
mod changes;
mod channel_keys;
mod conversations;
mod customers;
mod durability;
mod embedding;
mod housekeeping;
mod list;
mod migrations;
mod scrubbing;
mod seeding;
mod server;
mod units;

use self::server::Server;
use super::{Connection, Missed, NewCustomer, Position, Published, Store};
use crate::domain::{Actor, Channel, Customer, CustomerId, Profile, Timestamp};

/// Store with a separate database, and the folder or the server that holds it.
struct TestStore {
    store: Store,
    connection: Connection,
    _folder: Option<tempfile::TempDir>,
    _server: Option<Server>,
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
        Self { store, connection, _folder: folder, _server: None }
    }

    async fn mem() -> Self {
        Self::open(Connection::to("mem://"), None).await
    }

    async fn rocksdb() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open(Connection::to(format!("rocksdb://{}", folder.path().display())), Some(folder)).await
    }

    /// Opens a store on a SurrealDB server of its own.
    async fn ws() -> Self {
        let server = Server::start().await;
        let connection = Connection { credentials: Some(Server::credentials()), ..Connection::to(&server.url) };
        Self { _server: Some(server), ..Self::open(connection, None).await }
    }

    /// Closes the store and opens its database again. RocksDB cannot be open twice.
    async fn reopen(self) -> Self {
        let Self { store, connection, _folder, _server } = self;
        drop(store);
        // The engine closes in the background, so opening may fail at first.
        for _ in 0..100 {
            if let Ok(store) = Store::open(&connection).await {
                store.warm().await.unwrap();
                return Self { store, connection, _folder, _server };
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
        mod ws {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a SurrealDB server: make ws"]
            async fn $name() {
                super::$name(super::TestStore::ws().await).await;
            })+
        }
    };
}
use on_each_engine;

/// Returns the events published after a position.
fn published_since(store: &Store, position: Position) -> Vec<std::sync::Arc<Published>> {
    match store.subscribe(Some(position)).0 {
        Missed::All(published) => published,
        Missed::TooMany => panic!("too many"),
    }
}

const NOW: Timestamp = Timestamp(1_763_800_000_123);

fn new(id: &str) -> NewCustomer {
    let profile = Profile { nickname: format!("Name of {id}"), ..Profile::default() };
    NewCustomer { id: CustomerId::new(id).unwrap(), channel: Channel::Wechat, profile }
}
