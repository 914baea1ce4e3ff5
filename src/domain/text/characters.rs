//! Classes of characters for cleaning and searching text. The ranges are written out because the tables
//! of a Unicode library are too large for the browser. They follow `Default_Ignorable_Code_Point` and
//! `White_Space` of Unicode 17.

/// Role of a character in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Line break.
    Break,
    /// Whitespace other than a line break, tabs and fillers included.
    Blank,
    /// Control character, or an invisible character without effect on others.
    Dropped,
    /// Joins or separates its neighbours. Visible only in some scripts and in emoji.
    Joiner,
    /// Variation selector: chooses the form of the preceding character.
    Selector,
    /// Combining mark that belongs to no script. Invisible without a letter before it.
    Mark,
    /// Everything else, including private use and code points not yet assigned by Unicode.
    Visible,
}

const TATWEEL: char = '\u{640}';
const ZWNJ: char = '\u{200C}';
const ZWJ: char = '\u{200D}';
/// Selects the emoji form of the preceding character.
const EMOJI_STYLE: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
const BLACK_FLAG: char = '\u{1F3F4}';
const END_OF_TAG: char = '\u{E007F}';

/// Returns the class of a character.
pub(super) const fn kind(c: char) -> Kind {
    match c {
        '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Kind::Break,
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
            Kind::Blank
        }
        // An empty Braille cell and the Hangul fillers, which people use as spaces in names.
        '\u{2800}' | '\u{3164}' | '\u{FFA0}' => Kind::Blank,
        ZWNJ | ZWJ => Kind::Joiner,
        '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Kind::Selector,
        _ if is_dropped(c) => Kind::Dropped,
        '\u{300}'..='\u{34E}' | '\u{350}'..='\u{36F}' | '\u{483}'..='\u{489}' => Kind::Mark,
        '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}' => {
            Kind::Mark
        }
        _ => Kind::Visible,
    }
}

const fn is_dropped(c: char) -> bool {
    let noncharacter = matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE;
    noncharacter
        || matches!(c,
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}'
            // Soft hyphen, grapheme joiner, Arabic letter mark, jamo fillers, unused Khmer vowels.
            | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            // Zero-width space, direction marks, embeddings, overrides and isolates, word joiner,
            // invisible operators.
            | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            // Byte-order mark, interlinear annotation, object replacement character.
            | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFC}'
            // Controls of shorthand and music, tags.
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}'
        )
}

/// Returns `true` for characters that are always kept and that NFC does not change, also next to each
/// other. Nearly all input consists of them only.
pub(super) const fn is_plain(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | ' '..='~' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{2FF}' | '\u{2010}'..='\u{2027}'
        | '\u{3001}'..='\u{3029}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF5E}'
    )
}

/// Returns `true` for line breaks, whitespace of all kinds, and fillers that names use as spaces. All
/// of them take up space.
#[must_use]
pub const fn is_blank(c: char) -> bool {
    matches!(kind(c), Kind::Break | Kind::Blank)
}

/// Returns `true` for characters that a search ignores: characters without a glyph, and the Arabic
/// tatweel, which only stretches a word.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    c == TATWEEL || (!is_plain(c) && matches!(kind(c), Kind::Dropped | Kind::Joiner | Kind::Selector))
}

/// Returns `true` if a joiner has a visible effect between these characters: between emoji, between
/// letters of joining scripts, and after a virama, where it chooses the form (RFC 5892, appendix A).
pub(super) fn joins(last: Option<char>, joiner: char, next: Option<char>) -> bool {
    let Some(last) = last else { return false };
    if joiner == ZWJ && is_virama(last) {
        return true;
    }
    let Some(next) = next.filter(|next| matches!(kind(*next), Kind::Mark | Kind::Visible)) else { return false };
    let of_emoji = joiner == ZWJ && (is_emoji(last) || last == EMOJI_STYLE) && is_emoji(next);
    of_emoji || (is_joining(last) && is_joining(next))
}

/// Returns `true` if a variation selector has a visible effect after `last`.
pub(super) fn selects(last: Option<char>, selector: char, next: Option<char>) -> bool {
    let Some(last) = last else { return false };
    match selector {
        '\u{FE0E}' | EMOJI_STYLE => is_emoji(last) || (next == Some(KEYCAP) && matches!(last, '0'..='9' | '#' | '*')),
        '\u{FE00}'..='\u{FE0D}' => {
            is_han(last)
                || matches!(last,
                    // Burmese, mathematics, punctuation of Chinese and Japanese, Phags-pa.
                    '\u{1000}'..='\u{109F}' | '\u{2200}'..='\u{22FF}' | '\u{2A00}'..='\u{2AFF}' | '\u{3001}'..='\u{303F}'
                    | '\u{A840}'..='\u{A87F}' | '\u{AA60}'..='\u{AA7F}' | '\u{FF01}'..='\u{FF60}'
                )
        }
        '\u{E0100}'..='\u{E01EF}' => is_han(last),
        // Mongolian variation selectors.
        _ => matches!(last, '\u{1800}'..='\u{180A}' | '\u{1810}'..='\u{18AF}'),
    }
}

/// Returns the length in bytes of a subdivision flag (England, Scotland, Texas) at the beginning of the
/// text. It is the only visible use of tag characters.
pub(super) fn subdivision(text: &str) -> Option<usize> {
    let tags = text.strip_prefix(BLACK_FLAG)?;
    let name: usize =
        tags.chars().take_while(|c| matches!(c, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}')).count();
    let end = tags.chars().nth(name)?;
    let length = BLACK_FLAG.len_utf8() + (name + 1) * END_OF_TAG.len_utf8();
    ((3..=6).contains(&name) && end == END_OF_TAG).then_some(length)
}

/// Returns `true` for emoji and for symbols that have an emoji form.
const fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21FF}'
        | '\u{2300}'..='\u{2328}' | '\u{232B}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}'
    )
}

/// Returns `true` for letters of scripts that join or stack: Arabic and related scripts, the Indic
/// scripts from Nepal to Java, Khmer, Mongolian.
const fn is_joining(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{F00}'..='\u{109F}' | '\u{1700}'..='\u{18AF}'
        | '\u{1A00}'..='\u{1AAF}' | '\u{1B00}'..='\u{1C4F}' | '\u{A800}'..='\u{A8FF}' | '\u{A980}'..='\u{A9FF}'
        | '\u{AA60}'..='\u{AAFF}' | '\u{ABC0}'..='\u{ABFF}' | '\u{FB50}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFC}' | '\u{10D00}'..='\u{10D3F}' | '\u{10F30}'..='\u{10F6F}' | '\u{11000}'..='\u{11FFF}'
        | '\u{1E900}'..='\u{1E95F}'
    )
}

/// Returns `true` for the viramas of Indic scripts that joiners follow.
const fn is_virama(c: char) -> bool {
    matches!(c as u32, 0x94D | 0x9CD | 0xA4D | 0xACD | 0xB4D | 0xBCD | 0xC4D | 0xCCD | 0xD4D | 0xDCA)
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// Returns `true` for hyphens, dashes and minus signs of all kinds.
#[must_use]
pub const fn is_dash(c: char) -> bool {
    matches!(c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{207B}' | '\u{2212}' | '\u{2E3A}'..='\u{2E3B}' | '\u{FE58}' | '\u{FE63}'
        | '\u{FF0D}'
    )
}

/// Code points of the digit zero in other scripts; the other nine digits follow each. The mathematical
/// digits, from U+1D7CE, are handled separately.
const ZEROS: [u32; 71] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0,
    0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50,
    0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1E140, 0x1E2F0,
    0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// Returns the ASCII digit for a decimal digit of any script: `3` for `٣`.
#[must_use]
pub fn ascii_digit(c: char) -> Option<char> {
    let code = c as u32;
    let value = match c {
        '0'..='9' => code - 0x30,
        '\u{1D7CE}'..='\u{1D7FF}' => (code - 0x1D7CE) % 10,
        _ if code < ZEROS[0] => return None,
        _ => code - ZEROS.into_iter().find(|zero| (*zero..*zero + 10).contains(&code))?,
    };
    char::from_digit(value, 10)
}

/// Returns the ASCII character for a full-width one: `@` for `＠`. Returns other characters unchanged.
#[must_use]
pub fn ascii_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}
