//! `/livez`: the process runs. `/readyz`: it can serve. `/metrics`: how it does, for Prometheus.

use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use serde_json::json;
use std::net::SocketAddr;

use crate::ServerState;

pub fn routes() -> Router<ServerState> {
    Router::new()
        .route("/livez", get(|| async { "alive" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Migrations are done before the server listens, so a database that answers is a migrated one.
async fn ready(State(state): State<ServerState>) -> Response {
    let store = &state.app.store;
    let (database, warm) = (store.ping().await.is_ok(), store.is_warm());
    let status = if database && warm { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "database": database, "index": { "warm": warm, "customers": store.indexed() } });
    (status, Json(body)).into_response()
}

/// For this machine only: a proxy that should show it elsewhere has to say so.
async fn metrics(State(state): State<ServerState>, peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> Response {
    let local = peer.is_some_and(|Extension(ConnectInfo(address))| address.ip().is_loopback());
    match state.metrics {
        Some(recorder) if local => {
            metrics::gauge!("clientele_index_customers").set(state.app.store.indexed() as f64);
            metrics::gauge!("clientele_index_bytes").set(state.app.store.index_memory() as f64);
            recorder.render().into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
