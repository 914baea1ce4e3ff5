//! A blacklisted visitor, who must not be able to notice the blacklisting.

use std::time::Duration;

use clientele::domain::{Actor, Blacklisting, Channel, Editable, MessageId, Profile};
use clientele::store::Delivery;
use http::StatusCode;
use serde_json::{Value, json};

use super::browser::{Browser, LI, Live, blacklist, only_customer, reply};
use crate::common::{TestApp, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_blacklisted_visitor_sees_no_difference() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    let entry = Blacklisting::new("abuse", Some(LI), now(), None).unwrap();
    app.store.blacklist(Editable::unchecked(key, Actor::Agent(LI)), &entry, now()).await.unwrap();
    assert_eq!(visitor.chat().await["state"], json!("ended"));
    for number in 0..3 {
        for _ in 0..2 {
            assert_eq!(visitor.write(&format!("h{number}"), &format!("held {number}")).await, StatusCode::NO_CONTENT);
        }
    }
    let chat = visitor.chat().await;
    assert_eq!((&chat["state"], &chat["to_rate"]), (&json!("waiting"), &json!(null)));
    assert_eq!(visitor.texts().await, ["hello", "held 0", "held 1", "held 2"]);
    let customer = app.store.customer(key).await.unwrap();
    assert_eq!((customer.conversations, customer.held, customer.messages), (1, 3, 1));
    assert!(!visitor.open().await.body.contains("black"));
}

/// Runs through everything a visitor can see and do. The result must be the same for blacklisted
/// visitors, apart from times.
async fn seen_by(app: &TestApp, blacklisted: bool) -> Vec<Value> {
    let mut visitor = Browser::new(app);
    visitor.open().await;
    visitor.write("a", "hello").await;
    let key = app.store.open_conversations().first().unwrap().customer;
    app.store.accept(key, LI, now()).await.unwrap();
    if blacklisted {
        blacklist(app, key).await;
    } else {
        app.store.end(key, LI, now()).await.unwrap();
    }
    let mut chat = visitor.chat().await;
    let (ended, before) = (chat["to_rate"].clone(), visitor.seen);
    let mut seen = vec![without_moments(chat)];
    tokio::time::sleep(Duration::from_millis(2)).await;
    for (id, between) in [("b", json!(0)), ("c", json!(before + 1))] {
        seen.push(json!(visitor.write(id, "again").await.as_u16()));
        tokio::time::sleep(Duration::from_millis(2)).await;
        chat = visitor.chat().await;
        let now = visitor.seen;
        seen.push(without_moments(chat));
        // The end of the previous conversation, and two times at which no conversation ended.
        for ended in [&ended, &between, &json!(now)] {
            seen.push(json!(visitor.rate(ended, 1, "late").await.as_u16()));
        }
        // A page that saw only the previous conversation ends nothing; a page that saw the current one ends it.
        for at in [before, now, now] {
            seen.push(json!(visitor.post("/chat/leave", json!({ "seen": at })).await.as_u16()));
            seen.push(without_moments(visitor.chat().await));
        }
    }
    for number in 0..40 {
        visitor.write(&format!("more {number}"), &format!("more {number}")).await;
    }
    seen.push(without_moments(visitor.chat().await));
    visitor.submit("/chat/leave", &format!("seen={}", visitor.seen)).await;
    let page = visitor.open().await.body;
    seen.push(json!([page.contains("id=\"leave\" hidden"), page.contains("id=\"rating\" hidden")]));
    seen
}

fn without_moments(mut chat: Value) -> Value {
    for message in chat["messages"].as_array_mut().unwrap() {
        let at = message["at"].take().as_i64().unwrap().to_string();
        message["id"] = json!(message["id"].as_str().unwrap().replace(&at, "").split('-').next().unwrap());
    }
    chat["to_rate"] = json!(!chat["to_rate"].is_null());
    chat
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_tells_a_blacklisted_visitor_from_another() {
    let others = seen_by(&TestApp::new().await, false).await;
    // The visitor was heard and answered: equal rejections would prove nothing.
    assert_eq!((&others[0]["state"], &others[0]["to_rate"], &others[1]), (&json!("ended"), &json!(true), &json!(204)));
    assert_eq!(seen_by(&TestApp::new().await, true).await, others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_held_once_is_no_conversation_of_the_next_time() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    blacklist(&app, key).await;
    visitor.write("b", "held").await;
    app.store.unblacklist(Editable::unchecked(key, Actor::System), None, now()).await.unwrap();
    visitor.write("c", "again").await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    blacklist(&app, key).await;
    assert_eq!(visitor.chat().await["state"], json!("ended"));
    assert_eq!(visitor.texts().await, ["hello", "held", "again"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_messages_are_shown_held_or_not() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let customer = only_customer(&app).await;
    blacklist(&app, customer.key).await;
    for number in 0..120 {
        app.write(customer.id.as_str(), &number.to_string()).await;
    }
    let texts = visitor.texts().await;
    assert_eq!((texts.len(), texts[0].as_str(), texts[99].as_str()), (100, "text of 20", "text of 119"));
}

/// The visitor sees neither that messages were held nor when the blacklisting ended: the chat stays
/// waiting, and the next message is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visitor_does_not_see_when_it_is_off_the_blacklist() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    app.store.accept(key, LI, now()).await.unwrap();
    app.store.end(key, LI, now()).await.unwrap();
    let mut live = Live::of(&visitor).await;
    blacklist(&app, key).await;
    assert_eq!(live.heard().await, "");
    visitor.write("b", "again").await;
    assert_eq!(live.heard().await.matches("thread").count(), 1);
    let before = visitor.chat().await;
    assert_eq!((&before["state"], &before["to_rate"]), (&json!("waiting"), &json!(null)));
    app.store.unblacklist(Editable::unchecked(key, Actor::System), None, now()).await.unwrap();
    assert_eq!((live.heard().await.as_str(), visitor.chat().await), ("", before));
    visitor.write("c", "hello?").await;
    app.store.accept(key, LI, now()).await.unwrap();
    assert_eq!(visitor.chat().await["state"], json!("talking"));
}

/// Held messages are numbered when they are opened, after the messages delivered until then.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn opening_what_was_held_hides_nothing_newer() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let customer = only_customer(&app).await;
    blacklist(&app, customer.key).await;
    for number in 0..250 {
        app.write(customer.id.as_str(), &number.to_string()).await;
    }
    app.store.unblacklist(Editable::unchecked(customer.key, Actor::System), None, now()).await.unwrap();
    visitor.write("b", "new question").await;
    app.store.accept(customer.key, LI, now()).await.unwrap();
    reply(&app, customer.key, "r", "the answer").await;
    for _ in 0..2 {
        // Repeated, as after a lost response.
        assert_eq!(
            app.store.unblacklist(Editable::unchecked(customer.key, Actor::Agent(LI)), Some(LI), now()).await,
            Ok(Some(2))
        );
    }
    let texts = visitor.texts().await;
    assert_eq!((texts.len(), &texts[98..]), (100, &["new question".to_owned(), "the answer".to_owned()][..]));
}

/// Only the server stores that a chat has ended: a forged cookie ends nothing, held or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_cookie_of_a_visitor_ends_its_chat() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    blacklist(&app, key).await;
    visitor.write("b", "held").await;
    visitor.keep("clientele_left=99999999999999");
    assert_eq!(visitor.chat().await["state"], json!("waiting"));
    visitor.leave().await;
    // Deleting cookies does not reopen the chat.
    visitor.cookie = visitor.cookie.split("; ").filter(|own| own.contains("visitor=")).collect();
    assert_eq!(visitor.chat().await["state"], json!("ended"));
    visitor.write("c", "held too").await;
    assert_eq!(visitor.chat().await["state"], json!("waiting"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_chat_that_waits_too_long_ends_held_or_not() {
    let app = TestApp::new().await;
    let yesterday = now().plus_millis(-25 * 3_600_000);
    let mut seen = Vec::new();
    for blacklisted in [false, true] {
        let mut visitor = Browser::new(&app);
        visitor.open().await;
        visitor.write("a", "hello").await;
        let key = app.store.open_conversations().first().unwrap().customer;
        let customer = app.store.customer(key).await.unwrap();
        app.store.leave(key, None, now()).await.unwrap();
        if blacklisted {
            let entry = Blacklisting::new("abuse", None, yesterday, None).unwrap();
            app.store.blacklist(Editable::unchecked(key, Actor::System), &entry, yesterday).await.unwrap();
        }
        let delivery = Delivery {
            channel: Channel::Web,
            customer: customer.id.clone(),
            id: MessageId::of_visitor(&customer.id, "b").unwrap(),
            text: "hello?".into(),
            at: yesterday,
            profile: Profile::default(),
            visitor: None,
        };
        app.store.deliver(&delivery, yesterday).await.unwrap();
        let before = visitor.chat().await["state"].clone();
        app.store.abandon_waiting(app.store.settings().abandon_before(now()), now()).await.unwrap();
        seen.push([before, visitor.chat().await["state"].clone()]);
    }
    assert_eq!(seen, [[json!("waiting"), json!("ended")], [json!("ended"), json!("ended")]]);
}
