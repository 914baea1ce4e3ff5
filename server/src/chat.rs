//! The built-in web channel: `/chat`, a page for visitors. What they write takes the same way as what other channels deliver.
//! It works without a script, and with one it is live.
//!
//! A visitor is known by a random token in a cookie; the customer ID is made of its hash. What a blacklisted visitor writes is
//! held, and looks sent.

mod live;
mod page;
mod view;
mod visitor;

use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Json, Router};
use clientele::domain::address::network;
use clientele::domain::{Channel, Customer, Message, MessageId, Profile, Rating, Timestamp};
use clientele::store::{Delivery, Store, StoreError};
use clientele_app::chat::Words;
use clientele_app::error::AppError;
use clientele_app::limits::Limit;
use clientele_app::state::Caller;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ServerState;
use page::{Asked, Typed};
use view::{Chat, Stand};
use visitor::Visitor;

/// The most characters of a client's id of a message.
const MAX_ID_CHARS: usize = 64;
/// Messages and ratings of one visitor, a minute.
const OWN: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Messages and ratings of one network, a minute: a company or a mobile carrier may have hundreds of visitors behind it.
const OF_NETWORK: NonZeroU32 = NonZeroU32::new(600).unwrap();
/// Visitors from one network whose first message begins a conversation: at once, and a minute from then on.
const NEW_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).unwrap();
const NEW: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Conversations of one network that wait at a time.
const WAITING: u32 = 200;
/// Chats of one network that begin to listen, a minute. They use up nothing of what is for writing: after a restart of the server
/// all of them come at once.
const LISTENING: NonZeroU32 = NonZeroU32::new(1200).unwrap();

/// Limits of what visitors may do.
pub struct VisitorLimiter {
    own: Limit<String>,
    networks: Limit<IpAddr>,
    new: Limit<IpAddr>,
    listening: Limit<IpAddr>,
}

impl Default for VisitorLimiter {
    fn default() -> Self {
        Self {
            own: Limit::per_minute(OWN),
            networks: Limit::per_minute(OF_NETWORK),
            new: Limit::burst(NEW_AT_ONCE, NEW),
            listening: Limit::per_minute(LISTENING),
        }
    }
}

impl VisitorLimiter {
    /// Counts a message or a rating of a visitor that is a customer already.
    fn allow(&self, visitor: &Visitor, address: IpAddr) -> bool {
        self.networks.allow(&network(address)) && self.own.allow(&visitor.id().to_string())
    }

    /// Counts the first message of a visitor. Nobody is told of more than so many who wait from one network.
    fn allow_new(&self, store: &Store, address: IpAddr) -> bool {
        let network = network(address);
        store.waiting_from(network) < WAITING && self.networks.allow(&network) && self.new.allow(&network)
    }

    fn allow_listening(&self, address: IpAddr) -> bool {
        self.listening.allow(&network(address))
    }

    /// Forgets those who have waited long enough. Meant to be called each minute.
    pub fn sweep(&self) {
        self.own.sweep();
        self.networks.sweep();
        self.new.sweep();
        self.listening.sweep();
    }
}

/// The page's routes.
pub fn routes() -> Router<ServerState> {
    Router::new()
        .route("/chat", get(show))
        .route("/chat/messages", get(read).post(write))
        .route("/chat/events", get(live::listen))
        .route("/chat/rating", post(rate))
        .route("/chat/leave", post(leave))
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
    let chat = match of_visitor(&state, &headers).await {
        Ok(chat) => chat,
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let mut answer = page::show(&state, &Words::of(&headers), &chat, &Typed::default());
    if Visitor::of(&headers).is_none() {
        answer.headers_mut().append(header::SET_COOKIE, Visitor::new().cookie(&state));
    }
    if let Some(cookie) = visitor::first_look(&state, &headers, &asked) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

async fn read(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    match of_visitor(&state, &headers).await {
        Ok(chat) => Json(chat).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn of_visitor(state: &ServerState, headers: &HeaderMap) -> Result<Chat, StoreError> {
    match customer(&state.app.store, headers).await? {
        Some(customer) => Chat::of(&state.app.store, &customer).await,
        None => Ok(Chat::default()),
    }
}

/// The customer that the visitor became, if it has written.
async fn customer(store: &Store, headers: &HeaderMap) -> Result<Option<Customer>, StoreError> {
    let Some(visitor) = Visitor::of(headers) else { return Ok(None) };
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

/// A message.
#[derive(Debug, Deserialize)]
struct Written {
    /// The page's own id of it: what is sent again is one message.
    id: String,
    text: String,
    #[serde(default)]
    name: String,
}

async fn write(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Sent(written): Sent<Written>,
) -> Response {
    let Some(written) = written else {
        return refuse(&state, &headers, StatusCode::UNPROCESSABLE_ENTITY, Typed::default()).await;
    };
    let typed = |id: &str| Typed {
        id: id.to_owned(),
        text: written.text.clone(),
        name: written.name.clone(),
        ..Typed::default()
    };
    let text = Message::accept(&written.text).ok();
    let Some(text) = text.filter(|_| MessageId::new(&written.id).is_ok() && written.id.chars().count() <= MAX_ID_CHARS)
    else {
        return refuse(&state, &headers, StatusCode::UNPROCESSABLE_ENTITY, typed("")).await;
    };
    let known = Visitor::of(&headers);
    let allowed = match customer(&state.app.store, &headers).await {
        Ok(customer) => match known.as_ref().filter(|_| customer.is_some()) {
            Some(visitor) => state.visitors.allow(visitor, caller.address),
            None => state.visitors.allow_new(&state.app.store, caller.address),
        },
        Err(error) => return refuse(&state, &headers, status(error), typed(&written.id)).await,
    };
    if !allowed {
        return refuse(&state, &headers, StatusCode::TOO_MANY_REQUESTS, typed("")).await;
    }
    let visitor = known.clone().unwrap_or_else(Visitor::new);
    let id = visitor.id();
    let delivery = Delivery {
        channel: Channel::Web,
        id: format!("{id} {}", written.id),
        customer: id,
        text,
        at: now(),
        profile: Profile { nickname: written.name.clone(), ..Profile::default() },
        visitor: Some(visitor::info(&headers, caller.address)),
    };
    let mut answer = match state.app.store.deliver(&delivery, now()).await {
        // Held or not, the answer is the same.
        Ok(_) => done(&headers),
        // It may have been taken all the same: sent again, it is the same message.
        Err(error) => refuse(&state, &headers, status(error), typed(&written.id)).await,
    };
    if known.is_none() {
        answer.headers_mut().append(header::SET_COOKIE, visitor.cookie(&state));
    }
    answer
}

#[derive(Debug, Deserialize)]
struct Rated {
    stars: u8,
    #[serde(default)]
    comment: String,
}

async fn rate(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Sent(rated): Sent<Rated>,
) -> Response {
    let typed =
        Typed { comment: rated.as_ref().map(|own| own.comment.clone()).unwrap_or_default(), ..Typed::default() };
    let rating = rated.and_then(|own| Rating::new(own.stars, &own.comment, now()).ok());
    let Some(rating) = rating else { return refuse(&state, &headers, StatusCode::UNPROCESSABLE_ENTITY, typed).await };
    let allowed = Visitor::of(&headers).is_none_or(|visitor| state.visitors.allow(&visitor, caller.address));
    if !allowed {
        return refuse(&state, &headers, StatusCode::TOO_MANY_REQUESTS, typed).await;
    }
    match take_rating(&state, &headers, &rating).await {
        Ok(()) => done(&headers),
        Err(refused) => refuse(&state, &headers, refused, typed).await,
    }
}

async fn take_rating(state: &ServerState, headers: &HeaderMap, rating: &Rating) -> Result<(), StatusCode> {
    let store = &state.app.store;
    let customer = customer(store, headers).await.map_err(status)?.ok_or(StatusCode::NOT_FOUND)?;
    let chat = Chat::of(store, &customer).await.map_err(status)?;
    // The store would let the visitor rate what was over before something was held, and so tell that it was held.
    if !chat.may_rate && chat.state != Stand::Rated {
        return Err(StatusCode::CONFLICT);
    }
    store.rate(customer.key, customer.conversations, rating, now()).await.map_err(status)
}

async fn leave(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let store = &state.app.store;
    let left = match customer(store, &headers).await {
        Ok(Some(customer)) => store.leave(customer.key, None, now()).await,
        Ok(None) => return done(&headers),
        Err(error) => Err(error),
    };
    match left {
        Ok(()) => done(&headers),
        Err(error) => refuse(&state, &headers, status(error), Typed::default()).await,
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

fn done(headers: &HeaderMap) -> Response {
    if by_script(headers) { StatusCode::NO_CONTENT.into_response() } else { Redirect::to("/chat").into_response() }
}

/// The script keeps what was typed and says what was wrong; who has none gets the page again that does both.
async fn refuse(state: &ServerState, headers: &HeaderMap, status: StatusCode, mut typed: Typed) -> Response {
    if by_script(headers) {
        return status.into_response();
    }
    let words = Words::of(headers);
    typed.error = match status {
        StatusCode::TOO_MANY_REQUESTS => words.too_many,
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => words.refused,
        _ => words.failed,
    };
    let chat = of_visitor(state, headers).await.unwrap_or_default();
    (status, page::show(state, &words, &chat, &typed)).into_response()
}
