//! Address, software and pages of the visitors of web conversations.

use serde::{Deserialize, Serialize};

use super::address;
use super::text::{cut_bytes, line};

/// Visitor of one web conversation. An empty text means "unknown".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorInfo {
    /// IP address in canonical form.
    pub ip: String,
    /// User agent as sent by the browser.
    pub user_agent: String,
    /// Page that linked to the chat.
    pub referrer: String,
    /// Page on which the chat was opened.
    pub landing_page: String,
}

impl VisitorInfo {
    /// Maximum length of a user agent or a page's address, in bytes.
    pub const MAX_BYTES: usize = 500;

    /// Cleans visitor data from a request. The sender cannot correct it, so nothing is rejected: an
    /// invalid [address](address::parse) becomes unknown, and each other text becomes one line of at
    /// most [`Self::MAX_BYTES`].
    #[must_use]
    pub fn clean(raw: &Self) -> Self {
        // Cut before cleaning, because megabytes are not worth it, and after, because NFC may lengthen
        // a text.
        let text = |text: &str| {
            let cleaned = line(cut_bytes(text, 8 * Self::MAX_BYTES));
            line(cut_bytes(&cleaned, Self::MAX_BYTES))
        };
        Self {
            ip: address::parse(&raw.ip).map(|ip| ip.to_string()).unwrap_or_default(),
            user_agent: text(&raw.user_agent),
            referrer: text(&raw.referrer),
            landing_page: text(&raw.landing_page),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        let said = VisitorInfo { user_agent: text.into(), ..VisitorInfo::default() };
        VisitorInfo::clean(&said).user_agent
    }

    #[test]
    fn a_user_agent_is_cut_and_never_refused() {
        assert_eq!(kept(&"A".repeat(60_000)), "A".repeat(500));
        assert_eq!(kept(&"中".repeat(1_000)), "中".repeat(166));
        assert_eq!(kept(" Mozilla/5.0\r\n\t(X11)\0 "), "Mozilla/5.0 (X11)");
    }

    #[test]
    fn user_agents_are_kept_as_they_are_sent() {
        for agent in [
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile",
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 ArkWeb/4.1.6.1 Mobile",
            "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "curl/8.9",
        ] {
            assert_eq!(kept(agent), agent);
        }
    }

    #[test]
    fn a_page_stays_as_it_was_said() {
        for page in ["https://shop.example/?q=%E5%BC%A0&a=1", "javascript:alert(1)", "https://a.example/%E5%BC%"] {
            assert_eq!(kept(page), page);
        }
    }

    #[test]
    fn an_address_is_canonical_or_unknown() {
        let ip = |ip: &str| VisitorInfo::clean(&VisitorInfo { ip: ip.into(), ..VisitorInfo::default() }).ip;
        assert_eq!((ip("::ffff:203.0.113.9").as_str(), ip("unknown").as_str()), ("203.0.113.9", ""));
    }
}
