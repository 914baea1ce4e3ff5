//! What open pages are told, as server-sent events:
//!
//! - `customer`: something changed about a customer the agent may see: `{"customer":7,"kind":"…","conversation":2,"message":9}`.
//! - `desk`: which conversations are open changed.
//! - `settings`: an admin changed what the page may show. `signed_out`: the session has ended; the stream ends with it.
//! - `hello`: where the log is now.
//! - `resync`: too much was missed to be told again; the page asks for everything anew.
//!
//! Those about customers and the desk have the id of their event in the log. A browser that connects again says the last id it
//! saw, and is told what came since; some of it twice, since ids sort by when a change began and not by when it was committed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use clientele::domain::{Action, Event, EventKind, Mode, Settings, Timestamp, Viewer};
use clientele::store::{Missed, SessionToken, Store};
use clientele_app::state::Caller;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::Interval;

use crate::ServerState;
use crate::shutdown::Shutdown;

/// Sent when nothing else is, so that a dead connection shows.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often the session of an open page is looked at.
const SESSION_CHECK: Duration = Duration::from_secs(1);

/// What the page says of itself.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The mode it is in.
    mode: Mode,
}

/// A page that listens.
struct Listener {
    store: Arc<Store>,
    viewer: Viewer,
    token: SessionToken,
    events: broadcast::Receiver<Event>,
    settings: watch::Receiver<Settings>,
    shutdown: Shutdown,
    check: Interval,
}

/// The events of a signed-in page.
pub async fn stream(
    State(state): State<ServerState>,
    Query(asked): Query<Asked>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let (Some(agent), Some(token)) = (caller.agent, caller.token) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let store = state.app.store.clone();
    let viewer = Viewer { agent, mode: asked.mode, settings: store.settings() };
    if !viewer.may(Action::Listen) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let listener = Listener {
        events: store.subscribe(),
        settings: store.watch_settings(),
        viewer,
        token,
        shutdown: state.shutdown.clone(),
        check: tokio::time::interval(SESSION_CHECK),
        store,
    };
    // Subscribed before the log is read: nothing falls between the two.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let missed = listener.missed(last).await;
    let events = stream::iter(missed).chain(listener.listen()).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(keep_alive)).into_response()
}

impl Listener {
    /// What came since the last event the browser saw.
    async fn missed(&self, last: &str) -> Vec<Sent> {
        if last.is_empty() {
            // So that a browser that loses the connection before anything happens knows from when on it missed something.
            return vec![named("hello").id(Store::log_position())];
        }
        match self.store.events_since(last).await {
            Ok(Missed::All(events)) => events.iter().flat_map(|event| self.told(event)).collect(),
            Ok(Missed::TooMany) | Err(_) => vec![named("resync")],
        }
    }

    fn listen(self) -> impl Stream<Item = Sent> {
        let heard = stream::unfold(Some(self), async |listener| {
            let mut listener = listener?;
            let (sent, goes_on) = listener.hear().await?;
            Some((stream::iter(sent), goes_on.then_some(listener)))
        });
        heard.flatten()
    }

    /// What is to be sent next, and whether there is more to come; nothing at the end.
    async fn hear(&mut self) -> Option<(Vec<Sent>, bool)> {
        loop {
            tokio::select! {
                changed = self.settings.changed() => {
                    changed.ok()?;
                    self.viewer.settings = self.settings.borrow_and_update().clone();
                    return Some((vec![named("settings")], true));
                }
                event = self.events.recv() => match event {
                    Ok(event) => {
                        let told = self.told(&event);
                        if !told.is_empty() {
                            return Some((told, true));
                        }
                    }
                    Err(RecvError::Lagged(_)) => return Some((vec![named("resync")], true)),
                    Err(RecvError::Closed) => return None,
                },
                () = self.shutdown.begun() => return None,
                _ = self.check.tick() => {
                    let now = Timestamp::from(jiff::Timestamp::now());
                    // While the database is away the page keeps what it has.
                    if let Ok(None) = self.store.unused_session(&self.token, now).await {
                        return Some((vec![named("signed_out")], false));
                    }
                }
            }
        }
    }

    /// What this page is told of an event.
    fn told(&self, event: &Event) -> Vec<Sent> {
        let mut told = Vec::new();
        // What a blacklisted customer sends is nobody's news.
        let Some(customer) = event.customer.filter(|_| event.kind != EventKind::MessageHeld) else { return told };
        if self.viewer.may(Action::ListCustomers) && self.store.is_in_scope(self.viewer.scope(), customer) {
            let about = serde_json::json!({
                "customer": customer,
                "kind": event.kind,
                "conversation": event.conversation,
                "message": event.message,
            });
            told.push(Sent::default().event("customer").id(&event.id.0).data(about.to_string()));
        }
        if event.kind.changes_desk() {
            told.push(named("desk").id(&event.id.0));
        }
        told
    }
}

fn named(name: &str) -> Sent {
    // A browser drops events without data.
    Sent::default().event(name).data("{}")
}
