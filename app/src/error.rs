//! What a browser may know of a failure: a code, a field, a reason. Words are made of it in the user's language, and
//! what happened inside stays in the server's log under the request id.

use clientele::domain::{self, Reason};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// A failure as the browser sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// What kind of failure.
    pub code: Code,
    /// The field it is about.
    pub field: Option<String>,
    /// The rule that refused.
    pub reason: Option<Reason>,
    /// What stands in the field now, when somebody else changed it.
    pub current: Option<String>,
    /// The request, to be found in the server's log.
    pub request: Option<String>,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Nobody is signed in: 401.
    SignedOut,
    /// Login or password are wrong: 401.
    WrongPassword,
    /// Not for this agent: 403.
    Forbidden,
    /// The Customers page is switched off in Agent Mode: 403.
    PageOff,
    /// Not there, or out of scope: 404.
    NotFound,
    /// Changed by somebody else meanwhile: 409.
    Conflict,
    /// A rule refused: 422.
    Refused,
    /// Too often: 429.
    TooMany,
    /// A fault of ours: 500.
    Internal,
    /// The database does not answer: 503.
    Unavailable,
    /// The server was not reached; only browsers see this.
    Offline,
    /// The server runs another version than the page is of; only browsers see this.
    Outdated,
}

impl Code {
    /// The HTTP status.
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
        // What would be fine if somebody else had not been quicker is a conflict, the rest is refused.
        let code = match error.reason {
            Reason::Taken
            | Reason::ChangedMeanwhile
            | Reason::AlreadyBlacklisted
            | Reason::NotBlacklisted
            | Reason::Blacklisted
            | Reason::HasOpenConversation { .. }
            | Reason::ChannelUnreachable
            | Reason::NotWaiting
            | Reason::NotYours
            | Reason::NotEnded => Code::Conflict,
            _ => Code::Refused,
        };
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
            StoreError::Taken(field) => domain::Error::field(field, Reason::Taken).into(),
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
            // On the server: what was sent cannot be read. In the browser: what came back cannot.
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
