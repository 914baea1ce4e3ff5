//! Log and metrics. Log messages are fixed texts with fields and contain no personal data.

use std::io::IsTerminal;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tower_http::request_id::RequestId;
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};
use crate::health::READY;

/// Starts logging to standard error. A second call has no effect.
pub fn start_log(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // Escape codes would end up in log files.
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
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
/// The request runs in a span with its ID, so that each log line it causes carries the ID that users
/// report.
pub async fn record(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let method = request.method().clone();
    // At the highest level, so that a filter that hides the span hides its events too.
    let span = tracing::error_span!("request", id = id.as_deref().unwrap_or_default(), %method, %route);
    let response = next.run(request).instrument(span.clone()).await;
    let _entered = span.enter();
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let labels = [("route", route.clone()), ("status", status.to_string())];
    metrics::histogram!("clientele_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    let micros = elapsed.as_micros() as u64;
    match status {
        // The database is unavailable or the server is starting. The cause is logged once where it
        // occurs; the request is not at fault.
        503 if route != READY => tracing::warn!(status, micros, "request refused"),
        500.. if route != READY => tracing::error!(status, micros, "request failed"),
        _ => tracing::debug!(status, micros, "request"),
    }
    response
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use axum::body::Body;
    use axum::routing::get;
    use axum::{Router, middleware};
    use http::StatusCode;
    use tower::ServiceExt;
    use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().map_err(|_| io::ErrorKind::Other)?.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_cause_is_logged_with_the_request_id_that_the_user_is_shown() {
        let lines = Lines::default();
        let writer = lines.clone();
        let filter = EnvFilter::new("warn");
        let log =
            tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(move || writer.clone());
        let _log = tracing::subscriber::set_default(log.finish());
        let fails = || async {
            // Work that outlives a disconnected client runs in a task of its own.
            let work = async { tracing::warn!("the cause") };
            tokio::spawn(work.in_current_span()).await.ok();
            StatusCode::INTERNAL_SERVER_ERROR
        };
        let router = Router::new()
            .route("/fails/{id}", get(fails))
            .layer(middleware::from_fn(record))
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
        let response = router.oneshot(Request::get("/fails/7").body(Body::empty()).unwrap()).await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let line = |text: &str| log.lines().find(|line| line.contains(text)).unwrap_or_default().to_owned();
        for text in ["the cause", "request failed"] {
            assert!(line(text).contains(&id) && line(text).contains("/fails/{id}"), "{text} in {log}");
        }
        assert!(!log.contains("/fails/7"), "paths identify customers: {log}");
    }
}
