//! Embedding the Customers page in pages of other applications, the hosts: which origins may do it, and
//! which part of the page a token of a host permits.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::error::{Error, Reason};
use super::named::named;
use super::text;

/// Lifetime of an embed token, in milliseconds. The host fetches another one before it ends.
pub const TOKEN_MILLIS: i64 = 5 * 60 * 1000;
/// Minimum interval between updates of the last use of an embed key, because each update is a write.
pub const KEY_NOTE_MILLIS: i64 = 60_000;
/// Maximum number of origins that may embed. The `frame-ancestors` of a response lists all of them.
pub const MAX_ORIGINS: u32 = 50;

named! {
    /// Part of the Customers page that an embed token can permit.
    pub enum Feature {
        /// View and search customers, and read their conversations. All other features need it.
        List = "list",
        /// Edit profiles.
        Edit = "edit",
        /// Add tags to customers, remove them, and create tags.
        Tags = "tags",
        /// Call customers back.
        Callback = "callback",
        /// Add customers to the blacklist, and remove them.
        Blacklist = "blacklist",
    }
}

/// Set of features.
///
/// # Examples
/// ```
/// use clientele::domain::{Feature, Features};
///
/// let features = Features::parse(&["list", "tags"])?;
/// assert!(features.contains(Feature::Tags) && !features.contains(Feature::Edit));
/// assert_eq!(features.iter().collect::<Features>(), features.intersection(Features::ALL));
/// # Ok::<(), clientele::domain::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(u8);

impl Features {
    /// All features.
    pub const ALL: Self = Self((1 << Feature::ALL.len()) - 1);

    /// Parses the names of features.
    ///
    /// # Errors
    /// [`Reason::Malformed`] for an unknown name, [`Reason::Required`] without `list`, at field `features`.
    pub fn parse<T: AsRef<str>>(names: &[T]) -> Result<Self, Error> {
        let refused = |reason| Error::field("features", reason);
        let parsed: Option<Self> = names.iter().map(|name| Feature::parse(name.as_ref())).collect();
        let features = parsed.ok_or_else(|| refused(Reason::Malformed))?;
        if features.contains(Feature::List) { Ok(features) } else { Err(refused(Reason::Required)) }
    }

    /// Returns `true` if the feature is in the set.
    #[must_use]
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 & Self::bit(feature) != 0
    }

    /// Returns the features that both sets contain.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the features in display order.
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.into_iter().filter(move |feature| self.contains(*feature))
    }

    const fn bit(feature: Feature) -> u8 {
        1 << feature as u8
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        Self(features.into_iter().fold(0, |bits, feature| bits | Self::bit(feature)))
    }
}

/// Origin of a host, as browsers write it: scheme, host and port in lower case, without the default port.
/// Scripts of this origin may embed the page, so it must be one that nobody on the network can imitate:
/// `https`, or `http` on the same machine.
///
/// # Examples
/// ```
/// use clientele::domain::EmbedOrigin;
///
/// assert_eq!(EmbedOrigin::new(" HTTPS://Console.Example:443/ ")?.as_str(), "https://console.example");
/// assert!(EmbedOrigin::new("http://console.example").is_err());
/// # Ok::<(), clientele::domain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedOrigin(String);

impl EmbedOrigin {
    /// Maximum length of an origin, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Parses an origin. A slash at the end is dropped.
    ///
    /// # Errors
    /// [`Reason::Required`], [`Reason::TooLong`], or [`Reason::NotAnOrigin`], at field `origin`.
    pub fn new(typed: &str) -> Result<Self, Error> {
        let typed = text::required("origin", text::line(typed), Self::MAX_CHARS)?.to_ascii_lowercase();
        parse(typed.strip_suffix('/').unwrap_or(&typed))
            .map(Self)
            .ok_or_else(|| Error::field("origin", Reason::NotAnOrigin))
    }

    /// Returns the origin as browsers send it in the header `Origin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn parse(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = split_port(rest)?;
    let host = Host::parse(host)?;
    let default_port = match scheme {
        "https" => 443,
        "http" if host.is_loopback() => 80,
        _ => return None,
    };
    let port = port.filter(|port| *port != default_port).map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{}{port}", host.text()))
}

/// Splits a host from its port. An IPv6 address contains colons itself, and stands in brackets.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (host, rest) = text.split_at(end);
    if rest.is_empty() {
        return Some((host, None));
    }
    let port = rest.strip_prefix(':').filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((host, Some(port.parse().ok().filter(|port| *port != 0)?)))
}

enum Host<'a> {
    Name(&'a str),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl<'a> Host<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('[') {
            return inside.strip_suffix(']')?.parse().ok().map(Self::V6);
        }
        let is_label = |label: &str| {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(allowed)
        };
        if !text.split('.').all(is_label) {
            return None;
        }
        // Browsers read a host that ends in a number as an IPv4 address.
        if text.rsplit('.').next()?.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self::V4);
        }
        Some(Self::Name(text))
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => *name == "localhost" || name.ends_with(".localhost"),
            Self::V4(address) => address.is_loopback(),
            Self::V6(address) => address.is_loopback(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Name(name) => (*name).to_owned(),
            Self::V4(address) => address.to_string(),
            Self::V6(address) => format!("[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(origin: &str) -> Option<Reason> {
        EmbedOrigin::new(origin).err().map(|error| error.reason)
    }

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (typed, origin) in [
            ("https://console.example", "https://console.example"),
            (" HTTPS://Console.Example:443/ ", "https://console.example"),
            ("https://console.example:8443", "https://console.example:8443"),
            ("https://console.example:080", "https://console.example:80"),
            ("https://xn--fiqs8s.example", "https://xn--fiqs8s.example"),
            ("https://203.0.113.9", "https://203.0.113.9"),
            ("https://[2001:DB8:0:0:0:0:0:1]:8443", "https://[2001:db8::1]:8443"),
            ("http://localhost:4000", "http://localhost:4000"),
            ("http://console.localhost:80", "http://console.localhost"),
            ("http://127.9.0.1:4000", "http://127.9.0.1:4000"),
            ("http://[::1]:4000", "http://[::1]:4000"),
        ] {
            assert_eq!(EmbedOrigin::new(typed).unwrap().as_str(), origin, "{typed}");
        }
    }

    #[test]
    fn what_is_no_origin_or_not_safe_is_refused() {
        for wrong in [
            "console.example",
            "http://console.example",
            "http://localhost.example",
            "http://128.0.0.1",
            "http://[::2]",
            "ftp://localhost",
            "null",
            "https://",
            "https:///",
            "https://console.example//",
            "https://console.example/admin",
            "https://console.example?x",
            "https://console.example#x",
            "https://li@console.example",
            "https://*.console.example",
            "https://console.example.",
            "https://-console.example",
            "https://console_1.example",
            "https://console example",
            "https://控制台.example",
            "https://127.1",
            "https://[::1",
            "https://[::1]x",
            "https://console.example:",
            "https://console.example:0",
            "https://console.example:65536",
            "https://console.example:+80",
            "https://console.example; script-src *",
        ] {
            assert_eq!(refused(wrong), Some(Reason::NotAnOrigin), "{wrong}");
        }
        assert_eq!(refused(" "), Some(Reason::Required));
        assert_eq!(refused(&format!("https://{}.example", "x".repeat(250))), Some(Reason::TooLong { most: 255 }));
    }

    #[test]
    fn features_are_parsed_by_name_and_need_the_list() {
        assert_eq!(Features::parse(&["blacklist", "list", "list"]).unwrap().iter().count(), 2);
        assert_eq!(Features::parse(&Feature::ALL.map(Feature::as_str)).unwrap().iter().count(), Feature::ALL.len());
        let refused = |names: &[&str]| Features::parse(names).unwrap_err();
        assert_eq!(refused(&["list", "talk"]), Error::field("features", Reason::Malformed));
        assert_eq!(refused(&["edit"]).reason, Reason::Required);
        assert_eq!(refused(&[]).reason, Reason::Required);
    }

    #[test]
    fn an_intersection_has_what_both_sets_have() {
        let of = |features: &[Feature]| features.iter().copied().collect::<Features>();
        let both = of(&[Feature::List, Feature::Edit]).intersection(of(&[Feature::Edit, Feature::Tags]));
        assert_eq!(both, of(&[Feature::Edit]));
        assert_eq!(of(&Feature::ALL), Features::ALL);
    }
}
