//! The event stream of an open chat. It sends `thread` whenever something visible to the visitor
//! changes. The page then fetches its whole state, as it does after a reconnect, so no event has to
//! be replayed.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use clientele::domain::CustomerKey;
use clientele::store::{Lagged, Subscription};
use clientele_app::server::state::Caller;
use futures::stream;
use http::{HeaderMap, StatusCode};

use super::visitor::Visitor;
use crate::ServerState;
use crate::shutdown::Shutdown;
use crate::streams::StreamPermit;

/// Interval of keep-alive comments on an idle stream; they let both sides detect a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams that a visitor may have open at a time, one per tab.
const MAX_STREAMS: u32 = 16;

/// State of one open event stream.
struct Listener {
    own: CustomerKey,
    events: Subscription,
    shutdown: Shutdown,
    _counted: StreamPermit<CustomerKey>,
}

/// Handles `GET /chat/events`. Responds with 404 if the visitor has not written yet.
pub async fn listen(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    if !state.visitors.allow_stream(caller.address) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let store = &state.app.store;
    let (_, _, events) = store.subscribe(None);
    let own = match super::customer(store, Visitor::of(&state, &headers).as_ref()).await {
        Ok(Some(customer)) => customer.key,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let Some(counted) = state.chat_streams.open(own, MAX_STREAMS) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let listener = Listener { own, events, shutdown: state.shutdown.clone(), _counted: counted };
    let told = stream::unfold(listener, |mut listener| async move {
        listener
            .next_change()
            .await
            .then(|| (Ok::<_, Infallible>(SseEvent::default().event("thread").data("{}")), listener))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    ([("x-accel-buffering", "no")], Sse::new(told).keep_alive(keep_alive)).into_response()
}

impl Listener {
    /// Waits until something changes for the visitor. Returns `false` when the stream ends instead,
    /// because the server shuts down.
    async fn next_change(&mut self) -> bool {
        loop {
            tokio::select! {
                next = self.events.next() => match next {
                    Ok(Some(next)) if next.event.customer == Some(self.own) && next.event.changes_chat() => return true,
                    Ok(Some(_)) => {}
                    Ok(None) => return false,
                    // The missed events may have been about this visitor.
                    Err(Lagged) => return true,
                },
                () = self.shutdown.started() => return false,
            }
        }
    }
}
