//! `/livez`: the process runs. `/readyz`: it can serve. And for operators, on an address of their own, `/metrics` and details.
//!
//! A proxy on the same machine passes everything on that the public address answers, and its requests look local: what is not
//! for everybody therefore has a listener of its own, and is nowhere without one.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use std::sync::Arc;

use crate::ServerState;
use clientele::store::Store;

/// Route whose failures are no faults: a server that is starting is not ready.
pub const READY: &str = "/readyz";

/// Makes the routes for everybody.
pub fn routes() -> Router<ServerState> {
    Router::new().route("/livez", get(|| async { "alive" })).route(READY, get(ready))
}

/// Handles `GET /readyz`. Migrations are done before the server listens, so a database that answers is a migrated one.
async fn ready(State(state): State<ServerState>) -> Response {
    let store = &state.app.store;
    let ready = store.is_warm() && store.ping().await.is_ok();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready }))).into_response()
}

/// Makes the routes for operators.
pub fn operators(store: Arc<Store>, recorder: Option<PrometheusHandle>) -> Router {
    let own = store.clone();
    Router::new().route("/metrics", get(move || metrics(own, recorder))).route(READY, get(move || details(store)))
}

async fn metrics(store: Arc<Store>, recorder: Option<PrometheusHandle>) -> Response {
    let Some(recorder) = recorder else { return StatusCode::NOT_FOUND.into_response() };
    metrics::gauge!("clientele_index_customers").set(store.indexed() as f64);
    metrics::gauge!("clientele_index_bytes").set(store.index_memory() as f64);
    metrics::counter!("clientele_index_healed_total").absolute(store.healed());
    metrics::gauge!("clientele_conversations_waiting").set(store.waiting(None, 0).1 as f64);
    recorder.render().into_response()
}

async fn details(store: Arc<Store>) -> Response {
    let (database, warm) = (store.ping().await.is_ok(), store.is_warm());
    let status = if database && warm { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "database": database, "index": { "warm": warm, "customers": store.indexed() } })))
        .into_response()
}
