//! Who asks: puts a [`Caller`] into each request, and sends those who are not signed in to sign in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use clientele::domain::Timestamp;
use clientele_app::state::Caller;
use http::{HeaderMap, Method, StatusCode, header};
use tower_http::request_id::RequestId;

use crate::ServerState;

/// Puts a [`Caller`] into the request's extensions.
pub async fn identify(State(state): State<ServerState>, mut request: Request, next: Next) -> Response {
    let cookies: Vec<&str> =
        request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    let token = cookies.iter().find_map(|header| state.app.session_cookie.read(header));
    let now = Timestamp::from(jiff::Timestamp::now());
    let session = match &token {
        Some(token) => match state.app.store.session(token, now).await {
            Ok(session) => session,
            // Without the database nobody can be told from anybody.
            Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
        None => None,
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let request_id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let caller = Caller {
        agent: session.map(|session| session.agent),
        token,
        address: address(request.headers(), peer, &state.trusted_proxies),
        request: request_id.unwrap_or_default().to_owned(),
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Sends a browser that asks for a page without being signed in to the sign-in page, and one that is signed in away
/// from it. Server functions answer for themselves.
pub async fn sign_in_first(State(_): State<ServerState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let page = request.method() == Method::GET && !path.starts_with("/api/") && path != "/events";
    let signed_in = request.extensions().get::<Caller>().is_some_and(|caller| caller.agent.is_some());
    match (page, path == "/sign-in", signed_in) {
        (true, false, false) => {
            let wanted = request.uri().path_and_query().map_or("/", |uri| uri.as_str());
            let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Redirect::to(&format!("/sign-in?next={next}")).into_response()
        }
        (true, true, true) => Redirect::to("/customers").into_response(),
        _ => next.run(request).await,
    }
}

/// From where a request comes: the peer, or what trusted proxies say, from the nearest one on.
fn address(headers: &HeaderMap, peer: Option<IpAddr>, trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        match hop.parse() {
            Ok(before) => address = before,
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded: &str, peer: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        address(&headers, peer.parse().ok(), &["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("192.0.2.7", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("192.0.2.7", "10.0.0.1"), "192.0.2.7");
        // What the browser itself wrote comes first and is not reached.
        assert_eq!(seen("1.1.1.1, 192.0.2.7, 10.0.0.2", "10.0.0.1"), "192.0.2.7");
        assert_eq!(seen("nonsense", "10.0.0.1"), "10.0.0.1");
    }
}
