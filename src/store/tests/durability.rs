//! Tests that acknowledged writes are present after the store is reopened.

use super::{NOW, TestStore};
use crate::domain::{Actor, Editable, EventKind, ProfileField};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reopened_store_has_everything_and_goes_on_numbering() {
    let store = TestStore::rocksdb().await;
    let mut customers = Vec::new();
    for number in 0..40 {
        let customer = store.add(&format!("wx_{number}")).await;
        let edit = store.change_customer(
            Editable::unchecked(customer.key, Actor::System),
            EventKind::ProfileEdited,
            NOW,
            |customer| customer.fields_unchecked().profile.set(ProfileField::RealName, "李娜"),
        );
        customers.push(edit.await.unwrap());
    }
    let store = store.reopen().await;
    for customer in &customers {
        assert_eq!(&store.customer(customer.key).await.unwrap(), customer);
    }
    assert_eq!(store.memory.index_read().len(), 40);
    let next = store.add("wx_next").await;
    assert!(customers.iter().all(|customer| customer.key < next.key));
    assert_eq!(store.check().await.unwrap().total_faults, 0);
}

/// RocksDB writes its options into a file. The file does not contain the size of the block cache.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rocksdb_runs_with_our_options() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("rocksdb://{}", folder.path().display());
    let _store = super::Store::open(&super::Connection::to(url)).await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    let options = files.filter(|file| file.display().to_string().contains("OPTIONS-")).max().unwrap();
    let options = std::fs::read_to_string(options).unwrap();
    assert!(options.lines().any(|line| line.trim() == "write_buffer_size=33554432"), "{options}");
}

#[tokio::test]
async fn surrealkv_is_refused() {
    let connection = super::Connection::to("surrealkv://somewhere");
    assert!(super::Store::open(&connection).await.is_err());
}
