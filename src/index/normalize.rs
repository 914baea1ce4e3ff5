//! Normalisation of texts, so that texts that users consider the same are equal.
//!
//! For each letter with its combining marks: drop invisible characters, apply NFKD, lower-case,
//! replace equivalent letters (see [`fold`](super::fold)), drop accents, replace the digits of all
//! scripts by ASCII, apply NFC. A spacing accent (´ ¨ ¯) is kept, although Unicode decomposes it
//! into a space and an accent. Runs of white space become one space; leading and trailing ones are
//! removed.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::fold::{digit, is_accent, read_as};
use crate::domain::text::{is_blank, is_invisible};

/// Character of a normalised text with the range of original characters that it stands for, counted
/// in Unicode scalar values. `until` is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) char: char,
    pub(super) from: u32,
    pub(super) until: u32,
}

/// Returns the normalised text.
pub(super) fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Fast path for nearly all texts: ASCII and Chinese characters stand for themselves.
    if text.chars().all(|c| c.is_ascii() || ('\u{4E00}'..='\u{9FFF}').contains(&c)) {
        for c in text.chars().filter(|c| !is_invisible(*c)) {
            push(&mut out, c.to_ascii_lowercase());
        }
    } else {
        for origin in origins(text) {
            out.push(origin.char);
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

fn push(out: &mut String, c: char) {
    if !is_blank(c) {
        out.push(c);
    } else if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Returns the characters of the normalised text with the original characters they stand for. They
/// are the same characters as those of [`normalize`].
pub(super) fn origins(text: &str) -> Vec<Origin> {
    let chars: Vec<(u32, char)> = (0..).zip(text.chars()).filter(|(_, c)| !is_invisible(*c)).collect();
    let mut out: Vec<Origin> = Vec::with_capacity(chars.len());
    for letter in chars.chunk_by(|_, (_, next)| joins(*next)) {
        let (from, until) = (letter[0].0, letter[letter.len() - 1].0 + 1);
        let folded = letter.iter().flat_map(|(_, c)| fold(*c));
        for char in folded.nfc() {
            let origin = Origin { char, from, until };
            match out.last_mut() {
                _ if !is_blank(char) => out.push(origin),
                None => {}
                Some(last) if last.char == ' ' => last.until = origin.until,
                Some(_) => out.push(Origin { char: ' ', ..origin }),
            }
        }
    }
    if out.last().is_some_and(|last| last.char == ' ') {
        out.pop();
    }
    out
}

/// Returns the character without case, width, accent and stroke.
fn fold(c: char) -> Vec<char> {
    let mut out = Vec::new();
    decompose(c, |c| {
        for lower in c.to_lowercase() {
            // Decomposes the lower-case form as well. This changes nothing in Unicode 14.
            decompose(lower, |c| match read_as(c) {
                Some(letters) => out.extend(letters.chars()),
                None => out.push(digit(c).unwrap_or(c)),
            });
        }
    });
    out.retain(|c| !is_accent(*c) && !is_invisible(*c));
    out
}

/// Calls `f` with the characters of the compatibility decomposition. A spacing accent stays as it
/// is.
fn decompose(c: char, mut f: impl FnMut(char)) {
    match c {
        // Spacing forms of the marks in が and ぱ.
        '\u{309B}' => return f('\u{3099}'),
        '\u{309C}' => return f('\u{309A}'),
        '\u{FFE3}' => return f('\u{AF}'),
        _ => {}
    }
    if is_blank(c) {
        return f(' ');
    }
    let mut first = None;
    decompose_compatible(c, |part| _ = first.get_or_insert(part));
    if first == Some(' ') { f(c) } else { decompose_compatible(c, f) }
}

/// Returns `true` if the character can combine with the one before it: combining marks, and the
/// later parts of Hangul syllables.
fn joins(c: char) -> bool {
    if c < '\u{300}' {
        return false;
    }
    let mut first = None;
    decompose(c, |part| _ = first.get_or_insert(part));
    let first = first.unwrap_or(c);
    canonical_combining_class(first) != 0 || is_nfc_quick(std::iter::once(first)) == IsNormalized::Maybe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_accents_strokes_width_and_blanks_do_not_count() {
        for (text, expected) in [
            ("  Zoë \u{3000} Müller\t", "zoe muller"),
            ("ＡＢＣ－１２３", "abc-123"),
            ("e\u{301}a\u{308}\u{323}", "ea"),
            ("İstanbul ΟΔΟΣ Ёлка", "istanbul οδοσ елка"),
            ("Nguyễn Văn Đức", "nguyen van duc"),
            ("Łódź Straße STRASSE Işık Þóra Ægir Œuvre", "lodz strasse strasse isik thora aegir oeuvre"),
            ("مُحَمَّد أحمـد", "محمد احمد"),
            ("שָׁלוֹם", "שלום"),
            ("ﬁ ㎏", "fi kg"),
            ("张\u{3000}伟", "张 伟"),
            ("", ""),
            (" \u{a0} \u{2800}", ""),
        ] {
            assert_eq!(normalize(text), expected);
        }
    }

    #[test]
    fn what_has_no_shape_does_not_count() {
        for text in ["张\u{200B}伟", "\u{202D}张伟\u{202C}", "张\u{FE0F}伟\u{E0100}", "\u{3164}张伟\u{FFA0}\u{115F}"]
        {
            assert_eq!(normalize(text), "张伟");
        }
        assert_eq!(normalize("a\0b\u{85}c\u{ad}d"), "ab cd");
        assert_eq!(normalize("か\u{200B}\u{3099}"), "が");
    }

    #[test]
    fn kinds_of_signs_and_digits_do_not_count() {
        assert_eq!(normalize("O’Brien ‘x’ “y” – — − ‐ 〜 ～"), "o'brien 'x' \"y\" - - - - ~ ~");
        assert_eq!(normalize("٠٥٠ ۱۲۳ १२"), "050 123 12");
        assert_eq!(normalize("´¨¯￣"), "´¨¯¯");
    }

    #[test]
    fn marks_that_make_another_letter_stay() {
        for (text, expected) in [
            ("が", "が"),
            ("か\u{3099}", "が"),
            ("か゛", "が"),
            ("ｶﾞ", "ガ"),
            ("한글", "한글"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(normalize(text), expected.nfc().collect::<String>());
        }
        assert_ne!(normalize("が"), normalize("か"));
    }

    #[test]
    fn wildcards_are_letters_like_others() {
        assert_eq!(normalize("50%_*.?[a]"), "50%_*.?[a]");
    }

    #[test]
    fn each_character_knows_what_it_stands_for() {
        let origins: Vec<_> = origins(" e\u{301}ﬁ  x\u{200B}y").iter().map(|p| (p.char, p.from, p.until)).collect();
        assert_eq!(origins, [('e', 1, 3), ('f', 3, 4), ('i', 3, 4), (' ', 4, 6), ('x', 6, 7), ('y', 8, 9)]);
    }

    proptest! {
        #[test]
        fn both_ways_give_the_same(text in "[a-zA-Z张伟 \u{3000}éÉか\u{3099}\u{301}Ａ가\u{1112}\u{1161}\u{200B}\0]{0,12}|\\PC{0,12}") {
            let slow: String = origins(&text).iter().map(|origin| origin.char).collect();
            prop_assert_eq!(normalize(&text), slow);
        }

        #[test]
        fn normalising_again_changes_nothing(
            text in "[a-zA-Z张 \u{3000}éÉか\u{3099}゛\u{301}Ａ가\u{1112}\u{1161}´￣ﬁİıßςøǿ’–\u{200B}\u{3164}أ٣]{0,12}|\\PC{0,12}"
        ) {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }
    }
}
