//! Handlers of the visitor's writes: send a message, rate a conversation, leave the chat.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use clientele::domain::{Channel, Message, MessageId, Profile, Rating, Timestamp, VisitorChat};
use clientele::store::{Delivery, Store};
use clientele_app::server::state::Caller;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::page::Typed;
use super::visitor::{self, Visitor};
use super::{Sent, customer, done, refuse, status, view};
use crate::ServerState;

/// Request body: a message.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    /// Id that the page chose. It makes retries idempotent: the same id is one message.
    id: String,
    text: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    visitor: String,
}

pub(super) async fn write(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Sent(written): Sent<Written>,
) -> Response {
    let named = written.as_ref().map(|own| own.visitor.as_str()).unwrap_or_default();
    let known = Visitor::of_form(&state, &headers, named);
    let visitor = known.unwrap_or_else(Visitor::new);
    let Some(written) = written else {
        return refuse(&state, &headers, &visitor, StatusCode::UNPROCESSABLE_ENTITY, Typed::default()).await;
    };
    let typed = |id: &str| Typed {
        id: id.to_owned(),
        text: written.text.clone(),
        name: written.name.clone(),
        ..Typed::default()
    };
    let id = MessageId::of_visitor(&visitor.id(), &written.id);
    let (Ok(id), Ok(text)) = (id, Message::parse(&written.text)) else {
        return refuse(&state, &headers, &visitor, StatusCode::UNPROCESSABLE_ENTITY, typed("")).await;
    };
    let allowed = match customer(&state.app.store, Some(&visitor)).await {
        Ok(Some(_)) => state.visitors.allow(&visitor, caller.address),
        Ok(None) => state.visitors.allow_new(&state.app.store, caller.address),
        Err(error) => return refuse(&state, &headers, &visitor, status(error), typed(&written.id)).await,
    };
    if !allowed {
        return refuse(&state, &headers, &visitor, StatusCode::TOO_MANY_REQUESTS, typed("")).await;
    }
    let delivery = Delivery {
        channel: Channel::Web,
        id,
        customer: visitor.id(),
        text,
        at: state.app.store.now(),
        profile: Profile { nickname: written.name.clone(), ..Profile::default() },
        visitor: Some(visitor::info(&headers, caller.address)),
    };
    match state.app.store.deliver(&delivery, state.app.store.now()).await {
        // The response is the same for held messages.
        Ok(_) => done(&state, &headers, &visitor).await,
        // The message may have been stored nevertheless; sent again under its id, it stays one message.
        Err(error) => refuse(&state, &headers, &visitor, status(error), typed(&written.id)).await,
    }
}

/// Request body: a rating of the conversation that ended at a certain time. Another conversation
/// may have started since.
#[derive(Debug, Deserialize)]
pub(super) struct Rated {
    /// In milliseconds since 1970: the value of [`Chat::to_rate`](view::Chat::to_rate).
    ended: i64,
    stars: u8,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    visitor: String,
}

pub(super) async fn rate(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Sent(rated): Sent<Rated>,
) -> Response {
    let named = rated.as_ref().map(|own| own.visitor.as_str()).unwrap_or_default();
    let known = Visitor::of_form(&state, &headers, named);
    let allowed = known.as_ref().is_none_or(|visitor| state.visitors.allow(visitor, caller.address));
    let visitor = known.unwrap_or_else(Visitor::new);
    let typed = match &rated {
        Some(own) => {
            Typed { ended: Some(own.ended), stars: own.stars, comment: own.comment.clone(), ..Typed::default() }
        }
        None => Typed::default(),
    };
    let taken = match rated
        .and_then(|own| Some((own.ended, Rating::new(own.stars, &own.comment, state.app.store.now()).ok()?)))
    {
        _ if !allowed => Err(StatusCode::TOO_MANY_REQUESTS),
        None => Err(StatusCode::UNPROCESSABLE_ENTITY),
        Some((ended, rating)) => take_rating(&state.app.store, &visitor, Timestamp(ended), &rating).await,
    };
    match taken {
        Ok(()) => done(&state, &headers, &visitor).await,
        Err(refused) => refuse(&state, &headers, &visitor, refused, typed).await,
    }
}

/// Stores the rating of the conversation that ended at this time. Later messages are ignored,
/// delivered or held; otherwise the response would reveal which of them are held.
async fn take_rating(store: &Store, visitor: &Visitor, ended: Timestamp, rating: &Rating) -> Result<(), StatusCode> {
    let customer = customer(store, Some(visitor)).await.map_err(status)?.ok_or(StatusCode::NOT_FOUND)?;
    let newest = customer.conversations;
    let found = store
        .conversations(customer.key, newest.saturating_sub(VisitorChat::RATEABLE) + 1, newest)
        .await
        .map_err(status)?;
    let over = found.iter().rev().find(|own| own.ended_at == Some(ended) && own.can_be_rated());
    let number = over.ok_or(StatusCode::CONFLICT)?.number;
    store.rate(customer.key, number, rating, store.now()).await.map_err(status)
}

/// Request body: the visitor leaves the chat.
#[derive(Debug, Deserialize)]
pub(super) struct Left {
    /// Time at which the visitor saw the chat: the value of [`Chat::seen`](view::Chat::seen). A
    /// chat that started later is not ended.
    seen: i64,
    #[serde(default)]
    visitor: String,
}

pub(super) async fn leave(State(state): State<ServerState>, headers: HeaderMap, Sent(left): Sent<Left>) -> Response {
    let store = &state.app.store;
    let named = left.as_ref().map(|own| own.visitor.as_str()).unwrap_or_default();
    let visitor = Visitor::of_form(&state, &headers, named).unwrap_or_else(Visitor::new);
    let Some(left) = left else {
        return refuse(&state, &headers, &visitor, StatusCode::UNPROCESSABLE_ENTITY, Typed::default()).await;
    };
    let ended = match customer(store, Some(&visitor)).await {
        Ok(Some(customer)) => match view::began(store, &customer).await {
            Ok(Some(began)) if began.0 <= left.seen => store.leave(customer.key, None, state.app.store.now()).await,
            other => other.map(drop),
        },
        other => other.map(drop),
    };
    match ended {
        Ok(()) => done(&state, &headers, &visitor).await,
        Err(error) => refuse(&state, &headers, &visitor, status(error), Typed::default()).await,
    }
}
