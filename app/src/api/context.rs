//! What server functions share: who calls, under which rules, and how a failure becomes a status.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use clientele::domain::{Action, Actor, Agent, AgentId, Error, Mode, Reason, Timestamp, Viewer};
use clientele::store::{Request, Store};
use http::request::Parts;
use http::{Method, StatusCode};
use jiff::tz::TimeZone;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::dates::LocalMoment;
use crate::error::{AppError, Code};
use crate::state::{AppState, Caller};

/// Runs a server function's work. A failure gets the request's id, and the response (or the page that is being
/// rendered) gets the failure's status.
pub async fn answer<T>(work: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let options = use_context::<ResponseOptions>();
    let request =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().map(|caller| caller.request.clone()));
    // A form that was sent without a script is led back to its page, which says what was wrong: that is a status too.
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

/// What the server provided.
///
/// # Errors
/// [`Code::Internal`] outside a request.
pub fn state() -> Result<AppState, AppError> {
    use_context::<AppState>().ok_or_else(|| Code::Internal.into())
}

/// The database and the index.
///
/// # Errors
/// As [`state`].
pub fn store() -> Result<Arc<Store>, AppError> {
    Ok(state()?.store)
}

/// Who calls, signed in or not.
///
/// # Errors
/// [`Code::Internal`] outside a request.
pub fn caller() -> Result<Caller, AppError> {
    let parts = use_context::<Parts>().ok_or(Code::Internal)?;
    parts.extensions.get::<Caller>().cloned().ok_or_else(|| Code::Internal.into())
}

/// Who is signed in.
///
/// # Errors
/// [`Code::SignedOut`].
pub fn agent() -> Result<Agent, AppError> {
    caller()?.agent.ok_or_else(|| Code::SignedOut.into())
}

/// Who is signed in, in a mode, if that may be done there.
///
/// # Errors
/// [`Code::SignedOut`], [`Code::PageOff`] or [`Code::Forbidden`].
pub fn viewer_who_may(action: Action, mode: Mode) -> Result<Viewer, AppError> {
    let viewer = Viewer { agent: agent()?, mode, settings: store()?.settings() };
    if viewer.may(action) {
        return Ok(viewer);
    }
    let of_page = matches!(action, Action::ListCustomers | Action::EditCustomers | Action::CreateTags);
    let off = of_page && !viewer.settings.customers_page_in_agent_mode && mode == Mode::Agent && !viewer.agent.disabled;
    Err(if off { Code::PageOff } else { Code::Forbidden }.into())
}

/// The agent as the event log names it.
pub fn actor(viewer: &Viewer) -> Actor {
    Actor::Agent(viewer.agent.id)
}

/// What agents are called.
///
/// # Errors
/// What the database says.
pub async fn names(store: &Store) -> Result<HashMap<AgentId, String>, AppError> {
    Ok(store.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect())
}

/// A request that is carried out once, under the key the client gave it.
///
/// # Errors
/// `Refused` at `request` for a key that is not 1 to 64 characters.
pub fn request_of(viewer: &Viewer, key: String) -> Result<Request, AppError> {
    const MOST: usize = 64;
    if key.is_empty() || key.chars().count() > MOST {
        return Err(Error::field("request", Reason::Malformed).into());
    }
    Ok(Request { key, agent: viewer.agent.id })
}

/// Now.
pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// The time zone the browser said it is in, or the deployment's.
///
/// # Errors
/// As [`state`].
pub fn zone() -> Result<TimeZone, AppError> {
    let parts = use_context::<Parts>();
    let named = parts.and_then(|parts| crate::cookies::value(&parts.headers, crate::browser::ZONE_COOKIE));
    match named.as_deref().and_then(zone_named) {
        Some(zone) => Ok(zone),
        None => Ok(state()?.default_zone),
    }
}

/// Returns the zone with a name, as a browser's cookie has it. Hardened browsers say `Etc/Unknown`, which says nothing.
fn zone_named(name: &str) -> Option<TimeZone> {
    TimeZone::get(&name.replace("%2F", "/")).ok().filter(|zone| !zone.is_unknown())
}

/// A moment as it is read in a zone: `2026-11-18 09:30`.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A moment with how it is read in a zone.
pub fn moment(at: Timestamp, zone: &TimeZone) -> LocalMoment {
    LocalMoment(at, local(at, zone))
}

#[cfg(test)]
mod tests {
    use super::zone_named;

    #[test]
    fn a_zone_that_says_nothing_is_none() {
        for name in ["Asia/Shanghai", "Asia%2FShanghai", "Europe/Kyiv", "Asia/Calcutta", "America/Ciudad_Juarez"] {
            assert!(zone_named(name).is_some(), "{name}");
        }
        for name in ["Etc/Unknown", "etc/unknown", "GMT+8", "", &"A".repeat(5000)] {
            assert!(zone_named(name).is_none(), "{name:.20}");
        }
    }
}
