//! Cross-origin requests of hosts: pages of the allowed origins may call the API with an embed token.
//! Cookies are never allowed along.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};

use crate::ServerState;
use crate::caller::bearer;
use crate::embed;

/// Middleware that lets pages of the allowed origins read the responses of the API, and answers their
/// preflight requests.
pub async fn share_with_hosts(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let Some(origin) = host_of(&state, &request) else { return next.run(request).await };
    let mut response = match is_preflight(&request) {
        true => answer_preflight(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id"));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

fn answer_preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, clientele-zone, accept, last-event-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Returns `true` for a call of a host's page that may proceed to the check of its token. Without a token the
/// request could only mean the cookies of the browser, which are not the host's to use.
pub fn is_call_of_host(state: &ServerState, request: &Request) -> bool {
    host_of(state, request).is_some() && bearer(request.headers()).is_some()
}

/// Returns the origin of a request, if it is an allowed one and the path is for hosts.
fn host_of(state: &ServerState, request: &Request) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN).filter(|_| is_for_hosts(request.uri().path()))?;
    let allowed = state.app.store.settings().allows_origin(origin.to_str().ok()?);
    allowed.then(|| origin.clone())
}

/// Returns `true` for what the widget calls: the server functions, the event stream, and the embed session.
/// The channel API and the minting of tokens are for servers.
fn is_for_hosts(path: &str) -> bool {
    match path {
        "/events" | embed::SESSION => true,
        _ => path.starts_with("/api/") && !path.starts_with("/api/v1"),
    }
}

fn is_preflight(request: &Request) -> bool {
    *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_call_what_the_widget_needs() {
        for path in ["/events", "/api/session", "/api/customers/one", "/api/v1/embed/session"] {
            assert!(is_for_hosts(path), "{path}");
        }
        for path in ["/", "/customers", "/chat", "/api/v1", "/api/v1/messages", "/api/v1/embed/sessions", "/events/"] {
            assert!(!is_for_hosts(path), "{path}");
        }
    }
}
