//! Middleware that corrects the status of undecodable server-function calls. Leptos answers them
//! with 500 before the function runs; this layer sets the status of the error itself, because the
//! client is at fault.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use clientele_app::error::{AppError, Code};
use http::{Method, StatusCode};

/// Largest error body in bytes.
const MOST: usize = 16 * 1024;

/// Middleware that replaces status 500 of undecodable server-function calls by the status of the
/// error in the body.
pub async fn set_error_status(request: Request, next: Next) -> Response {
    // Form posts without JavaScript are answered with a redirect, not with 500, and stay unchanged.
    let call = request.uri().path().starts_with("/api/") && matches!(*request.method(), Method::GET | Method::POST);
    let response = next.run(request).await;
    if !call || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else { return Response::from_parts(parts, Body::empty()) };
    // Errors of the function itself carry a request id; without one, the error was created before the function ran.
    if let Ok(AppError { code, request: None, .. }) = serde_json::from_slice::<AppError>(&body)
        && code != Code::Internal
    {
        parts.status = StatusCode::from_u16(code.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(body))
}
