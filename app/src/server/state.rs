//! State that the server provides as a context to every server function and every rendering.

use std::net::IpAddr;
use std::sync::Arc;

use clientele::domain::{Agent, Features, Mode, Settings, Timestamp, Viewer};
use clientele::store::{DeviceToken, EmbedToken, Position, SessionToken, Store};
use cookie::{Cookie, SameSite};
use http::HeaderMap;
use jiff::tz::TimeZone;

use crate::server::channel_refusals::ChannelRefusals;
use crate::server::cookies;
use crate::server::limits::LoginLimiter;

/// State that the app needs from the server.
#[derive(Clone)]
pub struct AppState {
    /// Database and index.
    pub store: Arc<Store>,
    /// Format of the session cookie.
    pub session_cookie: SessionCookie,
    /// Rate limits of sign-in attempts.
    pub login_limiter: Arc<LoginLimiter>,
    /// Rejected requests of each channel key.
    pub refusals: Arc<ChannelRefusals>,
    /// Time zone of browsers that have not sent theirs.
    pub default_zone: TimeZone,
    /// Regions of IP addresses, from the operator's database file.
    pub regions: Arc<crate::server::regions::Regions>,
    /// URLs of scripts, module and style sheet.
    pub assets: Assets,
}

/// Content-hashed URLs of the browser's files, which can be cached forever.
#[derive(Clone, Debug)]
pub struct Assets {
    /// JavaScript that starts the WebAssembly module.
    pub script: String,
    /// JavaScript that loads the split parts.
    pub parts: String,
    /// Main WebAssembly module.
    pub wasm: String,
    /// Style sheet.
    pub style: String,
}

/// Identity of the caller. The server stores it in the extensions of each request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Signed-in agent.
    pub agent: Option<Agent>,
    /// Credential of the request, if it has one. Without an agent it is not valid any more.
    pub credential: Option<Credential>,
    /// IP address of the client: that of the peer or, behind a trusted proxy, the forwarded one.
    pub address: IpAddr,
    /// Request ID.
    pub request: String,
    /// Position of the feed before the request read anything. The event stream continues from there
    /// and delivers all later commits.
    pub position: Position,
}

/// Credential by which a caller was identified.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Cookie of a session in the console.
    Session(SessionToken),
    /// Token of an embed session.
    Embed {
        /// The token.
        token: EmbedToken,
        /// Features that it permits.
        features: Features,
        /// Time at which it expires.
        expires_at: Timestamp,
    },
    /// Bearer token that is not valid, or not for the page that sent it.
    InvalidToken,
}

impl Caller {
    /// Returns the features that the caller's embed token permits; `None` in the console.
    #[must_use]
    pub const fn features(&self) -> Option<Features> {
        match self.credential {
            Some(Credential::Embed { features, .. }) => Some(features),
            Some(Credential::Session(_) | Credential::InvalidToken) | None => None,
        }
    }

    /// Returns the signed-in agent as a viewer in a mode, or `None` if no one is signed in.
    #[must_use]
    pub fn viewer(&self, mode: Mode, settings: Settings) -> Option<Viewer> {
        Some(Viewer { agent: self.agent.clone()?, mode, features: self.features(), settings })
    }
}

/// Format of the cookie that holds the session token.
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    /// `true` if browsers use HTTPS. Without it, as on localhost, browsers would reject a `__Host-`
    /// cookie.
    pub secure: bool,
}

impl SessionCookie {
    /// Returns the cookie's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        if self.secure { "__Host-clientele" } else { "clientele" }
    }

    /// Returns the `Set-Cookie` header that stores a token.
    #[must_use]
    pub fn give(self, token: &SessionToken) -> String {
        self.build(token.secret().to_owned()).to_string()
    }

    /// Returns the `Set-Cookie` header that removes the token.
    #[must_use]
    pub fn take(self) -> String {
        let mut cookie = self.build(String::new());
        cookie.make_removal();
        cookie.to_string()
    }

    /// Returns the token from a request's headers.
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<SessionToken> {
        SessionToken::parse(&cookies::value(headers, self.name())?)
    }

    const fn device_name(self) -> &'static str {
        if self.secure { "__Host-clientele-device" } else { "clientele-device" }
    }

    /// Returns the `Set-Cookie` header that marks a browser as a known device for half a year; see
    /// [`DeviceToken`].
    #[must_use]
    pub fn give_device(self, token: &DeviceToken) -> String {
        let mut cookie = self.build(token.secret().to_owned());
        cookie.set_name(self.device_name());
        cookie.set_max_age(cookie::time::Duration::days(180));
        cookie.to_string()
    }

    /// Returns the device token from a request's headers. It is not verified.
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
