//! Signatures of requests. Received signatures are not stored: all operations are idempotent, so a
//! replay within the time window has no effect beyond the original request, and a sender that lost
//! a response may send the same bytes again.

use axum::extract::{FromRequest, Request};
use clientele::domain::Timestamp;
use clientele::store::{ChannelKey, ChannelSecret};
use hmac::{Hmac, Mac};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::{Refusal, body};
use crate::ServerState;

/// Largest difference between a request's timestamp and the server's time, in milliseconds.
const WINDOW: i64 = 5 * 60 * 1000;
/// Largest body in bytes: room for every field at its limit, in characters that JSON escapes with
/// twelve bytes each.
const MAX_BODY: usize = 256 * 1024;
/// A moment in 1973, in milliseconds since 1970. A smaller timestamp is taken to be in seconds.
const SECONDS: i64 = 100_000_000_000;

const UNSIGNED: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "unsigned");

/// Verified body of a request and the key that signed it.
pub struct Signed<T> {
    /// Key that signed the request.
    pub key: ChannelKey,
    /// Parsed body. An empty body is treated as `{}`.
    pub body: T,
}

fn mac(secret: &ChannelSecret, timestamp: i64, method: &str, path: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(format!("{timestamp}\n{method}\n{path}\n").as_bytes());
    mac.update(body);
    Some(mac)
}

/// Returns the signature of a request in hexadecimal, as a channel computes it.
#[must_use]
pub fn sign(secret: &ChannelSecret, timestamp: i64, method: &str, path: &str, body: &[u8]) -> String {
    let bytes = mac(secret, timestamp, method, path, body).map(|mac| mac.finalize().into_bytes());
    bytes.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()).unwrap_or_default()
}

impl<T: DeserializeOwned> FromRequest<ServerState> for Signed<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let (parts, sent) = request.into_parts();
        let text = |name: &str| header(&parts.headers, name).ok_or(UNSIGNED);
        let timestamp: i64 = text("clientele-timestamp")?.parse().map_err(|_| UNSIGNED)?;
        let signature = from_hex(text("clientele-signature")?).ok_or(UNSIGNED)?;
        let now = state.app.store.now().0;
        if (0..SECONDS).contains(&timestamp) {
            return Err(Refusal::of_timestamp("not_milliseconds", now));
        }
        if now.abs_diff(timestamp) > WINDOW as u64 {
            return Err(Refusal::of_timestamp("expired", now));
        }
        let found = state.app.store.channel_secret(text("clientele-key")?).await?;
        let (key, secret) = found.ok_or(UNSIGNED)?;
        let sent = body::read(sent, MAX_BODY).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        mac(&secret, timestamp, parts.method.as_str(), path, &sent)
            .and_then(|mac| mac.verify_slice(&signature).ok())
            .ok_or(UNSIGNED)?;
        match body::parse(&sent) {
            Ok(body) => Ok(Self { key, body }),
            Err(refusal) => {
                refusal.note(&state.app.refusals, &key, Timestamp(now));
                Err(refusal)
            }
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    text.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
