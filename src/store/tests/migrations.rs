//! Databases of earlier schemas, made by the binaries of their time, are opened, migrated, checked and used.
//!
//! `fixtures/NNNN.tar.xz` holds the RocksDB folder `db` of schema NNNN, filled by `clientele seed --customers 20`. To add one
//! before a migration NNNN+1 lands: run that command with the binary of NNNN, `--database rocksdb://FOLDER/db`, and
//! `tar -C FOLDER -cJSf fixtures/NNNN.tar.xz db`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::conversations::deliver;
use super::{NOW, TestStore};
use crate::domain::{Actor, CustomerKey, Editable, EventKind, ProfileField};
use crate::store::database::read;
use crate::store::{Connection, OpenError, Store};

/// Unpacks the database of a schema into a folder of its own and opens it, which migrates it.
async fn migrated(schema: &str) -> TestStore {
    let folder = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/store/tests/fixtures/{schema}.tar.xz"));
    let unpacked = Command::new("tar").arg("-xJf").arg(file).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    let url = format!("rocksdb://{}", folder.path().join("db").display());
    TestStore::open(Connection::to(url), Some(folder)).await
}

async fn a_database_of_this_schema_is_migrated_and_used(schema: &str) {
    let store = migrated(schema).await;
    let report = store.check().await.unwrap();
    assert_eq!((report.customers, report.faults), (20, Vec::new()));

    let keys: Vec<i64> =
        read(store.db.query("SELECT VALUE record::id(id) FROM customer")).await.unwrap().take(0).unwrap();
    let permission = Editable::unchecked(CustomerKey(keys[0] as u64), Actor::System);
    let edit = store.change_customer(permission, EventKind::ProfileEdited, NOW, |customer| {
        customer.fields_unchecked().profile.set(ProfileField::Company, "Acme")
    });
    assert_eq!(edit.await.unwrap().profile.company, "Acme");
    deliver(&store, "new_1", "m1").await;

    let store = store.reopen().await;
    let report = store.check().await.unwrap();
    assert_eq!((report.customers, report.faults), (21, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schema_0001() {
    a_database_of_this_schema_is_migrated_and_used("0001").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schema_0002() {
    a_database_of_this_schema_is_migrated_and_used("0002").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schema_0003() {
    a_database_of_this_schema_is_migrated_and_used("0003").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schema_0004() {
    a_database_of_this_schema_is_migrated_and_used("0004").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schema_0005() {
    a_database_of_this_schema_is_migrated_and_used("0005").await;
}

/// RocksDB would create an empty database in such a folder, and everything would seem lost.
#[tokio::test]
async fn a_folder_of_another_engine_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("manifest")).unwrap();
    for scheme in ["rocksdb://", "rocksdb:"] {
        let connection = Connection::to(format!("{scheme}{}", folder.path().display()));
        assert_eq!(Store::open(&connection).await.err(), Some(OpenError::Converted), "{scheme}");
    }
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["manifest"]);
}

/// Rows are written whole, so a version that does not know a field would erase it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_an_unknown_profile_field_is_refused() {
    let store = TestStore::rocksdb().await;
    read(store.db.query("UPSERT profile_field:of_a_later_version")).await.unwrap();
    let TestStore { store, connection, _folder, .. } = store;
    let closed = store.closed();
    drop(store);
    closed.await;
    // RocksDB may release its lock a moment after `closed`, so opening may be impossible at first.
    for _ in 0..100 {
        match Store::open(&connection).await.err() {
            Some(OpenError::Store(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            refused => return assert_eq!(refused, Some(OpenError::UnknownProfileField("of_a_later_version".into()))),
        }
    }
    panic!("the database does not open again");
}
