//! Tests of customers: creation, changes, and atomicity.

use super::{NOW, TestStore, new, on_each_engine, published_since};
use crate::domain::{
    Action, Actor, Agent, AgentId, Blacklisting, Editable, EventKind, Mode, ProfileField, Reason, Role, Settings,
    TagId, Timestamp, Viewer,
};
use crate::store::StoreError;

on_each_engine! {
    a_customer_is_read_as_it_was_made,
    an_id_is_given_once,
    a_change_writes_one_event_with_what_was_before,
    a_change_of_nothing_writes_nothing,
    a_refused_change_writes_nothing,
    editors_at_the_same_time_lose_nothing,
    what_is_absent_is_not_found,
}

async fn a_customer_is_read_as_it_was_made(store: TestStore) {
    let made = store.add("wx_1").await;
    assert_eq!(store.customer(made.key).await.unwrap(), made);
    assert_eq!(store.customer_by_id(&made.id).await.unwrap(), made);
    assert_eq!((made.created_at, made.version), (NOW, 1));
    let entry = Blacklisting::new("abuse", None, Timestamp(5), Some(Timestamp(7))).unwrap();
    let changed = store
        .change_customer(Editable::unchecked(made.key, Actor::System), EventKind::Blacklisted, NOW, |customer| {
            customer.blacklist(entry.clone())
        })
        .await
        .unwrap();
    assert_eq!(store.customer(made.key).await.unwrap(), changed);
    assert_eq!(changed.blacklisted, Some(entry));
}

async fn an_id_is_given_once(store: TestStore) {
    store.add("wx_1").await;
    let again = store.create_customer(new("wx_1"), Actor::Customer, NOW).await;
    assert_eq!(again.unwrap_err(), StoreError::AlreadyExists("id"));
    assert_eq!(store.memory.index_read().len(), 1);
}

async fn a_change_writes_one_event_with_what_was_before(store: TestStore) {
    let customer = store.add("wx_1").await;
    let position = store.position();
    store
        .change_customer(Editable::unchecked(customer.key, Actor::System), EventKind::ProfileEdited, NOW, |customer| {
            customer.fields_unchecked().profile.set(ProfileField::Phone, "138 0013")
        })
        .await
        .unwrap();
    let published = published_since(&store, position);
    let [published] = published.as_slice() else { panic!("{published:?}") };
    let event = &published.event;
    assert_eq!((event.kind, event.customer, event.version), (EventKind::ProfileEdited, Some(customer.key), 2));
    let change = &event.changes[0];
    assert_eq!(
        (change.field.as_str(), change.before.as_deref(), change.after.as_deref()),
        ("phone", None, Some("138 0013"))
    );
}

async fn a_change_of_nothing_writes_nothing(store: TestStore) {
    let customer = store.add("wx_1").await;
    let position = store.position();
    let same = store
        .change_customer(Editable::unchecked(customer.key, Actor::System), EventKind::TagsChanged, NOW, |customer| {
            customer.untag(TagId(1));
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(same, customer);
    assert!(published_since(&store, position).is_empty());
}

async fn a_refused_change_writes_nothing(store: TestStore) {
    let customer = store.add("wx_1").await;
    let refused = store
        .change_customer(Editable::unchecked(customer.key, Actor::System), EventKind::ProfileEdited, NOW, |customer| {
            customer.fields_unchecked().profile.set(ProfileField::Nickname, "changed")?;
            customer.fields_unchecked().profile.set(ProfileField::Email, "not an address")
        })
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Refused(error) if error.reason == Reason::NotAnEmail));
    assert_eq!(store.customer(customer.key).await.unwrap(), customer);
}

async fn editors_at_the_same_time_lose_nothing(store: TestStore) {
    let key = store.add("wx_1").await.key;
    let edits = (1..=24).map(|tag| {
        let store = &store;
        async move {
            // A conflict that outlasts all attempts is reported to the caller, which retries.
            loop {
                let edit = store
                    .change_customer(Editable::unchecked(key, Actor::System), EventKind::TagsChanged, NOW, |customer| {
                        customer.tag(TagId(tag));
                        Ok(())
                    })
                    .await;
                match edit {
                    Err(StoreError::Conflict) => {}
                    edit => return edit.map(drop),
                }
            }
        }
    });
    for edit in futures::future::join_all(edits).await {
        edit.unwrap();
    }
    let customer = store.customer(key).await.unwrap();
    assert_eq!((customer.tags.len(), customer.version), (24, 25));
    assert_eq!(store.memory.index_read().check(&customer), Ok(()));
}

async fn what_is_absent_is_not_found(store: TestStore) {
    let key = store.add("wx_1").await.key;
    let absent = crate::domain::CustomerKey(key.0 + 1);
    assert_eq!(store.customer(absent).await.unwrap_err(), StoreError::NotFound);
    let agent = Agent { id: AgentId(1), login: "li".into(), name: "Li".into(), role: Role::Agent, disabled: false };
    let viewer = Viewer { agent, mode: Mode::Agent, features: None, settings: Settings::default() };
    for customer in [key, absent] {
        assert_eq!(store.visible(&viewer, customer).await.unwrap_err(), StoreError::NotFound);
        let refused = store.editable(&viewer, customer, Action::EditTags).await;
        assert_eq!(refused.unwrap_err(), StoreError::NotFound);
    }
    let change = store
        .change_customer(Editable::unchecked(absent, Actor::System), EventKind::TagsChanged, NOW, |_| Ok(()))
        .await;
    assert_eq!(change.unwrap_err(), StoreError::NotFound);
}
