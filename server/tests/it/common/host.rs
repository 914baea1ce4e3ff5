//! A test host: a larger console that embeds the Customers page.

use axum::body::Body;
use clientele::domain::{Actor, KeyName};
use clientele::store::{EmbedKey, EmbedSecret};
use http::Request;
use http::request::Builder;
use serde_json::{Value, json};

use super::{Answer, TestApp, now};

/// Origin of the host's pages.
pub const ORIGIN: &str = "https://console.example";

/// A host connected to a test server: its origin is allowed, and it has a key.
pub struct Host {
    pub app: TestApp,
    pub key: EmbedKey,
    pub secret: EmbedSecret,
}

impl Host {
    pub async fn new() -> Self {
        Self::of(TestApp::new().await).await
    }

    pub async fn of(app: TestApp) -> Self {
        allow(&app, &[ORIGIN]).await;
        let name = KeyName::new("console").unwrap();
        let (key, secret) = app.store.add_embed_key(&name, Actor::System, now()).await.unwrap();
        Self { app, key, secret }
    }

    /// Sends a request of the back end.
    pub async fn ask(&self, path: &str, body: &str) -> Answer {
        self.ask_with(path, &format!("Bearer {}", self.secret.reveal()), body).await
    }

    pub async fn ask_with(&self, path: &str, authorization: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header("authorization", authorization)
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()));
        self.app.request(request.unwrap()).await
    }

    /// Requests a token. `body` is merged into a request for the agent `li`.
    pub async fn mint(&self, body: Value) -> Answer {
        let mut whole = json!({ "agent": { "login": "li" }, "origin": ORIGIN });
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.ask("/api/v1/embed/sessions", &whole.to_string()).await
    }

    /// Returns a token for the agent `li`, or as `body` says.
    pub async fn token(&self, body: Value) -> String {
        let answer = self.mint(body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Sends a request of the host's page in a browser.
    pub async fn call(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        let request = from_page(Request::builder().method(method).uri(path)).header("authorization", bearer(token));
        let request = request.header("content-type", "application/json").body(Body::from(body.to_owned()));
        self.app.request(request.unwrap()).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, token, "").await
    }

    /// Returns `true` if the token signs its agent in.
    pub async fn is_valid(&self, token: &str) -> bool {
        let status = self.get("/api/v1/embed/session", token).await.status.as_u16();
        assert!(status == 200 || status == 401, "{status}");
        assert_eq!(self.get("/api/session", token).await.status, status);
        status == 200
    }
}

/// Replaces the allowed origins.
pub async fn allow(app: &TestApp, origins: &[&str]) {
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let edit = |settings: &mut clientele::domain::Settings| settings.set_embed_origins(&origins).unwrap();
    app.store.change_settings(Actor::System, now(), edit).await.unwrap();
}

/// Adds the headers of a request from a page of the host.
pub fn from_page(request: Builder) -> Builder {
    request.header("origin", ORIGIN).header("sec-fetch-site", "cross-site")
}

pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
