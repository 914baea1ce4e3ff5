//! The signed HTTP API of channels, `/api/v1`: messages in, replies out, the end and the rating of conversations.
//!
//! Each request is signed with a channel's key: HMAC-SHA-256 over timestamp, method, path with query, and body. It is taken
//! within five minutes of its timestamp, and once. Its description, [`document`], is made from the handlers.
#![allow(unused_qualifications, reason = "the macro of the descriptions writes them")]

mod page;
mod signature;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clientele::domain::{
    self, Channel, Customer, CustomerId, Message, Profile, Rating, Sender, Timestamp, VisitorInfo,
};
use clientele::store::{ChannelKey, Delivery, StoreError};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::openapi::OpenApi as Document;
use utoipa::{IntoParams, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ServerState;
pub use signature::{Replays, Signed, sign};

/// The most characters of a channel's own id of a message.
const MAX_ID_CHARS: usize = 128;
/// Messages in one answer.
const MESSAGES: u32 = 100;

#[derive(OpenApi)]
#[openapi(info(
    title = "Clientele channel API",
    description = "Signed requests of channels. Headers: `clientele-key` (the key's id), `clientele-timestamp` (milliseconds \
                   since 1970), `clientele-signature` (hexadecimal HMAC-SHA-256 with the key's secret over timestamp, method, \
                   path with query and body, each but the last followed by a line feed). A request is taken within five \
                   minutes of its timestamp, and once."
))]
struct Info;

/// The API's routes, its description and a page that shows it.
pub fn routes() -> axum::Router<ServerState> {
    let (router, document) = api();
    router.route("/api/v1/openapi.json", get(move || async move { Json(document) })).route("/api/v1", get(page::show))
}

/// The API's description.
#[must_use]
pub fn document() -> Document {
    api().1
}

fn api() -> (axum::Router<ServerState>, Document) {
    OpenApiRouter::with_openapi(Info::openapi())
        .routes(routes!(post_message))
        .routes(routes!(end_conversation))
        .routes(routes!(rate_conversation))
        .routes(routes!(read_messages))
        .split_for_parts()
}

/// A customer's message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    /// The channel's own id of the message, 1 to 128 characters: it is taken once, however often it comes.
    id: String,
    /// The customer's ID, 1 to 128 characters.
    customer: String,
    /// What was written, 1 to 4,000 characters.
    text: String,
    /// When, in milliseconds since 1970; now without it.
    at: Option<i64>,
    /// What is known of the customer. What an agent wrote is not overwritten.
    #[serde(default)]
    profile: NewProfile,
    /// Where the visitor came from; web only.
    visitor: Option<NewVisitor>,
}

/// What a channel knows of a customer. What is not there is left as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct NewProfile {
    nickname: String,
    real_name: String,
    phone: String,
    qq: String,
    wechat: String,
    email: String,
    company: String,
    description: String,
}

/// Where a visitor came from.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct NewVisitor {
    /// The IP address.
    ip: String,
    /// The raw user agent.
    user_agent: String,
    /// The page that led here.
    referrer: String,
    /// The page the chat was opened on.
    landing_page: String,
}

/// What is answered to a message, whether it was held or not.
#[derive(Debug, Serialize, ToSchema)]
struct Taken {
    /// Whether it had come before.
    repeated: bool,
}

/// A rating.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRating {
    /// 1 to 5.
    stars: u8,
    /// At most 1,000 characters.
    #[serde(default)]
    comment: String,
    /// Which of the customer's conversations, by number; the newest without it.
    conversation: Option<u32>,
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
struct After {
    /// Messages with higher numbers than this.
    #[serde(default)]
    after: u32,
}

/// A message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
struct SaidMessage {
    /// Its number among the customer's messages.
    number: u32,
    /// Its conversation's number.
    conversation: u32,
    /// Whether an agent wrote it.
    by_agent: bool,
    /// What was written.
    text: String,
    /// When, in milliseconds since 1970.
    at: i64,
}

/// Why a request was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    /// `unsigned`, `expired`, `replayed`, `malformed`, `not_found`, `taken`, `conflict`, `refused`, `unavailable`.
    code: &'static str,
    /// The field it is about.
    field: Option<String>,
}

impl Refusal {
    const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, field: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<domain::Error> for Refusal {
    fn from(error: domain::Error) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code: "refused", field: error.field }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(StatusCode::NOT_FOUND, "not_found"),
            StoreError::Conflict => Self::new(StatusCode::CONFLICT, "conflict"),
            StoreError::Taken(_) => Self::new(StatusCode::CONFLICT, "taken"),
            StoreError::Refused(error) => error.into(),
            StoreError::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            StoreError::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// Takes a customer's message. A first one makes the customer and begins a conversation; what a blacklisted customer sends is
/// answered in the same way.
#[utoipa::path(post, path = "/api/v1/messages", request_body = NewMessage, responses(
    (status = 200, body = Taken), (status = 401, body = Refusal), (status = 409, body = Refusal), (status = 422, body = Refusal),
))]
async fn post_message(
    State(state): State<ServerState>,
    Signed { key, body }: Signed<NewMessage>,
) -> Result<Json<Taken>, Refusal> {
    let refuse = |field: &str, reason| domain::Error::field(field, reason);
    if body.id.is_empty() || body.id.chars().count() > MAX_ID_CHARS {
        return Err(refuse("id", domain::Reason::Malformed).into());
    }
    let customer = CustomerId::new(&body.customer).map_err(|error| refuse("customer", error.reason))?;
    let profile = body.profile;
    let delivery = Delivery {
        channel: key.channel,
        customer,
        id: body.id,
        text: Message::accept(&body.text)?,
        at: body.at.map_or_else(now, Timestamp),
        profile: Profile {
            nickname: profile.nickname,
            real_name: profile.real_name,
            phone: profile.phone,
            qq: profile.qq,
            wechat: profile.wechat,
            email: profile.email,
            company: profile.company,
            description: profile.description,
        },
        visitor: body.visitor.filter(|_| key.channel == Channel::Web).map(|visitor| VisitorInfo {
            ip: visitor.ip,
            user_agent: visitor.user_agent,
            referrer: visitor.referrer,
            landing_page: visitor.landing_page,
        }),
    };
    let receipt = state.app.store.deliver(&delivery, now()).await?;
    Ok(Json(Taken { repeated: receipt.repeated }))
}

/// Ends the customer's open conversation, because the customer left. Without one nothing happens.
#[utoipa::path(post, path = "/api/v1/customers/{id}/end", params(("id" = String, Path, description = "The customer's ID")),
    responses((status = 204), (status = 401, body = Refusal), (status = 404, body = Refusal)))]
async fn end_conversation(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Signed { key, .. }: Signed<Nothing>,
) -> Result<StatusCode, Refusal> {
    let customer = customer_of(&state, &key, &id).await?;
    state.app.store.leave(customer.key, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rates a conversation that an agent had and that is over.
#[utoipa::path(post, path = "/api/v1/customers/{id}/rating", params(("id" = String, Path, description = "The customer's ID")),
    request_body = NewRating,
    responses((status = 204), (status = 401, body = Refusal), (status = 404, body = Refusal), (status = 422, body = Refusal)))]
async fn rate_conversation(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Signed { key, body }: Signed<NewRating>,
) -> Result<StatusCode, Refusal> {
    let customer = customer_of(&state, &key, &id).await?;
    let rating = Rating::new(body.stars, &body.comment, now())?;
    let number = body.conversation.unwrap_or(customer.conversations);
    state.app.store.rate(customer.key, number, &rating, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was said, so that a channel can pass on the agents' replies: up to 100 messages.
#[utoipa::path(get, path = "/api/v1/customers/{id}/messages",
    params(("id" = String, Path, description = "The customer's ID"), After),
    responses((status = 200, body = Vec<SaidMessage>), (status = 401, body = Refusal), (status = 404, body = Refusal)))]
async fn read_messages(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
    Signed { key, .. }: Signed<Nothing>,
) -> Result<Json<Vec<SaidMessage>>, Refusal> {
    let customer = customer_of(&state, &key, &id).await?;
    let (from, to) = (after.saturating_add(1), after.saturating_add(MESSAGES));
    let messages = state.app.store.messages(customer.key, from, to).await?;
    let said = |message: Message| SaidMessage {
        number: message.number,
        conversation: message.conversation,
        by_agent: matches!(message.sender, Sender::Agent(_)),
        text: message.text,
        at: message.at.0,
    };
    Ok(Json(messages.into_iter().map(said).collect()))
}

/// No body.
#[derive(Debug, Default, Deserialize)]
pub struct Nothing {}

/// A customer of the key's channel; those of other channels are not there.
async fn customer_of(state: &ServerState, key: &ChannelKey, id: &str) -> Result<Customer, Refusal> {
    let id = CustomerId::new(id).map_err(|error| domain::Error::field("customer", error.reason))?;
    let customer = state.app.store.customer_by_id(&id).await?;
    if customer.channel == key.channel { Ok(customer) } else { Err(StoreError::NotFound.into()) }
}
