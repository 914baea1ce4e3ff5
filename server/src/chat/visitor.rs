//! Identity and origin of a visitor.
//!
//! A secret token identifies a visitor. The browser keeps it in a cookie that scripts cannot read.
//! For browsers that keep no cookies, the page carries the token in a field of its forms and the
//! script sends it as a header, which no other site can do. The token is never part of a URL. If
//! there is a cookie, only the cookie counts, so that all tabs are the same visitor.

use std::net::IpAddr;

use clientele::domain::{CustomerId, VisitorInfo, text};
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::ServerState;

/// Query parameters of the page's URL.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChatQuery {
    /// Referrer of the page that embeds the chat.
    pub from: String,
    /// URL of the page that embeds the chat.
    pub page: String,
}

/// Header in which script and server exchange the token if no cookie holds it.
const TOKEN: HeaderName = HeaderName::from_static("clientele-visitor");
const VISITOR: &str = "clientele_visitor";
/// Cookie name whose prefix makes browsers accept the cookie from this host only. Otherwise a
/// sibling domain could plant a token that it knows, and read the chat.
const VISITOR_SECURE: &str = "__Host-clientele_visitor";
const VISIT: &str = "clientele_visit";
/// Most bytes of a URL that are kept. Percent-encoding makes it at most three times as long, so two
/// URLs fit into the 4,096 bytes that browsers allow for a cookie.
const MOST: usize = 500;

/// A visitor, identified by a secret token.
#[derive(Clone)]
pub struct Visitor {
    token: String,
    source: TokenSource,
}

/// Place where a visitor's token is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenSource {
    /// The browser sent the token as a cookie.
    Cookie,
    /// The page sent the token: the browser keeps no cookies.
    Page,
    /// Not stored yet.
    Nowhere,
}

impl Visitor {
    /// Creates a visitor with a random token.
    pub fn new() -> Self {
        Self { token: format!("{:032x}", rand::random::<u128>()), source: TokenSource::Nowhere }
    }

    /// Returns the visitor of a request, by its cookie or else its header.
    pub fn of(state: &ServerState, headers: &HeaderMap) -> Option<Self> {
        Self::of_form(state, headers, "")
    }

    /// Returns the visitor of a request, by its cookie or else its header or else a form field.
    pub fn of_form(state: &ServerState, headers: &HeaderMap, field: &str) -> Option<Self> {
        if let Some(token) = cookie(headers, cookie_name(state)).and_then(parse_token) {
            return Some(Self { token, source: TokenSource::Cookie });
        }
        let header = headers.get(TOKEN).and_then(|token| token.to_str().ok());
        let token = parse_token(header.unwrap_or(field).to_owned())?;
        Some(Self { token, source: TokenSource::Page })
    }

    /// Returns the customer ID. Agents see it, so it is made of a hash and does not reveal the token.
    pub fn id(&self) -> CustomerId {
        let hash = format!("{:x}", Sha256::digest(&self.token));
        CustomerId::of_visitor(&hash[..20])
    }

    /// `true` if the browser sent the token as a cookie.
    pub fn has_cookie(&self) -> bool {
        self.source == TokenSource::Cookie
    }

    /// `true` if the browser is known to keep no cookies.
    pub fn is_without_cookies(&self) -> bool {
        self.source == TokenSource::Page
    }

    /// Returns the token for the page to carry; `None` if a cookie holds it.
    pub fn for_page(&self) -> Option<&str> {
        (!self.has_cookie()).then_some(self.token.as_str())
    }

    /// Adds the cookie and header to a response that let the browser identify the visitor in its next request.
    pub fn add_token(&self, state: &ServerState, headers: &mut HeaderMap) {
        if self.source == TokenSource::Nowhere {
            headers.append(header::SET_COOKIE, self.cookie(state));
        }
        if let Some(token) = self.for_page().and_then(|token| HeaderValue::from_str(token).ok()) {
            headers.insert(TOKEN, token);
        }
    }

    fn cookie(&self, state: &ServerState) -> HeaderValue {
        let mut cookie = cookie_of(state, cookie_name(state), self.token.clone());
        if state.app.session_cookie.secure {
            // Required by the `__Host-` prefix.
            cookie.set_path("/");
        }
        cookie.set_max_age(cookie::time::Duration::days(365));
        header_of(&cookie)
    }
}

/// Returns the name of the visitor cookie. Under https only the `__Host-` name counts, because a
/// sibling domain could set the plain one.
const fn cookie_name(state: &ServerState) -> &'static str {
    if state.app.session_cookie.secure { VISITOR_SECURE } else { VISITOR }
}

fn parse_token(token: String) -> Option<String> {
    (token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(token)
}

/// Returns the cookie that records the visitor's origin for a day, or `None` if it is set already.
/// The referrer is only known on the first visit. Values that an embedding page passes in the URL
/// always replace the cookie.
pub fn visit_cookie(state: &ServerState, headers: &HeaderMap, query: &ChatQuery) -> Option<HeaderValue> {
    if cookie(headers, VISIT).is_some() && query.from.is_empty() && query.page.is_empty() {
        return None;
    }
    let header_text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let referrer = if query.from.is_empty() { header_text(header::REFERER) } else { &query.from };
    let here = format!("{}/chat", state.public_origin);
    let landing = if query.page.is_empty() { &here } else { &query.page };
    let pairs = [("referrer", cut(referrer)), ("landing", cut(landing))];
    let value = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut cookie = cookie_of(state, VISIT, value);
    cookie.set_max_age(cookie::time::Duration::days(1));
    Some(header_of(&cookie))
}

/// Returns the visitor information of a message: address, user agent, referrer and landing page.
pub fn info(headers: &HeaderMap, address: IpAddr) -> VisitorInfo {
    let visit = cookie(headers, VISIT).unwrap_or_default();
    let of_visit = |wanted: &str| {
        let found = form_urlencoded::parse(visit.as_bytes()).find(|(name, _)| name == wanted);
        found.map(|(_, value)| cut(&value).to_owned()).unwrap_or_default()
    };
    let agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    VisitorInfo {
        ip: address.to_string(),
        user_agent: agent.unwrap_or_default().into_owned(),
        referrer: of_visit("referrer"),
        landing_page: of_visit("landing"),
    }
}

fn cut(text: &str) -> &str {
    text::cut_bytes(text, MOST)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    clientele_app::server::cookies::value(headers, name)
}

fn cookie_of(state: &ServerState, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/chat")
        .http_only(true)
        .secure(state.app.session_cookie.secure)
        .same_site(SameSite::Lax)
        .build()
}

fn header_of(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::from_str(&cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}
