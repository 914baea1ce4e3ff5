//! Information about visitors: the region of an IP address, and the browser and operating system of
//! a user agent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use maxminddb::geoip2::Names;
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;
use woothee::parser::Parser;
use woothee::woothee::VALUE_UNKNOWN;

/// Regions of IP addresses from a file in MaxMind's format. Without a file all regions are unknown.
#[derive(Default)]
pub struct Regions(Option<Reader<Vec<u8>>>);

/// Error returned when the IP database cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the IP database {}: {reason}", .path.display())]
pub struct RegionsError {
    path: PathBuf,
    #[source]
    reason: MaxMindDbError,
}

/// Fields used from a city or country database. The country of registration is not one of them: it
/// does not tell where the visitor is.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    city: Place<'a>,
    /// From the largest to the smallest.
    #[serde(borrow, default)]
    subdivisions: Vec<Place<'a>>,
    #[serde(borrow, default)]
    country: Place<'a>,
}

#[derive(Default, Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    names: Names<'a>,
}

impl Regions {
    /// Reads a database file into memory.
    ///
    /// # Errors
    /// Returns [`RegionsError`] if the file cannot be read or is not in MaxMind's format.
    pub fn open(path: &Path) -> Result<Self, RegionsError> {
        match Reader::open_readfile(path) {
            Ok(reader) => Ok(Self(Some(reader))),
            Err(reason) => Err(RegionsError { path: path.to_owned(), reason }),
        }
    }

    /// Returns "City, Region, Country" of an address, as far as known, in the language or else in
    /// English. Returns `None` for unknown, private and malformed addresses.
    #[must_use]
    pub fn of(&self, ip: &str, language: &str) -> Option<String> {
        let reader = self.0.as_ref()?;
        let address = ip.trim().parse::<IpAddr>().ok()?.to_canonical();
        if is_local(address) {
            return None;
        }
        let record = match reader.lookup(address).and_then(|found| found.decode::<Record<'_>>()) {
            Ok(record) => record?,
            // An IPv6 address, and the file has only IPv4.
            Err(MaxMindDbError::InvalidInput { .. }) => return None,
            Err(error) => {
                tracing::warn!(%error, "cannot look into the IP database");
                return None;
            }
        };
        let mut names = Vec::with_capacity(3);
        for place in [Some(&record.city), record.subdivisions.first(), Some(&record.country)].into_iter().flatten() {
            if let Some(name) = place.name(language)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    }
}

impl<'a> Place<'a> {
    fn name(&self, language: &str) -> Option<&'a str> {
        let own = if language == "zh-CN" { self.names.simplified_chinese } else { None };
        own.or(self.names.english).map(str::trim).filter(|name| !name.is_empty())
    }
}

/// Returns `true` if an address is local or not unique worldwide, so that no database can locate
/// it.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_local_v4(address),
        IpAddr::V6(address) => is_local_v6(address),
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    // Shared address space of carrier-grade NAT (RFC 6598).
    let shared = matches!(address.octets(), [100, 64..=127, _, _]);
    shared
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast()
}

/// Browser and operating system of a visitor. Unknown ones are empty; at least one is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Software {
    /// Browser with its version, such as "Chrome 142.0".
    pub browser: String,
    /// Operating system, such as "Windows 10/11", as precisely as current user agents reveal it.
    pub system: String,
}

/// Tokens of browsers that woothee reports as the browser whose engine they use. Entries whose user
/// agents also contain the token of another entry come first.
const EMBEDDED: [(&str, &str); 12] = [
    ("wxwork/", "WeCom"),
    ("MicroMessenger/", "WeChat"),
    ("__weibo__", "Weibo"),
    ("AlipayClient/", "Alipay"),
    ("DingTalk/", "DingTalk"),
    (" QQ/", "QQ"),
    ("baiduboxapp/", "Baidu"),
    ("Quark/", "Quark"),
    ("UCBrowser/", "UC Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Xiaomi Browser"),
    ("MQQBrowser/", "QQ Browser"),
];

/// Parses a raw user agent; `None` if neither browser nor system is known.
#[must_use]
pub fn software(user_agent: &str) -> Option<Software> {
    // WeChat sends this token on macOS too.
    let user_agent = user_agent.trim().replace("WindowsWechat", "");
    let parsed = Parser::new().parse(&user_agent).unwrap_or_default();
    let browser = match embedded(&user_agent) {
        Some(browser) => browser,
        None => browser(known(parsed.name), parsed.version),
    };
    let system = match after(&user_agent, "OpenHarmony ") {
        Some(version) => with_version("OpenHarmony", version),
        None => system(known(parsed.os), &parsed.os_version),
    };
    (!browser.is_empty() || !system.is_empty()).then_some(Software { browser, system })
}

fn embedded(user_agent: &str) -> Option<String> {
    EMBEDDED.iter().find_map(|(mark, name)| Some(with_version(name, after(user_agent, mark)?)))
}

fn browser(name: &str, version: &str) -> String {
    match name {
        // Always reports version 4.0.
        "Webview" => "WebView".to_owned(),
        "SamsungBrowser" => with_version("Samsung Internet", version),
        _ => with_version(name, version),
    }
}

fn system(name: &str, version: &str) -> String {
    match name {
        // Both report NT 10.0.
        "Windows 10" => "Windows 10/11".to_owned(),
        "Windows UNKNOWN Ver" => "Windows".to_owned(),
        "Windows Phone OS" => with_version("Windows Phone", version),
        "Mac OSX" => at_least("macOS", version, &["10.15"]),
        "iPhone" | "iPod" | "iOS" => at_least("iOS", version, &["18.6", "18.7"]),
        "iPad" => at_least("iPadOS", version, &["18.6", "18.7"]),
        "Android" => at_least("Android", version, &["10"]),
        // For the rest, woothee's version is wrong or already part of the name.
        _ => name.to_owned(),
    }
}

/// Formats a system with its version. Adds a plus to versions at which browsers froze the number in
/// the user agent to reduce fingerprinting.
fn at_least(name: &str, version: &str, last: &[&str]) -> String {
    let text = with_version(name, version);
    match major_minor(version) {
        Some(version) if last.contains(&version.as_str()) => text + "+",
        _ => text,
    }
}

fn with_version(name: &str, version: &str) -> String {
    match major_minor(version) {
        Some(version) if !name.is_empty() => format!("{name} {version}"),
        _ => name.to_owned(),
    }
}

/// Returns the first two numbers of a version; `None` if it does not begin with a number.
fn major_minor(version: &str) -> Option<String> {
    let end = version.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(version.len());
    let mut numbers = version[..end].split('.');
    let major = numbers.next().filter(|number| !number.is_empty())?;
    Some(match numbers.next().filter(|number| !number.is_empty()) {
        Some(minor) => format!("{major}.{minor}"),
        None => major.to_owned(),
    })
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn known(text: &str) -> &str {
    if text == VALUE_UNKNOWN { "" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions() -> Regions {
        Regions::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/regions.mmdb")).unwrap()
    }

    #[test]
    fn a_region_is_named_in_the_language() {
        let regions = regions();
        assert_eq!(regions.of("192.0.2.7", "en").as_deref(), Some("Shanghai, China"));
        assert_eq!(regions.of("192.0.2.7", "zh-CN").as_deref(), Some("上海, 中国"));
        assert_eq!(regions.of("2001:db8::1", "en").as_deref(), Some("Paris, Île-de-France, France"));
        // Falls back to the English name.
        assert_eq!(regions.of("2001:db8::1", "zh-CN").as_deref(), Some("Paris, 法兰西岛, 法国"));
        assert_eq!(regions.of("192.0.2.7", "tlh").as_deref(), Some("Shanghai, China"));
    }

    #[test]
    fn only_what_the_file_knows_is_named() {
        let regions = regions();
        assert_eq!(regions.of("198.51.100.1", "en").as_deref(), Some("Germany"));
        assert_eq!(regions.of("198.51.100.1", "zh-CN").as_deref(), Some("德国"));
        assert_eq!(regions.of("203.0.113.1", "en"), None, "where a network is registered is not where it is used");
        assert_eq!(regions.of("8.8.8.8", "en"), None);
        assert_eq!(regions.of("2a00::1", "en"), None);
    }

    #[test]
    fn an_address_is_understood_as_it_is_written() {
        let regions = regions();
        for written in ["::ffff:192.0.2.7", " 192.0.2.7 ", "::FFFF:c000:207"] {
            assert_eq!(regions.of(written, "en").as_deref(), Some("Shanghai, China"), "{written}");
        }
        for wrong in
            ["", "unknown", "192.0.2", "192.0.2.7:443", "192.0.2.0/24", "2001:db8::1%eth0", "192.0.2.7, 10.0.0.1"]
        {
            assert_eq!(regions.of(wrong, "en"), None, "{wrong}");
        }
    }

    #[test]
    fn private_addresses_have_no_region_even_if_the_file_has_one() {
        let reader = regions();
        let address = IpAddr::from([10, 1, 2, 3]);
        assert!(reader.0.as_ref().unwrap().lookup(address).unwrap().has_data());
        for private in [
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
        ] {
            assert_eq!(reader.of(private, "en"), None, "{private}");
        }
    }

    #[test]
    fn without_a_file_regions_are_unknown() {
        assert_eq!(Regions::default().of("192.0.2.7", "en"), None);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        for (file, reason) in [("missing.mmdb", "No such file"), ("make_regions.py", "invalid database")] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file);
            let message = Regions::open(&path).err().unwrap().to_string();
            assert!(message.contains(file) && message.contains(reason), "{message}");
        }
    }

    #[test]
    fn browsers_and_systems_are_told() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36",
                "Chrome 142.0",
                "Windows 10/11",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 \
                 Safari/537.36 Edg/141.0.0.0",
                "Edge 141.0",
                "Windows 10/11",
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
                "Internet Explorer 11.0",
                "Windows 7",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari 17.5",
                "iOS 17.5",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari 26.0",
                "iOS 18.6+",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile \
                 Safari/537.36",
                "Chrome 142.0",
                "Android 10+",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox 145.0",
                "macOS 10.15+",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145.0", "Linux"),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 \
                 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
                "Chrome 114.0",
                "OpenHarmony 5.0",
            ),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", ""),
        ] {
            let told = Some(Software { browser: browser.into(), system: system.into() });
            assert_eq!(software(user_agent), told, "{user_agent}");
        }
    }

    #[test]
    fn a_browser_in_another_app_is_told_by_the_app() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Linux; Android 13; M2012K11AC Build/TKQ1.220829.002; wv) AppleWebKit/537.36 (KHTML, like \
                 Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20231002 MMWEBID/2307 \
                 MicroMessenger/8.0.43.2480(0x28002B3D) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64",
                "WeChat 8.0",
                "Android 13",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN",
                "WeChat 8.0",
                "iOS 17.5",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 MicroMessenger/2.4.2(0x12040210) MacWechat NetType/WIFI WindowsWechat",
                "WeChat 2.4",
                "macOS 10.14",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 16_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Mobile/15E148 Weibo (iPhone14,5__weibo__13.1.0__iphone__os16.2)",
                "Weibo 13.1",
                "iOS 16.2",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005; wv) AppleWebKit/537.36 (KHTML, like \
                 Gecko) Version/4.0 Chrome/127.0.6533.64 Mobile Safari/537.36",
                "WebView",
                "Android 14",
            ),
        ] {
            let told = Some(Software { browser: browser.into(), system: system.into() });
            assert_eq!(software(user_agent), told, "{user_agent}");
        }
    }

    #[test]
    fn what_is_no_user_agent_tells_nothing() {
        for garbage in ["", " ", "-", "x", "????", "Mozilla/5.0", "\u{0}\u{7f}😀 (;;)", "<script>alert(1)</script>"] {
            assert_eq!(software(garbage), None, "{garbage:?}");
        }
    }

    #[test]
    fn versions_are_cut_to_two_numbers() {
        for (version, cut) in [("142.0.0.0", "142.0"), ("14", "14"), ("8.0.43(0x28)", "8.0"), ("7.", "7"), ("5;", "5")]
        {
            assert_eq!(major_minor(version).as_deref(), Some(cut), "{version}");
        }
        for none in ["", ".", "NT 10.0", "UNKNOWN", "x86_64 14541.0.0"] {
            assert_eq!(major_minor(none), None, "{none}");
        }
    }
}
