//! Event streams of open pages: live events, and events replayed after a reconnect.

use std::time::Duration;

use clientele::domain::{
    Actor, AgentId, Blacklisting, Channel, Editable, EventKind, IdempotencyKey, KeyName, ProfileField, TagColor, TagId,
    TagName,
};

use crate::common::stream::Stream;
use crate::common::{TestApp, Who, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_told_of_its_customers_only() {
    let app = TestApp::new().await;
    let li = app.cookie_of(Who::Agent).await;
    let mut agent = Stream::open(&app, &li, "agent", "").await;
    let mut admin = Stream::open(&app, &app.cookie_of(Who::Admin).await, "admin", "").await;
    agent.next("hello").await;
    admin.next("hello").await;
    let key = app.waiting("v_1").await;
    // No agent has served this customer yet, so agents only see that a conversation is waiting.
    agent.next("desk").await;
    agent.is_quiet().await;
    assert!(admin.next("customer").await.1.contains(&format!("\"customer\":{key}")));
    admin.next("desk").await;
    app.store.accept(key, AgentId(1), now()).await.unwrap();
    let (_, told) = agent.next("customer").await;
    assert!(told.contains("conversation_accepted"), "{told}");
    agent.next("desk").await;
    // A customer of another agent stays out of scope.
    let other = app.waiting("v_2").await;
    app.store.accept(other, AgentId(2), now()).await.unwrap();
    agent.next("desk").await;
    agent.next("desk").await;
    agent.is_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agents_own_replies_are_told_without_the_customers_page() {
    let app = TestApp::new().await;
    app.switch_page(false).await;
    let li = app.cookie_of(Who::Agent).await;
    let mut agent = Stream::open(&app, &li, "agent", "").await;
    let mut other = Stream::open(&app, &app.cookie_of(Who::Admin).await, "agent", "").await;
    agent.next("hello").await;
    other.next("hello").await;
    let key = app.waiting("v_1").await;
    app.store.accept(key, AgentId(1), now()).await.unwrap();
    for stream in [&mut agent, &mut other] {
        stream.next("desk").await;
        stream.next("desk").await;
    }
    let reply = serde_json::json!({ "key": key, "text": "hello", "request": "r1" });
    assert_eq!(app.post_json("/api/desk/reply", &li, reply).await.status, 200);
    agent.next("desk").await;
    other.is_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn held_messages_notify_nobody_and_show_where_they_are_shown() {
    let app = TestApp::new().await;
    let key = app.waiting("v_1").await;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(Editable::unchecked(key, Actor::System), &entry, now()).await.unwrap();
    let mut admin = Stream::open(&app, &app.cookie_of(Who::Admin).await, "admin", "").await;
    let mut agent = Stream::open(&app, &app.cookie_of(Who::Agent).await, "agent", "").await;
    let (position, _) = admin.next("hello").await;
    agent.next("hello").await;
    for number in 0..600 {
        app.write("v_1", &format!("held {number}")).await;
    }
    assert_eq!(admin.next("held").await.1, format!("{{\"customer\":{key}}}"));
    agent.is_quiet().await;
    // A flood of held messages does not displace other missed events.
    let other = app.waiting("v_2").await;
    let mut admin = Stream::open(&app, &app.cookie_of(Who::Admin).await, "admin", &position).await;
    admin.next("held").await;
    assert!(admin.next("customer").await.1.contains(&format!("\"customer\":{other}")));
    admin.next("desk").await;
    admin.next("hello").await;
    admin.is_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_came_while_the_connection_was_lost_is_told_once() {
    let app = TestApp::new().await;
    let cookie = app.cookie_of(Who::Admin).await;
    let mut stream = Stream::open(&app, &cookie, "admin", "").await;
    let (position, _) = stream.next("hello").await;
    drop(stream);
    let key = app.waiting("v_1").await;
    // Browsers send the position in a header; clients that cannot send headers pass it in the URL.
    let in_url = http::Request::get(format!("/events?mode=admin&after={position}")).header("cookie", &cookie);
    let mut last = String::new();
    for mut stream in [Stream::open(&app, &cookie, "admin", &position).await, Stream::of(&app, in_url).await] {
        let (_, told) = stream.next("customer").await;
        assert!(told.contains(&format!("\"customer\":{key}")), "{told}");
        stream.next("desk").await;
        last = stream.next("hello").await.0;
        stream.is_quiet().await;
    }
    let mut stream = Stream::open(&app, &cookie, "admin", &last).await;
    stream.next("hello").await;
    stream.is_quiet().await;
    // A position from before a restart, and text that is not a position.
    for away in ["018f000000000000-7", "nonsense"] {
        Stream::open(&app, &cookie, "admin", away).await.next("resync").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_missed_very_much_reads_anew_at_once() {
    let app = TestApp::new().await;
    let cookie = app.cookie_of(Who::Admin).await;
    let position = app.store.position().to_string();
    let key = app.customer("wx_1", "Wei", Some(1)).await;
    for number in 0..1001_u32 {
        let edit = app.store.change_customer(
            Editable::unchecked(key, Actor::System),
            EventKind::ProfileEdited,
            now(),
            |customer| customer.fields_unchecked().profile.set(ProfileField::Company, &number.to_string()),
        );
        edit.await.unwrap();
    }
    Stream::open(&app, &cookie, "admin", &position).await.next("resync").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rendered_page_is_told_what_changed_since_it_was_asked_for() {
    let app = TestApp::new().await;
    let cookie = app.cookie_of(Who::Admin).await;
    let key = app.customer("wx_1", "Wei", Some(1)).await;
    let page = app.get("/admin/customers", &cookie).await;
    let position = page.body.split("position").nth(1).expect("the page has no position");
    let position: String = position
        .chars()
        .skip_while(|c| !c.is_ascii_hexdigit())
        .take_while(|c| c.is_ascii_hexdigit() || *c == '-')
        .collect();
    let edit =
        app.store.change_customer(Editable::unchecked(key, Actor::System), EventKind::TagsChanged, now(), |customer| {
            customer.tag(TagId(1));
            Ok(())
        });
    edit.await.unwrap();
    let request = http::Request::get(format!("/events?mode=admin&after={position}")).header("cookie", &cookie);
    assert!(Stream::of(&app, request).await.next("customer").await.1.contains("tags_changed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_that_come_back_while_the_index_is_filled_lose_nothing() {
    let app = TestApp::cold().await;
    let li = app.cookie_of(Who::Agent).await;
    let key = app.customer("wx_1", "Wei", Some(1)).await;
    let mut stream = Stream::open(&app, &li, "agent", "018f000000000000-7").await;
    stream.next("resync").await;
    // The scope of an agent does not depend on the index.
    let call = IdempotencyKey::new(AgentId(1), "r").unwrap();
    app.store.call_back(Editable::unchecked(key, Actor::System), &call, now()).await.unwrap();
    stream.next("customer").await;
    stream.next("desk").await;
    assert_eq!(app.get("/api/customers?mode=agent&query=&start=", &li).await.status, 503);
    app.store.warm().await.unwrap();
    stream.next("resync").await;
    assert_eq!(app.get("/api/customers?mode=agent&query=period%3Dall&start=", &li).await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tags_and_keys_are_told_to_those_who_see_them() {
    let app = TestApp::new().await;
    let mut agent = Stream::open(&app, &app.cookie_of(Who::Agent).await, "agent", "").await;
    let mut admin = Stream::open(&app, &app.cookie_of(Who::Admin).await, "admin", "").await;
    agent.next("hello").await;
    admin.next("hello").await;
    let name = KeyName::new("shop").unwrap();
    app.store.add_channel_key(Channel::Wechat, &name, Actor::System, now()).await.unwrap();
    app.store.create_tag(TagName::new("VIP").unwrap(), TagColor(1), Actor::System, now()).await.unwrap();
    admin.next("keys").await;
    admin.next("tags").await;
    agent.next("tags").await;
    agent.is_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agent_has_so_many_streams_and_not_more() {
    let app = TestApp::new().await;
    let li = app.cookie_of(Who::Agent).await;
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(Stream::open(&app, &li, "agent", "").await);
    }
    assert_eq!(app.get("/events?mode=agent", &li).await.status, 429);
    Stream::open(&app, &app.cookie_of(Who::Admin).await, "agent", "").await.next("hello").await;
    open.pop();
    Stream::open(&app, &li, "agent", "").await.next("hello").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_ends_when_the_session_does() {
    let app = TestApp::new().await;
    let li = app.cookie_of(Who::Agent).await;
    let mut stream = Stream::open(&app, &li, "agent", "").await;
    stream.next("hello").await;
    let started = std::time::Instant::now();
    app.post_form("/api/session/sign_out", &li, &[]).await;
    stream.next("signed_out").await;
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(stream.rest().await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_open_page_is_told_at_once_when_the_page_is_switched_off() {
    let app = TestApp::new().await;
    let li = app.cookie_of(Who::Agent).await;
    let key = app.customer("wx_1", "张伟", Some(1)).await;
    let mut stream = Stream::open(&app, &li, "agent", "").await;
    stream.next("hello").await;
    app.switch_page(false).await;
    stream.next("settings").await;
    // From now on the stream has no events about customers.
    app.store
        .call_back(Editable::unchecked(key, Actor::System), &IdempotencyKey::new(AgentId(1), "r").unwrap(), now())
        .await
        .unwrap();
    stream.next("desk").await;
    stream.is_quiet().await;
}
