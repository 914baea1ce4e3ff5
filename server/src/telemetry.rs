//! Log and metrics. Log messages are fixed texts with fields and contain no personal data.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tower_http::request_id::RequestId;
use tracing_subscriber::EnvFilter;

use crate::health::READY;
use crate::settings::{LogFormat, Settings};

/// Starts logging to standard error. A second call has no effect.
pub fn start_log(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match settings.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Upper bounds of the histogram buckets, in seconds. The performance targets are 5 and 25 ms.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Installs the metrics recorder. Returns `None` if another recorder is installed already.
#[must_use]
pub fn start_metrics() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
    builder.ok()?.install_recorder().ok()
}

/// Middleware that records each request, by route and not by path, because paths identify customers.
pub async fn record(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let method = request.method().clone();
    let response = next.run(request).await;
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let labels = [("route", route.clone()), ("status", status.to_string())];
    metrics::histogram!("clientele_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    let micros = elapsed.as_micros() as u64;
    let request_id = id.as_deref().unwrap_or_default();
    match status {
        // The database is unavailable or the server is starting. The cause is logged once where it
        // occurs; the request is not at fault.
        503 if route != READY => tracing::warn!(%method, %route, status, micros, request_id, "request refused"),
        500.. if route != READY => tracing::error!(%method, %route, status, micros, request_id, "request failed"),
        _ => tracing::debug!(%method, %route, status, micros, request_id, "request"),
    }
    response
}
