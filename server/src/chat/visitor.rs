//! A visitor's identity and origin.
//!
//! A visitor is known by a secret token. Its browser keeps it in a cookie that no script can read. Some browsers keep none: for
//! them the page carries the token in a field of its forms, and the script sends it as a header, which no other site can do.
//! It never stands in an address. Where there is a cookie, only the cookie counts, so that all tabs are the same visitor.

use std::net::IpAddr;

use clientele::domain::{CustomerId, VisitorInfo, text};
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

use super::page::Asked;
use crate::ServerState;

/// Header by which the script and the server tell each other the token that no cookie holds.
const TOKEN: HeaderName = HeaderName::from_static("clientele-visitor");
const VISITOR: &str = "clientele_visitor";
/// Name by which browsers refuse the cookie from anybody but this very host: a neighbour under the same domain could give a
/// visitor a token that it knows, and read along.
const VISITOR_SECURE: &str = "__Host-clientele_visitor";
const VISIT: &str = "clientele_visit";
/// The most bytes of an address that are kept. Escaped they are three times as many at worst, and two of them fit into the 4,096
/// that a browser takes of a cookie.
const MOST: usize = 500;

/// A visitor, by its secret token.
#[derive(Clone)]
pub struct Visitor {
    token: String,
    kept: Kept,
}

/// Place where a visitor's token is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// The browser sent it as a cookie.
    Cookie,
    /// The page sent it: the browser keeps no cookie.
    Page,
    /// Nowhere yet.
    Nowhere,
}

impl Visitor {
    /// Makes a new visitor.
    pub fn new() -> Self {
        Self { token: format!("{:032x}", rand::random::<u128>()), kept: Kept::Nowhere }
    }

    /// Returns the visitor that a request names by its cookie or, without one, by its header.
    pub fn of(state: &ServerState, headers: &HeaderMap) -> Option<Self> {
        Self::of_form(state, headers, "")
    }

    /// Returns the visitor that a request names by its cookie or, without one, by its header or a field of its form.
    pub fn of_form(state: &ServerState, headers: &HeaderMap, field: &str) -> Option<Self> {
        if let Some(token) = cookie(headers, cookie_name(state)).and_then(accept) {
            return Some(Self { token, kept: Kept::Cookie });
        }
        let header = headers.get(TOKEN).and_then(|token| token.to_str().ok());
        let token = accept(header.unwrap_or(field).to_owned())?;
        Some(Self { token, kept: Kept::Page })
    }

    /// Its customer ID: agents see it, and it does not tell the token.
    pub fn id(&self) -> CustomerId {
        let hash = format!("{:x}", Sha256::digest(&self.token));
        CustomerId::of_visitor(&hash[..20])
    }

    /// `true` if the browser sent the token as a cookie.
    pub fn has_cookie(&self) -> bool {
        self.kept == Kept::Cookie
    }

    /// `true` if the browser is known to keep no cookie.
    pub fn is_without_cookies(&self) -> bool {
        self.kept == Kept::Page
    }

    /// The token for the page, where no cookie is known to hold it.
    pub fn for_page(&self) -> Option<&str> {
        (!self.has_cookie()).then_some(self.token.as_str())
    }

    /// Adds to an answer what lets the browser name the visitor in its next request.
    pub fn tell(&self, state: &ServerState, headers: &mut HeaderMap) {
        if self.kept == Kept::Nowhere {
            headers.append(header::SET_COOKIE, self.cookie(state));
        }
        if let Some(token) = self.for_page().and_then(|token| HeaderValue::from_str(token).ok()) {
            headers.insert(TOKEN, token);
        }
    }

    fn cookie(&self, state: &ServerState) -> HeaderValue {
        let mut cookie = cookie_of(state, cookie_name(state), self.token.clone());
        if state.app.session_cookie.secure {
            // What the name promises.
            cookie.set_path("/");
        }
        cookie.set_max_age(cookie::time::Duration::days(365));
        header_of(&cookie)
    }
}

/// The name of the cookie. The plain one counts for nothing where the other can be had: a neighbour could set it.
const fn cookie_name(state: &ServerState) -> &'static str {
    if state.app.session_cookie.secure { VISITOR_SECURE } else { VISITOR }
}

fn accept(token: String) -> Option<String> {
    (token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(token)
}

/// Where a visitor came from is known at the first look at the page only; the browser keeps it for a day. A page that says
/// where it embeds the chat is believed each time.
pub fn first_look(state: &ServerState, headers: &HeaderMap, asked: &Asked) -> Option<HeaderValue> {
    if cookie(headers, VISIT).is_some() && asked.from.is_empty() && asked.page.is_empty() {
        return None;
    }
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let referrer = if asked.from.is_empty() { said(header::REFERER) } else { &asked.from };
    let here = format!("{}/chat", state.public_origin);
    let landing = if asked.page.is_empty() { &here } else { &asked.page };
    let pairs = [("referrer", cut(referrer)), ("landing", cut(landing))];
    let value = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut cookie = cookie_of(state, VISIT, value);
    cookie.set_max_age(cookie::time::Duration::days(1));
    Some(header_of(&cookie))
}

/// Where a message comes from.
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
    clientele_app::cookies::value(headers, name)
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
