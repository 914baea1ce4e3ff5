//! Reader of an event stream.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;

use super::TestApp;

/// Event stream of an open page.
pub struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    pub async fn open(app: &TestApp, cookie: &str, mode: &str, last: &str) -> Self {
        let mut request = http::Request::get(format!("/events?mode={mode}")).header("cookie", cookie);
        if !last.is_empty() {
            request = request.header("last-event-id", last);
        }
        Self::of(app, request).await
    }

    pub async fn of(app: &TestApp, request: http::request::Builder) -> Self {
        let response = app.respond(request.body(Body::empty()).unwrap()).await;
        assert!(response.status().is_success(), "{}", response.status());
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// Returns the next event: name, id, data.
    pub async fn any(&mut self) -> (String, String, String) {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |wanted: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(wanted));
                    line.unwrap_or_default().trim().to_owned()
                };
                let found = (field("event:"), field("id:"), field("data:"));
                self.read = rest.to_owned();
                // A comment only keeps the connection alive; skip it.
                if !found.0.is_empty() {
                    return found;
                }
                continue;
            }
            let more = self.body.next().await.expect("the stream ended").unwrap();
            self.read.push_str(&String::from_utf8_lossy(&more));
        }
    }

    /// Returns the id and data of the next event, which must have this name. It skips no event, so
    /// that an unexpected one fails the test.
    pub async fn next(&mut self, name: &str) -> (String, String) {
        let next = tokio::time::timeout(Duration::from_secs(5), self.any()).await;
        let (found, id, data) = next.unwrap_or_else(|_| panic!("no {name}"));
        assert_eq!(found, name, "{data}");
        (id, data)
    }

    /// Waits for an event with this name, skipping others, and asserts that the stream ends with it.
    pub async fn ends_with(&mut self, name: &str) {
        let found = async { while self.any().await.0 != name {} };
        assert!(tokio::time::timeout(Duration::from_secs(5), found).await.is_ok(), "no {name}");
        assert!(self.body.next().await.is_none());
    }

    /// Returns what arrives until the end of the stream.
    pub async fn rest(&mut self) -> String {
        while let Some(more) = self.body.next().await {
            self.read.push_str(&String::from_utf8_lossy(&more.unwrap()));
        }
        std::mem::take(&mut self.read)
    }

    /// Asserts that no event arrives within 300 ms.
    pub async fn is_quiet(&mut self) {
        let next = tokio::time::timeout(Duration::from_millis(300), self.any()).await;
        assert!(next.is_err(), "{next:?}");
    }
}
