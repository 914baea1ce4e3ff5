//! Who a visitor is, and where it came from: all of it taken here, none of it from the page.

use std::net::IpAddr;

use clientele::domain::{CustomerId, VisitorInfo, text};
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

use super::page::Asked;
use crate::ServerState;

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
pub struct Visitor(String);

impl Visitor {
    /// A new one.
    pub fn new() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// The one that a browser says it is.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let token = cookie(headers, VISITOR_SECURE).or_else(|| cookie(headers, VISITOR))?;
        let right = token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        right.then_some(Self(token))
    }

    /// Its customer ID: agents see it, and it does not tell the token.
    pub fn id(&self) -> CustomerId {
        let hash = format!("{:x}", Sha256::digest(&self.0));
        CustomerId::of_visitor(&hash[..20])
    }

    /// The header that makes a browser say it.
    pub fn cookie(&self, state: &ServerState) -> HeaderValue {
        let secure = state.app.session_cookie.secure;
        let mut cookie = cookie_of(state, if secure { VISITOR_SECURE } else { VISITOR }, self.0.clone());
        if secure {
            // What the name promises.
            cookie.set_path("/");
        }
        cookie.set_max_age(cookie::time::Duration::days(365));
        header_of(&cookie)
    }
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
