//! Property tests of every function that accepts text, with all kinds of malformed input.

use proptest::prelude::*;

use super::*;
use crate::domain::agent::{normalize_login, normalize_name};
use crate::domain::{
    Blacklisting, CustomerId, KeyName, Message, MessageId, ProfileField, Rating, TagName, Timestamp, VisitorInfo,
};

type Parser = Box<dyn Fn(&str) -> Option<String>>;

/// Every function that accepts text, with the maximum length of its result in characters.
fn parsers() -> Vec<(String, usize, Parser)> {
    fn of(name: &str, most: usize, parse: impl Fn(&str) -> Option<String> + 'static) -> (String, usize, Parser) {
        (name.to_owned(), most, Box::new(parse))
    }
    const NOW: Timestamp = Timestamp(0);
    let visitor = |parse: fn(&str) -> VisitorInfo, field: fn(VisitorInfo) -> String| {
        move |text: &str| Some(field(VisitorInfo::clean(&parse(text))))
    };
    let mut all = vec![
        of("tag", 40, |text| Some(TagName::new(text).ok()?.as_str().to_owned())),
        of("key", 60, |text| Some(KeyName::new(text).ok()?.as_str().to_owned())),
        of("id", 128, |text| Some(CustomerId::new(text).ok()?.as_str().to_owned())),
        of("message id", 128, |text| Some(MessageId::new(text).ok()?.as_str().to_owned())),
        of("message", 4000, |text| Message::parse(text).ok()),
        of("comment", 1000, |text| Some(Rating::new(1, text, NOW).ok()?.comment().to_owned())),
        of("channel's comment", 1000, |text| Some(Rating::from_channel(1, text, NOW).ok()?.comment().to_owned())),
        of("reason", 150, |text| Some(Blacklisting::new(text, None, NOW, None).ok()?.reason().to_owned())),
        of("login", 64, |text| normalize_login(text).ok()),
        of("name", 60, |text| normalize_name(text).ok()),
        of("ip", 45, visitor(|ip| VisitorInfo { ip: ip.into(), ..VisitorInfo::default() }, |kept| kept.ip)),
        of(
            "agent",
            500,
            visitor(|said| VisitorInfo { user_agent: said.into(), ..VisitorInfo::default() }, |kept| kept.user_agent),
        ),
    ];
    for field in ProfileField::ALL {
        let most = field.max_chars() as usize;
        all.push(of(field.as_str(), most, move |text| field.parse_value(text).ok()));
        all.push(of(&format!("channel's {}", field.as_str()), most, move |text| Some(field.value_from_channel(text))));
    }
    all
}

/// Generates letters of several scripts, numbers, addresses, and all that cleaning removes, in any
/// order.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9 @.+<>:\"'张伟éÉßİıﬁ가か\u{3000}-]{1,4}",
        "[\u{300}-\u{303}\u{3099}\u{93E}\u{94D}\u{D4D}\u{20E3}]",
        "[\0-\u{1F}\u{7F}-\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{180B}-\u{180F}\u{2000}-\u{206F}\u{2800}\u{3164}\u{FFA0}]",
        "[\u{FE00}-\u{FE0F}\u{FEFF}\u{FFF0}-\u{FFFF}\u{E0061}-\u{E007F}\u{E0100}\u{FDD0}]",
        "[👨👩🏽🏴❤☎↔🇨🇩#1葛\u{FA10}\u{2329}\u{2126}خميककകᠠᄒ\u{1161}\u{11AB}\u{E415}]",
        Just("mailto:".to_owned()),
        Just("tel:".to_owned()),
        Just("ana@a.example".to_owned()),
        Just("138 0000 0004".to_owned()),
        Just("203.0.113.9".to_owned()),
        "\\PC",
        any::<char>().prop_map(String::from),
        "[名e\u{301}]{0,60}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn is_hidden_control(c: char) -> bool {
    let bidi = matches!(c, '\u{61C}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n' && c != '\t') || bidi || matches!(c, '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_was_accepted_is_accepted_again_unchanged_within_its_limit(text in text()) {
        for (name, most, parse) in parsers() {
            if let Some(kept) = parse(&text) {
                let again = parse(&kept);
                prop_assert_eq!(again.as_deref(), Some(kept.as_str()), "{}", name);
                prop_assert!(!kept.contains(is_hidden_control), "{} {:?}", name, kept);
                prop_assert!(kept.chars().count() <= most, "{} {:?}", name, kept);
            }
        }
    }

    #[test]
    fn a_person_and_a_channel_are_kept_the_same_wherever_the_person_is_not_refused(text in text()) {
        for field in ProfileField::ALL {
            if let Ok(kept) = field.parse_value(&text) {
                prop_assert_eq!(field.value_from_channel(&text), kept);
            }
            let said = field.value_from_channel(&text);
            prop_assert_eq!(field.parse_value(&said).ok(), Some(said));
        }
    }

    #[test]
    fn a_clean_text_is_clean(text in text()) {
        for clean in [line, block] {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.as_str());
            prop_assert!(once.is_empty() != once.chars().any(|c| kind(c) == Kind::Visible));
            prop_assert_eq!(nfc(&once), once.as_str());
        }
        prop_assert!(!hides_something(&line(&text)));
        let other_blank = |c: char| c != ' ' && c.is_whitespace();
        prop_assert!(!line(&text).contains(other_blank));
    }

    #[test]
    fn a_key_is_its_own_key_and_knows_neither_case_nor_what_nobody_sees(text in text()) {
        let own = key(&text);
        prop_assert_eq!(key(&own), own.as_str());
        prop_assert_eq!(key(&line(&text)), own.as_str());
        prop_assert_eq!(key(&format!("\u{200B}{text}\u{2069} ")), own);
    }

    #[test]
    fn a_cut_is_a_beginning_within_the_limit(text in text(), most in 0usize..20) {
        let cut = cut(&text, most);
        prop_assert!(text.starts_with(cut) && cut.chars().count() <= most);
        prop_assert!(shorten_block(&text, most.max(1)).chars().count() <= most.max(1));
    }
}
