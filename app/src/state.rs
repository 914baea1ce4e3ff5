//! What the server gives the app. Provided as context to every server function and every rendering.

use std::net::IpAddr;
use std::sync::Arc;

use clientele::domain::Agent;
use clientele::store::{DeviceToken, Position, SessionToken, Store};
use cookie::{Cookie, SameSite};
use http::HeaderMap;
use jiff::tz::TimeZone;

use crate::cookies;
use crate::limits::LoginLimiter;
use crate::refusals::ChannelRefusals;

/// What the app needs of the server.
#[derive(Clone)]
pub struct AppState {
    /// The database and the index.
    pub store: Arc<Store>,
    /// How sessions travel.
    pub session_cookie: SessionCookie,
    /// Who may try to sign in how often.
    pub login_limiter: Arc<LoginLimiter>,
    /// Requests of channels that were refused.
    pub refusals: Arc<ChannelRefusals>,
    /// The time zone of browsers that have not said theirs.
    pub default_zone: TimeZone,
    /// The regions of IP addresses, as the operator's file knows them.
    pub regions: Arc<crate::visitor::Regions>,
    /// Where the browser finds the script and the style sheet.
    pub assets: Assets,
}

/// Addresses of what the browser loads; they change with the content, so that it can be kept for ever.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The JavaScript that starts the WebAssembly.
    pub script: String,
    /// The JavaScript that loads the parts that follow.
    pub parts: String,
    /// The WebAssembly.
    pub wasm: String,
    /// The style sheet.
    pub style: String,
}

/// Who asks, put into each request's extensions by the server.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who is signed in.
    pub agent: Option<Agent>,
    /// With which session.
    pub token: Option<SessionToken>,
    /// From where; behind a trusted proxy, what the proxy says.
    pub address: IpAddr,
    /// The request's id.
    pub request: String,
    /// Position of the feed before anything was read for the request: what is committed later is told from there on.
    pub position: Position,
}

/// The cookie that holds a session token.
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    /// Whether browsers reach us by https. Without it, as on the loopback, a `__Host-` cookie would be refused.
    pub secure: bool,
}

impl SessionCookie {
    /// The cookie's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        if self.secure { "__Host-clientele" } else { "clientele" }
    }

    /// The header that gives the browser a token.
    #[must_use]
    pub fn give(self, token: &SessionToken) -> String {
        self.build(token.secret().to_owned()).to_string()
    }

    /// The header that takes it away.
    #[must_use]
    pub fn take(self) -> String {
        let mut cookie = self.build(String::new());
        cookie.make_removal();
        cookie.to_string()
    }

    /// Returns the token that a browser sent along.
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<SessionToken> {
        SessionToken::parse(&cookies::value(headers, self.name())?)
    }

    const fn device_name(self) -> &'static str {
        if self.secure { "__Host-clientele-device" } else { "clientele-device" }
    }

    /// Returns the header that makes a browser a known device for half a year; see [`DeviceToken`].
    #[must_use]
    pub fn give_device(self, token: &DeviceToken) -> String {
        let mut cookie = self.build(token.secret().to_owned());
        cookie.set_name(self.device_name());
        cookie.set_max_age(cookie::time::Duration::days(180));
        cookie.to_string()
    }

    /// Returns the device that a browser says it is.
    #[must_use]
    pub fn read_device(self, headers: &HeaderMap) -> Option<DeviceToken> {
        DeviceToken::parse(&cookies::value(headers, self.device_name())?)
    }

    fn build(self, value: String) -> Cookie<'static> {
        Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_bound_to_the_host_where_https_allows() {
        let secure = SessionCookie { secure: true };
        let token = SessionToken::parse(&"a".repeat(32)).unwrap();
        let header = secure.give(&token);
        for part in ["__Host-clientele=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(header.contains(part), "{header}");
        }
        let sent = |cookie: String| {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::COOKIE, cookie.parse().unwrap());
            headers
        };
        assert_eq!(secure.read(&sent(format!("x=1; __Host-clientele={}", token.secret()))), Some(token));
        assert_eq!(secure.read(&sent("clientele=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".into())), None);
    }
}
