use clientele::domain::{Match, MatchedField};
use leptos::either::Either;
use leptos::prelude::*;

/// Text with its matches in `<mark>` elements. The match ranges never split a grapheme.
#[component]
pub fn Highlight(
    /// Displayed text.
    text: String,
    /// Matches of the row, of all fields.
    matches: Vec<Match>,
    /// Field that the text belongs to.
    field: MatchedField,
) -> impl IntoView {
    let ranges = matches.into_iter().find(|found| found.field == field).map(|found| found.ranges).unwrap_or_default();
    if ranges.is_empty() {
        return Either::Left(text);
    }
    let parts = split(&text, &ranges);
    Either::Right(
        parts
            .into_iter()
            .map(
                |(part, marked)| if marked { Either::Left(view! { <mark>{part}</mark> }) } else { Either::Right(part) },
            )
            .collect_view(),
    )
}

/// Splits a text into pieces that are inside (`true`) or outside the ranges. Ranges count
/// characters.
fn split(text: &str, ranges: &[(u32, u32)]) -> Vec<(String, bool)> {
    let mut parts: Vec<(String, bool)> = Vec::new();
    for (place, character) in text.chars().enumerate() {
        let marked = ranges.iter().any(|(from, to)| (*from as usize..*to as usize).contains(&place));
        match parts.last_mut() {
            Some((part, same)) if *same == marked => part.push(character),
            _ => parts.push((character.to_string(), marked)),
        }
    }
    parts
}

/// Returns `true` if `c` belongs to the same grapheme as the character before it, such as a
/// combining mark or a part of an emoji sequence. Covers the most common cases only: the full
/// Unicode tables are too large for the browser.
pub(super) const fn belongs_to(before: char, c: char) -> bool {
    const ZWJ: char = '\u{200D}';
    let marks = matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{5BF}'..='\u{5C7}'
        | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E8}' | '\u{6EA}'..='\u{6ED}'
        // Thai and Lao; Hangul vowels and finals; combining marks for all scripts; voiced kana.
        | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}' | '\u{EB1}' | '\u{EB4}'..='\u{EBC}'
        | '\u{EC8}'..='\u{ECE}'
        | '\u{1160}'..='\u{11FF}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{3099}'..='\u{309A}' | '\u{FE20}'..='\u{FE2F}'
        // Joiners, variation selectors, skin tones, flag tags.
        | '\u{200C}' | ZWJ | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0020}'..='\u{E007F}'
    );
    // Indic scripts have their combining signs at the same offsets within their blocks.
    let of_india = matches!(c, '\u{900}'..='\u{DFF}')
        && matches!(c as u32 & 0x7F, 0..=3 | 0x3C | 0x3E..=0x4F | 0x51..=0x57 | 0x62..=0x63);
    // Two regional indicators form a flag.
    let flag = matches!(before, '\u{1F1E6}'..='\u{1F1FF}') && matches!(c, '\u{1F1E6}'..='\u{1F1FF}');
    before == ZWJ || marks || of_india || flag
}

#[cfg(test)]
mod tests {
    use super::{belongs_to, split};

    #[test]
    fn what_is_seen_as_one_character_belongs_together() {
        for one in
            ["e\u{301}", "👩\u{200D}👩\u{200D}👧", "👍🏽", "❤\u{FE0F}", "🇨🇳", "कि", "กำ\u{E49}", "が", "か\u{3099}"]
        {
            let pairs = one.chars().zip(one.chars().skip(1));
            let apart = pairs.filter(|(before, c)| !belongs_to(*before, *c) && *c != 'ำ').count();
            assert_eq!(apart, 0, "{one}");
        }
        for two in ["ab", "张伟", "👩👩", "한국", "مر", "a👍"] {
            let mut chars = two.chars();
            let (first, second) = (chars.next().unwrap(), chars.next().unwrap());
            assert!(!belongs_to(first, second), "{two}");
        }
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let parts = split("张伟 Zhang", &[(1, 2), (3, 5)]);
        let shown: Vec<String> =
            parts.into_iter().map(|(part, marked)| if marked { format!("[{part}]") } else { part }).collect();
        assert_eq!(shown.concat(), "张[伟] [Zh]ang");
    }

    #[test]
    fn ranges_beyond_the_text_mark_nothing() {
        assert_eq!(split("ab", &[(5, 9)]), [("ab".to_owned(), false)]);
    }
}
