//! Tests that the list reflects writes immediately.

use jiff::tz::TimeZone;

use super::{NOW, TestStore, on_each_engine};
use crate::domain::{Actor, Editable, EventKind, Filter, PageRequest, Period, ProfileField, Sort, Start, TagId};
use crate::store::{CustomerList, ListRequest};

on_each_engine! {
    a_writer_reads_its_own_write,
    rows_come_in_the_order_of_the_list,
}

async fn list(store: &TestStore, filter: Filter) -> CustomerList {
    let request = ListRequest {
        scope: None,
        filter,
        sort: Sort::default(),
        page: PageRequest { start: Start::Top, limit: 50 },
        zone: TimeZone::UTC,
        now: NOW,
    };
    store.list(&request).await.unwrap()
}

async fn a_writer_reads_its_own_write(store: TestStore) {
    let named = |name: &str| Filter { period: Period::AllTime, name: name.into(), ..Filter::default() };
    let customer = store.add("wx_1").await;
    assert_eq!(list(&store, named("张")).await.total, 0);
    store
        .change_customer(Editable::unchecked(customer.key, Actor::System), EventKind::ProfileEdited, NOW, |customer| {
            customer.tag(TagId(1));
            customer.fields_unchecked().profile.set(ProfileField::RealName, "张伟")
        })
        .await
        .unwrap();
    let found = list(&store, named("zhangwei")).await;
    assert_eq!((found.total, found.rows[0].key, found.facets.as_slice()), (1, customer.key, &[(TagId(1), 1)][..]));
}

async fn rows_come_in_the_order_of_the_list(store: TestStore) {
    let mut keys = Vec::new();
    for number in 0..20 {
        let new = super::new(&format!("wx_{number}"));
        keys.push(store.create_customer(new, Actor::Customer, NOW.plus_millis(-number)).await.unwrap().key);
    }
    let found = list(&store, Filter { period: Period::AllTime, ..Filter::default() }).await;
    assert_eq!(found.rows.iter().map(|row| row.key).collect::<Vec<_>>(), keys);
}
