use super::*;

#[test]
fn a_line_has_one_kind_of_blank_and_none_at_the_ends() {
    for (text, expected) in [
        ("  a \t b\u{A0}\u{3000}c\r\n", "a b c"),
        ("a\u{200B} \u{200B}b", "a b"),
        ("김\u{3164}민수", "김 민수"),
        ("a\u{2800}b\u{FFA0}", "a b"),
        ("a\u{2028}b\u{2029}c\u{85}d\u{B}e\u{C}f", "a b c d e f"),
        ("", ""),
    ] {
        assert_eq!(line(text), expected, "{text:?}");
    }
}

#[test]
fn a_block_keeps_its_lines() {
    for (text, expected) in [
        ("\r\n a\r\n\r\nb\rc\u{85}d\u{2028}e\u{2029}f\u{B}g\n\n", "a\n\nb\nc\nd\ne\nf\ng"),
        ("a\r\0\nb", "a\nb"),
        ("a\n\rb", "a\n\nb"),
        ("a\tb  c\u{3000}d", "a\tb  c\u{3000}d"),
        ("\u{3164}\u{2800}\n", ""),
    ] {
        assert_eq!(block(text), expected, "{text:?}");
    }
}

#[test]
fn what_nobody_sees_is_dropped() {
    for hidden in [
        "\0",
        "\u{7}",
        "\u{1B}",
        "\u{7F}",
        "\u{92}",
        "\u{AD}",
        "\u{34F}",
        "\u{61C}",
        "\u{115F}",
        "\u{17B4}",
        "\u{200B}",
        "\u{200C}",
        "\u{200D}",
        "\u{200E}",
        "\u{200F}",
        "\u{202A}",
        "\u{202B}",
        "\u{202C}",
        "\u{202D}",
        "\u{202E}",
        "\u{2060}",
        "\u{2063}",
        "\u{2066}",
        "\u{2067}",
        "\u{2068}",
        "\u{2069}",
        "\u{206F}",
        "\u{FE00}",
        "\u{FE0F}",
        "\u{FEFF}",
        "\u{FFF9}",
        "\u{FFFB}",
        "\u{FFFC}",
        "\u{FDD0}",
        "\u{FFFE}",
        "\u{10FFFF}",
        "\u{1BCA0}",
        "\u{1D173}",
        "\u{E0001}",
        "\u{E0041}",
        "\u{E0100}",
        "\u{180B}",
    ] {
        for text in [format!("a{hidden}b"), format!("{hidden}ab"), format!("ab{hidden}{hidden}")] {
            assert_eq!((line(&text), block(&text)), ("ab".to_owned(), "ab".to_owned()), "{text:?}");
            assert!(hides_something(&text), "{text:?}");
        }
        assert!(is_blank_to_the_eye(hidden), "{hidden:?}");
    }
}

#[test]
fn joiners_and_selectors_stay_where_they_are_seen() {
    for text in [
        "👨\u{200D}👩\u{200D}👧",
        "👁\u{FE0F}\u{200D}🗨\u{FE0F}",
        "🏳\u{FE0F}\u{200D}🌈",
        "👩🏽\u{200D}⚕\u{FE0F}",
        "❤\u{FE0F}\u{200D}🔥",
        "☎\u{FE0E}",
        "1\u{FE0F}\u{20E3}",
        "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
        "می\u{200C}خواهم",
        "क\u{94D}\u{200D}ष",
        "ക\u{D4D}\u{200D}",
        "葛\u{E0100}木",
        "ᠠ\u{180B}ᠨ",
        "か゛🇨🇳\u{E415}\u{FFFD}",
    ] {
        assert_eq!((line(text).as_str(), block(text).as_str()), (text, text));
        assert!(!hides_something(text), "{text:?}");
    }
    for (text, expected) in [
        ("a\u{200D}b", "ab"),
        ("می\u{200C} خ", "می خ"),
        ("❤\u{FE0F}\u{FE0F}", "❤\u{FE0F}"),
        ("👨\u{200D}", "👨"),
        ("👨\u{200D}a", "👨a"),
        ("1\u{FE0F}2", "12"),
        ("🏴\u{E0067}\u{E0062}", "🏴"),
        ("a\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", "a"),
    ] {
        assert_eq!(line(text), expected, "{text:?}");
    }
}

#[cfg(feature = "index")]
#[test]
fn texts_are_composed_also_over_what_was_dropped() {
    for (text, expected) in
        [("e\u{301}", "é"), ("e\u{200B}\u{301}", "é"), ("か\u{FE0F}\u{3099}", "が"), ("\u{212B}", "Å")]
    {
        assert_eq!((line(text).as_str(), block(text).as_str()), (expected, expected), "{text:?}");
    }
}

/// The fast path, which handles nearly all texts, checks single characters only.
#[cfg(feature = "index")]
#[test]
fn plain_characters_are_kept_and_composed_beside_each_other() {
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    for c in (char::MIN..=char::MAX).filter(|c| characters::is_plain(*c)) {
        assert!(matches!(kind(c), Kind::Visible) || matches!(c, ' ' | '\t' | '\n'), "{c:?}");
        assert_eq!(is_nfc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
    }
}

#[test]
fn blank_is_what_shows_nothing() {
    for blank in ["", " \n", "\u{3164}", "\u{2800}", "\u{301}", "\u{20E3}\u{200D}", "\u{E0067}"] {
        assert!(is_blank_to_the_eye(blank), "{blank:?}");
        assert_eq!(line(blank), "");
    }
    for shown in [".", "。", "👍", "\u{FFFD}", "\u{E000}", "あ", "\u{93E}"] {
        assert!(!is_blank_to_the_eye(shown), "{shown:?}");
    }
}

#[test]
fn a_cut_goes_between_characters_as_people_see_them() {
    let family = "👨\u{200D}👩\u{200D}👧";
    for (text, most, expected) in [
        ("abc", 3, "abc"),
        ("abc", 2, "ab"),
        ("abc", 0, ""),
        ("ae\u{301}", 2, "a"),
        (&format!("a{family}"), 5, "a"),
        (&format!("a{family}b"), 6, &format!("a{family}")),
        // A cluster that exceeds the limit alone is itself cut.
        (family, 2, "👨\u{200D}"),
        ("🇨🇳🇩🇪", 3, "🇨🇳"),
    ] {
        assert_eq!(cut(text, most), expected, "{text:?}");
    }
    assert_eq!((cut_bytes("中中", 5), cut_bytes("中中", 6), cut_bytes("a", 9)), ("中", "中中", "a"));
}

#[test]
fn what_was_shortened_says_so_and_ends_in_nothing_hidden() {
    assert_eq!(shorten_line("abcd", 4), "abcd");
    assert_eq!(shorten_line("abcde", 4), "abc…");
    assert_eq!(shorten_line("ab cd", 4), "ab…");
    assert_eq!(shorten_line("می\u{200C}خواهم", 4), "می…");
    assert_eq!(shorten_block("a\r\nb\r\ncd", 4), "a\nb…");
}

#[test]
fn digits_of_all_scripts_are_digits() {
    for (digits, value) in [("٣۳३３𝟑𝟯", '3'), ("٠〇", '0')] {
        for digit in digits.chars().filter(|c| *c != '〇') {
            assert_eq!(ascii_digit(digit), Some(value), "{digit}");
        }
    }
    for other in ['〇', '三', '③', 'x', '²', '½'] {
        assert_eq!(ascii_digit(other), None, "{other}");
    }
}

/// The cost must be linear also for long runs of removed or skipped characters.
#[test]
fn a_body_of_what_nobody_sees_is_cleaned_in_no_time() {
    let begun = std::time::Instant::now();
    for hidden in ["\u{200B}", "\u{200D}", "\u{200D}\u{200B}", "\u{FE0F}", "🏴\u{E0067}", "\u{301}", "\r", "क\u{200D}"]
    {
        let body = hidden.repeat(60_000);
        let _ = (line(&body), block(&body), hides_something(&body), key(&body), shorten_line(&body, 256));
    }
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}
