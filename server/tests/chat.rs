//! The visitors' page: what is written takes the same way as any channel's messages, and a blacklisted visitor sees no difference.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod common;

use axum::body::Body;
use clientele::domain::{Actor, AgentId, Blacklisting, Customer, CustomerKey};
use clientele::store::Request as Once;
use common::{Answer, TestApp, now};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

struct Browser<'a> {
    app: &'a TestApp,
    cookie: String,
}

impl<'a> Browser<'a> {
    const fn new(app: &'a TestApp) -> Self {
        Self { app, cookie: String::new() }
    }

    async fn ask(&mut self, request: http::request::Builder, body: String) -> Answer {
        let request = request.header(header::COOKIE, &self.cookie).header(header::USER_AGENT, "Test/1.0");
        let answer = self.app.request(request.body(Body::from(body)).unwrap()).await;
        for given in answer.headers.get_all(header::SET_COOKIE) {
            let given = given.to_str().unwrap().split(';').next().unwrap();
            self.cookie = if self.cookie.is_empty() { given.to_owned() } else { format!("{}; {given}", self.cookie) };
        }
        answer
    }

    async fn open(&mut self) -> Answer {
        self.ask(Request::get("/chat").header(header::REFERER, "https://shop.example/cart"), String::new()).await
    }

    async fn post(&mut self, path: &str, body: Value) -> StatusCode {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request, body.to_string()).await.status
    }

    async fn write(&mut self, id: &str, text: &str) -> StatusCode {
        self.post("/chat/messages", json!({ "id": id, "text": text, "name": "Wei" })).await
    }

    async fn chat(&mut self) -> Value {
        self.ask(Request::get("/chat/messages"), String::new()).await.json()
    }

    async fn texts(&mut self) -> Vec<String> {
        let chat = self.chat().await;
        chat["messages"].as_array().unwrap().iter().map(|own| own["text"].as_str().unwrap().to_owned()).collect()
    }
}

async fn only_customer(app: &TestApp) -> Customer {
    assert_eq!(app.store.indexed(), 1);
    let open = app.store.open_conversations().await.unwrap();
    app.store.customer(open.first().unwrap().customer).await.unwrap()
}

const LI: AgentId = AgentId(1);

async fn reply(app: &TestApp, key: CustomerKey, id: &str, text: &str) {
    app.store.reply(key, &Once { key: id.into(), agent: LI }, text, now()).await.unwrap();
}

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
    assert_eq!(visit.landing_page, "http://127.0.0.1:3000/chat");

    app.store.accept(customer.key, LI, now()).await.unwrap();
    reply(&app, customer.key, "r", "On its way.").await;
    let chat = visitor.chat().await;
    assert_eq!((&chat["state"], &chat["messages"][1]["agent"]), (&json!("talking"), &json!("LI")));
    assert_eq!(visitor.texts().await, ["Where is my parcel?", "On its way."]);
    // Another visitor sees nothing of it.
    assert_eq!(Browser::new(&app).chat().await["messages"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_conversation_is_rated_when_it_is_over() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    app.store.accept(key, LI, now()).await.unwrap();
    let rating = json!({ "stars": 2, "comment": "slow" });
    assert_eq!(visitor.post("/chat/rating", rating.clone()).await, StatusCode::CONFLICT);
    assert_eq!(visitor.chat().await["may_rate"], json!(false));
    assert_eq!(visitor.post("/chat/leave", json!({})).await, StatusCode::NO_CONTENT);
    assert_eq!(visitor.chat().await["may_rate"], json!(true));
    assert_eq!(visitor.post("/chat/rating", json!({ "stars": 6 })).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.post("/chat/rating", rating).await, StatusCode::NO_CONTENT);
    assert_eq!(visitor.chat().await["may_rate"], json!(false));
    let rating = app.store.conversation(key, 1).await.unwrap().rating.unwrap();
    assert_eq!((rating.stars(), rating.comment()), (2, "slow"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_blacklisted_visitor_sees_no_difference() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    let entry = Blacklisting::new("abuse", Some(LI), now(), None).unwrap();
    app.store.blacklist(key, &entry, Actor::Agent(LI), now()).await.unwrap();
    assert_eq!(visitor.chat().await["state"], json!("ended"));
    for number in 0..3 {
        for _ in 0..2 {
            assert_eq!(visitor.write(&format!("h{number}"), &format!("held {number}")).await, StatusCode::NO_CONTENT);
        }
    }
    let chat = visitor.chat().await;
    assert_eq!((&chat["state"], &chat["may_rate"]), (&json!("waiting"), &json!(false)));
    assert_eq!(visitor.texts().await, ["hello", "held 0", "held 1", "held 2"]);
    let customer = app.store.customer(key).await.unwrap();
    assert_eq!((customer.conversations, customer.held, customer.messages), (1, 3, 1));
    assert!(!visitor.open().await.body.contains("black"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_needs_no_script_and_runs_no_text() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let form = Request::post("/chat/messages").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let sent = visitor.ask(form, "id=1&name=&text=%3Cscript%3Ealert(1)%3C%2Fscript%3E".into()).await;
    assert_eq!((sent.status, sent.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/chat"));
    let page = visitor.open().await;
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.body.contains("<script>alert"));
    assert!(!page.body.contains("/pkg/"), "the console is not loaded");
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"));
    let empty = Request::post("/chat/messages").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(visitor.ask(empty, "id=2&text=".into()).await.header(header::LOCATION), "/chat?error=refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn too_much_at_once_has_to_wait() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    let mut answers = Vec::new();
    for number in 0..65 {
        answers.push(visitor.write(&number.to_string(), "hello").await);
    }
    assert!(answers[..50].iter().all(|status| *status == StatusCode::NO_CONTENT));
    assert_eq!(answers.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
}
