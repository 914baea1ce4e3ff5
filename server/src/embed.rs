//! Embedding: what hosts call to show the Customers page inside of their own pages.
//!
//! The back end of a host mints a token for the user who is signed in there ([`mint`]), and passes it to
//! the user's browser. The widget in the browser calls the API with it; `caller` checks it. The scripts of
//! the widget are static files.

mod mint;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use clientele::domain::{AgentId, Feature, Role};
use clientele::store::EmbedToken;
use clientele_app::server::of_headers;
use clientele_app::server::state::{Caller, Credential};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use crate::caller::bearer;
use crate::ingest::Refusal;
use crate::{ServerState, security};

/// Path of the page that a host shows in a frame.
pub const FRAME: &str = "/embed/frame";
/// Path of the embed session that a token belongs to.
pub const SESSION: &str = "/api/v1/embed/session";

const UNSIGNED: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "unsigned");

/// Returns the routes that need no [`Caller`]: those for back ends of hosts, and the page for the frame.
pub fn host_routes() -> Router<ServerState> {
    Router::new()
        .route("/api/v1/embed/sessions", post(mint::mint))
        .route("/api/v1/embed/sessions/revoke", post(mint::revoke))
        .route(FRAME, get(frame))
}

/// Returns the routes for pages of hosts.
pub fn session_routes() -> Router<ServerState> {
    Router::new().route(SESSION, get(read_session).delete(end_session))
}

/// Serves the page of the frame. It holds nothing but the script, which receives the token from the page
/// around it. Only pages of the allowed origins can show it.
async fn frame(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let origins = state.app.store.settings().embed_origins;
    let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let policy = security::content_policy("", &ancestors, state.app.session_cookie.secure);
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>Clientele</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <script type=\"module\" src=\"/embed/frame.js\"></script></head><body></body></html>",
        of_headers(&headers).tag()
    );
    (policy.map(|policy| [(header::CONTENT_SECURITY_POLICY, policy)]), Html(html)).into_response()
}

/// Embed session of a token.
#[derive(Debug, Serialize)]
struct SessionInfo {
    agent: AgentId,
    name: String,
    role: Role,
    features: Vec<Feature>,
    /// Seconds until the token expires. A time would be compared with a clock that may be wrong.
    expires_in: i64,
}

async fn read_session(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<SessionInfo>, Refusal> {
    let (Some(agent), Some(Credential::Embed { features, expires_at, .. })) = (caller.agent, caller.credential) else {
        return Err(UNSIGNED);
    };
    Ok(Json(SessionInfo {
        agent: agent.id,
        name: agent.name,
        role: agent.role,
        features: features.iter().collect(),
        expires_in: (expires_at.0 - state.app.store.now().0) / 1000,
    }))
}

/// Ends the embed session of the request's token. Repeating it changes nothing.
async fn end_session(
    State(state): State<ServerState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let token = bearer(&headers).and_then(EmbedToken::parse).ok_or(UNSIGNED)?;
    let store = &state.app.store;
    if matches!(caller.credential, Some(Credential::Embed { .. })) {
        store.end_embed_session(&token).await?;
    } else if store.embed_session(&token, store.now()).await?.is_some() {
        // The token is valid, but not for the page that sent it.
        return Err(UNSIGNED);
    }
    Ok(StatusCode::NO_CONTENT)
}
