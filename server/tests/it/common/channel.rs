//! A test channel that signs its requests.

use std::cell::Cell;

use axum::body::Body;
use clientele::domain::{Actor, Channel, Customer, CustomerId, KeyName};
use clientele::store::{ChannelKey, ChannelSecret};
use clientele_server::ingest::sign;
use http::Request;
use serde_json::json;

use super::{Answer, TestApp, now};

/// A channel connected to a test server.
pub struct Connected {
    pub app: TestApp,
    pub key: ChannelKey,
    pub secret: ChannelSecret,
    clock: Cell<i64>,
}

impl Connected {
    pub async fn to(channel: Channel) -> Self {
        Self::of(TestApp::new().await, channel, "test").await
    }

    /// Adds a key for the channel to a server.
    pub async fn of(app: TestApp, channel: Channel, name: &str) -> Self {
        let name = KeyName::new(name).unwrap();
        let (key, secret) = app.store.add_channel_key(channel, &name, Actor::System, now()).await.unwrap();
        Self { app, key, secret, clock: Cell::new(now().0) }
    }

    /// Signs and sends a request, each with a new timestamp.
    pub async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        self.clock.set(self.clock.get() + 1);
        let at = self.clock.get();
        self.send_as(method, path, body, at, &sign(&self.secret, at, method, path, body.as_bytes())).await
    }

    pub async fn send_as(&self, method: &str, path: &str, body: &str, at: i64, signature: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("clientele-key", &self.key.id)
            .header("clientele-timestamp", at.to_string())
            .header("clientele-signature", signature)
            .body(Body::from(body.to_owned()));
        self.app.request(request.unwrap()).await
    }

    pub async fn write(&self, customer: &str, id: &str) -> Answer {
        let body = json!({ "id": id, "customer": customer, "text": "hello" }).to_string();
        self.send("POST", "/api/v1/messages", &body).await
    }

    pub async fn customer(&self, id: &str) -> Customer {
        self.app.store.customer_by_id(&CustomerId::new(id).unwrap()).await.unwrap()
    }
}
