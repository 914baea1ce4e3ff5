//! Middleware that identifies the caller and stores a [`Caller`] in the request extensions, and
//! middleware that redirects callers who are not signed in to the sign-in page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use clientele::domain::address::parse;
use clientele::domain::{Agent, Timestamp};
use clientele::store::{EmbedToken, StoreError};
use clientele_app::server::state::{Caller, Credential};
use http::{HeaderMap, Method, StatusCode, header};
use tower_http::request_id::RequestId;

use crate::ServerState;

/// Stores a [`Caller`] in the request extensions. Responds with 503 if the database does not answer.
pub async fn identify(State(state): State<ServerState>, mut request: Request, next: Next) -> Response {
    // Taken before any data is read for the response, so that the event stream delivers every later
    // commit to the page.
    let position = state.app.store.position();
    // Without the database, no credential can be checked.
    let Ok((agent, credential)) = verify(&state, request.headers(), state.app.store.now()).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let request_id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let caller = Caller {
        agent,
        credential,
        address: address(request.headers(), peer, &state.trusted_proxies),
        request: request_id.unwrap_or_default().to_owned(),
        position,
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Returns the agent of a request, and its credential. A bearer token alone counts, whatever cookies stand
/// beside it: they may be those of another agent.
async fn verify(
    state: &ServerState,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(Option<Agent>, Option<Credential>), StoreError> {
    let store = &state.app.store;
    if let Some(text) = bearer(headers) {
        let Some(token) = EmbedToken::parse(text) else { return Ok((None, Some(Credential::InvalidToken))) };
        let session = store.embed_session(&token, now).await?;
        let session = session.filter(|session| may_send(headers, &session.origin, &state.public_origin));
        return Ok(match session {
            Some(session) => {
                let (features, expires_at) = (session.features, session.expires_at);
                (Some(session.agent), Some(Credential::Embed { token, features, expires_at }))
            }
            None => (None, Some(Credential::InvalidToken)),
        });
    }
    let Some(token) = state.app.session_cookie.read(headers) else { return Ok((None, None)) };
    let session = store.session(&token, now).await?;
    Ok((session.map(|session| session.agent), Some(Credential::Session(token))))
}

/// Returns the token of an `Authorization: Bearer` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns `true` if the page that sent a request may use a token that was minted for `origin`: a page of
/// that origin, or our own page in a frame. Browsers send no `Origin` with reading requests to the page's
/// own origin.
fn may_send(headers: &HeaderMap, origin: &str, public_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let sender = text("origin");
    text("sec-fetch-site") == Some("same-origin") || sender == Some(origin) || sender == Some(public_origin)
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
    use http::{HeaderName, HeaderValue};

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

    fn of(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn a_bearer_token_is_read_in_any_case() {
        assert_eq!(bearer(&of(&[("authorization", "Bearer cet_1")])), Some("cet_1"));
        assert_eq!(bearer(&of(&[("authorization", "bearer  cet_1 ")])), Some("cet_1"));
        for other in ["Basic bGk6eA==", "Bearer", ""] {
            assert_eq!(bearer(&of(&[("authorization", other)])), None, "{other}");
        }
    }

    #[test]
    fn a_token_is_sent_by_its_own_origin_or_by_our_page() {
        let sent = |pairs: &[(&'static str, &'static str)]| {
            may_send(&of(pairs), "https://console.example", "https://clientele.example")
        };
        assert!(sent(&[("origin", "https://console.example"), ("sec-fetch-site", "cross-site")]));
        assert!(sent(&[("origin", "https://clientele.example")]));
        assert!(sent(&[("sec-fetch-site", "same-origin")]));
        assert!(!sent(&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!sent(&[("origin", "null")]) && !sent(&[("sec-fetch-site", "none")]) && !sent(&[]));
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
