//! Request bodies: JSON objects, with errors that name the field.

use axum::body::{Body, Bytes};
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::{Object, Refusal};

/// Reads a body of at most `most` bytes.
///
/// # Errors
/// Status 413 for a longer body, 400 for one that was cut off.
pub(crate) async fn read(body: Body, most: usize) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, most).await.map_err(|error| {
        let too_large = error.into_inner().is::<http_body_util::LengthLimitError>();
        // Otherwise the body was cut off, and the client has probably disconnected.
        let status = if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        Refusal::new(status, "malformed")
    })
}

/// Parses a body. A byte-order mark is skipped, and an empty body is treated as `{}`.
///
/// # Errors
/// [`Refusal::malformed`], at the field where parsing failed.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
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
