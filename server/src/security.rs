//! Origin checks that reject cross-site requests, and the security headers. `cors`: exceptions for pages
//! of hosts.

mod cors;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::nonce::use_nonce;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;

pub use cors::share_with_hosts;

use crate::{ServerState, embed};

/// Sets the content security policy of the document being rendered: inline scripts by nonce, all
/// other content from this origin only.
pub fn provide_content_policy(secure: bool) {
    let nonce = use_nonce().map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    if let Some(policy) = content_policy(&nonce, "'none'", secure) {
        expect_context::<ResponseOptions>().insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Returns the content security policy of a document of the console. `scripts` are further sources of
/// scripts, each after a space; `ancestors` are the pages that may show the document in a frame.
pub fn content_policy(scripts: &str, ancestors: &str, secure: bool) -> Option<HeaderValue> {
    let upgrade = if secure { "; upgrade-insecure-requests" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self'{scripts} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}{upgrade}"
    );
    HeaderValue::from_str(&policy).ok()
}

/// Middleware that rejects cross-site requests: a change must come from our own pages, or from a page of a
/// host with an embed token.
pub async fn reject_other_origins(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Pages may be linked from anywhere. Only our own pages may call the API with cookies, reads included:
    // the success of a call would reveal to another site who is signed in and which customers exist.
    let path = request.uri().path();
    let page = reads && (!path.starts_with("/api/") || path.starts_with("/api/v1"));
    let ours = page || from_here(request.headers(), &state.public_origin);
    if ours || cors::is_call_of_host(&state, &request) {
        next.run(without_foreign_referrer(request, &state.public_origin)).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// Drops the `Referer` of a cross-site call. A form post without JavaScript is redirected to its
/// `Referer`, which must not be another site.
fn without_foreign_referrer(mut request: Request, public_origin: &str) -> Request {
    let ours =
        request.headers().get(header::REFERER).and_then(|referrer| referrer.to_str().ok()).is_some_and(|referrer| {
            referrer.strip_prefix(public_origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    if !ours && request.uri().path().starts_with("/api/") {
        request.headers_mut().remove(header::REFERER);
    }
    request
}

/// Returns `true` if the request comes from our own pages, by `Sec-Fetch-Site` or `Origin`.
/// Requests without these headers pass: they come from programs, which hold no cookies that could
/// be abused.
fn from_here(headers: &HeaderMap, public_origin: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text(header::ORIGIN), text(HeaderName::from_static("sec-fetch-site"))) {
        (_, Some("same-origin" | "none")) => true,
        (_, Some(_)) => false,
        (Some(origin), None) => origin == public_origin,
        (None, None) => true,
    }
}

/// Drops a request id that the client sent. It would be written to the log, and could be any text.
pub async fn drop_client_request_id(mut request: Request) -> Request {
    request.headers_mut().remove("x-request-id");
    request
}

/// Adds the security headers to every response, unless the handler set them.
pub async fn add_headers(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let framed = request.uri().path() == embed::FRAME;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // Applies to the worker that holds the event stream, a module that imports another one: a worker is
    // bound by the policy of its own script.
    add(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
    );
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // This header cannot name hosts; the policy of the frame does.
    if !framed {
        add(header::X_FRAME_OPTIONS, "DENY");
    }
    add(header::REFERRER_POLICY, "same-origin");
    // Responses depend on the signed-in agent and must not be cached. Assets set their own lifetime.
    add(header::CACHE_CONTROL, "no-store");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()");
    if state.app.session_cookie.secure {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        from_here(&headers.collect(), "https://clientele.example")
    }

    #[test]
    fn a_change_comes_from_our_own_pages() {
        assert!(allowed(&[("origin", "https://clientele.example")]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "https://clientele.example")]));
        assert!(allowed(&[]));
        assert!(!allowed(&[("origin", "https://evil.example")]));
        assert!(!allowed(&[("origin", "null")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site"), ("origin", "https://evil.clientele.example")]));
    }
}
