//! Tests that a write, its index entry and its event form one unit, even if the caller goes away.

use std::time::Duration;

use super::conversations::deliver;
use super::{NOW, TestStore, published_since};
use crate::domain::{Actor, Editable, EventKind, Settings, TagColor, TagId, TagName};
use crate::store::memory::MemoryUpdate;
use crate::store::transaction::{Outcome, Write};
use crate::store::{NewAgent, OpenError, StoreError};

/// Number of rounds in which a client disconnects. On RocksDB the sync takes most of a write.
const ROUNDS: u32 = 150;

/// Returns the time after which the client of a round disconnects.
fn patience(round: u32) -> Duration {
    Duration::from_micros(20 * u64::from(round))
}

/// Waits until the writes of a round have finished.
async fn quiet(store: &TestStore, round: u32) {
    // The sync of one more write ends after those of all earlier writes.
    let name = TagName::new(format!("after {round}")).unwrap();
    store.create_tag(name, TagColor(0), Actor::System, NOW).await.unwrap();
}

/// Waits until `agree` holds, for at most a second. A later write would repair what the round before left behind, so
/// each round is checked on its own.
async fn soon(agree: impl AsyncFn() -> bool) -> bool {
    for _ in 0..100 {
        if agree().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_sender_goes_away_is_in_the_list_and_at_the_desk() {
    let store = TestStore::rocksdb().await;
    let position = store.position();
    for round in 0..ROUNDS {
        let _ =
            tokio::time::timeout(patience(round), deliver(&store, &format!("v_{round}"), &format!("m{round}"))).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    quiet(&store, ROUNDS).await;
    let report = store.check().await.unwrap();
    assert_eq!((report.total_faults, report.faults.first()), (0, None));
    assert!(report.customers > 0);
    assert_eq!(store.indexed(), report.customers);
    assert_eq!(store.open_conversations().len() as u64, report.customers);
    let told = published_since(&store, position);
    let messages = told.iter().filter(|published| published.event.kind == EventKind::CustomerCreated).count();
    assert_eq!(messages as u64, report.customers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_whose_editor_goes_away_is_in_the_index() {
    let store = TestStore::rocksdb().await;
    let key = store.add("wx_1").await.key;
    for round in 0..ROUNDS {
        let edit =
            store.change_customer(Editable::unchecked(key, Actor::System), EventKind::TagsChanged, NOW, |customer| {
                customer.tag(TagId(round));
                Ok(())
            });
        let _ = tokio::time::timeout(patience(round), edit).await;
        quiet(&store, round).await;
        let agree = async || {
            let now = store.customer(key).await.unwrap();
            let index = store.memory.index_read();
            index.check(&now) == Ok(()) && index.version_of(key) == Some(now.version)
        };
        assert!(soon(agree).await, "round {round}");
    }
    let now = store.customer(key).await.unwrap();
    assert!(now.tags.len() > 1, "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_whose_answer_is_lost_is_thrown_in_memory_too() {
    let store = TestStore::rocksdb().await;
    for round in 0..ROUNDS {
        let on = round % 2 == 0;
        let switch = store.change_settings(Actor::System, NOW, |settings| settings.customers_page_in_agent_mode = on);
        let _ = tokio::time::timeout(patience(round), switch).await;
        quiet(&store, round).await;
        let agree = async || store.settings() == crate::store::rows::settings::load(&store.db).await.unwrap();
        assert!(soon(agree).await, "round {round}");
    }
    assert!(store.settings().version > 1, "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_finds_nothing_to_do_brings_memory_in_line() {
    let store = TestStore::mem().await;
    let before = store.settings();
    let switch_off = |settings: &mut Settings| settings.agents_create_tags = false;
    let off = store.change_settings(Actor::System, NOW, switch_off).await.unwrap();
    // Simulates a commit whose response was lost before memory was updated.
    store.memory.settings().send_replace(before);
    assert_eq!(store.change_settings(Actor::System, NOW, switch_off).await.unwrap(), off);
    assert_eq!(store.settings(), off);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_and_agents_whose_makers_go_away_are_told() {
    let store = TestStore::rocksdb().await;
    let position = store.position();
    for round in 0..ROUNDS {
        let name = TagName::new(format!("tag {round}")).unwrap();
        let made = store.create_tag(name, TagColor(0), Actor::System, NOW);
        let _ = tokio::time::timeout(patience(round), made).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    quiet(&store, ROUNDS).await;
    let told = published_since(&store, position);
    let tags = told.iter().filter(|published| published.event.kind == EventKind::TagCreated).count();
    assert_eq!(tags, store.tags().await.unwrap().len());
}

/// Simulates a failed sync: the engine shows the change although COMMIT failed.
const SHOWN_AND_REFUSED: &str = "UPSERT tag:9 SET name = 'x', name_key = 'x', color = 1;
    BEGIN; CREATE ONLY $event.id CONTENT $event; THROW 'Cannot COMMIT: IO error: No space left on device'; COMMIT;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_failed_is_not_acknowledged_though_its_change_shows() {
    let store = TestStore::mem().await;
    let position = store.position();
    let event = crate::store::events::EventRow::new(crate::store::events::Entry {
        at: NOW,
        actor: Actor::System,
        kind: EventKind::TagCreated,
        customer: None,
        changes: Vec::new(),
        version: 1,
    });
    let refused = store.commit(Write::new(SHOWN_AND_REFUSED, &event), MemoryUpdate::Nothing).await;
    assert_eq!(refused, Err(StoreError::Unavailable));
    assert_eq!(store.tags().await.unwrap().len(), 1, "the change shows");
    assert!(published_since(&store, position).is_empty());
    // The next write first checks that the database can write at all.
    assert!(store.db.is_doubtful());
    let done = store.create_tag(TagName::new("y").unwrap(), TagColor(1), Actor::System, NOW).await;
    assert!(done.is_ok() && !store.db.is_doubtful());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_stale_begins_again_and_nobody_is_told() {
    let store = TestStore::mem().await;
    let position = store.position();
    let event = crate::store::events::EventRow::new(crate::store::events::Entry {
        at: NOW,
        actor: Actor::System,
        kind: EventKind::TagCreated,
        customer: None,
        changes: Vec::new(),
        version: 1,
    });
    let text = "BEGIN; CREATE ONLY $event.id CONTENT $event; THROW 'clientele:stale'; COMMIT;";
    assert_eq!(store.commit(Write::new(text, &event), MemoryUpdate::Nothing).await, Ok(Outcome::Stale));
    assert!(published_since(&store, position).is_empty());
    // The same text in user input has no special meaning.
    let name = TagName::new("clientele:stale").unwrap();
    store.create_tag(name.clone(), TagColor(0), Actor::System, NOW).await.unwrap();
    let again = store.create_tag(name, TagColor(0), Actor::System, NOW).await;
    assert_eq!(again.unwrap_err(), StoreError::AlreadyExists("name"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_newer_version_is_refused() {
    let store = TestStore::rocksdb().await;
    crate::store::database::read(store.db.query("UPSERT migration:999 SET checksum = 'x', at = time::now()"))
        .await
        .unwrap();
    let TestStore { store, connection, _folder, .. } = store;
    drop(store);
    for _ in 0..100 {
        match crate::store::Store::open(&connection).await {
            Err(OpenError::NewerSchema { found: 999, .. }) => return,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok(_) => panic!("opened"),
        }
    }
    panic!("the database does not open again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_that_wait_too_long_are_not_checked() {
    let store = TestStore::mem().await;
    let new = NewAgent {
        login: "li".into(),
        name: String::new(),
        role: crate::domain::Role::Agent,
        password: "long enough".into(),
    };
    store.add_agent(new, Actor::System, NOW).await.unwrap();
    let attempts = (0..600).map(|_| store.verify("li", "wrong password".into()));
    let ended = futures::future::join_all(attempts).await;
    let busy = ended.iter().filter(|ended| **ended == Err(StoreError::Busy)).count();
    assert!(busy > 0, "600 passwords were checked in two seconds");
    assert!(ended.iter().all(|ended| matches!(ended, Ok(None) | Err(StoreError::Busy))));
}
