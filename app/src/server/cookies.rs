//! Parsing of the `Cookie` request header.

use cookie::Cookie;
use http::HeaderMap;
use http::header::COOKIE;

/// Returns the value of a cookie. Other cookies may contain non-ASCII characters: a script of
/// another application on the same host may have set them, and browsers send them unencoded.
#[must_use]
pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().map(|header| String::from_utf8_lossy(header.as_bytes()).into_owned());
    texts
        .flat_map(|text| Cookie::split_parse(text).filter_map(Result::ok))
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_read_whatever_stands_beside_it() {
        for beside in ["shop_user=张伟; ", "a=%E5%BC%A0; ", "; ;=; x; ", "own2=y; "] {
            let mut headers = HeaderMap::new();
            let sent = format!("{beside}own=v; last=\u{e9}");
            headers.append(COOKIE, HeaderValue::from_bytes(sent.as_bytes()).unwrap());
            assert_eq!(value(&headers, "own").as_deref(), Some("v"), "{beside}");
            assert_eq!(value(&headers, "other"), None);
        }
    }
}
