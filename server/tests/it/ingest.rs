//! The channel API: post messages, end and rate conversations, read replies.

use clientele::domain::{Actor, AgentId, Blacklisting, Channel, CustomerKey, Editable};
use http::StatusCode;
use serde_json::json;

use crate::common::channel::Connected;
use crate::common::now;

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
async fn a_conversation_goes_from_first_message_to_rating() {
    let channel = Connected::to(Channel::Wechat).await;
    channel.write("wx_1", "m1").await;
    let customer = channel.customer("wx_1").await;
    let store = &channel.app.store;
    let agent = AgentId(1);
    store.accept(customer.key, agent, now()).await.unwrap();
    let request = clientele::domain::IdempotencyKey::new(agent, "r").unwrap();
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
    // A late repetition does not end the second conversation.
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
    // The message of another customer identifies no conversation of this one.
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
    store.blacklist(Editable::unchecked(key, Actor::System), &entry, now()).await.unwrap();
    channel.write("wx_1", "held").await;
    assert_eq!(
        store.unblacklist(Editable::unchecked(key, Actor::Agent(AgentId(1))), Some(AgentId(1)), now()).await,
        Ok(Some(2))
    );
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

/// Late deliveries are numbered between the replies, and in a callback only the agent writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reply_is_missed_and_each_names_its_conversation() {
    let channel = Connected::to(Channel::Wechat).await;
    let store = &channel.app.store;
    channel.write("wx_1", "m1").await;
    let key = channel.customer("wx_1").await.key;
    store.accept(key, AgentId(1), now()).await.unwrap();
    let reply = async |id: &str| {
        let request = clientele::domain::IdempotencyKey::new(AgentId(1), id).unwrap();
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
    let call = clientele::domain::IdempotencyKey::new(AgentId(1), "c").unwrap();
    assert_eq!(store.call_back(Editable::unchecked(key, Actor::System), &call, now()).await, Ok(2));
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

/// Returns all responses that a channel can get about a customer, blacklisted or not.
async fn seen_by_channel(blacklisted: bool) -> Vec<serde_json::Value> {
    let channel = Connected::to(Channel::Wechat).await;
    let store = &channel.app.store;
    channel.write("wx_1", "m1").await;
    let key = channel.customer("wx_1").await.key;
    store.accept(key, AgentId(1), now()).await.unwrap();
    let request = clientele::domain::IdempotencyKey::new(AgentId(1), "r").unwrap();
    store.reply(key, &request, "Goodbye.", now()).await.unwrap();
    if blacklisted {
        let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
        store.blacklist(Editable::unchecked(key, Actor::System), &entry, now()).await.unwrap();
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
    let others = seen_by_channel(false).await;
    // The messages were accepted: equal rejections would prove nothing.
    assert_eq!(others[..2], [json!([200, { "repeated": false }]), json!([200, { "repeated": true }])]);
    assert_eq!(seen_by_channel(true).await, others);
}

/// Sends each message three times in random order; half of the senders are blacklisted midway.
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
                channel.app.store.blacklist(Editable::unchecked(*key, Actor::System), &entry, now()).await.unwrap();
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
