//! The signed HTTP API of channels, `/api/v1`: post messages, read replies, end and rate
//! conversations.
//!
//! Each request is signed with a channel key: HMAC-SHA-256 over timestamp, method, path with query,
//! and body. It is accepted within five minutes of its timestamp. All operations are idempotent: a
//! request sent again, byte by byte, gets the same response. The OpenAPI document, [`document`], is
//! generated from the handlers.
#![allow(unused_qualifications, reason = "the macro of the descriptions writes them")]

pub(crate) mod body;
mod object;
mod page;
mod profile;
mod refusal;
mod signature;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::routing::get;
use clientele::domain::{self, Customer, CustomerId, Message, MessageId, ProfileField, Rating, Timestamp, VisitorInfo};
use clientele::store::{ChannelKey, Delivery, Store, StoreError};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::openapi::OpenApi as Document;
use utoipa::{IntoParams, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ServerState;
pub(crate) use object::Object;
use profile::NewProfile;
pub use refusal::Refusal;
pub use signature::{Signed, sign};

/// Most replies in one response.
const MAX_REPLIES: u32 = 100;

#[derive(OpenApi)]
#[openapi(info(title = "Clientele channel API", description = include_str!("ingest/description.md")))]
struct Info;

/// Returns the API's routes, its OpenAPI document, and a page that renders the document.
pub fn routes() -> axum::Router<ServerState> {
    let (router, document) = api();
    router.route("/api/v1/openapi.json", get(move || async move { Json(document) })).route("/api/v1", get(page::show))
}

/// Returns the OpenAPI document of the API.
#[must_use]
pub fn document() -> Document {
    api().1
}

fn api() -> (axum::Router<ServerState>, Document) {
    OpenApiRouter::with_openapi(Info::openapi())
        .routes(routes!(post_message))
        .routes(routes!(end_conversation))
        .routes(routes!(rate_conversation))
        .routes(routes!(read_replies))
        .split_for_parts()
}

/// A customer's message. A null field is treated as absent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "m1", "customer": "wx_1", "text": "Where is my parcel?", "at": 1_763_816_516_123_i64,
    "profile": { "nickname": "Wei", "phone": "+86 138 0000 0001" },
}))]
struct NewMessage {
    /// The channel's id of the message, 1 to 128 visible characters. A message is stored once,
    /// however often it is sent.
    id: String,
    /// The customer's ID, 1 to 128 visible characters, compared byte by byte. An ID belongs to the
    /// channel that used it first.
    customer: String,
    /// The text: 1 to 4,000 characters. Line breaks become LF, control characters are dropped.
    text: String,
    /// Time the message was written, in milliseconds since 1970; defaults to now. Later times
    /// become now. Times before 2000 or more than 30 days ago are rejected.
    at: Option<i64>,
    /// Profile of the customer. Fields that an agent wrote are not overwritten.
    #[schema(value_type = Option<NewProfile>)]
    profile: Option<NewProfile>,
    /// Origin of the visitor; web channel only.
    #[schema(value_type = Option<NewVisitor>)]
    visitor: Option<Object<NewVisitor>>,
}

/// Origin of a visitor. Values that are too long are cut.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct NewVisitor {
    /// IP address. A port is dropped; of a list, the first address is used.
    ip: Option<String>,
    /// Raw user agent.
    user_agent: Option<String>,
    /// URL of the referring page.
    referrer: Option<String>,
    /// URL of the page the chat was opened on.
    landing_page: Option<String>,
}

/// Response to a message. It is the same for blacklisted customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "repeated": false }))]
struct MessageAccepted {
    /// `true` if the message was stored before.
    repeated: bool,
    /// Profile fields with invalid values, such as a phone number without digits. The message is
    /// stored nevertheless.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<&'static str>,
}

/// The conversation that the customer left, identified by one of its messages or replies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "message": "m1" }))]
struct End {
    /// The channel's id of a message of the conversation, such as the last one the customer sent.
    message: Option<String>,
    /// Alternatively, the number of a reply in it: the customer may not have written at all.
    reply: Option<u32>,
}

/// A rating of the conversation identified by one of its messages or replies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "message": "m1", "stars": 5, "comment": "Quick and friendly." }))]
struct NewRating {
    /// The channel's id of a message of the conversation.
    message: Option<String>,
    /// Alternatively, the number of a reply in it.
    reply: Option<u32>,
    /// Number of stars, 1 to 5.
    stars: u8,
    /// Comment of at most 1,000 characters; longer ones are cut.
    comment: Option<String>,
}

/// Query parameters of the URL.
#[derive(Debug, Deserialize, IntoParams)]
struct After {
    /// Number of the last reply that was read; 0 or absent to start with the first.
    #[serde(default)]
    after: u32,
}

/// A reply of an agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "number": 1, "text": "On its way.", "at": 1_763_816_520_000_i64 }))]
struct Reply {
    /// Number among the replies to this customer, from 1 without gaps.
    number: u32,
    /// Text of the reply.
    text: String,
    /// Time the reply was written, in milliseconds since 1970.
    at: i64,
}

/// Stores a customer's message.
///
/// The first message of a customer creates the customer and starts a conversation. The response is
/// the same for blacklisted customers.
#[utoipa::path(post, path = "/api/v1/messages", request_body = NewMessage, responses(
    (status = 200, body = MessageAccepted), (status = 401, body = Refusal), (status = 409, body = Refusal), (status = 422, body = Refusal),
    (status = 503, body = Refusal),
))]
async fn post_message(
    State(state): State<ServerState>,
    Signed { key, body }: Signed<NewMessage>,
) -> Result<Json<MessageAccepted>, Refusal> {
    let now = state.app.store.now();
    let profile = body.profile.map(|NewProfile(profile)| profile).unwrap_or_default();
    let ignored = profile.unusable_fields().map(ProfileField::as_str).collect();
    let taken = async {
        let moment = match body.at.map_or(Ok(now), |at| Timestamp::from_channel(at, now)) {
            // A repeated message is accepted even if it has become too old since it was stored.
            Err(_) if state.app.store.was_delivered(key.channel, &body.id).await? => now,
            moment => moment?,
        };
        let delivery = Delivery {
            channel: key.channel,
            customer: CustomerId::new(&body.customer)
                .map_err(|error| domain::Error::field("customer", error.reason))?,
            id: MessageId::new(&body.id)?,
            text: Message::parse(&body.text)?,
            at: moment,
            profile,
            visitor: body.visitor.filter(|_| key.channel.has_visitors()).map(|Object(visitor)| {
                let text = |text: Option<String>| text.unwrap_or_default();
                VisitorInfo {
                    ip: text(visitor.ip),
                    user_agent: text(visitor.user_agent),
                    referrer: text(visitor.referrer),
                    landing_page: text(visitor.landing_page),
                }
            }),
        };
        state.app.store.deliver(&delivery, now).await
    };
    let receipt = count_refusal(&state, &key, taken.await)?;
    Ok(Json(MessageAccepted { repeated: receipt.repeated, ignored }))
}

/// Ends a conversation because the customer left it.
///
/// A conversation that has ended stays as it is.
#[utoipa::path(post, path = "/api/v1/customers/{id}/end", request_body = End,
    params(("id" = String, Path, description = "The customer's ID, percent-encoded")),
    responses((status = 204), (status = 401, body = Refusal), (status = 404, body = Refusal), (status = 422, body = Refusal)))]
async fn end_conversation(
    State(state): State<ServerState>,
    id: Result<Path<String>, PathRejection>,
    Signed { key, body }: Signed<End>,
) -> Result<StatusCode, Refusal> {
    let store = &state.app.store;
    let ended = async {
        let customer = customer_of(store, &key, id).await?;
        // A held message belongs to no conversation, and no conversation has the number 0. The
        // store call is made nevertheless, so that it takes as long as for a conversation that has
        // ended.
        let number = conversation_number(store, &customer, body.message.as_deref(), body.reply).await?.unwrap_or(0);
        store.leave(customer.key, Some(number), state.app.store.now()).await?;
        Ok(StatusCode::NO_CONTENT)
    };
    count_refusal(&state, &key, ended.await)
}

/// Rates a conversation that an agent has handled and that has ended.
///
/// A later rating replaces the earlier one.
#[utoipa::path(post, path = "/api/v1/customers/{id}/rating", request_body = NewRating,
    params(("id" = String, Path, description = "The customer's ID, percent-encoded")),
    responses((status = 204), (status = 401, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 422, body = Refusal)))]
async fn rate_conversation(
    State(state): State<ServerState>,
    id: Result<Path<String>, PathRejection>,
    Signed { key, body }: Signed<NewRating>,
) -> Result<StatusCode, Refusal> {
    let store = &state.app.store;
    let rated = async {
        let rating =
            Rating::from_channel(body.stars, body.comment.as_deref().unwrap_or_default(), state.app.store.now())?;
        let customer = customer_of(store, &key, id).await?;
        // The response for a held message is that of a conversation which no agent has accepted.
        let not_ended = domain::Error::of(domain::Reason::NotEnded);
        let number =
            conversation_number(store, &customer, body.message.as_deref(), body.reply).await?.ok_or(not_ended)?;
        store.rate(customer.key, number, &rating, state.app.store.now()).await?;
        Ok(StatusCode::NO_CONTENT)
    };
    count_refusal(&state, &key, rated.await)
}

/// Returns the replies of agents after a given one, oldest first, at most 100.
///
/// Channels poll it to deliver the replies to the customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}/replies",
    params(("id" = String, Path, description = "The customer's ID, percent-encoded"), After),
    responses((status = 200, body = Vec<Reply>), (status = 401, body = Refusal), (status = 404, body = Refusal),
        (status = 422, body = Refusal)))]
async fn read_replies(
    State(state): State<ServerState>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<After>, QueryRejection>,
    Signed { key, .. }: Signed<Nothing>,
) -> Result<Json<Vec<Reply>>, Refusal> {
    let Query(After { after }) = query.map_err(|_| Refusal::malformed("after"))?;
    let store = &state.app.store;
    let replies = async {
        let customer = customer_of(store, &key, id).await?;
        store.replies(&customer, after, MAX_REPLIES).await
    };
    let replies = count_refusal(&state, &key, replies.await)?;
    Ok(Json(
        replies.into_iter().map(|(number, message)| Reply { number, text: message.text, at: message.at.0 }).collect(),
    ))
}

/// Returns the number of the conversation that contains a message or a reply; `None` if the message is held.
async fn conversation_number(
    store: &Store,
    customer: &Customer,
    message: Option<&str>,
    reply: Option<u32>,
) -> Result<Option<u32>, StoreError> {
    match (message, reply) {
        (Some(message), None) => store.conversation_of(customer, message).await,
        (None, Some(reply)) => {
            let found = store.replies(customer, reply.saturating_sub(1), 1).await?;
            let (_, message) = found.into_iter().find(|(number, _)| *number == reply).ok_or(StoreError::NotFound)?;
            Ok(Some(message.conversation))
        }
        (None, None) => Err(domain::Error::field("message", domain::Reason::Required).into()),
        (Some(_), Some(_)) => Err(domain::Error::field("reply", domain::Reason::Malformed).into()),
    }
}

/// Body of a request without one.
#[derive(Debug, Default, Deserialize)]
pub struct Nothing {}

/// Loads a customer of the key's channel. Customers of other channels are reported as not found.
async fn customer_of(
    store: &Store,
    key: &ChannelKey,
    id: Result<Path<String>, PathRejection>,
) -> Result<Customer, StoreError> {
    // An invalid ID belongs to no customer.
    let Path(id) = id.map_err(|_| StoreError::NotFound)?;
    let id = CustomerId::new(id).map_err(|_| StoreError::NotFound)?;
    let customer = store.customer_by_id(&id).await?;
    if customer.channel == key.channel { Ok(customer) } else { Err(StoreError::NotFound) }
}

/// Counts a rejected signed request, so that admins see that a channel loses messages.
fn count_refusal<T>(state: &ServerState, key: &ChannelKey, result: Result<T, StoreError>) -> Result<T, Refusal> {
    result.map_err(|error| {
        let refusal = Refusal::from(error);
        refusal.note(&state.app.refusals, key, state.app.store.now());
        refusal
    })
}
