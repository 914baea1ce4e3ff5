//! The visitors' page: what is written takes the same way as any channel's messages, and a blacklisted visitor sees no difference.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::ConnectInfo;
use clientele::domain::{Actor, AgentId, Blacklisting, Channel, Customer, CustomerKey, Profile};
use clientele::store::{Delivery, Request as Once};
use common::{Answer, TestApp, now};
use futures::StreamExt;
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
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 4000))));
        let answer = self.app.request(request).await;
        for given in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(given.to_str().unwrap().split(';').next().unwrap());
        }
        answer
    }

    /// A cookie takes the place of the one of the same name.
    fn keep(&mut self, given: &str) {
        let name = given.split_inclusive('=').next().unwrap();
        let mut kept: Vec<&str> =
            self.cookie.split("; ").filter(|own| !own.is_empty() && !own.starts_with(name)).collect();
        kept.push(given);
        self.cookie = kept.join("; ");
    }

    /// As the page does without a script.
    async fn submit(&mut self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, form.to_owned()).await
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
    let open = app.store.open_conversations();
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
    assert_eq!(visit.ip, "192.0.2.7");
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
    let chat = visitor.chat().await;
    assert_eq!((&chat["state"], &chat["may_rate"]), (&json!("rated"), &json!(false)));
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

/// All that a visitor can see and do, held or not; what it sees must be the same but for the moments.
async fn seen_by(app: &TestApp, blacklisted: bool) -> Vec<Value> {
    let mut visitor = Browser::new(app);
    visitor.open().await;
    visitor.write("a", "hello").await;
    let key = app.store.open_conversations().first().unwrap().customer;
    app.store.accept(key, LI, now()).await.unwrap();
    if blacklisted {
        let entry = Blacklisting::new("abuse", Some(LI), now(), None).unwrap();
        app.store.blacklist(key, &entry, Actor::Agent(LI), now()).await.unwrap();
    } else {
        app.store.end(key, LI, now()).await.unwrap();
    }
    let mut seen = vec![without_moments(visitor.chat().await)];
    for path in ["/chat/messages", "/chat/rating", "/chat/leave", "/chat/rating"] {
        let body = json!({ "id": "b", "text": "again", "stars": 1 });
        seen.push(json!(visitor.post(path, body).await.as_u16()));
        seen.push(without_moments(visitor.chat().await));
    }
    for number in 0..49 {
        visitor.write(&format!("more {number}"), &format!("more {number}")).await;
    }
    seen.push(without_moments(visitor.chat().await));
    visitor.submit("/chat/leave", "").await;
    let page = visitor.open().await.body;
    seen.push(json!([page.contains("id=\"leave\" hidden"), page.contains("id=\"rating\" hidden")]));
    seen
}

fn without_moments(mut chat: Value) -> Value {
    for message in chat["messages"].as_array_mut().unwrap() {
        let at = message["at"].take().as_i64().unwrap().to_string();
        message["id"] = json!(message["id"].as_str().unwrap().replace(&at, "").split('-').next().unwrap());
    }
    chat
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_tells_a_blacklisted_visitor_from_another() {
    let others = seen_by(&TestApp::new().await, false).await;
    assert_eq!(seen_by(&TestApp::new().await, true).await, others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_held_once_is_no_conversation_of_the_next_time() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    let blacklist = async || {
        let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
        app.store.blacklist(key, &entry, Actor::System, now()).await.unwrap();
    };
    blacklist().await;
    visitor.write("b", "held").await;
    app.store.unblacklist(key, None, Actor::System, now()).await.unwrap();
    visitor.write("c", "again").await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    blacklist().await;
    assert_eq!(visitor.chat().await["state"], json!("ended"));
    assert_eq!(visitor.texts().await, ["hello", "held", "again"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_messages_are_shown_held_or_not() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let customer = only_customer(&app).await;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(customer.key, &entry, Actor::System, now()).await.unwrap();
    for number in 0..120 {
        app.write(customer.id.as_str(), &number.to_string()).await;
    }
    let texts = visitor.texts().await;
    assert_eq!((texts.len(), texts[0].as_str(), texts[99].as_str()), (100, "text of 20", "text of 119"));
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

struct Live(BodyDataStream);

impl Live {
    async fn of(visitor: &Browser<'_>) -> Self {
        let request = Request::get("/chat/events").header(header::COOKIE, &visitor.cookie).body(Body::empty());
        let response = visitor.app.respond(request.unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self(response.into_body().into_data_stream())
    }

    /// What comes until nothing comes for a while.
    async fn heard(&mut self) -> String {
        let mut heard = String::new();
        while let Ok(Some(part)) = tokio::time::timeout(Duration::from_millis(500), self.0.next()).await {
            heard.push_str(&String::from_utf8_lossy(&part.unwrap()));
        }
        heard
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_open_chat_is_told_once_of_each_change_and_of_no_other_visitors() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    // Who has not written has nothing to listen to.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_needs_no_script_and_runs_no_text() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let sent = visitor.submit("/chat/messages", "id=1&name=&text=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!((sent.status, sent.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/chat"));
    let page = visitor.open().await;
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.body.contains("<script>alert"));
    assert!(!page.body.contains("/pkg/"), "the console is not loaded");
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"));
    // What cannot be taken stays in its field, as text.
    let long = format!("id=2&text=%3C%2Ftextarea%3E{}", "x".repeat(4000));
    let refused = visitor.submit("/chat/messages", &long).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("&lt;/textarea&gt;xxx") && refused.body.contains("check what you wrote"));
    assert!(refused.body.contains("&lt;script&gt;alert(1)"), "what was said before is still there");
}

/// The visitor sees neither that its chat was held nor when that ended: it waits, as before, and what it writes next is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visitor_does_not_see_when_it_is_off_the_blacklist() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    app.store.accept(key, LI, now()).await.unwrap();
    app.store.end(key, LI, now()).await.unwrap();
    let mut live = Live::of(&visitor).await;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(key, &entry, Actor::System, now()).await.unwrap();
    assert_eq!(live.heard().await, "");
    visitor.write("b", "again").await;
    assert_eq!(live.heard().await.matches("thread").count(), 1);
    let before = visitor.chat().await;
    assert_eq!((&before["state"], &before["may_rate"]), (&json!("waiting"), &json!(false)));
    app.store.unblacklist(key, None, Actor::System, now()).await.unwrap();
    assert_eq!((live.heard().await.as_str(), visitor.chat().await), ("", before));
    assert_eq!(visitor.post("/chat/rating", json!({ "stars": 1 })).await, StatusCode::CONFLICT);
    visitor.write("c", "hello?").await;
    app.store.accept(key, LI, now()).await.unwrap();
    assert_eq!(visitor.chat().await["state"], json!("talking"));
}

/// Messages that were held are numbered when they are opened, behind those that were said before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn opening_what_was_held_hides_nothing_newer() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let customer = only_customer(&app).await;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(customer.key, &entry, Actor::System, now()).await.unwrap();
    for number in 0..250 {
        app.write(customer.id.as_str(), &number.to_string()).await;
    }
    app.store.unblacklist(customer.key, None, Actor::System, now()).await.unwrap();
    visitor.write("b", "new question").await;
    app.store.accept(customer.key, LI, now()).await.unwrap();
    reply(&app, customer.key, "r", "the answer").await;
    for _ in 0..2 {
        // Asked twice: the answer of the first time may have been lost.
        assert_eq!(app.store.unblacklist(customer.key, Some(LI), Actor::Agent(LI), now()).await, Ok(Some(2)));
    }
    let texts = visitor.texts().await;
    assert_eq!((texts.len(), &texts[98..]), (100, &["new question".to_owned(), "the answer".to_owned()][..]));
}

/// Only the server knows that a chat is over: a cookie of the visitor's own making ends nothing, held or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_cookie_of_a_visitor_ends_its_chat() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.write("a", "hello").await;
    let key = only_customer(&app).await.key;
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(key, &entry, Actor::System, now()).await.unwrap();
    visitor.write("b", "held").await;
    visitor.keep("clientele_left=99999999999999");
    assert_eq!(visitor.chat().await["state"], json!("waiting"));
    visitor.post("/chat/leave", json!({})).await;
    // Nor does it go on because the browser forgot something.
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
            app.store.blacklist(key, &entry, Actor::System, yesterday).await.unwrap();
        }
        let delivery = Delivery {
            channel: Channel::Web,
            customer: customer.id.clone(),
            id: format!("{} b", customer.id),
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

/// A company or a carrier has very many behind one address.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_visitors_of_one_address_do_not_hold_each_other_up() {
    let app = TestApp::new().await;
    let mut visitors: Vec<_> = (0..50).map(|_| Browser::new(&app)).collect();
    for (number, visitor) in visitors.iter_mut().enumerate() {
        visitor.open().await;
        assert_eq!(visitor.write("a", "hello").await, StatusCode::NO_CONTENT, "{number}");
    }
    // After a restart all of them listen again at once, and writing is as possible as before.
    for visitor in &visitors {
        drop(Live::of(visitor).await);
        drop(Live::of(visitor).await);
    }
    for visitor in visitors.iter_mut().take(10) {
        assert_eq!(visitor.write("b", "are you there?").await, StatusCode::NO_CONTENT);
    }
}

/// Whoever keeps no cookie is another visitor with each message, and each would be somebody who waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_address_cannot_fill_the_queue() {
    let app = TestApp::new().await;
    let mut taken = 0;
    for number in 0..150 {
        taken += usize::from(Browser::new(&app).write(&number.to_string(), "hello").await == StatusCode::NO_CONTENT);
    }
    assert!((60..75).contains(&taken), "{taken}");
    assert_eq!(app.store.waiting(None, 1).1, taken);
    assert_eq!(app.store.waiting_from([192, 0, 2, 7].into()) as usize, taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_is_sent_with_line_ends_of_its_own() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let sent = visitor.submit("/chat/messages", "id=1&name=&text=Where+is+my+parcel%3F%0D%0AOrder+1042").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.texts().await, ["Where is my parcel?\nOrder 1042"]);
    // A cookie of a neighbour that is no ASCII does not make another visitor.
    visitor.cookie = format!("shop_user=张伟; {}", visitor.cookie);
    visitor.write("2", "Hello?").await;
    assert_eq!(app.store.indexed(), 1);
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
    let mut refused = visitor.submit("/chat/messages", "id=x&text=please").await;
    if refused.status == StatusCode::SEE_OTHER {
        // A second had just passed.
        refused = visitor.submit("/chat/messages", "id=x&text=please").await;
    }
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.body.contains("Too many messages at once") && refused.body.contains("please</textarea>"));
}
