//! A simulated visitor's browser, and helpers that act for the agent.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::ConnectInfo;
use clientele::domain::{Actor, AgentId, Blacklisting, Customer, CustomerKey, Editable, IdempotencyKey};
use futures::StreamExt;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::common::{Answer, TestApp, now};

/// A simulated visitor's browser.
pub struct Browser<'a> {
    app: &'a TestApp,
    pub cookie: String,
    keeps_cookies: bool,
    /// Token held by the page's script; empty if it has none.
    pub token: String,
    /// Time of the last chat that was read, in milliseconds since 1970.
    pub seen: i64,
}

impl<'a> Browser<'a> {
    pub const fn new(app: &'a TestApp) -> Self {
        Self { app, cookie: String::new(), keeps_cookies: true, token: String::new(), seen: 0 }
    }

    /// Creates a browser that rejects all cookies.
    pub fn without_cookies(app: &'a TestApp) -> Self {
        Self { keeps_cookies: false, ..Self::new(app) }
    }

    pub async fn ask(&mut self, request: http::request::Builder, body: String) -> Answer {
        let request = request.header(header::COOKIE, &self.cookie).header(header::USER_AGENT, "Test/1.0");
        let request = if self.token.is_empty() { request } else { request.header("clientele-visitor", &self.token) };
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 4000))));
        let answer = self.app.request(request).await;
        for given in answer.headers.get_all(header::SET_COOKIE) {
            if self.keeps_cookies {
                self.keep(given.to_str().unwrap().split(';').next().unwrap());
            }
        }
        answer
    }

    /// Stores a cookie, replacing one of the same name.
    pub fn keep(&mut self, given: &str) {
        let name = given.split_inclusive('=').next().unwrap();
        let mut kept: Vec<&str> =
            self.cookie.split("; ").filter(|own| !own.is_empty() && !own.starts_with(name)).collect();
        kept.push(given);
        self.cookie = kept.join("; ");
    }

    /// Submits a form as the page does without a script.
    pub async fn submit(&mut self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, form.to_owned()).await
    }

    pub async fn open(&mut self) -> Answer {
        self.ask(Request::get("/chat").header(header::REFERER, "https://shop.example/cart"), String::new()).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> StatusCode {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request, body.to_string()).await.status
    }

    pub async fn write(&mut self, id: &str, text: &str) -> StatusCode {
        self.post("/chat/messages", json!({ "id": id, "text": text, "name": "Wei" })).await
    }

    pub async fn chat(&mut self) -> Value {
        let mut chat = self.ask(Request::get("/chat/messages"), String::new()).await.json();
        self.seen = chat.as_object_mut().unwrap().remove("seen").unwrap().as_i64().unwrap();
        chat
    }

    /// Reads the chat and leaves it.
    pub async fn leave(&mut self) -> StatusCode {
        self.chat().await;
        self.post("/chat/leave", json!({ "seen": self.seen })).await
    }

    pub async fn rate(&mut self, ended: &Value, stars: u8, comment: &str) -> StatusCode {
        self.post("/chat/rating", json!({ "ended": ended, "stars": stars, "comment": comment })).await
    }

    pub async fn texts(&mut self) -> Vec<String> {
        let chat = self.chat().await;
        chat["messages"].as_array().unwrap().iter().map(|own| own["text"].as_str().unwrap().to_owned()).collect()
    }
}

pub async fn only_customer(app: &TestApp) -> Customer {
    assert_eq!(app.store.indexed(), 1);
    let open = app.store.open_conversations();
    app.store.customer(open.first().unwrap().customer).await.unwrap()
}

pub const LI: AgentId = AgentId(1);

pub async fn reply(app: &TestApp, key: CustomerKey, id: &str, text: &str) {
    app.store.reply(key, &IdempotencyKey::new(LI, id).unwrap(), text, now()).await.unwrap();
}

pub async fn blacklist(app: &TestApp, key: CustomerKey) {
    let entry = Blacklisting::new("abuse", None, now(), None).unwrap();
    app.store.blacklist(Editable::unchecked(key, Actor::System), &entry, now()).await.unwrap();
}

/// Event stream of an open chat.
pub struct Live(BodyDataStream);

impl Live {
    pub async fn of(visitor: &Browser<'_>) -> Self {
        let request = Request::get("/chat/events").header(header::COOKIE, &visitor.cookie);
        let request = match visitor.token.as_str() {
            "" => request,
            token => request.header("clientele-visitor", token),
        };
        let response = visitor.app.respond(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self(response.into_body().into_data_stream())
    }

    /// Returns everything received until the stream is silent for 500 ms.
    pub async fn heard(&mut self) -> String {
        let mut heard = String::new();
        while let Ok(Some(part)) = tokio::time::timeout(Duration::from_millis(500), self.0.next()).await {
            heard.push_str(&String::from_utf8_lossy(&part.unwrap()));
        }
        heard
    }
}
