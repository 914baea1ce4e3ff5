//! Whether a request is what somebody who knows a key's secret sent, just now and for the first time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use clientele::store::{ChannelKey, ChannelSecret};
use hmac::{Hmac, Mac};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::Refusal;
use crate::ServerState;

/// How far a request's timestamp may be from now, in milliseconds.
const WINDOW: i64 = 5 * 60 * 1000;
const MAX_BODY: usize = 64 * 1024;

const UNSIGNED: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "unsigned");
const EXPIRED: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "expired");
const REPLAYED: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "replayed");
const MALFORMED: Refusal = Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed");

/// A request's body, and the key it was signed with.
pub struct Signed<T> {
    /// The key.
    pub key: ChannelKey,
    /// The body. An empty one is as good as `{}`.
    pub body: T,
}

/// The signatures of the last minutes: none is taken twice. One for the process.
#[derive(Default)]
pub struct Replays(Mutex<HashMap<Vec<u8>, i64>>);

impl Replays {
    /// Whether the signature is new; it is known from now on.
    fn is_new(&self, signature: &[u8], now: i64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A request is refused by its timestamp once this is over.
        seen.insert(signature.to_vec(), now + 2 * WINDOW).is_none()
    }

    /// Forgets what is refused by its time anyway. Meant to be called now and then.
    pub fn sweep(&self, now: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until > now);
    }
}

fn mac(secret: &ChannelSecret, timestamp: i64, method: &str, path: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(format!("{timestamp}\n{method}\n{path}\n").as_bytes());
    mac.update(body);
    Some(mac)
}

/// The signature of a request, as a channel makes it.
#[must_use]
pub fn sign(secret: &ChannelSecret, timestamp: i64, method: &str, path: &str, body: &[u8]) -> String {
    let bytes = mac(secret, timestamp, method, path, body).map(|mac| mac.finalize().into_bytes());
    bytes.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()).unwrap_or_default()
}

impl<T: DeserializeOwned> FromRequest<ServerState> for Signed<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let text = |name: &str| header(&parts.headers, name).ok_or(UNSIGNED);
        let timestamp: i64 = text("clientele-timestamp")?.parse().map_err(|_| UNSIGNED)?;
        let signature = from_hex(text("clientele-signature")?).ok_or(UNSIGNED)?;
        let now = jiff::Timestamp::now().as_millisecond();
        if now.abs_diff(timestamp) > WINDOW as u64 {
            return Err(EXPIRED);
        }
        let found = state.app.store.channel_secret(text("clientele-key")?).await?;
        let (key, secret) = found.ok_or(UNSIGNED)?;
        let body = read(body).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        mac(&secret, timestamp, parts.method.as_str(), path, &body)
            .and_then(|mac| mac.verify_slice(&signature).ok())
            .ok_or(UNSIGNED)?;
        if !state.replays.is_new(&signature, now) {
            return Err(REPLAYED);
        }
        let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
        let body = serde_json::from_slice(text).map_err(|_| MALFORMED)?;
        Ok(Self { key, body })
    }
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "malformed"))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()).collect()
}
