use super::*;

#[test]
fn a_line_has_one_kind_of_blank_and_none_at_the_ends() {
    for (text, expected) in [
        ("  a \t b\u{A0}\u{3000}c\r\n", "a b c"),
        ("a\u{200B} \u{200B}b", "a b"),
        ("김\u{3164}민수", "김 민수"),
        ("a\u{2800}b\u{FFA0}", "a b"),
    ] {
        assert_eq!(line(text), expected, "{text:?}");
    }
}
