//! The channel API: what is signed is accepted, and once however often it comes; what is not is refused.
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
        let (key, secret) =
            app.store.add_channel_key(channel, &KeyName::new("test").unwrap(), Actor::System, now()).await.unwrap();
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
    // The method and the path are signed too: one signature is good for one request.
    let elsewhere = channel.send_as("POST", "/api/v1/customers/v_1/end", body, at, &right).await;
    assert_eq!(elsewhere.json()["code"], "unsigned");
    let query = channel.send_as("POST", &format!("{path}?x"), body, at, &right).await;
    assert_eq!(query.json()["code"], "unsigned");
    let read = sign(&channel.secret, at, "GET", "/api/v1/customers/v_1/end", b"");
    let written = channel.send_as("POST", "/api/v1/customers/v_1/end", "", at, &read).await;
    assert_eq!(written.json()["code"], "unsigned");
    // A sender whose answer was lost sends the same bytes again.
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
        (json!({ "id": "m", "customer": "v_1" }), json!(null)),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "odd": 1 }), json!("odd")),
        (json!({ "id": "m", "customer": "v_1", "text": null }), json!("text")),
        (json!({ "id": 7, "customer": "v_1", "text": "x" }), json!("id")),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "at": 1_763_816_516_123.5 }), json!("at")),
        (json!({ "id": "m", "customer": "v_1", "text": "x", "profile": { "phone": 1 } }), json!("profile.phone")),
        (json!({ "id": "m\u{0}x", "customer": "v_1", "text": "x" }), json!("id")),
        (json!({ "id": "m", "customer": "v\u{200B}1", "text": "x" }), json!("customer")),
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

    let said = channel.send("GET", "/api/v1/customers/wx_1/replies", "").await.json();
    assert_eq!((said.as_array().unwrap().len(), &said[0]["number"]), (1, &json!(1)));
    assert_eq!(said[0]["text"], json!("How can I help?"));
    assert_eq!(channel.send("GET", "/api/v1/customers/wx_1/replies?after=1", "").await.json(), json!([]));
    let nobody = channel.send("GET", "/api/v1/customers/%ff/replies", "").await;
    assert_eq!((nobody.status, nobody.json()["code"].clone()), (StatusCode::NOT_FOUND, json!("not_found")));
    for odd in ["after=x", "after=-1", "after="] {
        let answer = channel.send("GET", &format!("/api/v1/customers/wx_1/replies?{odd}"), "").await;
        assert_eq!((answer.status, answer.json()["field"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("after")));
    }

    let rating = r#"{"message":"m1","stars":2,"comment":"slow"}"#;
    let early = channel.send("POST", "/api/v1/customers/wx_1/rating", rating).await;
    assert_eq!((early.status, early.json()["code"].clone()), (StatusCode::CONFLICT, json!("refused")));
    for _ in 0..2 {
        let end = channel.send("POST", "/api/v1/customers/wx_1/end", r#"{"message":"m1"}"#).await;
        assert_eq!(end.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/rating", rating).await.status, StatusCode::NO_CONTENT);
    let conversation = store.conversation(customer.key, 1).await.unwrap();
    assert_eq!(conversation.rating.unwrap().stars(), 2);
    let nobody = channel.send("POST", "/api/v1/customers/nobody/end", r#"{"message":"m1"}"#).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_end_and_a_rating_are_about_the_conversation_of_their_message() {
    let channel = Connected::to(Channel::Wechat).await;
    let store = &channel.app.store;
    channel.write("wx_1", "m1").await;
    let key = channel.customer("wx_1").await.key;
    store.accept(key, AgentId(1), now()).await.unwrap();
    let end = r#"{"message":"m1"}"#;
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/end", end).await.status, StatusCode::NO_CONTENT);
    channel.write("wx_1", "m2").await;
    // The same again, late: the second conversation goes on.
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/end", end).await.status, StatusCode::NO_CONTENT);
    assert_eq!(channel.customer("wx_1").await.open, Some(2));
    let rate = async |message: &str, stars: u8| {
        let body = json!({ "message": message, "stars": stars, "comment": null }).to_string();
        channel.send("POST", "/api/v1/customers/wx_1/rating", &body).await.status
    };
    assert_eq!(rate("m1", 5).await, StatusCode::NO_CONTENT);
    assert_eq!(rate("m2", 1).await, StatusCode::CONFLICT);
    assert_eq!(rate("m1", 2).await, StatusCode::NO_CONTENT);
    assert_eq!(rate("m9", 2).await, StatusCode::NOT_FOUND);
    assert_eq!(rate("m1", 6).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(store.conversation(key, 1).await.unwrap().rating.unwrap().stars(), 2);
    assert!(store.conversation(key, 2).await.unwrap().rating.is_none());
    // Another customer's message names none of this one's conversations.
    channel.write("wx_2", "other").await;
    assert_eq!(rate("other", 2).await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_end_of_what_was_held_ends_the_conversation_it_was_opened_in_and_no_other() {
    let channel = Connected::to(Channel::Wechat).await;
    let store = &channel.app.store;
    channel.write("wx_1", "m1").await;
    let key = channel.customer("wx_1").await.key;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    store.blacklist(key, &entry, Actor::System, now()).await.unwrap();
    channel.write("wx_1", "held").await;
    assert_eq!(store.unblacklist(key, Some(AgentId(1)), Actor::Agent(AgentId(1)), now()).await, Ok(Some(2)));
    let end = r#"{"message":"held"}"#;
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/end", end).await.status, StatusCode::NO_CONTENT);
    assert_eq!(channel.customer("wx_1").await.open, None);
    channel.write("wx_1", "m2").await;
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/end", end).await.status, StatusCode::NO_CONTENT);
    assert_eq!(channel.customer("wx_1").await.open, Some(3));
    let rating = r#"{"message":"held","stars":4}"#;
    assert_eq!(channel.send("POST", "/api/v1/customers/wx_1/rating", rating).await.status, StatusCode::NO_CONTENT);
    assert_eq!(store.conversation(key, 2).await.unwrap().rating.unwrap().stars(), 4);
}

/// Late deliveries stand between the replies, and a callback is a conversation in which only an agent wrote.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reply_is_missed_and_each_names_its_conversation() {
    let channel = Connected::to(Channel::Wechat).await;
    let store = &channel.app.store;
    channel.write("wx_1", "m1").await;
    let key = channel.customer("wx_1").await.key;
    store.accept(key, AgentId(1), now()).await.unwrap();
    let reply = async |id: &str| {
        let request = clientele::store::Request { key: id.into(), agent: AgentId(1) };
        store.reply(key, &request, id, now()).await.unwrap();
    };
    reply("r1").await;
    reply("r2").await;
    for number in 0..120 {
        let at = now().0 - 3_600_000;
        let body = json!({ "id": format!("late {number}"), "customer": "wx_1", "text": "late", "at": at }).to_string();
        assert_eq!(channel.send("POST", "/api/v1/messages", &body).await.status, StatusCode::OK);
    }
    reply("r3").await;
    store.end(key, AgentId(1), now()).await.unwrap();
    let call = clientele::store::Request { key: "c".into(), agent: AgentId(1) };
    assert_eq!(store.call_back(key, &call, now()).await, Ok(2));
    reply("r4").await;
    store.end(key, AgentId(1), now()).await.unwrap();
    let said = channel.send("GET", "/api/v1/customers/wx_1/replies?after=1", "").await.json();
    let texts: Vec<_> = said.as_array().unwrap().iter().map(|own| (&own["number"], &own["text"])).collect();
    assert_eq!(texts, [(&json!(2), &json!("r2")), (&json!(3), &json!("r3")), (&json!(4), &json!("r4"))]);
    let rate = async |body: &str| channel.send("POST", "/api/v1/customers/wx_1/rating", body).await.status;
    assert_eq!(rate(r#"{"reply":4,"stars":3}"#).await, StatusCode::NO_CONTENT);
    assert_eq!(rate(r#"{"reply":9,"stars":3}"#).await, StatusCode::NOT_FOUND);
    assert_eq!(rate(r#"{"stars":3}"#).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rate(r#"{"message":"m1","reply":4,"stars":3}"#).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(store.conversation(key, 2).await.unwrap().rating.unwrap().stars(), 3);
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
    // Every field at its limit, and written with the escapes that many JSON writers make.
    let long = |times: usize| "😀".repeat(times);
    let profile = json!({
        "nickname": long(256), "real_name": long(256), "company": long(256), "wechat": long(256), "description": long(1000),
    });
    let body = json!({ "id": "long", "customer": "v_1", "text": long(4000), "profile": profile }).to_string();
    let escaped = body.replace('😀', "\\ud83d\\ude00");
    assert!(escaped.len() > 70_000);
    assert_eq!(channel.send("POST", "/api/v1/messages", &escaped).await.status, StatusCode::OK);
    assert_eq!(channel.customer("v_1").await.messages, 4);
    // Half an emoji, and a field twice.
    for (broken, field) in [
        (r#"{"id":"h","customer":"v_1","text":"great \ud83d"}"#, json!("text")),
        (r#"{"id":"d","customer":"v_1","text":"a","text":"b"}"#, json!(null)),
    ] {
        let answer = channel.send("POST", "/api/v1/messages", broken).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["field"], field, "{broken}");
    }
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

/// Reads the description's table, whose signatures were made with another program.
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

/// All that a channel can see of a customer, on the blacklist or not.
async fn seen_by_channel(blacklisted: bool) -> Vec<serde_json::Value> {
    let channel = Connected::to(Channel::Wechat).await;
    let store = &channel.app.store;
    channel.write("wx_1", "m1").await;
    let key = channel.customer("wx_1").await.key;
    store.accept(key, AgentId(1), now()).await.unwrap();
    let request = clientele::store::Request { key: "r".into(), agent: AgentId(1) };
    store.reply(key, &request, "Goodbye.", now()).await.unwrap();
    if blacklisted {
        let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
        store.blacklist(key, &entry, Actor::System, now()).await.unwrap();
    } else {
        store.end(key, AgentId(1), now()).await.unwrap();
    }
    let mut seen = Vec::new();
    for (method, path, body) in [
        ("POST", "/api/v1/messages", r#"{"id":"m2","customer":"wx_1","text":"again"}"#),
        ("POST", "/api/v1/messages", r#"{"id":"m2","customer":"wx_1","text":"again"}"#),
        ("GET", "/api/v1/customers/wx_1/replies?after=0", ""),
        ("POST", "/api/v1/customers/wx_1/rating", r#"{"message":"m2","stars":1}"#),
        ("POST", "/api/v1/customers/wx_1/end", r#"{"message":"m2"}"#),
        ("POST", "/api/v1/customers/wx_1/rating", r#"{"message":"m2","stars":1}"#),
        ("POST", "/api/v1/customers/wx_1/rating", r#"{"message":"m1","stars":1}"#),
        ("POST", "/api/v1/messages", r#"{"id":"m3","customer":"wx_1","text":"and again"}"#),
        ("GET", "/api/v1/customers/wx_1/replies?after=0", ""),
    ] {
        let answer = channel.send(method, path, body).await;
        let mut json = if answer.body.is_empty() { json!(null) } else { answer.json() };
        for reply in json.as_array_mut().into_iter().flatten() {
            reply["at"].take();
        }
        seen.push(json!([answer.status.as_u16(), json]));
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_channel_cannot_tell_who_is_on_the_blacklist() {
    assert_eq!(seen_by_channel(true).await, seen_by_channel(false).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_customers_of_other_channels_are_not_there() {
    let channel = Connected::to(Channel::Web).await;
    channel.write("v_1", "m1").await;
    let (key, secret) = channel
        .app
        .store
        .add_channel_key(Channel::Weibo, &KeyName::new("other").unwrap(), Actor::System, now())
        .await
        .unwrap();
    let other = Connected { key, secret, ..channel };
    assert_eq!(
        other.send("POST", "/api/v1/customers/v_1/end", r#"{"message":"m1"}"#).await.status,
        StatusCode::NOT_FOUND
    );
    let squatter = other.write("v_1", "m1").await;
    assert_eq!((squatter.status, squatter.json()["field"].clone()), (StatusCode::CONFLICT, json!("customer")));
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
        assert_eq!(channel.app.store.held(&customer, u32::MAX).await.unwrap().len(), customer.held as usize);
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
    // Every route is signed.
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path.replace("{id}", "x"));
            let answer = app.request(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
