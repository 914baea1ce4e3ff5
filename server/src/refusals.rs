//! A server function's call that cannot be read is answered before the function is reached, and always with 500; here it gets
//! the status of the failure it is: the caller's fault is not ours.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use clientele_app::error::{AppError, Code};
use http::{Method, StatusCode};

/// The most bytes of a failure.
const MOST: usize = 16 * 1024;

/// Gives failures of server functions their own status.
pub async fn give_status(request: Request, next: Next) -> Response {
    // Forms that were sent without a script are led back to their page.
    let call = request.uri().path().starts_with("/api/") && matches!(*request.method(), Method::GET | Method::POST);
    let response = next.run(request).await;
    if !call || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else { return Response::from_parts(parts, Body::empty()) };
    // A failure of the function itself has its request's id; one without was made before the function ran.
    if let Ok(AppError { code, request: None, .. }) = serde_json::from_slice::<AppError>(&body)
        && code != Code::Internal
    {
        parts.status = StatusCode::from_u16(code.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(body))
}
