//! The Clientele server: wires together axum, sessions, live events and the app. Business rules
//! belong in the `clientele` crate.
//!
//! # Layout
//!
//! - [`router`]: all routes and middleware as one value, which tests call without a socket.
//! - `config`: flags and environment variables. `cli`: the commands. `main.rs`: only the runtime.
//! - `caller`: identifies the caller: session or token, address, request id. `security`: origin checks,
//!   cross-origin requests of hosts, and security headers. `error_status`: status of undecodable
//!   server-function calls.
//! - `ingest`: the signed HTTP API of channels. `embed`: tokens and frame of the widget. `chat`: the
//!   visitors' page. `events`: event stream of open pages. `streams`: limit of open streams. `health`:
//!   `/livez`, `/readyz`, `/metrics`.
//! - `assets`: static files. `telemetry`: log and metrics. `housekeeping`: periodic work. `serve`,
//!   `shutdown`: connections and graceful shutdown. `html`: escaping.

// Leptos view types nest as deeply as the page.
#![recursion_limit = "512"]

pub mod assets;
mod caller;
pub mod chat;
pub mod cli;
pub mod config;
mod embed;
mod error_status;
mod events;
mod health;
mod housekeeping;
mod html;
pub mod ingest;
mod security;
pub mod serve;
pub mod shutdown;
pub mod streams;
pub mod telemetry;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router, middleware};
use clientele::domain::{AgentId, CustomerKey};
use clientele_app::App;
use clientele_app::api::session::first_page;
use clientele_app::server::document::html_document;
use clientele_app::server::state::{AppState, Caller};
use http::{Method, StatusCode, Uri, header};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

use assets::Site;
use shutdown::Shutdown;
use streams::Streams;

/// State of the server's handlers.
#[derive(Clone, FromRef)]
pub struct ServerState {
    /// State of the app.
    pub app: AppState,
    /// Static files.
    pub site: Arc<Site>,
    /// Origin of the public URL: `https://clientele.example`.
    pub public_origin: Arc<str>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// Rate limits of chat visitors.
    pub visitors: Arc<chat::VisitorLimiter>,
    /// Open event streams of agents.
    pub streams: Arc<Streams<AgentId>>,
    /// Open event streams of chat visitors.
    pub chat_streams: Arc<Streams<CustomerKey>>,
    /// Handle of the metrics recorder, if one is installed.
    pub metrics: Option<PrometheusHandle>,
    /// Signals long-running responses that the server is shutting down.
    pub shutdown: Shutdown,
    /// Options of Leptos.
    pub leptos: LeptosOptions,
}

/// Largest request body in bytes; far more than any form of the console sends.
const MAX_BODY: usize = 256 * 1024;
/// Longest time until a response begins. Event streams may stay open beyond it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Serves a static file, or redirects to the path without a trailing slash. Otherwise responds with
/// 404: the not-found page for clients that accept HTML, an empty body for others.
async fn fallback<F: Future<Output = Response>>(
    State(site): State<Arc<Site>>,
    request: Request,
    no_page: impl FnOnce(Request) -> F,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if let Some(file) = assets::serve(&site, &request) {
        return file;
    }
    if let Some(path) = without_slash(request.uri()) {
        return Redirect::temporary(&path).into_response();
    }
    let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        no_page(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// Returns the URL of a page without its trailing slash; `None` if there is none. Rendered under
/// the slash, the page would lack the caller, because the middleware would not run.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let page = path.trim_end_matches('/');
    // `//` at the start would redirect to another host, and browsers treat a backslash as a slash.
    if page.len() == path.len() || page.is_empty() || path.starts_with("//") || path.contains('\\') {
        return None;
    }
    Some(uri.query().map_or_else(|| page.to_owned(), |query| format!("{page}?{query}")))
}

/// Redirects to the agent's first page, or to the sign-in page.
async fn home(State(state): State<ServerState>, Extension(caller): Extension<Caller>) -> Redirect {
    let settings = state.app.store.settings();
    Redirect::to(caller.agent.map_or("/sign-in", |agent| first_page(&agent, &settings)))
}

/// Returns all routes and middleware of the server.
pub fn router(state: ServerState) -> Router {
    let context = {
        let app = state.app.clone();
        move || provide_context(app.clone())
    };
    let document = {
        let options = state.leptos.clone();
        let secure = state.app.session_cookie.secure;
        move || {
            security::provide_content_policy(secure);
            html_document(options.clone())
        }
    };
    let no_page = leptos_axum::render_app_async_with_context(context.clone(), document.clone());
    let pages = Router::new()
        .route("/", get(home))
        // Also registers a route for each server function.
        .leptos_routes_with_context(&state, generate_route_list(App), context, document)
        .layer(middleware::from_fn(error_status::set_error_status));
    Router::new()
        .merge(pages)
        .route("/events", get(events::stream))
        .layer(middleware::from_fn_with_state(state.clone(), caller::sign_in_first))
        .merge(chat::routes())
        .merge(embed::session_routes())
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        // Routes for other servers limit their request bodies themselves, to respond in their own error
        // format.
        .merge(ingest::routes())
        .merge(embed::host_routes())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .merge(health::routes())
        .fallback(move |site, request| fallback(site, request, no_page))
        .layer(middleware::from_fn_with_state(state.clone(), security::reject_other_origins))
        // Outside of the rejection, so that a host's page can read the status of a rejected call.
        .layer(middleware::from_fn_with_state(state.clone(), security::share_with_hosts))
        .layer(middleware::from_fn(telemetry::record))
        .layer(middleware::from_fn_with_state(state.clone(), security::add_headers))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(middleware::map_request(security::drop_client_request_id))
        .with_state(state)
}
