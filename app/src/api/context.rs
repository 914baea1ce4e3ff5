//! Helpers of server functions: the caller, its permissions, the time zone, and the mapping of
//! errors to HTTP statuses.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use clientele::domain::{Action, Actor, AgentId, IdempotencyKey, Mode, Timestamp, Viewer};
use clientele::store::Store;
use http::request::Parts;
use http::{Method, StatusCode};
use jiff::tz::TimeZone;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::dates::LocalMoment;
use crate::error::{AppError, Code};
use crate::server::state::{AppState, Caller};
pub use crate::server::zone::zone;

/// Runs the body of a server function. On failure, adds the request ID to the error and sets the
/// HTTP status of the response (or of the page that is being rendered).
pub async fn answer<T>(work: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let options = use_context::<ResponseOptions>();
    let request =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().map(|caller| caller.request.clone()));
    // A form post without JavaScript is answered with a redirect to the form, which shows the
    // error. The status of that redirect must not be changed here.
    let led_back = use_context::<Parts>().is_some_and(|parts| parts.method == Method::POST && accepts_html(&parts));
    work.await.map_err(|error| {
        if let Some(options) = options.filter(|_| !led_back) {
            options.set_status(StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        }
        AppError { request, ..error }
    })
}

fn accepts_html(parts: &Parts) -> bool {
    let accepted = parts.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Returns the state that the server provides.
///
/// # Errors
/// [`Code::Internal`] outside a request.
pub fn state() -> Result<AppState, AppError> {
    use_context::<AppState>().ok_or_else(|| Code::Internal.into())
}

/// Returns the store.
///
/// # Errors
/// As [`state`].
pub fn store() -> Result<Arc<Store>, AppError> {
    Ok(state()?.store)
}

/// Returns the caller of the current request, signed in or not.
///
/// # Errors
/// [`Code::Internal`] outside a request.
pub fn caller() -> Result<Caller, AppError> {
    let parts = use_context::<Parts>().ok_or(Code::Internal)?;
    parts.extensions.get::<Caller>().cloned().ok_or_else(|| Code::Internal.into())
}

/// Returns the signed-in agent as a viewer in `mode`, if `action` is allowed there.
///
/// # Errors
/// [`Code::SignedOut`], [`Code::PageOff`] or [`Code::Forbidden`].
pub fn viewer_who_may(action: Action, mode: Mode) -> Result<Viewer, AppError> {
    let viewer = caller()?.viewer(mode, store()?.settings()).ok_or(Code::SignedOut)?;
    if viewer.may(action) {
        return Ok(viewer);
    }
    Err(if viewer.is_page_off_for(action) { Code::PageOff } else { Code::Forbidden }.into())
}

/// Returns the agent as the actor of an event.
pub fn actor(viewer: &Viewer) -> Actor {
    Actor::Agent(viewer.agent.id)
}

/// Returns the names of all agents by ID.
///
/// # Errors
/// [`Code::Unavailable`] if the database does not answer.
pub async fn names(store: &Store) -> Result<HashMap<AgentId, String>, AppError> {
    Ok(store.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect())
}

/// Returns the idempotency key of a request, bound to the calling agent.
///
/// # Errors
/// The errors of [`IdempotencyKey::new`].
pub fn idempotency_key(viewer: &Viewer, key: String) -> Result<IdempotencyKey, AppError> {
    Ok(IdempotencyKey::new(viewer.agent.id, key)?)
}

/// Formats a timestamp in a time zone: `2026-11-18 09:30`.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Returns a timestamp with its text in a time zone.
pub fn moment(at: Timestamp, zone: &TimeZone) -> LocalMoment {
    LocalMoment(at, local(at, zone))
}
