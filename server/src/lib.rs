//! The Clientele server: wires axum, sessions, live events and the app. No business rule stands here.
//!
//! # Layout
//!
//! - [`router`]: everything the server answers, as one value that tests drive without a socket.
//! - `settings`: what can be set. `cli`: the commands. `main.rs`: the runtime, and nothing else.
//! - `caller`: who asks: session, address, request id. `security`: what is refused, and the headers. `refusals`: the status
//!   of calls that cannot be read.
//! - `ingest`: the signed HTTP API of channels. `chat`: the visitors' page. `events`: what open pages are told. `streams`: how many of those are open. `health`: `/livez`, `/readyz`, `/metrics`.
//! - `assets`: what browsers load. `telemetry`: the log. `housekeeping`: what is done each second and each minute. `serve`, `shutdown`: connections, and ending without failing anybody.

// Views are types as deep as the page.
#![recursion_limit = "512"]

pub mod assets;
mod caller;
pub mod chat;
pub mod cli;
mod events;
mod health;
mod housekeeping;
mod html;
pub mod ingest;
mod refusals;
mod security;
pub mod serve;
pub mod settings;
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
use clientele_app::api::session::first_page;
use clientele_app::state::{AppState, Caller};
use clientele_app::{App, shell};
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

/// What the server's own handlers need.
#[derive(Clone, FromRef)]
pub struct ServerState {
    /// What the app needs.
    pub app: AppState,
    /// What browsers load.
    pub site: Arc<Site>,
    /// Origin of the address browsers use: `https://clientele.example`.
    pub public_origin: Arc<str>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// Limits of what visitors may do.
    pub visitors: Arc<chat::VisitorLimiter>,
    /// Open event streams of agents.
    pub streams: Arc<Streams<AgentId>>,
    /// Open event streams of visitors.
    pub chat_streams: Arc<Streams<CustomerKey>>,
    /// The recorded metrics, where there is a recorder.
    pub metrics: Option<PrometheusHandle>,
    /// Tells long answers that the server is about to end.
    pub shutdown: Shutdown,
    /// Leptos' own options.
    pub leptos: LeptosOptions,
}

/// The largest request body: nothing a form here sends comes near.
const MAX_BODY: usize = 256 * 1024;
/// The longest until an answer begins; live events may go on as long as they like.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A file of the site; or the page that says that there is none, for those who read pages.
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

/// Returns the address of a page that was asked for with a slash at its end. Rendered as it is, the page would miss who asks.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let page = path.trim_end_matches('/');
    // Two slashes in front would lead to another host, and browsers take a backslash for one.
    if page.len() == path.len() || page.is_empty() || path.starts_with("//") || path.contains('\\') {
        return None;
    }
    Some(uri.query().map_or_else(|| page.to_owned(), |query| format!("{page}?{query}")))
}

/// Leads to the page that the agent begins with.
async fn home(State(state): State<ServerState>, Extension(caller): Extension<Caller>) -> Redirect {
    let settings = state.app.store.settings();
    Redirect::to(caller.agent.map_or("/sign-in", |agent| first_page(&agent, &settings)))
}

/// Everything the server answers.
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
            shell::shell(options.clone())
        }
    };
    let no_page = leptos_axum::render_app_async_with_context(context.clone(), document.clone());
    let pages = Router::new()
        .route("/", get(home))
        // Brings a route for each server function too.
        .leptos_routes_with_context(&state, generate_route_list(App), context, document)
        .layer(middleware::from_fn(refusals::give_status));
    Router::new()
        .merge(pages)
        .route("/events", get(events::stream))
        .layer(middleware::from_fn_with_state(state.clone(), caller::sign_in_first))
        .merge(chat::routes())
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        // Limits its bodies itself, to answer in its own form.
        .merge(ingest::routes())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .merge(health::routes())
        .fallback(move |site, request| fallback(site, request, no_page))
        .layer(middleware::from_fn_with_state(state.clone(), security::refuse_other_origins))
        .layer(middleware::from_fn(telemetry::record))
        .layer(middleware::from_fn_with_state(state.clone(), security::add_headers))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(middleware::map_request(security::forget_request_id))
        .with_state(state)
}
