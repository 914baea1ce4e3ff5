//! What open pages are told while it happens, and what they are told afterwards of what they missed.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod common;

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use clientele::domain::{Actor, AgentId, Blacklisting};
use clientele::store::Request;
use common::{TestApp, Who, now};
use futures::StreamExt;

/// An open page's stream of events.
struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    async fn open(app: &TestApp, cookie: &str, mode: &str, last: &str) -> Self {
        let mut request = http::Request::get(format!("/events?mode={mode}")).header("cookie", cookie);
        if !last.is_empty() {
            request = request.header("last-event-id", last);
        }
        let response = app.respond(request.body(Body::empty()).unwrap()).await;
        assert!(response.status().is_success(), "{}", response.status());
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next event of that name: its id and data. Others are passed over.
    async fn next(&mut self, name: &str) -> (String, String) {
        tokio::time::timeout(Duration::from_secs(5), async {
            loop {
                while let Some((event, rest)) = self.read.split_once("\n\n") {
                    let field = |wanted: &str| {
                        let line = event.lines().find_map(|line| line.strip_prefix(wanted));
                        line.unwrap_or_default().trim().to_owned()
                    };
                    let found = (field("event:"), field("id:"), field("data:"));
                    self.read = rest.to_owned();
                    if found.0 == name {
                        return (found.1, found.2);
                    }
                }
                let more = self.body.next().await.expect("the stream ended").unwrap();
                self.read.push_str(&String::from_utf8_lossy(&more));
            }
        })
        .await
        .unwrap_or_else(|_| panic!("no {name}; read: {}", self.read))
    }

    /// Whether nothing of that name comes for a while.
    async fn is_quiet(&mut self, name: &str) -> bool {
        tokio::time::timeout(Duration::from_millis(300), self.body.next()).await.is_err() && !self.read.contains(name)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_told_of_its_customers_only() {
    let app = TestApp::new().await;
    let li = app.cookie_of(Who::Agent).await;
    let mut agent = Stream::open(&app, &li, "agent", "").await;
    let mut admin = Stream::open(&app, &app.cookie_of(Who::Admin).await, "admin", "").await;
    agent.next("hello").await;
    let key = app.waiting("v_1").await;
    // Nobody serves this customer yet: agents hear only that somebody waits.
    agent.next("desk").await;
    assert!(admin.next("customer").await.1.contains(&format!("\"customer\":{key}")));
    assert!(agent.is_quiet("customer").await);
    app.store.accept(key, AgentId(1), now()).await.unwrap();
    let (_, told) = agent.next("customer").await;
    assert!(told.contains("conversation_accepted"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_told_of_held_messages() {
    let app = TestApp::new().await;
    let key = app.waiting("v_1").await;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(key, &entry, Actor::System, now()).await.unwrap();
    let mut admin = Stream::open(&app, &app.cookie_of(Who::Admin).await, "admin", "").await;
    admin.next("hello").await;
    for number in 0..50 {
        app.write("v_1", &format!("held {number}")).await;
    }
    assert!(admin.is_quiet("customer").await);
    assert!(admin.is_quiet("desk").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_came_while_the_connection_was_lost_is_told_afterwards() {
    let app = TestApp::new().await;
    let cookie = app.cookie_of(Who::Admin).await;
    let mut stream = Stream::open(&app, &cookie, "admin", "").await;
    let (position, _) = stream.next("hello").await;
    drop(stream);
    let key = app.waiting("v_1").await;
    let mut stream = Stream::open(&app, &cookie, "admin", &position).await;
    let (last, told) = stream.next("customer").await;
    assert!(told.contains(&format!("\"customer\":{key}")), "{told}");
    // Whoever was away too long, or says something that is no place in the log, asks for everything anew.
    for away in ["018f0000-0000-7000-8000-000000000000", "nonsense"] {
        Stream::open(&app, &cookie, "admin", away).await.next("resync").await;
    }
    assert!(uuid_like(&last), "{last}");
}

fn uuid_like(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
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
    assert!(stream.body.next().await.is_none());
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
    // From then on it is told of no customer.
    app.store.call_back(key, &Request { key: "r".into(), agent: AgentId(1) }, now()).await.unwrap();
    stream.next("desk").await;
    assert!(!stream.read.contains("event: customer") && stream.is_quiet("customer").await);
}
