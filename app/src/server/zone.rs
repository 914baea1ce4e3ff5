//! Time zone of the browser that sent the current request.

use http::HeaderMap;
use http::request::Parts;
use jiff::tz::TimeZone;
use leptos::prelude::use_context;

use super::cookies;
use super::state::AppState;
use crate::browser::ZONE_COOKIE;
use crate::error::{AppError, Code};

/// Header with the time zone. The widget sends it, because its page cannot set our cookie.
const ZONE_HEADER: &str = "clientele-zone";

/// Returns the time zone from the header `clientele-zone` or the browser's cookie, or else the default of
/// the deployment.
///
/// # Errors
/// [`Code::Internal`] outside a request.
pub fn zone() -> Result<TimeZone, AppError> {
    let known = use_context::<Parts>().and_then(|parts| zone_of(&parts.headers));
    match known {
        Some(zone) => Ok(zone),
        None => Ok(use_context::<AppState>().ok_or(Code::Internal)?.default_zone),
    }
}

fn zone_of(headers: &HeaderMap) -> Option<TimeZone> {
    let sent = headers.get(ZONE_HEADER).and_then(|name| zone_named(name.to_str().ok()?));
    sent.or_else(|| zone_named(&cookies::value(headers, ZONE_COOKIE)?))
}

/// Returns the time zone with an IANA name. Rejects `Etc/Unknown`, which hardened
/// browsers send.
fn zone_named(name: &str) -> Option<TimeZone> {
    TimeZone::get(&name.replace("%2F", "/")).ok().filter(|zone| !zone.is_unknown())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::COOKIE;

    use super::{ZONE_HEADER, zone_named, zone_of};

    #[test]
    fn the_header_counts_before_the_cookie() {
        let named = |header: &str, cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ZONE_HEADER, header.parse().unwrap());
            headers.insert(COOKIE, format!("clientele_zone={cookie}").parse().unwrap());
            zone_of(&headers).and_then(|zone| zone.iana_name().map(str::to_owned))
        };
        assert_eq!(named("Asia/Shanghai", "Europe%2FKyiv").as_deref(), Some("Asia/Shanghai"));
        assert_eq!(named("Etc/Unknown", "Asia%2FShanghai").as_deref(), Some("Asia/Shanghai"));
        assert_eq!(named("", "nowhere"), None);
    }

    #[test]
    fn a_zone_that_says_nothing_is_none() {
        for name in ["Asia/Shanghai", "Asia%2FShanghai", "Europe/Kyiv", "Asia/Calcutta", "America/Ciudad_Juarez"] {
            assert!(zone_named(name).is_some(), "{name}");
        }
        for name in ["Etc/Unknown", "etc/unknown", "GMT+8", "", &"A".repeat(5000)] {
            assert!(zone_named(name).is_none(), "{name:.20}");
        }
    }
}
