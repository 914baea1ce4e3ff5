//! Requests of back ends of hosts, with their key: minting and revoking tokens.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use clientele::domain::embedding::TOKEN_MILLIS;
use clientele::domain::{AgentId, EmbedOrigin, Error, Feature, Features, Reason, Role};
use clientele::store::{AgentRef, EmbedKey, EmbedSecret, EmbedToken, NewEmbedSession, StoreError};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::UNSIGNED;
use crate::ServerState;
use crate::caller::bearer;
use crate::ingest::{Object, Refusal, body};

/// Largest body in bytes; far more than any request needs.
const MAX_BODY: usize = 16 * 1024;
/// Headers that only browsers send. A key in a browser could be read by everyone who uses the host.
const BROWSER_HEADERS: [&str; 2] = ["sec-fetch-site", "origin"];

/// Body of a request and the key that it came with.
pub struct Keyed<T> {
    key: EmbedKey,
    body: T,
}

impl<T: DeserializeOwned> FromRequest<ServerState> for Keyed<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let (parts, sent) = request.into_parts();
        if let Some(name) = BROWSER_HEADERS.into_iter().find(|name| parts.headers.contains_key(*name)) {
            return Err(Refusal::forbidden("refused", name));
        }
        let secret = bearer(&parts.headers).and_then(EmbedSecret::parse).ok_or(UNSIGNED)?;
        let store = &state.app.store;
        let key = store.verify_embed_key(&secret, store.now()).await?.ok_or(UNSIGNED)?;
        let sent = body::read(sent, MAX_BODY).await?;
        Ok(Self { key, body: body::parse(&sent)? })
    }
}

/// Agent as a host names it: by login or by number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedAgent {
    login: Option<String>,
    id: Option<AgentId>,
    /// Display name, if the agent is to be added.
    name: Option<String>,
}

impl NamedAgent {
    /// Splits the reference from the display name.
    fn split(self) -> Result<(AgentRef, String), Error> {
        let named = match (self.login, self.id) {
            (Some(login), None) => AgentRef::Login(login),
            (None, Some(id)) => AgentRef::Id(id),
            (None, None) => return Err(Error::field("agent.login", Reason::Required)),
            (Some(_), Some(_)) => return Err(Error::field("agent.id", Reason::Malformed)),
        };
        Ok((named, self.name.unwrap_or_default()))
    }
}

/// Request for a token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    agent: Object<NamedAgent>,
    /// Highest role that the agent has with the token; `agent` if absent.
    role: Option<Role>,
    /// Features that the token permits; all if absent.
    features: Option<Vec<String>>,
    /// Origin of the pages that use the token.
    origin: String,
}

/// Response with a token.
#[derive(Serialize)]
pub struct Minted {
    token: String,
    /// Seconds until the token expires.
    expires_in: i64,
    agent: AgentId,
    role: Role,
    features: Vec<Feature>,
}

/// Handles `POST /api/v1/embed/sessions`.
pub async fn mint(
    State(state): State<ServerState>,
    Keyed { key, body }: Keyed<NewSession>,
) -> Result<(StatusCode, Json<Minted>), Refusal> {
    if !state.app.login_limiter.allow_embed_key(&key.id) {
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many"));
    }
    let store = &state.app.store;
    let NewSession { agent: Object(agent), role, features, origin } = body;
    let (named, name) = agent.split()?;
    let role = role.unwrap_or(Role::Agent);
    let features = features.map_or(Ok(Features::ALL), |names| Features::parse(&names))?;
    let origin = EmbedOrigin::new(&origin)?;
    if !store.settings().allows_origin(origin.as_str()) {
        return Err(Refusal::forbidden("refused", "origin"));
    }
    let agent = store.find_or_add_agent(&named, &name, &key, store.now()).await.map_err(at_agent)?;
    if agent.disabled {
        return Err(Refusal::forbidden("refused", "agent"));
    }
    let new = NewEmbedSession { agent: agent.id, role, features, origin };
    let token = store.begin_embed_session(&key, new, store.now()).await?;
    let minted = Minted {
        token: token.secret().to_owned(),
        expires_in: TOKEN_MILLIS / 1000,
        agent: agent.id,
        role: agent.role.at_most(role),
        features: features.iter().collect(),
    };
    Ok((StatusCode::CREATED, Json(minted)))
}

/// Request to end all tokens of an agent, or one token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    agent: Option<Object<NamedAgent>>,
    token: Option<String>,
}

/// Handles `POST /api/v1/embed/sessions/revoke`. Ends only tokens of an agent that were minted with the same
/// key. Repeating it changes nothing.
pub async fn revoke(
    State(state): State<ServerState>,
    Keyed { key, body }: Keyed<Revoke>,
) -> Result<StatusCode, Refusal> {
    let store = &state.app.store;
    match (body.agent, body.token) {
        (Some(Object(agent)), None) => {
            let (named, _) = agent.split()?;
            if let Some(agent) = store.find_agent(&named).await.map_err(at_agent)? {
                store.end_embed_sessions_of(agent.id, &key).await?;
            }
        }
        (None, Some(token)) => {
            let token = EmbedToken::parse(&token).ok_or_else(|| Error::field("token", Reason::Malformed))?;
            store.end_embed_session(&token).await?;
        }
        (None, None) => return Err(Error::field("agent", Reason::Required).into()),
        (Some(_), Some(_)) => return Err(Error::field("token", Reason::Malformed).into()),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Converts an error about the agent that a host has named.
fn at_agent(error: StoreError) -> Refusal {
    match error {
        StoreError::NotFound => Refusal::forbidden("not_found", "agent"),
        StoreError::Refused(Error { field, reason }) => {
            Error { field: field.map(|field| format!("agent.{field}")), reason }.into()
        }
        error => error.into(),
    }
}
