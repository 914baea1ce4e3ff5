//! Ending and rating a conversation. Both requests identify the conversation that the visitor saw.

use clientele::domain::{Actor, CustomerKey, Editable, IdempotencyKey, Rating};
use http::{StatusCode, header};
use serde_json::json;

use super::browser::{Browser, LI, only_customer, reply};
use crate::common::{TestApp, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_conversation_is_rated_when_it_is_over() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    app.store.accept(key, LI, now()).await.unwrap();
    assert_eq!(visitor.rate(&json!(now().0), 2, "slow").await, StatusCode::CONFLICT);
    assert_eq!(visitor.chat().await["to_rate"], json!(null));
    assert_eq!(visitor.leave().await, StatusCode::NO_CONTENT);
    let ended = visitor.chat().await["to_rate"].clone();
    assert_eq!(visitor.rate(&ended, 6, "").await, StatusCode::UNPROCESSABLE_ENTITY);
    let nameless = json!({ "stars": 1 });
    assert_eq!(visitor.post("/chat/rating", nameless).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.rate(&ended, 2, "slow").await, StatusCode::NO_CONTENT);
    let chat = visitor.chat().await;
    assert_eq!((&chat["state"], &chat["to_rate"]), (&json!("rated"), &json!(null)));
    let rating = app.store.conversation(key, 1).await.unwrap().rating.unwrap();
    assert_eq!((rating.stars(), rating.comment()), (2, "slow"));
}

async fn rating_of(app: &TestApp, key: CustomerKey, number: u32) -> Option<Rating> {
    app.store.conversation(key, number).await.unwrap().rating
}

async fn call_back(app: &TestApp, key: CustomerKey, id: &str) -> u32 {
    app.store
        .call_back(Editable::unchecked(key, Actor::System), &IdempotencyKey::new(LI, id).unwrap(), now())
        .await
        .unwrap()
}

/// Returns a visitor whose conversation with an agent has ended, and the customer's key.
async fn ended(app: &TestApp) -> (Browser<'_>, CustomerKey) {
    let mut visitor = Browser::new(app);
    visitor.open().await;
    visitor.write("a", "hello").await;
    let key = only_customer(app).await.key;
    app.store.accept(key, LI, now()).await.unwrap();
    app.store.end(key, LI, now()).await.unwrap();
    (visitor, key)
}

/// The agent calls back before the visitor, undecided or offline, sends the rating.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rating_is_stored_at_the_conversation_it_is_about() {
    let app = TestApp::new().await;
    let (mut visitor, key) = ended(&app).await;
    let first = visitor.chat().await["to_rate"].clone();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    assert_eq!(call_back(&app, key, "1").await, 2);
    assert_eq!(visitor.rate(&first, 1, "never called back").await, StatusCode::NO_CONTENT);
    app.store.end(key, LI, now()).await.unwrap();
    let second = visitor.chat().await["to_rate"].clone();
    assert!(second.is_i64() && second != first);
    assert_eq!(visitor.rate(&first, 2, "called back").await, StatusCode::NO_CONTENT);
    assert_eq!(rating_of(&app, key, 1).await.unwrap().comment(), "called back");
    assert_eq!(rating_of(&app, key, 2).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_form_without_a_script_names_its_conversation() {
    let app = TestApp::new().await;
    let (mut visitor, key) = ended(&app).await;
    let page = visitor.open().await.body;
    let field = page.split("name=\"ended\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    call_back(&app, key, "1").await;
    app.store.end(key, LI, now()).await.unwrap();
    let long = "x".repeat(1001);
    let refused = visitor.submit("/chat/rating", &format!("ended={field}&stars=4&comment={long}")).await;
    // The rejected input still belongs to the first conversation.
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains(&format!("name=\"ended\" value=\"{field}\"")) && refused.body.contains(&long));
    assert!(
        refused.body.contains("value=\"4\" required checked") && refused.body.contains("your earlier conversation")
    );
    let sent = visitor.submit("/chat/rating", &format!("ended={field}&stars=4&comment=fine")).await;
    assert_eq!((sent.status, sent.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/chat"));
    assert_eq!((rating_of(&app, key, 1).await.unwrap().stars(), rating_of(&app, key, 2).await), (4, None));
}

/// While the page is offline, the conversation it shows ends and another one starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_leaves_ends_only_what_was_seen() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    app.store.accept(key, LI, now()).await.unwrap();
    visitor.chat().await;
    let before = visitor.seen;
    app.store.end(key, LI, now()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    call_back(&app, key, "1").await;
    assert_eq!(visitor.post("/chat/leave", json!({ "seen": before })).await, StatusCode::NO_CONTENT);
    assert_eq!(visitor.post("/chat/leave", json!({})).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.chat().await["state"], json!("talking"));
    // A conversation without messages can be left too.
    visitor.leave().await;
    assert_eq!(visitor.chat().await["state"], json!("ended"));
    call_back(&app, key, "2").await;
    reply(&app, key, "r", "Are you there?").await;
    let page = visitor.open().await.body;
    let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    visitor.submit("/chat/leave", &format!("seen={seen}")).await;
    assert_eq!(visitor.chat().await["state"], json!("ended"));
}
