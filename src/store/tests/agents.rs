//! Tests of agents, sessions, settings and tags.

use super::{NOW, TestStore, on_each_engine};
use crate::domain::{Actor, Error, Reason, Role, Tag, TagColor, TagName, WeekStart};
use crate::store::database::read;
use crate::store::{NewAgent, StoreError};

on_each_engine! {
    only_the_right_password_of_an_enabled_agent_signs_in,
    a_login_is_given_once_ignoring_case,
    a_session_ends_when_idle_and_at_its_age,
    settings_are_kept_and_watched,
    a_tags_name_is_given_once_ignoring_case,
    there_are_at_most_so_many_tags,
}

const HOUR: i64 = 3_600_000;

fn agent(login: &str) -> NewAgent {
    NewAgent { login: login.into(), name: String::new(), role: Role::Agent, password: "long enough".into() }
}

async fn only_the_right_password_of_an_enabled_agent_signs_in(store: TestStore) {
    let li = store.add_agent(agent("Li"), Actor::System, NOW).await.unwrap();
    let verify = async |login: &str, password: &str| store.verify(login, password.into()).await.unwrap();
    assert_eq!(verify(" LI", "long enough").await, Some(li));
    assert_eq!(verify("li", "Long enough").await, None);
    assert_eq!(verify("wang", "long enough").await, None);
    store.set_password("li", "another long one".into(), Actor::System, NOW).await.unwrap();
    assert_eq!(verify("li", "long enough").await, None);
    assert!(verify("li", "another long one").await.is_some());
    store.disable_agent("li", Actor::System, NOW).await.unwrap();
    assert_eq!(verify("li", "another long one").await, None);
    assert_eq!(store.disable_agent("wang", Actor::System, NOW).await.unwrap_err(), StoreError::NotFound);
}

async fn a_login_is_given_once_ignoring_case(store: TestStore) {
    store.add_agent(agent("li"), Actor::System, NOW).await.unwrap();
    assert_eq!(store.add_agent(agent("LI"), Actor::System, NOW).await.unwrap_err(), StoreError::AlreadyExists("login"));
}

async fn a_session_ends_when_idle_and_at_its_age(store: TestStore) {
    let li = store.add_agent(agent("li"), Actor::System, NOW).await.unwrap();
    let idle = store.begin_session(li.id, NOW).await.unwrap();
    assert!(store.session(&idle, NOW.plus_millis(11 * HOUR)).await.unwrap().is_some());
    assert!(store.session(&idle, NOW.plus_millis(24 * HOUR)).await.unwrap().is_none());
    // An open event stream does not count as use.
    let listening = store.begin_session(li.id, NOW).await.unwrap();
    assert!(store.unused_session(&listening, NOW.plus_millis(11 * HOUR)).await.unwrap().is_some());
    assert!(store.unused_session(&listening, NOW.plus_millis(13 * HOUR)).await.unwrap().is_none());
    // A session in constant use still expires after a week.
    let busy = store.begin_session(li.id, NOW).await.unwrap();
    for hours in (0..168).step_by(8) {
        assert!(store.session(&busy, NOW.plus_millis(hours * HOUR)).await.unwrap().is_some(), "{hours}");
    }
    assert!(store.session(&busy, NOW.plus_millis(168 * HOUR)).await.unwrap().is_none());
}

async fn settings_are_kept_and_watched(store: TestStore) {
    let mut watched = store.watch_settings();
    assert!(!store.settings().customers_page_in_agent_mode);
    let changed = store
        .change_settings(Actor::System, NOW, |settings| {
            settings.customers_page_in_agent_mode = true;
            settings.week_start = WeekStart::Monday;
        })
        .await
        .unwrap();
    assert!(watched.has_changed().unwrap());
    assert_eq!(*watched.borrow_and_update(), changed);
    assert_eq!(super::super::rows::settings::load(&store.db).await.unwrap(), changed);
}

async fn there_are_at_most_so_many_tags(store: TestStore) {
    let others =
        "FOR $n IN 1..1000 { CREATE tag CONTENT { id: 5000 + $n, name: <string>$n, name_key: <string>$n, color: 0 } }";
    read(store.db.query(others)).await.unwrap();
    let make = async |name: &str| store.create_tag(TagName::new(name).unwrap(), TagColor(0), Actor::System, NOW).await;
    assert!(make("last").await.is_ok());
    let refused = Error::field("name", Reason::TooMany { most: Tag::MOST });
    assert_eq!(make("one more").await, Err(StoreError::Refused(refused)));
}

async fn a_tags_name_is_given_once_ignoring_case(store: TestStore) {
    let name = |text| TagName::new(text).unwrap();
    let vip = store.create_tag(name("VIP"), TagColor(3), Actor::System, NOW).await.unwrap();
    let again = store.create_tag(name("vip"), TagColor(4), Actor::System, NOW).await;
    assert_eq!(again.unwrap_err(), StoreError::AlreadyExists("name"));
    assert_eq!(store.tags().await.unwrap(), [vip]);
}
