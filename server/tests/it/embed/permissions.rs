//! What a token permits: its features and its role.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use crate::common::PASSWORD;
use crate::common::host::{Host, bearer, from_page};

/// Method, URL and body of a request.
type Call = (&'static str, &'static str, &'static str);

/// Requests by the feature that they need. `KEY` is a customer whom the agent has served.
const REQUESTS: [(&str, &[Call]); 5] = [
    (
        "list",
        &[
            ("GET", "/api/customers?mode=agent&query=&start=", ""),
            ("GET", "/api/customers/size?mode=agent&query=&top=", ""),
            ("GET", "/api/customers/count?mode=agent&query=", ""),
            ("GET", "/api/customers/rows?mode=agent&query=&keys=KEY", ""),
            ("GET", "/api/customers/one?mode=agent&key=KEY", ""),
            ("GET", "/api/customers/history?mode=agent&key=KEY&field=phone", ""),
            ("GET", "/api/customers/conversations?mode=agent&key=KEY&before=0", ""),
            ("GET", "/api/customers/messages?mode=agent&key=KEY&from=1&to=50", ""),
            ("GET", "/api/customers/find_word?mode=agent&key=KEY&word=x&from=0&later=true", ""),
            ("GET", "/api/customers/held?mode=agent&key=KEY", ""),
        ],
    ),
    (
        "edit",
        &[("POST", "/api/customers/profile", r#"{"mode":"agent","key":KEY,"field":"phone","seen":"","value":"138"}"#)],
    ),
    (
        "tags",
        &[
            ("POST", "/api/tags/create", r#"{"mode":"agent","name":"VIP"}"#),
            ("POST", "/api/customers/tag", r#"{"mode":"agent","key":KEY,"tag":1,"on":true}"#),
        ],
    ),
    ("callback", &[("POST", "/api/customers/callback", r#"{"mode":"agent","key":KEY,"request":"r1"}"#)]),
    (
        "blacklist",
        &[
            ("GET", "/api/customers/reach?mode=agent&key=KEY", ""),
            ("POST", "/api/customers/blacklist", r#"{"mode":"agent","key":KEY,"reason":"abuse","days":null}"#),
            ("POST", "/api/customers/unblacklist", r#"{"mode":"agent","key":KEY,"open_held":false}"#),
        ],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_permits_its_features_and_no_other() {
    for (granted, _) in REQUESTS {
        let host = Host::new().await;
        let key = host.app.customer("wx_1", "Wei", Some(1)).await.to_string();
        let token = host.token(json!({ "features": ["list", granted] })).await;
        for (needed, requests) in REQUESTS {
            for (method, path, body) in requests {
                let answer = host.call(method, &path.replace("KEY", &key), &token, &body.replace("KEY", &key)).await;
                let expected =
                    if needed == "list" || needed == granted { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(answer.status, expected, "{granted}: {path}: {}", answer.body);
                if expected == StatusCode::FORBIDDEN {
                    assert_eq!(answer.json()["code"], "forbidden", "{granted}: {path}");
                }
            }
        }
        let details = host.get(&format!("/api/customers/one?mode=agent&key={key}"), &token).await.json();
        assert_eq!(details["may_create_tags"], granted == "tags", "{granted}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_has_no_more_than_its_role() {
    let host = Host::new().await;
    host.app.customer("wx_1", "Wei", Some(1)).await;
    let list = "/api/customers?mode=admin&query=period%3Dall&start=";
    for (login, role, status) in [("chen", "admin", 200), ("chen", "agent", 403), ("li", "admin", 403)] {
        let token = host.token(json!({ "agent": { "login": login }, "role": role })).await;
        assert_eq!(host.get(list, &token).await.status, status, "{login}, {role}");
    }
    // A token does not open the page for agents.
    let token = host.token(json!({})).await;
    host.app.switch_page(false).await;
    let answer = host.get("/api/customers?mode=agent&query=&start=", &token).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].clone()), (403, json!("page_off")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_neither_talks_nor_changes_settings() {
    let host = Host::new().await;
    let open = host.app.waiting("v_1").await;
    let token = host.token(json!({ "agent": { "login": "chen" }, "role": "admin" })).await;
    for (method, path, body) in [
        ("GET", "/api/desk?most=100", json!("")),
        ("GET", "/api/desk/own", json!("")),
        ("GET", &*format!("/api/desk/one?key={open}"), json!("")),
        ("GET", &*format!("/api/desk/messages?key={open}&from=0&to=0"), json!("")),
        ("POST", "/api/desk/accept", json!({ "key": open })),
        ("POST", "/api/desk/reply", json!({ "key": open, "text": "hello", "request": "r" })),
        ("POST", "/api/desk/end", json!({ "key": open })),
        ("GET", "/api/settings", json!("")),
        ("POST", "/api/settings/customers_page", json!({ "on": false })),
        ("GET", "/api/channels", json!("")),
        ("POST", "/api/channels/create", json!({ "channel": "wechat", "name": "shop" })),
        ("GET", "/api/embedding/keys", json!("")),
        ("POST", "/api/embedding/create_key", json!({ "name": "console" })),
        ("POST", "/api/embedding/origins", json!({ "add": ["https://evil.example"], "remove": [] })),
        ("POST", "/api/embedding/create_agents", json!({ "on": true })),
    ] {
        let answer = host.call(method, path, &token, &body.to_string()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (403, &json!("forbidden")), "{path}");
    }
    let settings = host.app.store.settings();
    assert!(settings.customers_page_in_agent_mode && !settings.embed_creates_agents);
    assert!(host.is_valid(&token).await);
}

/// A page of a host must not sign anybody in to the console or out of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_leaves_the_sessions_of_the_console_alone() {
    let host = Host::new().await;
    let token = host.token(json!({})).await;
    let right = json!({ "login": "li", "password": PASSWORD }).to_string();
    for (token, status) in [(&*token, 403), ("cet_1", 401)] {
        for (path, body) in [("/api/session/again", right.as_str()), ("/api/session/sign_out", "")] {
            let kind = if body.is_empty() { "application/x-www-form-urlencoded" } else { "application/json" };
            let request = from_page(Request::post(path)).header("authorization", bearer(token));
            let request = request.header("content-type", kind).body(Body::from(body.to_owned()));
            let answer = host.app.request(request.unwrap()).await;
            assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (status, ""), "{path}");
        }
    }
    assert!(host.is_valid(&token).await);
}
