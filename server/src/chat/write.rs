//! Handlers of the visitor's writes: send a message, rate a conversation, leave the chat.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use clientele::domain::{Channel, Message, MessageId, Profile, Rating, Timestamp, VisitorChat};
use clientele::store::{Delivery, Store};
use clientele_app::server::state::Caller;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::page::FormValues;
use super::visitor::{self, Visitor};
use super::{FormOrJson, customer, respond_done, respond_rejected, status, view};
use crate::ServerState;

/// Request body: a message.
#[derive(Debug, Deserialize)]
pub(super) struct MessageForm {
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
    FormOrJson(form): FormOrJson<MessageForm>,
) -> Response {
    let named = form.as_ref().map(|form| form.visitor.as_str()).unwrap_or_default();
    let known = Visitor::of_form(&state, &headers, named);
    let visitor = known.unwrap_or_else(Visitor::new);
    let Some(form) = form else {
        return respond_rejected(&state, &headers, &visitor, StatusCode::UNPROCESSABLE_ENTITY, FormValues::default())
            .await;
    };
    let typed = |id: &str| FormValues {
        id: id.to_owned(),
        text: form.text.clone(),
        name: form.name.clone(),
        ..FormValues::default()
    };
    let id = MessageId::of_visitor(&visitor.id(), &form.id);
    let (Ok(id), Ok(text)) = (id, Message::parse(&form.text)) else {
        return respond_rejected(&state, &headers, &visitor, StatusCode::UNPROCESSABLE_ENTITY, typed("")).await;
    };
    let allowed = match customer(&state.app.store, Some(&visitor)).await {
        Ok(Some(_)) => state.visitors.allow(&visitor, caller.address),
        Ok(None) => state.visitors.allow_new(&state.app.store, caller.address),
        Err(error) => return respond_rejected(&state, &headers, &visitor, status(error), typed(&form.id)).await,
    };
    if !allowed {
        return respond_rejected(&state, &headers, &visitor, StatusCode::TOO_MANY_REQUESTS, typed("")).await;
    }
    let delivery = Delivery {
        channel: Channel::Web,
        id,
        customer: visitor.id(),
        text,
        at: state.app.store.now(),
        profile: Profile { nickname: form.name.clone(), ..Profile::default() },
        visitor: Some(visitor::info(&headers, caller.address)),
    };
    match state.app.store.deliver(&delivery, state.app.store.now()).await {
        // The response is the same for held messages.
        Ok(_) => respond_done(&state, &headers, &visitor).await,
        // The message may have been stored nevertheless; sent again under its id, it stays one message.
        Err(error) => respond_rejected(&state, &headers, &visitor, status(error), typed(&form.id)).await,
    }
}

/// Request body: a rating of the conversation that ended at a certain time. Another conversation
/// may have started since.
#[derive(Debug, Deserialize)]
pub(super) struct RatingForm {
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
    FormOrJson(rated): FormOrJson<RatingForm>,
) -> Response {
    let named = rated.as_ref().map(|form| form.visitor.as_str()).unwrap_or_default();
    let known = Visitor::of_form(&state, &headers, named);
    let allowed = known.as_ref().is_none_or(|visitor| state.visitors.allow(visitor, caller.address));
    let visitor = known.unwrap_or_else(Visitor::new);
    let typed = match &rated {
        Some(form) => FormValues {
            ended: Some(form.ended),
            stars: form.stars,
            comment: form.comment.clone(),
            ..FormValues::default()
        },
        None => FormValues::default(),
    };
    let taken = match rated
        .and_then(|form| Some((form.ended, Rating::new(form.stars, &form.comment, state.app.store.now()).ok()?)))
    {
        _ if !allowed => Err(StatusCode::TOO_MANY_REQUESTS),
        None => Err(StatusCode::UNPROCESSABLE_ENTITY),
        Some((ended, rating)) => store_rating(&state.app.store, &visitor, Timestamp(ended), &rating).await,
    };
    match taken {
        Ok(()) => respond_done(&state, &headers, &visitor).await,
        Err(refused) => respond_rejected(&state, &headers, &visitor, refused, typed).await,
    }
}

/// Stores the rating of the conversation that ended at this time. Later messages are ignored,
/// delivered or held; otherwise the response would reveal which of them are held.
async fn store_rating(store: &Store, visitor: &Visitor, ended: Timestamp, rating: &Rating) -> Result<(), StatusCode> {
    let customer = customer(store, Some(visitor)).await.map_err(status)?.ok_or(StatusCode::NOT_FOUND)?;
    let newest = customer.conversations;
    let found = store
        .conversations(customer.key, newest.saturating_sub(VisitorChat::RATEABLE) + 1, newest)
        .await
        .map_err(status)?;
    let over =
        found.iter().rev().find(|conversation| conversation.ended_at == Some(ended) && conversation.can_be_rated());
    let number = over.ok_or(StatusCode::CONFLICT)?.number;
    store.rate(customer.key, number, rating, store.now()).await.map_err(status)
}

/// Request body: the visitor leaves the chat.
#[derive(Debug, Deserialize)]
pub(super) struct LeaveForm {
    /// Time at which the visitor saw the chat: the value of [`Chat::seen`](view::Chat::seen). A
    /// chat that started later is not ended.
    seen: i64,
    #[serde(default)]
    visitor: String,
}

pub(super) async fn leave(
    State(state): State<ServerState>,
    headers: HeaderMap,
    FormOrJson(left): FormOrJson<LeaveForm>,
) -> Response {
    let store = &state.app.store;
    let named = left.as_ref().map(|form| form.visitor.as_str()).unwrap_or_default();
    let visitor = Visitor::of_form(&state, &headers, named).unwrap_or_else(Visitor::new);
    let Some(left) = left else {
        return respond_rejected(&state, &headers, &visitor, StatusCode::UNPROCESSABLE_ENTITY, FormValues::default())
            .await;
    };
    let ended = match customer(store, Some(&visitor)).await {
        Ok(Some(customer)) => match view::chat_started_at(store, &customer).await {
            Ok(Some(began)) if began.0 <= left.seen => store.leave(customer.key, None, state.app.store.now()).await,
            other => other.map(drop),
        },
        other => other.map(drop),
    };
    match ended {
        Ok(()) => respond_done(&state, &headers, &visitor).await,
        Err(error) => respond_rejected(&state, &headers, &visitor, status(error), FormValues::default()).await,
    }
}
