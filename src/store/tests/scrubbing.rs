//! Tests that the scrubber finds changes made behind the store's back, and nothing else.

use std::sync::Arc;

use super::conversations::deliver;
use super::{NOW, TestStore};
use crate::domain::{Actor, Editable, EventKind, ProfileField};
use crate::store::Scrubber;
use crate::store::database::read;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_behind_the_stores_back_is_healed_and_counted() {
    let store = TestStore::rocksdb().await;
    let key = deliver(&store, "v_1", "m1").await.customer;
    let mut scrubber = Scrubber::default();
    assert_eq!(store.scrub(&mut scrubber).await, Ok(0));
    read(store.db.query("UPDATE customer SET nickname = 'changed', version += 1")).await.unwrap();
    assert_eq!(store.scrub(&mut scrubber).await, Ok(1));
    let now = store.customer(key).await.unwrap();
    assert_eq!(store.memory.index_read().check(&now), Ok(()));
    // The open conversation disappears without a new version of the customer: only the desk is outdated.
    read(store.db.query("DELETE open; UPDATE conversation SET state = 'abandoned'; UPDATE customer SET open = NONE"))
        .await
        .unwrap();
    assert_eq!(store.scrub(&mut Scrubber::default()).await, Ok(1));
    assert_eq!(store.open_conversations(), []);
    assert_eq!((store.scrub(&mut Scrubber::default()).await, store.healed()), (Ok(0), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn walking_again_and_again_uses_up_no_keys() {
    let store = TestStore::mem().await;
    let first = store.add("wx_1").await.key;
    let mut scrubber = Scrubber::default();
    for _ in 0..50 {
        store.scrub(&mut scrubber).await.unwrap();
    }
    // Each walk that allocated a block would have raised the block number.
    let block = crate::store::keys::next_block(&store.db).await.unwrap();
    let of_first = (first.0 - 1) / crate::store::keys::BLOCK;
    assert_eq!(block, of_first + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_healed_while_others_write() {
    let store = Arc::new(TestStore::rocksdb().await);
    let mut keys = Vec::new();
    for number in 0..8 {
        keys.push(deliver(&store, &format!("v_{number}"), &format!("m{number}")).await.customer);
    }
    let writers: Vec<_> = keys
        .into_iter()
        .map(|key| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for round in 0..40 {
                    let edit = store.change_customer(
                        Editable::unchecked(key, Actor::System),
                        EventKind::ProfileEdited,
                        NOW,
                        |customer| customer.fields_unchecked().profile.set(ProfileField::Company, &round.to_string()),
                    );
                    edit.await.unwrap();
                }
            })
        })
        .collect();
    let mut scrubber = Scrubber::default();
    let mut walks = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        assert_eq!(store.scrub(&mut scrubber).await, Ok(0));
        walks += 1;
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(walks > 1, "the writers had finished");
    assert_eq!(store.healed(), 0);
}
