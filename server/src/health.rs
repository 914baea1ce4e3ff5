//! Health checks: `/livez` (the process runs) and `/readyz` (it can serve requests). For operators,
//! `/metrics` and a detailed `/readyz` on a separate address.
//!
//! A proxy on the same machine forwards every request to the public address, and its requests look
//! local. Data that is not public therefore has a listener of its own, and is not served without
//! one.

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

/// Readiness route. Its 503 is not logged as a failure, because a starting server is not ready.
pub const READY: &str = "/readyz";

/// Returns the public routes.
pub fn routes() -> Router<ServerState> {
    Router::new().route("/livez", get(|| async { "alive" })).route(READY, get(ready))
}

/// Handles `GET /readyz`. Migrations run before the server listens, so a database that answers is migrated.
async fn ready(State(state): State<ServerState>) -> Response {
    let store = &state.app.store;
    let ready = store.is_warm() && store.ping().await.is_ok();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready }))).into_response()
}

/// Returns the routes for operators.
pub fn operators(store: Arc<Store>, recorder: Option<PrometheusHandle>) -> Router {
    let metrics_store = store.clone();
    Router::new()
        .route("/metrics", get(move || metrics(metrics_store, recorder)))
        .route(READY, get(move || details(store)))
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
