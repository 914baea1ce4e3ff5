//! Signatures of requests. Received signatures are not stored: all operations are idempotent, so a
//! replay within the time window has no effect beyond the original request, and a sender that lost
//! a response may send the same bytes again.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use clientele::domain::Timestamp;
use clientele::store::{ChannelKey, ChannelSecret};
use hmac::{Hmac, Mac};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::{Object, Refusal};
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
        let (parts, body) = request.into_parts();
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
        let body = read(body).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        mac(&secret, timestamp, parts.method.as_str(), path, &body)
            .and_then(|mac| mac.verify_slice(&signature).ok())
            .ok_or(UNSIGNED)?;
        match parse(&body) {
            Ok(body) => Ok(Self { key, body }),
            Err(refusal) => {
                refusal.note(&state.app.refusals, &key, Timestamp(now));
                Err(refusal)
            }
        }
    }
}

/// Parses a body. A byte-order mark is skipped, and an empty body is treated as `{}`.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    let mut json = serde_json::Deserializer::from_slice(text);
    let Object(parsed) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, why) = (error.path().to_string(), error.inner().to_string());
        Refusal::malformed(&match of_struct(&why) {
            Some(field) if path == "." => field.to_owned(),
            Some(field) => format!("{path}.{field}"),
            None => path,
        })
    })?;
    json.end().map_err(|_| Refusal::malformed(""))?;
    Ok(parsed)
}

/// Returns the name of a missing or duplicate field, which serde reports only in the error message.
fn of_struct(why: &str) -> Option<&str> {
    let rest = why.strip_prefix("missing field `").or_else(|| why.strip_prefix("duplicate field `"))?;
    rest.split('`').next()
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, MAX_BODY).await.map_err(|error| {
        let too_large = error.into_inner().is::<http_body_util::LengthLimitError>();
        // Otherwise the body was cut off, and the client has probably disconnected.
        let status = if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        Refusal::new(status, "malformed")
    })
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
