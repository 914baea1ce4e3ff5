//! The channels' API: what is signed is taken once, what is not is refused.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod common;

use axum::body::Body;
use clientele::domain::{Actor, AgentId, Blacklisting, Channel, CustomerId, CustomerKey, KeyName};
use clientele::store::{ChannelKey, ChannelSecret};
use clientele_server::ingest::sign;
use common::{Answer, TestApp, now};
use http::{Request, StatusCode};
use serde_json::json;

struct Connected {
    app: TestApp,
    key: ChannelKey,
    secret: ChannelSecret,
    clock: std::cell::Cell<i64>,
}

impl Connected {
    async fn to(channel: Channel) -> Self {
        let app = TestApp::new().await;
        let (key, secret) = app.store.add_channel_key(channel, &KeyName::new("test").unwrap(), now()).await.unwrap();
        Self { app, key, secret, clock: std::cell::Cell::new(now().0) }
    }

    /// Signs and sends; each time with another timestamp.
    async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        self.clock.set(self.clock.get() + 1);
        let at = self.clock.get();
        self.send_as(method, path, body, at, &sign(&self.secret, at, method, path, body.as_bytes())).await
    }

    async fn send_as(&self, method: &str, path: &str, body: &str, at: i64, signature: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("clientele-key", &self.key.id)
            .header("clientele-timestamp", at.to_string())
            .header("clientele-signature", signature)
            .body(Body::from(body.to_owned()));
        self.app.request(request.unwrap()).await
    }

    async fn write(&self, customer: &str, id: &str) -> Answer {
        let body = json!({ "id": id, "customer": customer, "text": "hello" }).to_string();
        self.send("POST", "/api/v1/messages", &body).await
    }

    async fn customer(&self, id: &str) -> clientele::domain::Customer {
        self.app.store.customer_by_id(&CustomerId::new(id).unwrap()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_makes_a_customer_and_is_taken_once() {
    let channel = Connected::to(Channel::Web).await;
    let body = json!({
        "id": "m1", "customer": "v_1", "text": " hello ", "profile": { "nickname": "Wei" },
        "visitor": { "ip": "192.0.2.7", "user_agent": "Test" },
    });
    for repeated in [false, true] {
        let answer = channel.send("POST", "/api/v1/messages", &body.to_string()).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "repeated": repeated })));
    }
    let customer = channel.customer("v_1").await;
    assert_eq!((customer.messages, customer.profile.nickname.as_str()), (1, "Wei"));
    let conversation = channel.app.store.conversation(customer.key, 1).await.unwrap();
    assert_eq!(conversation.visitor.unwrap().ip, "192.0.2.7");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_what_the_keys_holder_just_signed_is_taken_and_once() {
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
    assert_eq!(channel.send_as("POST", path, body, at, &right).await.status, StatusCode::OK);
    assert_eq!(refused(body, at, &right).await, "replayed");

    channel.app.store.revoke_channel_key(&channel.key.id, now()).await.unwrap();
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
        (json!({ "id": "m", "customer": "v_1" }), json!(null)),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "odd": 1 }), json!(null)),
    ] {
        let answer = channel.send("POST", "/api/v1/messages", &body.to_string()).await;
        assert_eq!((answer.status, &answer.json()["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &field), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_conversation_goes_from_first_message_to_rating() {
    let channel = Connected::to(Channel::Wechat).await;
    channel.write("wx_1", "m1").await;
    let customer = channel.customer("wx_1").await;
    let store = &channel.app.store;
    let agent = AgentId(1);
    store.accept(customer.key, agent, now()).await.unwrap();
    let request = clientele::store::Request { key: "r".into(), agent };
    store.reply(customer.key, &request, "How can I help?", now()).await.unwrap();

    let said = channel.send("GET", "/api/v1/customers/wx_1/messages?after=1", "").await.json();
    assert_eq!((&said[0]["text"], &said[0]["by_agent"]), (&json!("How can I help?"), &json!(true)));
    let rating = r#"{"stars":2,"comment":"slow"}"#;
    let early = channel.send("POST", "/api/v1/customers/wx_1/rating", rating).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..2 {
        let end = channel.send("POST", "/api/v1/customers/wx_1/end", "").await;
        assert_eq!(end.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/rating", rating).await.status, StatusCode::NO_CONTENT);
    let conversation = store.conversation(customer.key, 1).await.unwrap();
    assert_eq!(conversation.rating.unwrap().stars(), 2);
    assert_eq!(channel.send("POST", "/api/v1/customers/nobody/end", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_customers_of_other_channels_are_not_there() {
    let channel = Connected::to(Channel::Web).await;
    channel.write("v_1", "m1").await;
    let (key, secret) =
        channel.app.store.add_channel_key(Channel::Weibo, &KeyName::new("other").unwrap(), now()).await.unwrap();
    let other = Connected { key, secret, ..channel };
    assert_eq!(other.send("POST", "/api/v1/customers/v_1/end", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.write("v_1", "m1").await.status, StatusCode::CONFLICT);
    assert_eq!(other.customer("v_1").await.messages, 1);
}

/// Each message three times in random order, half of the senders blacklisted midway.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_messages_three_times_each_are_a_thousand_messages() {
    const SENDERS: usize = 20;
    let channel = Connected::to(Channel::Web).await;
    let mut order: Vec<usize> = (0..3000).map(|number| number % 1000).collect();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for place in (1..order.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        order.swap(place, random as usize % (place + 1));
    }
    for sender in 0..SENDERS {
        assert_eq!(channel.write(&format!("v_{sender}"), &format!("first {sender}")).await.status, StatusCode::OK);
    }
    let mut keys: Vec<CustomerKey> = Vec::new();
    for sender in 0..SENDERS {
        keys.push(channel.customer(&format!("v_{sender}")).await.key);
    }
    for (place, number) in order.into_iter().enumerate() {
        if place == 1000 {
            for key in keys.iter().step_by(2) {
                let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
                channel.app.store.blacklist(*key, &entry, Actor::System, now()).await.unwrap();
            }
        }
        let answer = channel.write(&format!("v_{}", number % SENDERS), &format!("m{number}")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    for (place, key) in keys.iter().enumerate() {
        let customer = channel.app.store.customer(*key).await.unwrap();
        assert_eq!(customer.messages + customer.held, 51, "{place}");
        assert_eq!(customer.conversations, 1);
        assert_eq!(customer.held > 0, place % 2 == 0);
        assert_eq!(channel.app.store.held(&customer).await.unwrap().len(), customer.held as usize);
    }
    assert_eq!(channel.app.store.check().await.unwrap().faults, Vec::<String>::new());
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
            "/api/v1/customers/{id}/messages",
            "/api/v1/customers/{id}/rating",
            "/api/v1/messages"
        ]
    );
    let page = app.request(get("/api/v1")).await;
    assert_eq!(page.status, StatusCode::OK);
    for path in paths {
        assert!(page.body.contains(path), "{path}");
    }
    // Every route is signed.
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path.replace("{id}", "x"));
            let answer = app.request(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
