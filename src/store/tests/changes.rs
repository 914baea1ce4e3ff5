//! Tests that one change of a customer is written with all its rows or not at all.

use super::{NOW, TestStore, new, on_each_engine, published_since};
use crate::domain::{
    Actor, Channel, Customer, CustomerAggregate, CustomerKey, EventKind, PendingWrites, Profile, ProfileField,
};
use crate::store::StoreError;
use crate::store::change::{ChangeContext, CustomerWrite};
use crate::store::database::read;
use crate::store::idempotency::{IdempotencyRecord, delivery_record};

on_each_engine! {
    a_change_of_an_old_version_writes_nothing,
    a_change_that_was_made_before_writes_nothing,
    a_change_whose_message_exists_writes_nothing,
    a_change_whose_open_conversation_exists_writes_nothing,
    a_new_customer_whose_id_is_taken_writes_nothing,
}

const BY: ChangeContext = ChangeContext { actor: Actor::Customer, kind: EventKind::MessageReceived, now: NOW };

/// Writes a first message with a new nickname and an idempotency record.
async fn write(store: &TestStore, before: &Customer) -> Option<Customer> {
    let mut aggregate = CustomerAggregate::new(before.clone(), None);
    aggregate.customer.fields_unchecked().profile.set(ProfileField::Nickname, "Changed").unwrap();
    aggregate.deliver("hello".into(), None, NOW, NOW);
    let claim = IdempotencyRecord::new(&delivery_record(Channel::Wechat, "m1"), before.key, Some(1), 1, NOW);
    let changed = CustomerWrite { claim: Some(claim), ..CustomerWrite::from_aggregate(before, aggregate) };
    store.write_change(BY, changed).await.unwrap()
}

/// Returns all rows that [`write`] and [`blocked_by`] can write, as text.
async fn rows(store: &TestStore) -> String {
    let query = "RETURN [(SELECT * FROM customer), (SELECT * FROM event), (SELECT * FROM conversation), \
        (SELECT * FROM message), (SELECT * FROM open), (SELECT * FROM revision), (SELECT * FROM delivery)]";
    let rows: surrealdb::types::Value = read(store.db.query(query)).await.unwrap().take(0).unwrap();
    format!("{rows:?}")
}

/// Runs a statement whose row [`write`] must not overwrite, and expects that `write` then changes nothing.
async fn blocked_by(store: TestStore, statement: &'static str) {
    let before = store.add("wx_1").await;
    let query = store.db.query(statement).bind(("key", before.key.0)).bind(("now", surrealdb::types::Datetime::now()));
    read(query).await.unwrap();
    let (position, stored) = (store.position(), rows(&store).await);
    assert_eq!(write(&store, &before).await, None);
    assert_eq!(rows(&store).await, stored);
    assert!(published_since(&store, position).is_empty());
}

async fn a_change_of_an_old_version_writes_nothing(store: TestStore) {
    blocked_by(store, "UPDATE type::record('customer', $key) SET version = 2").await;
}

async fn a_change_that_was_made_before_writes_nothing(store: TestStore) {
    blocked_by(store, "CREATE delivery:['wechat', 'm1'] SET customer = $key, conversation = 1, number = 1").await;
}

async fn a_change_whose_message_exists_writes_nothing(store: TestStore) {
    blocked_by(store, "CREATE type::record('message', [$key, 1]) SET conversation = 1, text = 'first', at = $now")
        .await;
}

async fn a_change_whose_open_conversation_exists_writes_nothing(store: TestStore) {
    blocked_by(store, "CREATE type::record('open', $key) SET conversation = 1, started_at = $now").await;
}

async fn a_new_customer_whose_id_is_taken_writes_nothing(store: TestStore) {
    let taken = store.add("wx_1").await;
    let stored = rows(&store).await;
    let after = Customer::new(CustomerKey(taken.key.0 + 1), taken.id.clone(), Channel::Wechat, Profile::default(), NOW);
    let changed = CustomerWrite { before: None, after, pending: PendingWrites::default(), claim: None, opened: None };
    assert_eq!(store.write_change(BY, changed).await.err(), Some(StoreError::AlreadyExists("id")));
    assert_eq!(rows(&store).await, stored);
    // The store is not in doubt, so the next change is written.
    assert!(store.create_customer(new("wx_2"), Actor::Customer, NOW).await.is_ok());
}
