//! Messages in both directions.

use http::{Request, StatusCode};
use serde_json::json;

use super::browser::{Browser, LI, Live, blacklist, only_customer, reply};
use crate::common::{TestApp, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visitor_writes_and_is_answered() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    assert_eq!(visitor.open().await.status, StatusCode::OK);
    assert_eq!(app.store.indexed(), 0);
    for _ in 0..2 {
        assert_eq!(visitor.write("a", " Where is my parcel? ").await, StatusCode::NO_CONTENT);
    }
    let customer = only_customer(&app).await;
    assert!(customer.id.as_str().starts_with("web_") && customer.id.as_str().len() == 24);
    assert_eq!((customer.messages, customer.profile.nickname.as_str()), (1, "Wei"));
    let visit = app.store.conversation(customer.key, 1).await.unwrap().visitor.unwrap();
    assert_eq!((visit.user_agent.as_str(), visit.referrer.as_str()), ("Test/1.0", "https://shop.example/cart"));
    assert_eq!(visit.ip, "192.0.2.7");
    assert_eq!(visit.landing_page, "http://127.0.0.1:3000/chat");

    app.store.accept(customer.key, LI, now()).await.unwrap();
    reply(&app, customer.key, "r", "On its way.").await;
    let chat = visitor.chat().await;
    assert_eq!((&chat["state"], &chat["messages"][1]["agent"]), (&json!("talking"), &json!("LI")));
    assert_eq!(visitor.texts().await, ["Where is my parcel?", "On its way."]);
    // Another visitor does not see them.
    assert_eq!(Browser::new(&app).chat().await["messages"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_first_message_whose_answer_is_lost_is_sent_again_by_the_same_visitor() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let before = visitor.cookie.clone();
    visitor.write("a", "hello").await;
    visitor.cookie = before;
    assert_eq!(visitor.write("a", "hello").await, StatusCode::NO_CONTENT);
    assert_eq!(only_customer(&app).await.messages, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_open_chat_is_told_once_of_each_change_and_of_no_other_visitors() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    // A visitor who has not written has no event stream.
    assert_eq!(visitor.ask(Request::get("/chat/events"), String::new()).await.status, StatusCode::NOT_FOUND);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    let mut live = Live::of(&visitor).await;
    app.store.accept(key, LI, now()).await.unwrap();
    assert_eq!(live.heard().await.matches("thread").count(), 1);
    Browser::new(&app).write("b", "another").await;
    assert_eq!(live.heard().await, "");
    reply(&app, key, "r", "Yes?").await;
    assert_eq!(live.heard().await.matches("thread").count(), 1);
}

/// The response was lost, the agent ended the conversation, and the visitor sends the message again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_was_stored_begins_no_second_conversation() {
    let app = TestApp::new().await;
    for blacklisted in [false, true] {
        let mut visitor = Browser::new(&app);
        visitor.open().await;
        visitor.write("a", "hello").await;
        let key = app.store.open_conversations().first().unwrap().customer;
        app.store.accept(key, LI, now()).await.unwrap();
        visitor.write("b", "are you there?").await;
        if blacklisted {
            blacklist(&app, key).await;
        } else {
            app.store.end(key, LI, now()).await.unwrap();
        }
        assert_eq!(visitor.write("b", "are you there?").await, StatusCode::NO_CONTENT);
        assert_eq!(visitor.chat().await["state"], json!("ended"));
        let customer = app.store.customer(key).await.unwrap();
        assert_eq!((customer.conversations, customer.messages, customer.held), (1, 2, 0));
        // A message that was not stored starts exactly one conversation.
        for _ in 0..2 {
            assert_eq!(visitor.write("c", "hello again").await, StatusCode::NO_CONTENT);
        }
        assert_eq!(visitor.chat().await["state"], json!("waiting"));
        let customer = app.store.customer(key).await.unwrap();
        let expected = if blacklisted { (1, 2, 1) } else { (2, 3, 0) };
        assert_eq!((customer.conversations, customer.messages, customer.held), expected);
        visitor.leave().await;
    }
}
