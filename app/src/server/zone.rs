//! Time zone of the browser that sent the current request.

use http::request::Parts;
use jiff::tz::TimeZone;
use leptos::prelude::use_context;

use super::cookies;
use super::state::AppState;
use crate::browser::ZONE_COOKIE;
use crate::error::{AppError, Code};

/// Returns the time zone from the browser's cookie, or else the default of the deployment.
///
/// # Errors
/// [`Code::Internal`] outside a request.
pub fn zone() -> Result<TimeZone, AppError> {
    let parts = use_context::<Parts>();
    let named = parts.and_then(|parts| cookies::value(&parts.headers, ZONE_COOKIE));
    match named.as_deref().and_then(zone_named) {
        Some(zone) => Ok(zone),
        None => Ok(use_context::<AppState>().ok_or(Code::Internal)?.default_zone),
    }
}

/// Returns the time zone with an IANA name from the cookie. Rejects `Etc/Unknown`, which hardened
/// browsers send.
fn zone_named(name: &str) -> Option<TimeZone> {
    TimeZone::get(&name.replace("%2F", "/")).ok().filter(|zone| !zone.is_unknown())
}

#[cfg(test)]
mod tests {
    use super::zone_named;

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
