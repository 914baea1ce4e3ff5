//! What two texts share when people would call them the same: no case, no accents, no full or half width, no
//! difference between blanks.
//!
//! The rule, for each letter with what is combined with it: NFKD, lower case, combining marks of the Latin, Greek and
//! Cyrillic scripts (U+0300 to U+036F) dropped, NFC. Other marks stay, since が is not か. All white space is a blank,
//! runs of it are one, and there is none at the ends.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A character of a normalised text and the characters of the original that it stands for, counted in Unicode scalar
/// values: the first, and the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) char: char,
    pub(super) from: u32,
    pub(super) until: u32,
}

/// The text, normalised.
pub(super) fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Nearly all texts are ASCII and Chinese, whose characters stand for themselves.
    if text.chars().all(|c| c.is_ascii() || ('\u{4E00}'..='\u{9FFF}').contains(&c)) {
        for c in text.chars() {
            push(&mut out, c.to_ascii_lowercase());
        }
    } else {
        for piece in pieces(text) {
            out.push(piece.char);
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

fn push(out: &mut String, c: char) {
    if !c.is_whitespace() {
        out.push(c);
    } else if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The normalised text character by character, with what each stands for. [`normalize`] gives the same characters.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<Piece> = Vec::with_capacity(chars.len());
    let mut from = 0;
    while from < chars.len() {
        let more = chars[from + 1..].iter().take_while(|c| joins(**c)).count();
        let until = from + 1 + more;
        let letter = chars[from..until].iter().copied().nfkd().flat_map(char::to_lowercase).map(fold).nfkd();
        for char in letter.filter(|c| !('\u{300}'..='\u{36F}').contains(c)).nfc() {
            let piece = Piece { char, from: from as u32, until: until as u32 };
            match out.last_mut() {
                _ if !char.is_whitespace() => out.push(piece),
                None => {}
                Some(last) if last.char == ' ' => last.until = piece.until,
                Some(_) => out.push(Piece { char: ' ', ..piece }),
            }
        }
        from = until;
    }
    if out.last().is_some_and(|last| last.char == ' ') {
        out.pop();
    }
    out
}

/// Lower case that does not depend on where in the word the letter stands.
fn fold(c: char) -> char {
    if c == 'ς' { 'σ' } else { c }
}

/// Whether the character may change together with the one before it: marks, and the later parts of Hangul syllables.
fn joins(c: char) -> bool {
    if c < '\u{300}' {
        return false;
    }
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) != 0 || is_nfc_quick(std::iter::once(first)) == IsNormalized::Maybe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_accents_width_and_blanks_do_not_count() {
        for (text, expected) in [
            ("  Zoë \u{3000} Müller\t", "zoe muller"),
            ("ＡＢＣ－１２３", "abc-123"),
            ("e\u{301}a\u{308}\u{323}", "ea"),
            ("İstanbul ΟΔΟΣ Ёлка", "istanbul οδοσ елка"),
            ("Nguyễn Thị", "nguyen thi"),
            ("ﬁ ㎏", "fi kg"),
            ("张\u{3000}伟", "张 伟"),
            ("", ""),
            (" \u{a0} ", ""),
        ] {
            assert_eq!(normalize(text), expected);
        }
    }

    #[test]
    fn marks_that_make_another_letter_stay() {
        for (text, expected) in [
            ("が", "が"),
            ("か\u{3099}", "が"),
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
        let pieces: Vec<_> = pieces(" e\u{301}ﬁ  x").iter().map(|p| (p.char, p.from, p.until)).collect();
        assert_eq!(pieces, [('e', 1, 3), ('f', 3, 4), ('i', 3, 4), (' ', 4, 6), ('x', 6, 7)]);
    }

    proptest! {
        #[test]
        fn both_ways_give_the_same(text in "[a-zA-Z张伟 \u{3000}éÉか\u{3099}\u{301}Ａ가\u{1112}\u{1161}]{0,12}|\\PC{0,12}") {
            let slow: String = pieces(&text).iter().map(|piece| piece.char).collect();
            prop_assert_eq!(normalize(&text), slow);
        }

        #[test]
        fn normalising_again_changes_nothing(text in "[a-zA-Z张 \u{3000}éÉか\u{3099}\u{301}Ａ가\u{1112}\u{1161}´ﬁİς]{0,12}") {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }
    }
}
