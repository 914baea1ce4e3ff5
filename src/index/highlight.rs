//! Ranges of a customer's fields that match the texts of a filter.

use unicode_segmentation::UnicodeSegmentation;

use super::needle::{Needle, needles};
use super::normalize::{normalize, origins};
use super::phone::digits;
use super::typo::Range;
use crate::domain::listing::{Match, MatchedField};
use crate::domain::{Condition, Customer, Filter};

const NICKNAME: usize = 1;
const REAL_NAME: usize = 2;

/// Returns the ranges of a customer's fields that match the texts of the filter. A pinyin match
/// covers the Chinese characters it stands for. Matches with a typo are returned only for a text
/// without an exact match.
#[must_use]
pub fn matches(filter: &Filter, customer: &Customer) -> Vec<Match> {
    let profile = &customer.profile;
    let shown = [
        (MatchedField::Id, customer.id.as_str()),
        (MatchedField::Nickname, &profile.nickname),
        (MatchedField::RealName, &profile.real_name),
        (MatchedField::Phone, &profile.phone),
        (MatchedField::Email, &profile.email),
    ];
    let texts = shown.map(|(_, text)| normalize(text));
    let mut found: [Vec<Range>; 5] = Default::default();
    for (condition, needle) in needles(filter) {
        let mut exact = false;
        for (at, (field, _)) in shown.iter().enumerate().filter(|(_, (field, _))| applies_to(condition, *field)) {
            let ranges = needle.exact_ranges(*field, &texts[at]);
            exact |= !ranges.is_empty();
            found[at].extend(ranges);
        }
        if !exact {
            for (at, range) in needle.similar_ranges(condition, &texts) {
                found[at].push(range);
            }
        }
    }
    let shown = shown.into_iter().zip(found).filter(|(_, ranges)| !ranges.is_empty());
    shown.map(|((field, text), ranges)| Match { field, ranges: to_original_ranges(text, ranges) }).collect()
}

fn applies_to(condition: Condition, field: MatchedField) -> bool {
    match condition {
        Condition::Name => matches!(field, MatchedField::Nickname | MatchedField::RealName),
        Condition::Id => field == MatchedField::Id,
        _ => true,
    }
}

impl Needle {
    /// Returns the exact matches in the normalised text of a field.
    fn exact_ranges(&self, field: MatchedField, text: &str) -> Vec<Range> {
        match field {
            MatchedField::Nickname | MatchedField::RealName => {
                self.in_text(text).into_iter().chain(self.in_pinyin(text)).collect()
            }
            MatchedField::Phone => self.in_phone(text),
            MatchedField::Id | MatchedField::Email => self.in_text(text),
        }
    }

    /// Returns the literal matches in a text, overlapping ones included.
    fn in_text(&self, text: &str) -> Vec<Range> {
        let length = self.text.chars().count() as u32;
        let starts = (0..).zip(text.char_indices()).filter(|(_, (at, _))| text[*at..].starts_with(&self.text));
        starts.map(|(from, _)| (from, from + length)).collect()
    }

    /// Returns the matches in a phone number.
    fn in_phone(&self, phone: &str) -> Vec<Range> {
        let Some(typed) = &self.phone else { return self.in_text(phone) };
        let (own, positions): (String, Vec<u32>) = phone.chars().zip(0..).filter(|(c, _)| c.is_ascii_digit()).unzip();
        let range = |at: usize, length: usize| (positions[at], positions[at + length - 1] + 1);
        let whole: Vec<Range> = own.match_indices(&typed.digits).map(|(at, found)| range(at, found.len())).collect();
        let national = || self.national().and_then(|national| Some((national.find(&digits(phone))?, &national.digits)));
        if whole.is_empty() {
            national().into_iter().map(|(at, digits)| range(at, digits.len())).collect()
        } else {
            whole
        }
    }

    /// Returns the matches with a typo as pairs of field number and range.
    fn similar_ranges(&self, condition: Condition, texts: &[String; 5]) -> Vec<(usize, Range)> {
        let groups: &[&[usize]] = match condition {
            Condition::Name => &[&[NICKNAME, REAL_NAME]],
            Condition::Id => &[&[0]],
            _ => &[&[NICKNAME, REAL_NAME], &[0], &[4]],
        };
        let mut found = Vec::new();
        for group in groups {
            let own: Vec<&str> = group.iter().map(|at| texts[*at].as_str()).collect();
            let typed = self.typed.iter().flat_map(|typed| typed.find(&own));
            found.extend(typed.map(|(at, range)| (group[at], range)));
        }
        for at in [NICKNAME, REAL_NAME].into_iter().filter(|_| condition != Condition::Id) {
            found.extend(self.similar_in_pinyin(&texts[at]).into_iter().map(|range| (at, range)));
        }
        found
    }
}

/// Converts ranges of the normalised text to ranges of the original text. The result is extended to
/// whole grapheme clusters, in ascending order, and merged where ranges overlap or touch.
fn to_original_ranges(text: &str, ranges: Vec<Range>) -> Vec<Range> {
    let origins = origins(text);
    let mut borders = vec![0];
    for grapheme in text.graphemes(true) {
        borders.push(borders[borders.len() - 1] + grapheme.chars().count() as u32);
    }
    let original = |(from, until): Range| {
        let (from, until) = (origins[from as usize].from, origins[until as usize - 1].until);
        let first = borders.partition_point(|border| *border <= from) - 1;
        (borders[first], borders[borders.partition_point(|border| *border < until)])
    };
    let mut ranges: Vec<Range> = ranges.into_iter().map(original).collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_widened_to_what_people_see() {
        let family = "a👩\u{200D}👩\u{200D}👧b";
        // Range of the girl emoji, which is part of a longer grapheme cluster.
        assert_eq!(to_original_ranges(family, vec![(3, 4)]), [(1, 6)]);
        assert_eq!(to_original_ranges("xe\u{301}y", vec![(1, 2)]), [(1, 3)]);
        assert_eq!(to_original_ranges("许\u{200B}诺", vec![(0, 2)]), [(0, 3)]);
    }

    #[test]
    fn places_that_overlap_are_all_shown() {
        let needle = Needle::new("aa".into()).unwrap();
        assert_eq!(to_original_ranges("aaab", needle.in_text("aaab")), [(0, 3)]);
    }
}
