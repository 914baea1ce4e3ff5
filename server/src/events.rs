//! What open pages are told, as server-sent events: `settings` when an admin changed what the page may show,
//! `signed_out` when the session has ended.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use clientele::domain::Timestamp;
use clientele_app::state::Caller;
use futures::stream;
use http::StatusCode;

use crate::ServerState;

/// Sent when nothing else is, so that a dead connection shows.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often the session of an open page is looked at.
const SESSION_CHECK: Duration = Duration::from_secs(2);

/// The events of a signed-in page.
pub async fn stream(State(state): State<ServerState>, Extension(caller): Extension<Caller>) -> Response {
    let (Some(_), Some(token)) = (caller.agent, caller.token) else { return StatusCode::UNAUTHORIZED.into_response() };
    let settings = state.app.store.watch_settings();
    let shutdown = state.shutdown.clone();
    let store = state.app.store.clone();
    let open = Some((settings, shutdown, tokio::time::interval(SESSION_CHECK)));
    let events = stream::unfold(open, move |open| {
        let (store, token) = (store.clone(), token.clone());
        async move {
            let (mut settings, mut shutdown, mut check) = open?;
            loop {
                tokio::select! {
                    changed = settings.changed() => {
                        changed.ok()?;
                        return Some((named("settings"), Some((settings, shutdown, check))));
                    }
                    () = shutdown.begun() => return None,
                    _ = check.tick() => {
                        let now = Timestamp::from(jiff::Timestamp::now());
                        // While the database is away the page keeps what it has.
                        if let Ok(None) = store.session(&token, now).await {
                            return Some((named("signed_out"), None));
                        }
                    }
                }
            }
        }
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(keep_alive)).into_response()
}

fn named(name: &str) -> Result<Event, Infallible> {
    // A browser drops events without data.
    Ok(Event::default().event(name).data("{}"))
}
