//! Requests of the channel API: signatures, malformed and incomplete bodies, and the error responses.

use axum::body::Body;
use clientele::domain::{Actor, Channel, CustomerId};
use clientele::store::ChannelSecret;
use clientele_server::ingest::sign;
use http::{Request, StatusCode};
use serde_json::json;

use crate::common::channel::Connected;
use crate::common::{TestApp, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_what_the_keys_holder_just_signed_is_accepted() {
    let channel = Connected::to(Channel::Web).await;
    let (path, body) = ("/api/v1/messages", r#"{"id":"m1","customer":"v_1","text":"hello"}"#);
    let at = now().0;
    let right = sign(&channel.secret, at, "POST", path, body.as_bytes());
    let other = body.replace("hello", "other");
    let refused = async |body: &str, at: i64, signature: &str| {
        let answer = channel.send_as("POST", path, body, at, signature).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        answer.json()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&other, at, &right).await, "unsigned");
    assert_eq!(refused(body, at + 1, &right).await, "unsigned");
    assert_eq!(refused(body, at, "").await, "unsigned");
    assert_eq!(refused(body, at, &"0".repeat(64)).await, "unsigned");
    for away in [-6 * 60 * 1000, 6 * 60 * 1000] {
        let signature = sign(&channel.secret, at + away, "POST", path, body.as_bytes());
        assert_eq!(refused(body, at + away, &signature).await, "expired");
    }
    // Method and path are signed too: a signature is valid for one request only.
    let elsewhere = channel.send_as("POST", "/api/v1/customers/v_1/end", body, at, &right).await;
    assert_eq!(elsewhere.json()["code"], "unsigned");
    let query = channel.send_as("POST", &format!("{path}?x"), body, at, &right).await;
    assert_eq!(query.json()["code"], "unsigned");
    let read = sign(&channel.secret, at, "GET", "/api/v1/customers/v_1/end", b"");
    let written = channel.send_as("POST", "/api/v1/customers/v_1/end", "", at, &read).await;
    assert_eq!(written.json()["code"], "unsigned");
    // A sender that lost the response sends the same bytes again.
    for repeated in [false, true, true] {
        let answer = channel.send_as("POST", path, body, at, &right).await;
        assert_eq!((answer.status, answer.json()["repeated"].clone()), (StatusCode::OK, json!(repeated)));
    }

    channel.app.store.revoke_channel_key(&channel.key.id, Actor::System, now()).await.unwrap();
    assert_eq!(channel.write("v_1", "m2").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(channel.customer("v_1").await.messages, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_malformed_is_refused_at_its_field() {
    let channel = Connected::to(Channel::Web).await;
    for (body, field) in [
        (json!({ "id": "", "customer": "v_1", "text": "x" }), json!("id")),
        (json!({ "id": "m", "customer": " ", "text": "x" }), json!("customer")),
        (json!({ "id": "m", "customer": "v_1", "text": " " }), json!("text")),
        (json!({ "id": "m", "customer": "v_1" }), json!("text")),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "odd": 1 }), json!("odd")),
        (json!({ "id": "m", "customer": "v_1", "text": null }), json!("text")),
        (json!({ "id": 7, "customer": "v_1", "text": "x" }), json!("id")),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "at": 1_763_816_516_123.5 }), json!("at")),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "profile": { "phone": 1 } }), json!("profile.phone")),
        (json!({ "id": "m\u{0}x", "customer": "v_1", "text": "x" }), json!("id")),
        (json!({ "id": "m", "customer": "v\u{200B}1", "text": "x" }), json!("customer")),
        // An array of field values is not accepted as an object.
        (json!(["m", "v_1", "x", null, null, null]), json!(null)),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "visitor": ["192.0.2.1", "", "", ""] }), json!("visitor")),
    ] {
        let answer = channel.send("POST", "/api/v1/messages", &body.to_string()).await;
        assert_eq!((answer.status, &answer.json()["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &field), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_of_another_customer_is_refused_and_shown_to_admins() {
    let channel = Connected::to(Channel::Web).await;
    channel.write("v_1", "1").await;
    let other = channel.write("v_2", "1").await;
    assert_eq!(
        (other.status, other.json()),
        (StatusCode::CONFLICT, json!({ "code": "taken", "field": "id", "reason": "taken" }))
    );
    assert!(channel.app.store.customer_by_id(&CustomerId::new("v_2").unwrap()).await.is_err());
    let chen = channel.app.sign_in("chen").await;
    let keys = channel.app.get("/api/channels", &chen).await.json();
    assert_eq!((&keys[0]["refused"]["count"], &keys[0]["refused"]["field"]), (&json!(1), &json!("id")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_gateway_leaves_open_is_as_good_as_absent() {
    let channel = Connected::to(Channel::Web).await;
    let null = json!({ "id": "n", "customer": "v_1", "text": "x", "at": null, "visitor": null, "profile": null });
    let fields = json!({ "id": "f", "customer": "v_1", "text": "x", "profile": { "nickname": null, "phone": null } });
    for body in [null, fields] {
        let answer = channel.send("POST", "/api/v1/messages", &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let marked = format!("\u{feff}{}", json!({ "id": "bom", "customer": "v_1", "text": "x" }));
    assert_eq!(channel.send("POST", "/api/v1/messages", &marked).await.status, StatusCode::OK);
    // All fields at their limits, with the escapes that many JSON writers produce.
    let long = |times: usize| "😀".repeat(times);
    let profile = json!({
        "nickname": long(256), "real_name": long(256), "company": long(256), "wechat": long(256), "description": long(1000),
    });
    let body = json!({ "id": "long", "customer": "v_1", "text": long(4000), "profile": profile }).to_string();
    let escaped = body.replace('😀', "\\ud83d\\ude00");
    assert!(escaped.len() > 70_000);
    assert_eq!(channel.send("POST", "/api/v1/messages", &escaped).await.status, StatusCode::OK);
    assert_eq!(channel.customer("v_1").await.messages, 4);
    // An unpaired surrogate, and a duplicate field.
    for (broken, field) in [
        (r#"{"id":"h","customer":"v_1","text":"great \ud83d"}"#, json!("text")),
        (r#"{"id":"d","customer":"v_1","text":"a","text":"b"}"#, json!("text")),
    ] {
        let answer = channel.send("POST", "/api/v1/messages", broken).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["field"], field, "{broken}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_kept_is_told_and_loses_no_message() {
    let channel = Connected::to(Channel::Web).await;
    let profile =
        json!({ "nickname": " ", "phone": "none", "email": "wei at example", "qq": "12345", "company": "\u{200B}" });
    let body = json!({ "id": "m1", "customer": "v_1", "text": "x", "profile": profile }).to_string();
    for repeated in [false, true] {
        let answer = channel.send("POST", "/api/v1/messages", &body).await.json();
        assert_eq!(answer, json!({ "repeated": repeated, "ignored": ["phone", "email"] }));
    }
    let known = channel.customer("v_1").await.into_fields().profile;
    assert_eq!((known.phone.as_str(), known.email.as_str(), known.qq.as_str()), ("", "", "12345"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_body_that_is_too_large_is_refused_in_the_apis_form() {
    let channel = Connected::to(Channel::Web).await;
    let body = json!({ "id": "m1", "customer": "v_1", "text": "x".repeat(300_000) }).to_string();
    let answer = channel.send("POST", "/api/v1/messages", &body).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::PAYLOAD_TOO_LARGE, json!({ "code": "malformed" })));
}

/// The name of an unknown field is text from the sender.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_channel_cannot_fill_the_admins_page() {
    let channel = Connected::to(Channel::Web).await;
    let body = format!("{{\"\u{202E}{}\":1}}", "F".repeat(200_000));
    let refused = channel.send("POST", "/api/v1/messages", &body).await.json();
    assert_eq!(refused["field"].as_str().unwrap(), format!("{}…", "F".repeat(63)));
    let chen = channel.app.sign_in("chen").await;
    assert_eq!(channel.app.get("/api/channels", &chen).await.json()[0]["refused"]["field"], refused["field"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_was_stored_is_repeated_however_old_it_is() {
    let channel = Connected::to(Channel::Web).await;
    let oldest = now().0 - 30 * 24 * 3_600_000;
    let body = json!({ "id": "old", "customer": "v_1", "text": "x", "at": oldest + 1_000 }).to_string();
    assert_eq!(channel.send("POST", "/api/v1/messages", &body).await.json()["repeated"], json!(false));
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(channel.send("POST", "/api/v1/messages", &body).await.json()["repeated"], json!(true));
    let other = body.replace("old", "other");
    assert_eq!(channel.send("POST", "/api/v1/messages", &other).await.json()["field"], json!("at"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_clock_or_unit_is_told() {
    let channel = Connected::to(Channel::Web).await;
    let (path, body) = ("/api/v1/messages", r#"{"id":"m1","customer":"v_1","text":"hello"}"#);
    let answer = async |at: i64| {
        channel.send_as("POST", path, body, at, &sign(&channel.secret, at, "POST", path, body.as_bytes())).await
    };
    for (away, status) in [(-299, 200), (-301, 401), (299, 200), (301, 401)] {
        let answer = answer(now().0 + away * 1000).await;
        assert_eq!(answer.status.as_u16(), status, "{away}");
        if status == 401 {
            assert_eq!(answer.json()["code"], "expired");
            assert!(answer.json()["now"].as_i64().unwrap().abs_diff(now().0) < 10_000);
        }
    }
    assert_eq!(answer(now().0 / 1000).await.json()["code"], "not_milliseconds");
    for (at, reason) in [
        (1_732_500_000_i64, json!("not_milliseconds")),
        (0, json!("not_milliseconds")),
        (-1, json!("not_milliseconds")),
        (i64::MIN, json!("not_milliseconds")),
        (now().0 - 31 * 24 * 3_600_000, json!({ "too_long_ago": { "days": 30 } })),
    ] {
        let body = json!({ "id": format!("at {at}"), "customer": "v_at", "text": "x", "at": at }).to_string();
        let refused = channel.send("POST", path, &body).await.json();
        assert_eq!((&refused["field"], &refused["reason"]), (&json!("at"), &reason), "{at}");
    }
    let before = now();
    for at in [i64::MAX, before.0 + 600_000] {
        let body = json!({ "id": format!("at {at}"), "customer": "v_future", "text": "x", "at": at }).to_string();
        assert_eq!(channel.send("POST", path, &body).await.status, StatusCode::OK);
    }
    let started = channel.customer("v_future").await.latest_conversation_at.unwrap();
    assert!(before <= started && started <= now());
}

/// Checks the signatures in the table of the API description, which were computed with another program.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_descriptions_signatures_are_right() {
    let description = clientele_server::ingest::document().info.description.unwrap();
    let secret = description.split('`').find(|text| text.len() == 64).unwrap();
    let mut rows = 0;
    for row in description.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let (method, path) = cells[1].split_once(' ').unwrap();
        let body = if cells[2] == "empty" { "" } else { cells[2] };
        let secret = ChannelSecret::of(secret);
        assert_eq!(sign(&secret, 1_763_816_516_123, method, path, body.as_bytes()), cells[3], "{row}");
        rows += 1;
    }
    assert_eq!(rows, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_customers_of_other_channels_are_not_there() {
    let channel = Connected::to(Channel::Web).await;
    channel.write("v_1", "m1").await;
    let other = Connected::of(channel.app, Channel::Weibo, "other").await;
    assert_eq!(
        other.send("POST", "/api/v1/customers/v_1/end", r#"{"message":"m1"}"#).await.status,
        StatusCode::NOT_FOUND
    );
    let squatter = other.write("v_1", "m1").await;
    assert_eq!((squatter.status, squatter.json()["field"].clone()), (StatusCode::CONFLICT, json!("customer")));
    assert_eq!(other.customer("v_1").await.messages, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_description_names_every_route_and_a_page_shows_it() {
    let app = TestApp::new().await;
    let get = |path: &str| Request::builder().uri(path).body(Body::empty()).unwrap();
    let document = app.request(get("/api/v1/openapi.json")).await.json();
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "/api/v1/customers/{id}/end",
            "/api/v1/customers/{id}/rating",
            "/api/v1/customers/{id}/replies",
            "/api/v1/messages"
        ]
    );
    let page = app.request(get("/api/v1")).await;
    assert_eq!(page.status, StatusCode::OK);
    for path in paths {
        assert!(page.body.contains(path), "{path}");
    }
    // Every route requires a signature.
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path.replace("{id}", "x"));
            let answer = app.request(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
