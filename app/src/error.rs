//! Errors as sent to browsers: a code, a field and a reason, from which the browser makes a message
//! in the user's language. Internal causes stay in the server's log.
//!
//! Users are shown the request ID. Each line that the request logs carries it, the cause included.

use clientele::domain::{self, Reason};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Error response of a server function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// Kind of failure.
    pub code: Code,
    /// Name of the rejected form field.
    pub field: Option<String>,
    /// Rule that rejected the request.
    pub reason: Option<Reason>,
    /// Current value of the field, if another change conflicts with the edit.
    pub current: Option<String>,
    /// Request ID for finding the request in the server's log.
    pub request: Option<String>,
}

/// Kinds of failure, each with its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 401: not signed in, or the session has ended.
    SignedOut,
    /// 401: wrong login or password.
    WrongPassword,
    /// 403: the agent lacks the permission.
    Forbidden,
    /// 403: the Customers page is off in Agent Mode.
    PageOff,
    /// 404: does not exist, or is out of the agent's scope.
    NotFound,
    /// 409: conflicts with the current state, usually after a change by someone else.
    Conflict,
    /// 422: rejected by a validation rule.
    Refused,
    /// 429: too many requests.
    TooMany,
    /// 500: bug in the application or fault in the data.
    Internal,
    /// 503: the database does not answer, or the index is not filled yet.
    Unavailable,
    /// The server could not be reached. Created only in browsers.
    Offline,
    /// The server runs a different version from the page. Created only in browsers.
    Outdated,
}

impl Code {
    /// Returns the name that is sent to other programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::WrongPassword => "wrong-password",
            Self::Forbidden => "forbidden",
            Self::PageOff => "page-off",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::TooMany => "too-many",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Offline => "network",
            Self::Outdated => "outdated",
        }
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::SignedOut | Self::WrongPassword => 401,
            Self::Forbidden | Self::PageOff => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Refused => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable | Self::Offline | Self::Outdated => 503,
        }
    }
}

impl From<Code> for AppError {
    fn from(code: Code) -> Self {
        Self { code, field: None, reason: None, current: None, request: None }
    }
}

impl From<domain::Error> for AppError {
    fn from(error: domain::Error) -> Self {
        let code = if error.reason.is_conflict() { Code::Conflict } else { Code::Refused };
        Self { code, field: error.field, reason: Some(error.reason), current: None, request: None }
    }
}

#[cfg(feature = "ssr")]
impl From<clientele::store::StoreError> for AppError {
    fn from(error: clientele::store::StoreError) -> Self {
        use clientele::store::StoreError;
        match error {
            StoreError::NotFound => Code::NotFound.into(),
            StoreError::Conflict => Code::Conflict.into(),
            StoreError::AlreadyExists(field) => domain::Error::field(field, Reason::Taken).into(),
            StoreError::Refused(error) => error.into(),
            StoreError::Busy => Code::TooMany.into(),
            StoreError::Unavailable => Code::Unavailable.into(),
            StoreError::Internal => Code::Internal.into(),
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Code::Offline.into(),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Code::Refused.into(),
            // The widget's client has no token any more.
            ServerFnErrorErr::MiddlewareError(_) => Code::SignedOut.into(),
            // On the server the request cannot be decoded (422); in the browser, the response
            // (500).
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(_) => Code::Refused.into(),
            _ => Code::Internal.into(),
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.code)
    }
}

impl std::error::Error for AppError {}
