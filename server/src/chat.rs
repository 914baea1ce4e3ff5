//! The built-in web channel: `/chat`, a page for visitors. Their messages take the same path as
//! those of all other channels. The page works without JavaScript; with it, updates are live.
//!
//! A random token identifies a visitor; the customer ID is derived from its hash. The token is
//! stored in a cookie. If the browser sends no cookie, the page carries the token: see
//! `visitor.rs`. Messages of a blacklisted visitor are held, and appear to the visitor as sent.

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
use clientele::domain::Customer;
use clientele::store::{Store, StoreError};
use clientele_app::error::AppError;
use clientele_app::server::chat_texts::ChatTexts;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ServerState;
pub use limiter::VisitorLimiter;
use page::FormValues;
use view::Chat;
use visitor::{ChatQuery, Visitor};

/// Returns the routes of the chat page.
pub fn routes() -> Router<ServerState> {
    Router::new()
        .route("/chat", get(show).post(reload))
        .route("/chat/messages", get(read).post(write::write))
        .route("/chat/events", get(live::listen))
        .route("/chat/rating", post(write::rate))
        .route("/chat/leave", post(write::leave))
}

/// Serves the chat page. The first visit sets a visitor cookie, so a message re-sent after a lost
/// response still comes from the same visitor, and records the referrer. A visitor becomes a
/// customer with the first message.
async fn show(
    State(state): State<ServerState>,
    query: Result<Query<ChatQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    // Invalid query parameters from the embedding page must not keep the visitor from writing.
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let visitor = Visitor::of(&state, &headers).unwrap_or_else(Visitor::new);
    let Ok(chat) = load_chat(&state, Some(&visitor)).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut answer = page::show(&state, &ChatTexts::of(&headers), &visitor, &chat, &FormValues::default());
    visitor.add_token(&state, answer.headers_mut());
    if let Some(cookie) = visitor::visit_cookie(&state, &headers, &query) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// Form by which a browser without cookies reloads the page. It is a POST because the URL must not
/// contain the token.
#[derive(Debug, Default, Deserialize)]
struct ReloadForm {
    #[serde(default)]
    visitor: String,
}

async fn reload(
    State(state): State<ServerState>,
    headers: HeaderMap,
    FormOrJson(again): FormOrJson<ReloadForm>,
) -> Response {
    let visitor = Visitor::of_form(&state, &headers, &again.unwrap_or_default().visitor);
    respond_done(&state, &headers, &visitor.unwrap_or_else(Visitor::new)).await
}

async fn read(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let visitor = Visitor::of(&state, &headers);
    let Ok(chat) = load_chat(&state, visitor.as_ref()).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut answer = Json(chat).into_response();
    if let Some(visitor) = visitor {
        visitor.add_token(&state, answer.headers_mut());
    }
    answer
}

async fn load_chat(state: &ServerState, visitor: Option<&Visitor>) -> Result<Chat, StoreError> {
    match customer(&state.app.store, visitor).await? {
        Some(customer) => Chat::of(&state.app.store, &customer, state.app.store.now()).await,
        None => Ok(Chat::default()),
    }
}

/// Returns the visitor's customer, or `None` if the visitor has not written yet.
async fn customer(store: &Store, visitor: Option<&Visitor>) -> Result<Option<Customer>, StoreError> {
    let Some(visitor) = visitor else { return Ok(None) };
    match store.customer_by_id(&visitor.id()).await {
        Ok(customer) => Ok(Some(customer)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Body sent by the page's form or its script; `None` if it cannot be parsed.
struct FormOrJson<T>(Option<T>);

impl<T: DeserializeOwned> FromRequest<ServerState> for FormOrJson<T> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Infallible> {
        Ok(Self(if is_script_request(request.headers()) {
            Json::<T>::from_request(request, state).await.ok().map(|Json(sent)| sent)
        } else {
            Form::<T>::from_request(request, state).await.ok().map(|Form(sent)| sent)
        }))
    }
}

fn is_script_request(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}

/// Returns the HTTP status of a store error. A write conflict becomes 503, because sending the
/// request again resolves it.
fn status(error: StoreError) -> StatusCode {
    if error == StoreError::Conflict {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::from_u16(AppError::from(error).code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Responds to a successful request: 204 to the script, a redirect to the page for a form. Without
/// a cookie the form is answered with the page itself, because only that response can carry the
/// token.
async fn respond_done(state: &ServerState, headers: &HeaderMap, visitor: &Visitor) -> Response {
    let mut answer = if is_script_request(headers) {
        StatusCode::NO_CONTENT.into_response()
    } else if visitor.has_cookie() {
        Redirect::to("/chat").into_response()
    } else {
        match load_chat(state, Some(visitor)).await {
            Ok(chat) => page::show(state, &ChatTexts::of(headers), visitor, &chat, &FormValues::default()),
            Err(error) => status(error).into_response(),
        }
    };
    visitor.add_token(state, answer.headers_mut());
    answer
}

/// Responds to a rejected request. The script gets the status and keeps the input itself; a form
/// gets the page again with the input and an error message.
async fn respond_rejected(
    state: &ServerState,
    headers: &HeaderMap,
    visitor: &Visitor,
    refused: StatusCode,
    mut typed: FormValues,
) -> Response {
    let mut answer = if is_script_request(headers) {
        refused.into_response()
    } else {
        let texts = ChatTexts::of(headers);
        typed.error = match refused {
            StatusCode::TOO_MANY_REQUESTS => texts.too_many,
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => texts.refused,
            _ => texts.failed,
        };
        let chat = load_chat(state, Some(visitor)).await.unwrap_or_default();
        (refused, page::show(state, &texts, visitor, &chat, &typed)).into_response()
    };
    visitor.add_token(state, answer.headers_mut());
    answer
}
