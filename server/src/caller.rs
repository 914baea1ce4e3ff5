//! Middleware that identifies the caller and stores a [`Caller`] in the request extensions, and
//! middleware that redirects callers who are not signed in to the sign-in page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use clientele::domain::address::parse;
use clientele_app::server::state::Caller;
use http::{HeaderMap, Method, StatusCode};
use tower_http::request_id::RequestId;

use crate::ServerState;

/// Stores a [`Caller`] in the request extensions. Responds with 503 if the database does not answer.
pub async fn identify(State(state): State<ServerState>, mut request: Request, next: Next) -> Response {
    // Taken before any data is read for the response, so that the event stream delivers every later
    // commit to the page.
    let position = state.app.store.position();
    let token = state.app.session_cookie.read(request.headers());
    let now = state.app.store.now();
    let session = match &token {
        Some(token) => match state.app.store.session(token, now).await {
            Ok(session) => session,
            // Without the database, no session can be checked.
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
        position,
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Redirects page requests without a session to the sign-in page, and requests for the sign-in page
/// with a session to the list. Server functions check the session themselves.
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

/// Returns the client's address: the peer, or the address that trusted proxies report in
/// `X-Forwarded-For`, read from the nearest hop outwards. IPv4-mapped addresses, as a dual-stack
/// listener reports them, become IPv4.
fn address(headers: &HeaderMap, peer: Option<IpAddr>, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == address);
    let mut nearest = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    // Lossy decoding: an invalid byte sent by the browser must not hide what the proxy appended.
    let forwarded = headers.get_all("x-forwarded-for").iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let hops: Vec<String> =
        forwarded.flat_map(|value| value.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    for hop in hops.iter().rev() {
        if !is_trusted(nearest) {
            break;
        }
        match parse(hop) {
            Some(before) => nearest = before,
            None => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn seen(forwarded: &str, peer: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_bytes(forwarded.as_bytes()).unwrap());
        address(&headers, peer.parse().ok(), &["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("192.0.2.7", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("192.0.2.7", "10.0.0.1"), "192.0.2.7");
        // The browser's own entries come first and are not reached.
        assert_eq!(seen("1.1.1.1, 192.0.2.7, 10.0.0.2", "10.0.0.1"), "192.0.2.7");
        assert_eq!(seen("nonsense", "10.0.0.1"), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        assert_eq!(seen("192.0.2.7", "::ffff:10.0.0.1"), "192.0.2.7");
        assert_eq!(seen("192.0.2.7:40112, ::ffff:10.0.0.2", "10.0.0.1"), "192.0.2.7");
        assert_eq!(seen("[2001:DB8::9]:443", "10.0.0.1"), "2001:db8::9");
        // Non-ASCII text can only be in the part that the browser wrote.
        assert_eq!(seen("é, 192.0.2.7", "10.0.0.1"), "192.0.2.7");
        assert_eq!(seen("192.0.2.7", "::ffff:198.51.100.1"), "198.51.100.1");
    }
}
