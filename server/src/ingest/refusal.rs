//! Error responses of the channel API.

use axum::Json;
use axum::response::{IntoResponse, Response};
use clientele::domain::{self, Reason, Timestamp, text};
use clientele::store::{ChannelKey, StoreError};
use clientele_app::error::{AppError, Code};
use clientele_app::server::channel_refusals::ChannelRefusals;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Most characters of a field name.
const MAX_OF_FIELD: usize = 64;

/// Body of a response that rejects a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "code": "refused", "field": "text", "reason": { "too_long": { "most": 4000 } } }))]
pub struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    /// `unsigned`, `expired`, `not_milliseconds`, `malformed`, `refused`, `not_found`, `taken`,
    /// `conflict`, `too_many`, `unavailable` or `internal`.
    code: &'static str,
    /// The field or header that caused the rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The rule that was broken, such as `required` or `{"too_long":{"most":4000}}`.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// The server's time in milliseconds since 1970, if the timestamp was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<i64>,
}

impl Refusal {
    pub(crate) const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, field: None, reason: None, now: None }
    }

    /// Creates the error for a request that is not permitted, with the field or header that caused it.
    pub(crate) fn forbidden(code: &'static str, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(StatusCode::FORBIDDEN, code) }
    }

    /// Creates the error for a body that cannot be parsed, with the field where parsing failed.
    pub(crate) fn malformed(field: &str) -> Self {
        let field = Some(field).filter(|field| !field.is_empty() && *field != "." && *field != "?");
        // The name of an unknown field is text from the sender and is shown to admins.
        let field = field.map(|field| text::shorten_line(field, MAX_OF_FIELD));
        Self { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed") }
    }

    /// Creates the error for a rejected timestamp, with the server's time.
    pub(super) fn of_timestamp(code: &'static str, now: i64) -> Self {
        let field = Some("clientele-timestamp".to_owned());
        Self { field, now: Some(now), ..Self::new(StatusCode::UNAUTHORIZED, code) }
    }

    /// Counts the rejection for metrics and admins.
    pub(super) fn note(&self, refusals: &ChannelRefusals, key: &ChannelKey, now: Timestamp) {
        let labels = [("code", self.code), ("channel", key.channel.as_str())];
        metrics::counter!("clientele_channel_refused_total", &labels).increment(1);
        refusals.note(&key.id, self.code, self.field.as_deref(), now);
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<domain::Error> for Refusal {
    fn from(error: domain::Error) -> Self {
        AppError::from(error).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match error.code {
            Code::SignedOut | Code::WrongPassword => "unsigned",
            Code::Conflict if error.reason == Some(Reason::Taken) => "taken",
            // A broken rule, not a race: the same request would be rejected again.
            Code::Conflict if error.reason.is_some() => "refused",
            Code::Conflict => "conflict",
            Code::Refused | Code::Forbidden | Code::PageOff => "refused",
            Code::NotFound => "not_found",
            Code::TooMany => "too_many",
            Code::Unavailable | Code::Offline | Code::Outdated => "unavailable",
            Code::Internal => "internal",
        };
        Self { field: error.field, reason: error.reason, ..Self::new(status, code) }
    }
}
