//! What the server gives the app. Provided as context to every server function and every rendering.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use clientele::domain::Agent;
use clientele::store::{SessionToken, Store};
use cookie::{Cookie, SameSite};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::tz::TimeZone;

/// What the app needs of the server.
#[derive(Clone)]
pub struct AppState {
    /// The database and the index.
    pub store: Arc<Store>,
    /// How sessions travel.
    pub session_cookie: SessionCookie,
    /// Who may try to sign in how often.
    pub login_limiter: Arc<LoginLimiter>,
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

    /// The token a browser sent along.
    #[must_use]
    pub fn read(self, header: &str) -> Option<SessionToken> {
        Cookie::split_parse(header)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == self.name())
            .and_then(|cookie| SessionToken::parse(cookie.value()))
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

/// Holds back those who try passwords: by account and by address, each with its own measure.
pub struct LoginLimiter {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

/// Attempts on one account before it has to wait …
const ACCOUNT_BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// … and from one address, which may be a whole office behind one router.
const ADDRESS_BURST: NonZeroU32 = NonZeroU32::new(30).unwrap();

impl Default for LoginLimiter {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::keyed(Quota::per_minute(ACCOUNT_BURST)),
            addresses: RateLimiter::keyed(Quota::per_minute(ADDRESS_BURST)),
        }
    }
}

impl LoginLimiter {
    /// Whether one more attempt is allowed now; it counts as made.
    #[must_use]
    pub fn allow(&self, login: &str, address: IpAddr) -> bool {
        // Both are counted, whatever the first says.
        let account = self.accounts.check_key(&login.trim().to_lowercase()).is_ok();
        let address = self.addresses.check_key(&address).is_ok();
        account && address
    }

    /// Forgets those who have waited long enough. Meant to be called now and then.
    pub fn sweep(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_on_an_account_waits_from_wherever_it_comes() {
        let limiter = LoginLimiter::default();
        for last in 1..=10 {
            assert!(limiter.allow("Li", IpAddr::from([192, 0, 2, last])));
        }
        assert!(!limiter.allow("li ", IpAddr::from([192, 0, 2, 11])));
        assert!(limiter.allow("wang", IpAddr::from([192, 0, 2, 11])));
    }

    #[test]
    fn an_address_waits_whatever_account_it_tries() {
        let limiter = LoginLimiter::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        assert!((0..30).all(|number| limiter.allow(&format!("agent{number}"), address)));
        assert!(!limiter.allow("agent30", address));
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_where_https_allows() {
        let secure = SessionCookie { secure: true };
        let token = SessionToken::parse(&"a".repeat(32)).unwrap();
        let header = secure.give(&token);
        for part in ["__Host-clientele=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(header.contains(part), "{header}");
        }
        assert_eq!(secure.read(&format!("x=1; __Host-clientele={}", token.secret())), Some(token));
        assert_eq!(secure.read("clientele=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), None);
    }
}
