//! The event stream of an open page, as server-sent events:
//!
//! - `customer`: something changed about a customer the agent may see: `{"customer":7,"kind":"…","conversation":2,"message":9}`.
//! - `held`: such a customer wrote while on the blacklist: `{"customer":7}`. Nobody is to be notified of it.
//! - `desk`: the open conversations changed. `tags`, `agents`, `keys`: the tags, agents, or channel keys changed.
//! - `settings`: an admin changed what the page may show. `signed_out`: the session has ended; the stream ends with it.
//! - `hello`: the position of the stream. `resync`: events were missed; the page reads everything anew.
//! - `beat`: nothing happened for a while, and the connection is there.
//!
//! Events have the position behind them as their id. On reconnect the browser sends the last one as `Last-Event-ID`, or a client
//! that cannot send headers as `after` in the URL, and receives every event since then, once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use clientele::domain::{Action, Actor, AgentId, EventKind, Mode, Settings, Timestamp, Viewer};
use clientele::store::{Behind, Listening, Missed, Position, Published, SessionToken, Store};
use clientele_app::state::Caller;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Interval;

use crate::ServerState;
use crate::shutdown::Shutdown;
use crate::streams::Counted;

/// Sent when nothing else is, so that a dead connection shows.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Interval at which the session of an open page is checked.
const SESSION_CHECK: Duration = Duration::from_secs(1);
/// Streams that an agent may have open at a time: a stream for each of many tabs, and some that are dead and not noticed yet.
const MOST_STREAMS: u32 = 32;

/// Parameters of the URL.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The mode the page is in.
    mode: Mode,
    /// Position from which on the page wants to be told.
    #[serde(default)]
    after: String,
}

/// A page that listens.
struct Listener {
    store: Arc<Store>,
    viewer: Viewer,
    token: SessionToken,
    events: Listening,
    settings: watch::Receiver<Settings>,
    /// `false` while the server cannot answer lists yet; when it can, the page reads everything anew.
    warm: bool,
    shutdown: Shutdown,
    check: Interval,
    _counted: Counted<AgentId>,
}

/// Handles `GET /events`.
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
    let Some(counted) = state.streams.open(viewer.agent.id, MOST_STREAMS) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    // What the browser heard last counts more than what the page was loaded with.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let last = last.or(Some(asked.after.as_str()).filter(|after| !after.is_empty()));
    let (missed, position, events) = store.listen(last.and_then(Position::parse));
    let listener = Listener {
        events,
        settings: store.watch_settings(),
        viewer,
        token,
        warm: store.is_warm(),
        shutdown: state.shutdown.clone(),
        check: tokio::time::interval(SESSION_CHECK),
        _counted: counted,
        store,
    };
    let first = match (last, missed) {
        (None, _) => vec![named("hello").id(position.to_string())],
        // A position that cannot be read is one of another time.
        (Some(text), _) if Position::parse(text).is_none() => listener.resync(),
        (Some(_), Missed::TooMany) => listener.resync(),
        (Some(_), Missed::All(missed)) => {
            let told = missed.iter().flat_map(|published| listener.told(published));
            told.chain([named("hello").id(position.to_string())]).collect()
        }
    };
    let events = stream::iter(first).chain(listener.listen()).map(Ok::<_, Infallible>);
    // An event and no comment: scripts see only events, and have to see that a connection is dead.
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).event(named("beat"));
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(keep_alive)).into_response()
}

impl Listener {
    /// Makes the page read everything anew, from a position that is taken before it does.
    fn resync(&self) -> Vec<Sent> {
        vec![named("resync").id(self.store.position().to_string())]
    }

    fn listen(self) -> impl Stream<Item = Sent> {
        let heard = stream::unfold(Some(self), async |listener| {
            let mut listener = listener?;
            let (sent, goes_on) = listener.hear().await?;
            Some((stream::iter(sent), goes_on.then_some(listener)))
        });
        heard.flatten()
    }

    /// Waits for what is to be sent next; returns it, and `false` if it is the last. `None` at the end.
    async fn hear(&mut self) -> Option<(Vec<Sent>, bool)> {
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
                        let told = self.told(&published);
                        if !told.is_empty() {
                            return Some((told, true));
                        }
                    }
                    Ok(None) => return None,
                    Err(Behind) => return Some((self.resync(), true)),
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

    /// Returns what this page is told of an event.
    fn told(&self, published: &Published) -> Vec<Sent> {
        let event = &published.event;
        // The settings as they are now: an event must not slip through between a change of them and hearing of it.
        let viewer = Viewer { settings: self.store.settings(), ..self.viewer.clone() };
        let mut told = Vec::new();
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
            told.push(match event.kind {
                EventKind::MessageHeld => {
                    Sent::default().event("held").data(json!({ "customer": customer }).to_string())
                }
                _ => Sent::default().event("customer").data(about.to_string()),
            });
        }
        told.extend(match event.kind {
            kind if kind.changes_desk() => Some(named("desk")),
            // The agent's own reply, for the agent's other tabs: without the Customers page nothing else tells them.
            EventKind::MessageSent if event.actor == Actor::Agent(viewer.agent.id) => Some(named("desk")),
            EventKind::TagCreated => Some(named("tags")),
            EventKind::AgentChanged => Some(named("agents")),
            EventKind::ChannelKeyChanged if viewer.may(Action::EditSettings) => Some(named("keys")),
            _ => None,
        });
        told.into_iter().map(|sent| sent.id(published.position.to_string())).collect()
    }
}

/// Makes an event that is nothing but its name.
fn named(name: &str) -> Sent {
    // A browser drops events without data.
    Sent::default().event(name).data("{}")
}
