//! The event stream of an open page, as server-sent events:
//!
//! - `customer`: a customer in the agent's scope changed:
//!   `{"customer":7,"kind":"…","conversation":2,"message":9}`.
//! - `held`: such a customer wrote while blacklisted: `{"customer":7}`. The page shows no
//!   notification.
//! - `desk`: the open conversations changed. `tags`, `agents`, `keys`: the tags, agents, or keys of
//!   channels and hosts changed.
//! - `settings`: the settings changed. `signed_out`: the session has ended; it is the last event. If an
//!   embed token merely expires, the stream ends without it, and the client reconnects with another token.
//! - `hello`: the current position of the stream. `resync`: events were missed; the page reloads
//!   all its data.
//! - `beat`: keep-alive on an idle connection.
//!
//! An event's id is the stream position after it. On reconnect the browser sends the last id as
//! `Last-Event-ID` and receives every event since then, once. A client that cannot send headers
//! passes it as `after` in the URL.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use clientele::domain::{Action, Actor, AgentId, EventKind, Mode, Settings, Viewer};
use clientele::store::{Lagged, Missed, Position, Published, Store, StoreError, Subscription};
use clientele_app::server::state::{Caller, Credential};
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Interval;

use crate::ServerState;
use crate::shutdown::Shutdown;
use crate::streams::StreamPermit;

/// Interval of `beat` events on an idle stream; they let both sides detect a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Interval at which the session of an open page is checked.
const SESSION_CHECK: Duration = Duration::from_secs(1);
/// Streams that an agent may have open at a time: one per tab, and some dead ones that are not detected yet.
const MAX_STREAMS: u32 = 32;

/// Query parameters of the URL.
#[derive(Debug, Deserialize)]
pub struct EventsQuery {
    /// Mode of the page.
    mode: Mode,
    /// Position after which events are sent; empty for events from now on.
    #[serde(default)]
    after: String,
}

/// State of one open event stream.
struct Listener {
    store: Arc<Store>,
    viewer: Viewer,
    credential: Credential,
    events: Subscription,
    settings: watch::Receiver<Settings>,
    /// `false` until the index can answer list queries. When it becomes `true`, the page gets a `resync`.
    warm: bool,
    shutdown: Shutdown,
    check: Interval,
    _counted: StreamPermit<AgentId>,
}

/// State of a credential.
enum Standing {
    Valid,
    /// The embed token has reached its end. The host may have another one for the same agent.
    Expired,
    /// Signed out, revoked, or the agent was disabled.
    Ended,
}

/// Handles `GET /events`.
pub async fn stream(
    State(state): State<ServerState>,
    Query(asked): Query<EventsQuery>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let store = state.app.store.clone();
    let (Some(viewer), Some(credential)) = (caller.viewer(asked.mode, store.settings()), caller.credential) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if !viewer.may(Action::Listen) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(counted) = state.streams.open(viewer.agent.id, MAX_STREAMS) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    // On reconnect, the `Last-Event-ID` is newer than the position in the page's URL.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let last = last.or(Some(asked.after.as_str()).filter(|after| !after.is_empty()));
    let (missed, position, events) = store.subscribe(last.and_then(Position::parse));
    let listener = Listener {
        events,
        settings: store.watch_settings(),
        viewer,
        credential,
        warm: store.is_warm(),
        shutdown: state.shutdown.clone(),
        check: tokio::time::interval(SESSION_CHECK),
        _counted: counted,
        store,
    };
    let first = match (last, missed) {
        (None, _) => vec![named("hello").id(position.to_string())],
        // An unreadable position is treated like one from before a restart.
        (Some(text), _) if Position::parse(text).is_none() => listener.resync(),
        (Some(_), Missed::TooMany) => listener.resync(),
        (Some(_), Missed::All(missed)) => {
            let events = missed.iter().flat_map(|published| listener.events_for(published));
            events.chain([named("hello").id(position.to_string())]).collect()
        }
    };
    let events = stream::iter(first).chain(listener.listen()).map(Ok::<_, Infallible>);
    // Sent as an event because scripts cannot see comments, and need it to detect a dead connection.
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).event(named("beat"));
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(keep_alive)).into_response()
}

impl Listener {
    /// Makes the page reload all its data. The position is taken first, so that no later event is missed.
    fn resync(&self) -> Vec<SseEvent> {
        vec![named("resync").id(self.store.position().to_string())]
    }

    fn listen(self) -> impl Stream<Item = SseEvent> {
        let heard = stream::unfold(Some(self), async |listener| {
            let mut listener = listener?;
            let (sent, is_open) = listener.next_events().await?;
            Some((stream::iter(sent), is_open.then_some(listener)))
        });
        heard.flatten()
    }

    /// Waits for the next events to send. Returns `false` with them if they are the last, and
    /// `None` at the end of the stream.
    async fn next_events(&mut self) -> Option<(Vec<SseEvent>, bool)> {
        loop {
            tokio::select! {
                changed = self.settings.changed() => {
                    changed.ok()?;
                    self.settings.mark_unchanged();
                    return Some((vec![named("settings")], true));
                }
                () = self.store.warmed(), if !self.warm => {
                    self.warm = true;
                    return Some((self.resync(), true));
                }
                heard = self.events.next() => match heard {
                    Ok(Some(published)) => {
                        let events = self.events_for(&published);
                        if !events.is_empty() {
                            return Some((events, true));
                        }
                    }
                    Ok(None) => return None,
                    Err(Lagged) => return Some((self.resync(), true)),
                },
                () = self.shutdown.started() => return None,
                _ = self.check.tick() => {
                    // If the database is unavailable, the stream stays open.
                    match standing(&self.store, &self.credential).await.unwrap_or(Standing::Valid) {
                        Standing::Valid => {}
                        Standing::Expired => return None,
                        Standing::Ended => return Some((vec![named("signed_out")], false)),
                    }
                }
            }
        }
    }

    /// Returns the events to send to this page for one published event.
    fn events_for(&self, published: &Published) -> Vec<SseEvent> {
        let event = &published.event;
        // Uses the current settings, so that no event is sent after the permission for it was
        // removed but before the stream noticed the change.
        let viewer = Viewer { settings: self.store.settings(), ..self.viewer.clone() };
        let mut events = Vec::new();
        if let Some(customer) = event.customer
            && viewer.may(Action::ListCustomers)
            && published.is_in_scope(viewer.scope())
        {
            let about = json!({
                "customer": customer,
                "kind": event.kind,
                "conversation": event.conversation,
                "message": event.message,
            });
            events.push(match event.kind {
                EventKind::MessageHeld => {
                    SseEvent::default().event("held").data(json!({ "customer": customer }).to_string())
                }
                _ => SseEvent::default().event("customer").data(about.to_string()),
            });
        }
        events.extend(match event.kind {
            kind if kind.changes_desk() => Some(named("desk")),
            // Shows the agent's own reply in the agent's other tabs. Without the Customers page, no
            // other event tells them about it.
            EventKind::MessageSent if event.actor == Actor::Agent(viewer.agent.id) => Some(named("desk")),
            EventKind::TagCreated => Some(named("tags")),
            EventKind::AgentChanged => Some(named("agents")),
            EventKind::ChannelKeyChanged | EventKind::EmbedKeyChanged if viewer.may(Action::EditSettings) => {
                Some(named("keys"))
            }
            _ => None,
        });
        events.into_iter().map(|sent| sent.id(published.position.to_string())).collect()
    }
}

/// Returns what became of the credential that a stream was opened with.
async fn standing(store: &Store, credential: &Credential) -> Result<Standing, StoreError> {
    let now = store.now();
    let valid = match credential {
        Credential::Session(token) => store.unused_session(token, now).await?.is_some(),
        Credential::Embed { expires_at, .. } if now >= *expires_at => return Ok(Standing::Expired),
        Credential::Embed { token, .. } => store.embed_session(token, now).await?.is_some(),
        Credential::InvalidToken => false,
    };
    Ok(if valid { Standing::Valid } else { Standing::Ended })
}

/// Creates an event with a name and empty data.
fn named(name: &str) -> SseEvent {
    // Browsers ignore events without data.
    SseEvent::default().event(name).data("{}")
}
