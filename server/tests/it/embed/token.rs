//! Use and end of tokens.

use std::time::Duration;

use axum::body::Body;
use clientele::domain::Actor;
use clientele::store::Clock;
use http::Request;
use serde_json::json;

use crate::common::host::{Host, ORIGIN, allow, bearer, from_page};
use crate::common::stream::Stream;
use crate::common::{TestApp, now};

const SESSION: &str = "/api/v1/embed/session";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_signs_its_agent_in() {
    let host = Host::new().await;
    let token = host.token(json!({ "features": ["list", "edit"] })).await;
    let answer = host.get(SESSION, &token).await;
    let mut session = answer.json();
    assert!(session["expires_in"].take().as_i64().is_some_and(|seconds| (290..=300).contains(&seconds)));
    insta::assert_snapshot!(session, @r#"{"agent":1,"expires_in":null,"features":["list","edit"],"name":"LI","role":"agent"}"#);
    let access = host.get("/api/session", &token).await.json();
    assert_eq!((&access["agent"]["login"], &access["features"]), (&json!("li"), &json!(["list", "edit"])));
    // A session of the console has all features.
    let console = host.app.get("/api/session", &host.app.sign_in("li").await).await.json();
    assert_eq!(console["features"], json!(["list", "edit", "tags", "callback", "blacklist"]));
    assert_eq!(host.app.get(SESSION, &host.app.sign_in("li").await).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cookies_beside_a_token_are_ignored() {
    let host = Host::new().await;
    let admin = host.app.sign_in("chen").await;
    let ask = async |token: &str| {
        let request = from_page(Request::get("/api/session")).header("authorization", bearer(token));
        host.app.request(request.header("cookie", &admin).body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask(&host.token(json!({})).await).await.json()["agent"]["login"], "li");
    for wrong in ["", "cet_1", &format!("cet_{}", "0".repeat(64)), &host.secret.reveal()] {
        let answer = ask(wrong).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &json!("signed_out")), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_is_used_by_its_own_pages_only() {
    let host = Host::new().await;
    allow(&host.app, &[ORIGIN, "https://other.example"]).await;
    let token = host.token(json!({})).await;
    let status = async |method: &str, headers: &[(&str, &str)]| {
        let mut request = Request::builder().method(method).uri(SESSION).header("authorization", bearer(&token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        host.app.request(request.body(Body::empty()).unwrap()).await.status.as_u16()
    };
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[("origin", ORIGIN), ("sec-fetch-site", "cross-site")], 200),
        (&[("origin", ORIGIN)], 200),
        // Our own page in a frame.
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin")], 200),
        (&[("origin", "https://other.example"), ("sec-fetch-site", "cross-site")], 401),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], 401),
        (&[("origin", "null"), ("sec-fetch-site", "cross-site")], 401),
        (&[("sec-fetch-site", "none")], 401),
        (&[], 401),
    ];
    for (headers, expected) in cases {
        assert_eq!(status("GET", headers).await, expected, "{headers:?}");
    }
    // Nor can another page end it, though it is allowed itself.
    assert_eq!(status("DELETE", &[("origin", "https://other.example")]).await, 401);
    assert_eq!(status("DELETE", &[("origin", "https://evil.example")]).await, 403);
    assert!(host.is_valid(&token).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_expires_after_five_minutes_of_use() {
    let clock = Clock::manual(now());
    let host = Host::of(TestApp::with_clock(clock.clone()).await).await;
    let token = host.token(json!({})).await;
    clock.advance(29_000);
    assert_eq!(host.get(SESSION, &token).await.json()["expires_in"], 271);
    clock.advance(270_999);
    assert_eq!(host.get(SESSION, &token).await.json()["expires_in"], 0);
    clock.advance(1);
    assert!(!host.is_valid(&token).await);
    assert!(host.is_valid(&host.token(json!({})).await).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_ends_with_its_origin_its_agent_and_its_key() {
    let host = Host::new().await;
    let (li, wang) = (host.token(json!({})).await, host.token(json!({ "agent": { "login": "wang" } })).await);
    host.app.store.disable_agent("wang", Actor::System, now()).await.unwrap();
    assert!(host.is_valid(&li).await && !host.is_valid(&wang).await);
    allow(&host.app, &["https://other.example"]).await;
    // Its pages are strangers now: the answer does not even say that the token is not valid.
    let answer = host.get("/api/session", &li).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (403, ""));
    allow(&host.app, &[ORIGIN]).await;
    assert!(host.is_valid(&li).await);
    host.app.store.revoke_embed_key(&host.key.id, Actor::System, now()).await.unwrap();
    assert!(!host.is_valid(&li).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_ends_its_token_more_than_once() {
    let host = Host::new().await;
    let (one, two) = (host.token(json!({})).await, host.token(json!({})).await);
    for _ in 0..2 {
        let answer = host.call("DELETE", SESSION, &one, "").await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (204, ORIGIN));
        assert!(!host.is_valid(&one).await && host.is_valid(&two).await);
    }
    assert_eq!(host.call("DELETE", SESSION, "cet_1", "").await.status, 401);
    assert_eq!(host.call("DELETE", SESSION, "cet_1", "").await.body, r#"{"code":"unsigned"}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_says_its_time_zone_in_a_header() {
    let host = Host::new().await;
    let key = host.app.customer("wx_1", "Wei", Some(1)).await;
    let token = host.token(json!({})).await;
    let created = async |zone: &str| {
        let request = from_page(Request::get(format!("/api/customers/one?mode=agent&key={key}")));
        let request = request.header("authorization", bearer(&token)).header("clientele-zone", zone);
        let answer = host.app.request(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["created"][1].as_str().unwrap().to_owned()
    };
    // These zones are never on the same hour.
    assert_ne!(created("Asia/Shanghai").await, created("America/New_York").await);
    assert_eq!(created("Etc/Unknown").await, created("UTC").await);
}

async fn stream(host: &Host, token: &str) -> Stream {
    let request = from_page(Request::get("/events?mode=agent")).header("authorization", bearer(token));
    let mut stream = Stream::of(&host.app, request).await;
    stream.next("hello").await;
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_says_that_its_token_was_revoked() {
    let host = Host::new().await;
    let (revoked, ended) = (host.token(json!({})).await, host.token(json!({})).await);
    let of_wang = host.token(json!({ "agent": { "login": "wang" } })).await;
    let (mut first, mut second, mut third) =
        (stream(&host, &revoked).await, stream(&host, &ended).await, stream(&host, &of_wang).await);
    host.app.switch_page(false).await;
    first.next("settings").await;

    host.ask("/api/v1/embed/sessions/revoke", &json!({ "token": revoked }).to_string()).await;
    first.ends_with("signed_out").await;
    host.call("DELETE", SESSION, &ended, "").await;
    second.ends_with("signed_out").await;
    host.app.store.disable_agent("wang", Actor::System, now()).await.unwrap();
    third.ends_with("signed_out").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_ends_with_its_token_and_says_nothing() {
    let clock = Clock::manual(now());
    let host = Host::of(TestApp::with_clock(clock.clone()).await).await;
    let token = host.token(json!({})).await;
    let mut stream = stream(&host, &token).await;
    clock.advance(300_000);
    let rest = tokio::time::timeout(Duration::from_secs(5), stream.rest()).await;
    assert_eq!(rest.expect("the stream goes on"), "");
}
