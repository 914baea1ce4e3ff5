//! Requests of back ends of hosts: minting and revoking tokens.

use axum::body::Body;
use clientele::domain::{Actor, KeyName, Settings};
use http::Request;
use serde_json::{Value, json};

use crate::common::host::{Host, ORIGIN, allow, bearer};
use crate::common::{PASSWORD, now};

const MINT: &str = "/api/v1/embed/sessions";
const REVOKE: &str = "/api/v1/embed/sessions/revoke";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_is_minted_for_a_known_agent() {
    let host = Host::new().await;
    let answer = host.mint(json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (201, "no-store"));
    let mut minted = answer.json();
    let token = minted["token"].take();
    assert!(token.as_str().is_some_and(|token| token.starts_with("cet_") && token.len() == 68), "{token}");
    insta::assert_snapshot!(minted, @r#"{"agent":1,"expires_in":300,"features":["list","edit","tags","callback","blacklist"],"role":"agent","token":null}"#);

    // By number, with a role and features. The role is never higher than that of the agent.
    for (agent, role, effective) in
        [(3, "admin", "admin"), (3, "agent", "agent"), (1, "admin", "agent"), (1, "agent", "agent")]
    {
        let minted = host.mint(json!({ "agent": { "id": agent }, "role": role, "features": ["tags", "list"] })).await;
        let minted = minted.json();
        assert_eq!((&minted["agent"], &minted["role"]), (&json!(agent), &json!(effective)));
        assert_eq!(minted["features"], json!(["list", "tags"]));
    }
    // The origin is compared as browsers write it, and null counts as absent.
    let spelled = json!({ "origin": "HTTPS://Console.Example:443/", "role": null, "features": null });
    assert_eq!(host.mint(spelled).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_wrong_is_refused_at_its_field() {
    let host = Host::new().await;
    host.app.store.disable_agent("wang", Actor::System, now()).await.unwrap();
    for (body, status, code, field) in [
        (json!({ "agent": {} }), 422, "refused", "agent.login"),
        (json!({ "agent": { "login": "li", "id": 1 } }), 422, "refused", "agent.id"),
        (json!({ "agent": { "login": "li na" } }), 422, "refused", "agent.login"),
        (json!({ "agent": { "id": -1 } }), 422, "malformed", "agent.id"),
        (json!({ "agent": { "login": "li", "odd": 1 } }), 422, "malformed", "agent.odd"),
        (json!({ "agent": null }), 422, "malformed", "agent"),
        (json!({ "role": "boss" }), 422, "malformed", "role"),
        (json!({ "features": ["list", "talk"] }), 422, "refused", "features"),
        (json!({ "features": ["edit"] }), 422, "refused", "features"),
        (json!({ "features": [] }), 422, "refused", "features"),
        (json!({ "origin": "http://console.example" }), 422, "refused", "origin"),
        (json!({ "origin": "https://evil.example" }), 403, "refused", "origin"),
        (json!({ "agent": { "login": "nobody" } }), 403, "not_found", "agent"),
        (json!({ "agent": { "id": 99 } }), 403, "not_found", "agent"),
        (json!({ "agent": { "login": "wang" } }), 403, "refused", "agent"),
    ] {
        let answer = host.mint(body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        let error = answer.json();
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)), "{body}");
    }
    for (body, status, field) in [
        ("", 422, json!("agent")),
        ("[]", 422, Value::Null),
        ("{", 422, Value::Null),
        (r#"{"agent":{"login":"li"}}"#, 422, json!("origin")),
        (&*format!(r#"{{"origin":"{}"}}"#, "x".repeat(20_000)), 413, Value::Null),
    ] {
        let answer = host.ask(MINT, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!((&answer.json()["code"], &answer.json()["field"]), (&json!("malformed"), &field));
    }
    insta::assert_snapshot!(
        host.mint(json!({ "origin": "nowhere" })).await.body,
        @r#"{"code":"refused","field":"origin","reason":"not_an_origin"}"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_a_valid_key_mints() {
    let host = Host::new().await;
    let token = host.token(json!({})).await;
    let right = host.secret.reveal();
    let body = json!({ "agent": { "login": "li" }, "origin": ORIGIN }).to_string();
    let forged = format!("cek_{}_{}", host.key.id, "0".repeat(64));
    for authorization in [String::new(), right.clone(), format!("Basic {right}"), bearer(&forged), bearer(&token)] {
        for path in [MINT, REVOKE] {
            let answer = host.ask_with(path, &authorization, &body).await;
            assert_eq!(answer.status, 401, "{authorization}");
            assert_eq!(answer.body, r#"{"code":"unsigned"}"#);
        }
    }
    // A session of the console is no key.
    let admin = host.app.sign_in("chen").await;
    let session = host.app.post_json(MINT, &admin, json!({ "agent": { "login": "li" }, "origin": ORIGIN })).await;
    assert_eq!(session.status, 401);

    assert_eq!(host.ask(MINT, &body).await.status, 201);
    host.app.store.revoke_embed_key(&host.key.id, Actor::System, now()).await.unwrap();
    assert_eq!(host.ask(MINT, &body).await.status, 401);
}

/// A key in a page could be read by everyone who opens the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_browser_mints_nothing() {
    let host = Host::new().await;
    for (name, value) in [("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin"), ("origin", ORIGIN)] {
        let request = Request::post(MINT)
            .header("authorization", bearer(&host.secret.reveal()))
            .header(name, value)
            .body(Body::from(json!({ "agent": { "login": "li" }, "origin": ORIGIN }).to_string()));
        let answer = host.app.request(request.unwrap()).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        // Requests of other origins are rejected before the handler.
        if value != ORIGIN {
            assert_eq!(answer.json(), json!({ "code": "refused", "field": name }));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_unknown_agent_is_added_where_that_is_allowed() {
    let host = Host::new().await;
    let unknown = json!({ "agent": { "login": "zhao", "name": "Zhao Min" } });
    assert_eq!(host.mint(unknown.clone()).await.status, 403);
    let edit = |settings: &mut Settings| settings.embed_creates_agents = true;
    host.app.store.change_settings(Actor::System, now(), edit).await.unwrap();
    let token = host.token(unknown.clone()).await;
    let session = host.get("/api/v1/embed/session", &token).await.json();
    assert_eq!((&session["name"], &session["role"]), (&json!("Zhao Min"), &json!("agent")));
    assert_eq!(host.mint(unknown).await.json()["agent"], session["agent"]);
    assert_eq!(host.mint(json!({ "agent": { "id": 99 } })).await.status, 403);
    let long = host.mint(json!({ "agent": { "login": "qian", "name": "x".repeat(61) } })).await;
    assert_eq!((long.status.as_u16(), &long.json()["field"]), (422, &json!("agent.name")));
    // The agent has no password, so nobody signs in with one.
    for password in [PASSWORD, "", "nobody has this password"] {
        let form = [("login", "zhao"), ("password", password), ("next", "/")];
        assert_eq!(host.app.post_form("/api/session/sign_in", "", &form).await.status, 401, "{password}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_mints_so_many_tokens_a_minute() {
    let host = Host::new().await;
    let mut minted = 0;
    let answer = loop {
        let answer = host.mint(json!({})).await;
        if answer.status != 201 {
            break answer;
        }
        minted += 1;
    };
    // The quota recovers by two each second.
    assert!((120..200).contains(&minted), "{minted}");
    assert_eq!((answer.status.as_u16(), &*answer.body), (429, r#"{"code":"too_many"}"#));
    // It can still revoke, and other keys have their own limit.
    assert_eq!(host.ask(REVOKE, &json!({ "agent": { "login": "li" } }).to_string()).await.status, 204);
    let other = Host::of(host.app).await;
    assert_eq!(other.mint(json!({})).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_host_ends_its_tokens() {
    let host = Host::new().await;
    let name = KeyName::new("other").unwrap();
    let (_, other) = host.app.store.add_embed_key(&name, Actor::System, now()).await.unwrap();
    let of_other = host
        .ask_with(MINT, &bearer(&other.reveal()), &json!({ "agent": { "id": 1 }, "origin": ORIGIN }).to_string())
        .await;
    let of_other = of_other.json()["token"].as_str().unwrap().to_owned();
    let (one, two) = (host.token(json!({})).await, host.token(json!({})).await);
    let of_chen = host.token(json!({ "agent": { "login": "chen" } })).await;
    for _ in 0..2 {
        assert_eq!(host.ask(REVOKE, &json!({ "token": one }).to_string()).await.status, 204);
        assert!(!host.is_valid(&one).await && host.is_valid(&two).await);
    }
    for _ in 0..2 {
        assert_eq!(host.ask(REVOKE, &json!({ "agent": { "login": " LI" } }).to_string()).await.status, 204);
        assert!(!host.is_valid(&two).await && host.is_valid(&of_chen).await && host.is_valid(&of_other).await);
    }
    // Where there is nothing to end, nothing is wrong, and nobody is added.
    let edit = |settings: &mut Settings| settings.embed_creates_agents = true;
    host.app.store.change_settings(Actor::System, now(), edit).await.unwrap();
    assert_eq!(host.ask(REVOKE, &json!({ "agent": { "login": "nobody" } }).to_string()).await.status, 204);
    assert_eq!(host.app.store.agents().await.unwrap().len(), 3);
    for (body, field) in [
        (json!({}), "agent"),
        (json!({ "token": "cet_1" }), "token"),
        (json!({ "token": one, "agent": { "id": 1 } }), "token"),
        (json!({ "agent": {} }), "agent.login"),
    ] {
        let answer = host.ask(REVOKE, &body.to_string()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (422, &json!(field)), "{body}");
    }
    // Removing the origin does not keep a host from ending tokens.
    allow(&host.app, &[]).await;
    assert_eq!(host.ask(REVOKE, &json!({ "token": of_chen }).to_string()).await.status, 204);
}
