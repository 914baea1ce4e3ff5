//! The built-in web channel: `/chat`, a page for visitors. What they write takes the same way as what other channels deliver.
//! It works without a script, and with one it is live.
//!
//! A visitor is known by a random token; the customer ID is made of its hash. The token is kept in a cookie. To a browser that
//! sends none back, the page carries it: see `visitor.rs`. What a blacklisted visitor writes is held, and looks sent.

mod limiter;
mod live;
mod page;
mod view;
mod visitor;
mod write;

use std::convert::Infallible;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use clientele::domain::{Customer, Timestamp};
use clientele::store::{Store, StoreError};
use clientele_app::chat::Words;
use clientele_app::error::AppError;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ServerState;
pub use limiter::VisitorLimiter;
use page::{Asked, Typed};
use view::Chat;
use visitor::Visitor;

/// The page's routes.
pub fn routes() -> Router<ServerState> {
    Router::new()
        .route("/chat", get(show).post(show_again))
        .route("/chat/messages", get(read).post(write::write))
        .route("/chat/events", get(live::listen))
        .route("/chat/rating", post(write::rate))
        .route("/chat/leave", post(write::leave))
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// The page. The first look at it makes a visitor of whoever looks, so that a message whose answer is lost can be sent again by
/// the same one, and notes where the visitor came from. A customer it becomes by writing.
async fn show(
    State(state): State<ServerState>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    // Whatever a page that embeds the chat says of itself, the visitor can write.
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let visitor = Visitor::of(&state, &headers).unwrap_or_else(Visitor::new);
    let Ok(chat) = of_visitor(&state, Some(&visitor)).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut answer = page::show(&state, &Words::of(&headers), &visitor, &chat, &Typed::default());
    visitor.tell(&state, answer.headers_mut());
    if let Some(cookie) = visitor::first_look(&state, &headers, &asked) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// The form by which a browser without cookies asks for the page again: its address must not name the visitor.
#[derive(Debug, Default, Deserialize)]
struct Again {
    #[serde(default)]
    visitor: String,
}

async fn show_again(State(state): State<ServerState>, headers: HeaderMap, Sent(again): Sent<Again>) -> Response {
    let visitor = Visitor::of_form(&state, &headers, &again.unwrap_or_default().visitor);
    done(&state, &headers, &visitor.unwrap_or_else(Visitor::new)).await
}

async fn read(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let visitor = Visitor::of(&state, &headers);
    let Ok(chat) = of_visitor(&state, visitor.as_ref()).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut answer = Json(chat).into_response();
    if let Some(visitor) = visitor {
        visitor.tell(&state, answer.headers_mut());
    }
    answer
}

async fn of_visitor(state: &ServerState, visitor: Option<&Visitor>) -> Result<Chat, StoreError> {
    match customer(&state.app.store, visitor).await? {
        Some(customer) => Chat::of(&state.app.store, &customer, now()).await,
        None => Ok(Chat::default()),
    }
}

/// The customer that the visitor became, if it has written.
async fn customer(store: &Store, visitor: Option<&Visitor>) -> Result<Option<Customer>, StoreError> {
    let Some(visitor) = visitor else { return Ok(None) };
    match store.customer_by_id(&visitor.id()).await {
        Ok(customer) => Ok(Some(customer)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the page's form or its script sends; nothing when it cannot be read.
struct Sent<T>(Option<T>);

impl<T: DeserializeOwned> FromRequest<ServerState> for Sent<T> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Infallible> {
        Ok(Self(if by_script(request.headers()) {
            Json::<T>::from_request(request, state).await.ok().map(|Json(sent)| sent)
        } else {
            Form::<T>::from_request(request, state).await.ok().map(|Form(sent)| sent)
        }))
    }
}

fn by_script(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}

/// Returns the status that every part of the server gives an error. A conflict with others is one that sending again solves.
fn status(error: StoreError) -> StatusCode {
    if error == StoreError::Conflict {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::from_u16(AppError::from(error).code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Answers what was taken. A form is led back to the page, and gets it at once where the visitor would not be known there: without
/// a cookie, only the page that answers a form can carry it.
async fn done(state: &ServerState, headers: &HeaderMap, visitor: &Visitor) -> Response {
    let mut answer = if by_script(headers) {
        StatusCode::NO_CONTENT.into_response()
    } else if visitor.has_cookie() {
        Redirect::to("/chat").into_response()
    } else {
        match of_visitor(state, Some(visitor)).await {
            Ok(chat) => page::show(state, &Words::of(headers), visitor, &chat, &Typed::default()),
            Err(error) => status(error).into_response(),
        }
    };
    visitor.tell(state, answer.headers_mut());
    answer
}

/// Answers what was not taken. The script keeps what was typed and says what was wrong; who has none gets the page again that does
/// both.
async fn refuse(
    state: &ServerState,
    headers: &HeaderMap,
    visitor: &Visitor,
    refused: StatusCode,
    mut typed: Typed,
) -> Response {
    let mut answer = if by_script(headers) {
        refused.into_response()
    } else {
        let words = Words::of(headers);
        typed.error = match refused {
            StatusCode::TOO_MANY_REQUESTS => words.too_many,
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => words.refused,
            _ => words.failed,
        };
        let chat = of_visitor(state, Some(visitor)).await.unwrap_or_default();
        (refused, page::show(state, &words, visitor, &chat, &typed)).into_response()
    };
    visitor.tell(state, answer.headers_mut());
    answer
}
