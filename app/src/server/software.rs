//! Browser and operating system of a visitor, from the user agent.

use woothee::parser::Parser;
use woothee::woothee::VALUE_UNKNOWN;

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
