//! The built-in web channel: `/chat`, a page for visitors. What they write takes the same way as what other channels deliver.
//! It works without a script, and with one it is live.
//!
//! A visitor is known by a random token in a cookie; the customer ID is made of its hash. What a blacklisted visitor writes is
//! held, and looks sent.

mod page;
mod visitor;

use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use clientele::domain::{
    self, Channel, ConversationState, Customer, CustomerKey, Message, Profile, Rating, Sender, Timestamp,
};
use clientele::store::{Delivery, Store, StoreError};
use clientele_app::chat::Words;
use clientele_app::state::Caller;
use futures::stream;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

use crate::ServerState;
use page::Asked;
use visitor::Visitor;

/// Messages that the page shows.
const SHOWN: u32 = 100;
/// The most characters of a client's id of a message.
const MAX_ID_CHARS: usize = 64;
/// Messages from one address at once, and a minute.
const BURST: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Holds back those who write too much, by address.
pub struct VisitorLimiter(DefaultKeyedRateLimiter<IpAddr>);

impl Default for VisitorLimiter {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(BURST)))
    }
}

impl VisitorLimiter {
    fn allow(&self, address: IpAddr) -> bool {
        self.0.check_key(&address).is_ok()
    }

    /// Forgets those who have waited long enough. Meant to be called now and then.
    pub fn sweep(&self) {
        self.0.retain_recent();
    }
}

/// The page's routes.
pub fn routes() -> Router<ServerState> {
    Router::new()
        .route("/chat", get(show))
        .route("/chat/messages", get(read).post(write))
        .route("/chat/events", get(listen))
        .route("/chat/rating", post(rate))
        .route("/chat/leave", post(leave))
}

/// What a visitor sees.
#[derive(Debug, Default, Serialize)]
pub struct Chat {
    messages: Vec<Said>,
    state: Stand,
    may_rate: bool,
}

/// Where the conversation stands, as the visitor sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Nothing was said yet.
    #[default]
    Empty,
    /// Nobody has taken it yet.
    Waiting,
    /// An agent has.
    Talking,
    /// It is over.
    Ended,
}

/// A message as its visitor sees it.
#[derive(Debug, Serialize)]
struct Said {
    /// The same message has the same one.
    id: String,
    /// The agent's name; nothing for the visitor's own.
    agent: Option<String>,
    text: String,
    /// In milliseconds since 1970.
    at: i64,
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// The page. The first look at it notes where the visitor came from.
async fn show(State(state): State<ServerState>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let words = Words::of(&headers);
    let chat = match of_visitor(&state, &headers).await {
        Ok(chat) => chat,
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let mut answer = page::show(&words, &chat, &asked);
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
        Some(customer) => chat(&state.app.store, &customer).await,
        None => Ok(Chat::default()),
    }
}

async fn customer(store: &Store, headers: &HeaderMap) -> Result<Option<Customer>, StoreError> {
    let Some(visitor) = Visitor::of(headers) else { return Ok(None) };
    match store.customer_by_id(&visitor.id()).await {
        Ok(customer) => Ok(Some(customer)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What was said, and what was held as if it had been.
async fn chat(store: &Store, customer: &Customer) -> Result<Chat, StoreError> {
    let names: std::collections::HashMap<_, _> =
        store.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect();
    let from = customer.messages.saturating_sub(SHOWN) + 1;
    let said = store.messages(customer.key, from, customer.messages).await?;
    let mut messages: Vec<Said> = said
        .into_iter()
        .map(|message: Message| Said {
            id: format!("m{}", message.number),
            agent: match message.sender {
                Sender::Agent(agent) => Some(names.get(&agent).cloned().unwrap_or_default()),
                Sender::Customer => None,
            },
            text: message.text,
            at: message.at.0,
        })
        .collect();
    let held = store.held(customer).await?;
    let is_held = customer.blacklisted.is_some() && !held.is_empty();
    messages.extend(held.into_iter().map(|held| Said {
        id: format!("h{}", held.number),
        agent: None,
        text: held.text,
        at: held.at.0,
    }));
    messages.sort_by_key(|message| message.at);
    let newest = match customer.conversations {
        0 => None,
        number => Some(store.conversation(customer.key, number).await?),
    };
    let state = match newest.as_ref().map(|newest| newest.state) {
        // What was held would have begun a conversation.
        _ if is_held => Stand::Waiting,
        None => Stand::Empty,
        Some(ConversationState::Waiting) => Stand::Waiting,
        Some(ConversationState::Processing) => Stand::Talking,
        Some(ConversationState::Ended | ConversationState::Abandoned) => Stand::Ended,
    };
    let may_rate =
        !is_held && newest.is_some_and(|newest| newest.state == ConversationState::Ended && newest.rating.is_none());
    Ok(Chat { messages, state, may_rate })
}

/// A message, as the page's form or its script sends it.
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
    body: Bytes,
) -> Response {
    let by_script = is_json(&headers);
    let written: Option<Written> = if by_script {
        serde_json::from_slice(&body).ok()
    } else {
        serde_urlencoded(&body).and_then(|pairs| {
            let get = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
            Some(Written { id: get("id")?, text: get("text")?, name: get("name").unwrap_or_default() })
        })
    };
    let Some(written) = written.filter(|own| !own.id.is_empty() && own.id.chars().count() <= MAX_ID_CHARS) else {
        return refused(by_script, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let Ok(text) = Message::accept(&written.text) else { return refused(by_script, StatusCode::UNPROCESSABLE_ENTITY) };
    if !state.visitors.allow(caller.address) {
        return refused(by_script, StatusCode::TOO_MANY_REQUESTS);
    }
    let known = Visitor::of(&headers);
    let visitor = known.clone().unwrap_or_else(Visitor::new);
    let id = visitor.id();
    let delivery = Delivery {
        channel: Channel::Web,
        id: format!("{id} {}", written.id),
        customer: id,
        text,
        at: now(),
        profile: Profile { nickname: written.name, ..Profile::default() },
        visitor: Some(visitor::info(&headers, caller.address)),
    };
    let mut answer = match state.app.store.deliver(&delivery, now()).await {
        // Held or not, the answer is the same.
        Ok(_) => done(by_script),
        Err(StoreError::Conflict | StoreError::Unavailable) => refused(by_script, StatusCode::SERVICE_UNAVAILABLE),
        Err(_) => refused(by_script, StatusCode::INTERNAL_SERVER_ERROR),
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

async fn rate(State(state): State<ServerState>, headers: HeaderMap, body: Bytes) -> Response {
    let by_script = is_json(&headers);
    let rated: Option<Rated> = if by_script {
        serde_json::from_slice(&body).ok()
    } else {
        serde_urlencoded(&body).and_then(|pairs| {
            let get = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
            Some(Rated { stars: get("stars")?.parse().ok()?, comment: get("comment").unwrap_or_default() })
        })
    };
    let rating = rated.and_then(|rated| Rating::new(rated.stars, &rated.comment, now()).ok());
    let Some(rating) = rating else { return refused(by_script, StatusCode::UNPROCESSABLE_ENTITY) };
    let store = &state.app.store;
    match customer(store, &headers).await {
        Ok(Some(customer)) => finish(by_script, store.rate(customer.key, customer.conversations, &rating, now()).await),
        Ok(None) => refused(by_script, StatusCode::NOT_FOUND),
        Err(error) => finish(by_script, Err(error)),
    }
}

async fn leave(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let store = &state.app.store;
    match customer(store, &headers).await {
        Ok(Some(customer)) => finish(is_json(&headers), store.leave(customer.key, now()).await),
        Ok(None) => done(is_json(&headers)),
        Err(error) => finish(is_json(&headers), Err(error)),
    }
}

/// Says `thread` whenever something changed for the visitor.
async fn listen(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let Some(visitor) = Visitor::of(&headers) else { return StatusCode::NOT_FOUND.into_response() };
    let mut shutdown = state.shutdown.clone();
    let store = state.app.store.clone();
    let mut events = store.subscribe();
    let told = stream::unfold(None::<CustomerKey>, move |mut own| {
        let (id, store) = (visitor.id(), store.clone());
        let heard = events.resubscribe();
        let mut heard = std::mem::replace(&mut events, heard);
        let mut shutdown_now = shutdown.clone();
        std::mem::swap(&mut shutdown, &mut shutdown_now);
        async move {
            loop {
                let event = tokio::select! {
                    event = heard.recv() => event,
                    () = shutdown_now.begun() => return None,
                };
                match event {
                    Ok(event) => {
                        // The visitor becomes a customer with the first message.
                        if own.is_none() {
                            own = store.customer_by_id(&id).await.ok().map(|customer| customer.key);
                        }
                        if event.customer.is_some() && event.customer == own {
                            break;
                        }
                    }
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return None,
                }
            }
            Some((Ok::<_, Infallible>(Sent::default().event("thread").data("{}")), own))
        }
    });
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    ([("x-accel-buffering", "no")], Sse::new(told).keep_alive(keep_alive)).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}

fn serde_urlencoded(body: &[u8]) -> Option<Vec<(String, String)>> {
    Some(form_urlencoded::parse(body).into_owned().collect())
}

fn done(by_script: bool) -> Response {
    if by_script { StatusCode::NO_CONTENT.into_response() } else { Redirect::to("/chat").into_response() }
}

fn finish(by_script: bool, result: Result<(), StoreError>) -> Response {
    match result {
        Ok(()) => done(by_script),
        Err(StoreError::Refused(domain::Error { .. })) => refused(by_script, StatusCode::CONFLICT),
        Err(StoreError::NotFound) => refused(by_script, StatusCode::NOT_FOUND),
        Err(_) => refused(by_script, StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// A form is led back to the page, which says what was wrong.
fn refused(by_script: bool, status: StatusCode) -> Response {
    match (by_script, status) {
        (true, status) => status.into_response(),
        (false, StatusCode::TOO_MANY_REQUESTS) => Redirect::to("/chat?error=too_many").into_response(),
        (false, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT) => {
            Redirect::to("/chat?error=refused").into_response()
        }
        _ => Redirect::to("/chat?error=failed").into_response(),
    }
}
