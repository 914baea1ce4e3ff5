//! What it means that a text is found: the only place that says so. The rest of the index finds the same, faster, and
//! is tested against this.
//!
//! Everything here works on normalised texts (see [`normalize`](super::normalize())). A text is found
//! - literally, anywhere in one field;
//! - if it has digits, and otherwise at most `+ - ( )` and blanks: in the phone number, both compared on digits alone;
//! - if it is Latin letters (blanks do not count): in a name's pinyin from the start of a syllable on, and anywhere in
//!   its initials;
//! - with one typo, in a name only: when the name has the text's words one after the other, but for one word of five
//!   letters or more that differs by a letter too many, too few, another, or two neighbours swapped; or when the text
//!   differs by as much from the whole pinyin. This is *similar*, and counts only where nothing is exact.

use memchr::memmem::Finder;

use super::normalize::{normalize, pieces};
use super::pinyin::{Run, runs};
use crate::domain::listing::{Match, MatchedField};
use crate::domain::{Condition, Customer, Filter};

/// First and end (not included) of a place in a text, in characters.
type Range = (u32, u32);

/// How well a condition is met. Ordered: the worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Exact,
    /// Only by allowing a typo.
    Similar,
}

/// A text to be found, prepared.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    /// Normalised, not empty.
    pub(super) text: String,
    finder: Finder<'static>,
    /// Its digits, when it may be a part of a phone number.
    pub(super) digits: Option<String>,
    digits_finder: Finder<'static>,
    /// Its letters, when it may be pinyin.
    pub(super) letters: Option<String>,
    /// Its words, when one of them may have a typo.
    pub(super) words: Vec<String>,
}

impl Needle {
    /// Prepares a text; nothing is left of a blank one.
    pub(super) fn new(text: &str) -> Option<Self> {
        let text = normalize(text);
        if text.is_empty() {
            return None;
        }
        let phone = text.contains(is_digit) && text.chars().all(|c| is_digit(c) || "+-() ".contains(c));
        let digits: String = text.chars().filter(|c| is_digit(*c)).collect();
        let letters = text.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
        let words: Vec<String> = words(&text).map(|(word, _)| word.to_owned()).collect();
        let plain = text.chars().all(|c| is_of_word(c) || !c.is_alphanumeric());
        Some(Self {
            finder: Finder::new(&text).into_owned(),
            digits_finder: Finder::new(&digits).into_owned(),
            digits: phone.then_some(digits),
            letters: letters.then(|| text.replace(' ', "")),
            words: if plain && words.iter().any(|word| may_have_typo(word)) { words } else { Vec::new() },
            text,
        })
    }

    /// Whether in a text.
    pub(super) fn is_in_text(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }

    /// Where in a text.
    fn in_text<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range> + 'a {
        let (mut chars, mut bytes) = (0, 0);
        text.match_indices(&self.text).map(move |(at, found)| {
            chars += count(&text[bytes..at]);
            bytes = at;
            (chars, chars + count(found))
        })
    }

    /// Where in a phone number.
    fn in_phone<'a>(&'a self, phone: &'a str) -> Box<dyn Iterator<Item = Range> + 'a> {
        let Some(digits) = &self.digits else { return Box::new(self.in_text(phone)) };
        let own: Vec<(u32, char)> = (0..).zip(phone.chars()).filter(|(_, c)| is_digit(*c)).collect();
        let windows = (0..own.len().saturating_sub(digits.len() - 1)).map(move |first| (first, first + digits.len()));
        Box::new(windows.filter_map(move |(first, end)| {
            let window = &own[first..end];
            window.iter().map(|(_, c)| *c).eq(digits.chars()).then(|| (window[0].0, window[window.len() - 1].0 + 1))
        }))
    }

    /// Where in the pinyin and the initials of a name.
    fn in_pinyin(&self, name: &str) -> Vec<Range> {
        let Some(letters) = self.letters.as_ref().filter(|_| !name.is_ascii()) else { return Vec::new() };
        let find = |run: &Run| run.find(letters).chain(run.find_initials(letters)).collect::<Vec<_>>();
        runs(name).iter().flat_map(find).collect()
    }

    /// Whether in a phone number.
    pub(super) fn is_in_phone(&self, phone: &str) -> bool {
        if self.digits.is_none() {
            self.is_in_text(phone)
        } else if phone.bytes().all(|b| b.is_ascii_digit()) {
            self.digits_finder.find(phone.as_bytes()).is_some()
        } else {
            let digits: Vec<u8> = phone.bytes().filter(u8::is_ascii_digit).collect();
            self.digits_finder.find(&digits).is_some()
        }
    }

    /// Whether in the pinyin or the initials of a name.
    pub(super) fn is_in_pinyin(&self, name: &str) -> bool {
        !self.in_pinyin(name).is_empty()
    }

    /// Whether in a name, with one typo.
    pub(super) fn is_similar_in_name(&self, name: &str) -> bool {
        !self.similar_in_name(name).is_empty()
    }

    /// Where in a name.
    fn in_name(&self, name: &str) -> Vec<Range> {
        self.in_text(name).chain(self.in_pinyin(name)).collect()
    }

    /// Where in a name, with one typo.
    fn similar_in_name(&self, name: &str) -> Vec<Range> {
        let mut found = Vec::new();
        let own: Vec<(&str, Range)> = words(name).collect();
        if !self.words.is_empty() {
            for window in own.windows(self.words.len()) {
                if self.is_similar_to(window.iter().map(|(word, _)| *word)) {
                    found.push((window[0].1.0, window[window.len() - 1].1.1));
                }
            }
        }
        if let Some(letters) = self.letters.as_ref().filter(|letters| may_have_typo(letters) && !name.is_ascii()) {
            let similar = runs(name).into_iter().filter(|run| differ_by_one(&run.joined(), letters));
            found.extend(similar.filter_map(|run| run.range()));
        }
        found
    }

    fn is_similar_to<'a>(&self, words: impl Iterator<Item = &'a str>) -> bool {
        let mut different = self.words.iter().zip(words).filter(|(typed, own)| typed != own);
        let one = different.next().is_some_and(|(typed, own)| may_have_typo(typed) && differ_by_one(typed, own));
        one && different.next().is_none()
    }

    /// Whether and how the fields have the text that the condition is about.
    pub(super) fn grade(&self, condition: Condition, fields: &Fields<impl AsRef<str>>) -> Option<Grade> {
        let names = [fields.nickname.as_ref(), fields.real_name.as_ref()];
        let in_names = || names.iter().any(|name| self.is_in_text(name) || self.is_in_pinyin(name));
        let in_id = || self.is_in_text(fields.id.as_ref());
        let in_contact = || self.is_in_text(fields.email.as_ref()) || self.is_in_phone(fields.phone.as_ref());
        let exact = match condition {
            Condition::Name => in_names(),
            Condition::Id => in_id(),
            _ => in_id() || in_names() || in_contact(),
        };
        let similar = || condition != Condition::Id && names.iter().any(|name| self.is_similar_in_name(name));
        if exact { Some(Grade::Exact) } else { similar().then_some(Grade::Similar) }
    }
}

/// The texts of a customer that can be found, normalised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<S> {
    pub(super) id: S,
    pub(super) nickname: S,
    pub(super) real_name: S,
    pub(super) phone: S,
    pub(super) email: S,
}

impl Fields<String> {
    pub(super) fn of(customer: &Customer) -> Self {
        let profile = &customer.profile;
        Self {
            id: normalize(customer.id.as_str()),
            nickname: normalize(&profile.nickname),
            real_name: normalize(&profile.real_name),
            phone: normalize(&profile.phone),
            email: normalize(&profile.email),
        }
    }

    pub(super) fn as_ref(&self) -> Fields<&str> {
        Fields {
            id: &self.id,
            nickname: &self.nickname,
            real_name: &self.real_name,
            phone: &self.phone,
            email: &self.email,
        }
    }
}

/// The texts a filter asks for, each with its condition.
pub(super) fn needles(filter: &Filter) -> Vec<(Condition, Needle)> {
    let texts = [(Condition::Name, &filter.name), (Condition::Id, &filter.id), (Condition::Search, &filter.search)];
    texts.into_iter().filter_map(|(condition, text)| Some((condition, Needle::new(text)?))).collect()
}

/// Where a customer of the list has the texts of the filter, field by field; for pinyin, the Chinese characters it
/// stands for. Places that are only similar are given for a text that is nowhere exact.
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
    let mut found: [Vec<Range>; 5] = Default::default();
    for (condition, needle) in needles(filter) {
        let mut exact = false;
        for (at, (field, text)) in shown.into_iter().enumerate().filter(|(_, (field, _))| is_about(condition, *field)) {
            let text = normalize(text);
            let ranges = match field {
                MatchedField::Nickname | MatchedField::RealName => needle.in_name(&text),
                MatchedField::Phone => needle.in_phone(&text).collect(),
                MatchedField::Id | MatchedField::Email => needle.in_text(&text).collect(),
            };
            exact |= !ranges.is_empty();
            found[at].extend(ranges);
        }
        if !exact && condition != Condition::Id {
            found[1].extend(needle.similar_in_name(&normalize(&profile.nickname)));
            found[2].extend(needle.similar_in_name(&normalize(&profile.real_name)));
        }
    }
    let shown = shown.into_iter().zip(found).filter(|(_, ranges)| !ranges.is_empty());
    shown.map(|((field, text), ranges)| Match { field, ranges: as_shown(text, ranges) }).collect()
}

fn is_about(condition: Condition, field: MatchedField) -> bool {
    match condition {
        Condition::Name => matches!(field, MatchedField::Nickname | MatchedField::RealName),
        Condition::Id => field == MatchedField::Id,
        _ => true,
    }
}

/// Ranges of the normalised text as ranges of the text itself, rising and apart from each other.
fn as_shown(text: &str, ranges: Vec<Range>) -> Vec<Range> {
    let pieces = pieces(text);
    let original = |(from, until): Range| (pieces[from as usize].from, pieces[until as usize - 1].until);
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

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn count(text: &str) -> u32 {
    text.chars().count() as u32
}

/// Whether the character belongs to a word that can have typos: one of an alphabet's letters, or a digit. The scripts
/// from U+1100 on write syllables or words, so that one character differing is not a slip of the finger.
fn is_of_word(c: char) -> bool {
    c < '\u{1100}' && c.is_alphanumeric()
}

/// The words of a text that can have typos.
pub(super) fn words(text: &str) -> impl Iterator<Item = (&str, Range)> {
    let mut chars = 0;
    text.split_inclusive(|c| !is_of_word(c)).filter_map(move |part| {
        let from = chars;
        chars += count(part);
        let word = part.trim_end_matches(|c| !is_of_word(c));
        (!word.is_empty()).then(|| (word, (from, from + count(word))))
    })
}

/// Whether typos are allowed in this word.
pub(super) fn may_have_typo(word: &str) -> bool {
    word.chars().all(char::is_alphabetic) && word.chars().nth(4).is_some()
}

/// Whether one typo makes the one of the other: a letter inserted, left out, replaced, or two neighbours swapped
/// (optimal string alignment distance 1).
pub(super) fn differ_by_one(a: &str, b: &str) -> bool {
    fn differ<T: PartialEq>(a: &[T], b: &[T]) -> bool {
        if a.len().abs_diff(b.len()) > 1 {
            return false;
        }
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(a, b)| a == b).count();
        match (&a[start..a.len() - end], &b[start..b.len() - end]) {
            ([], [_]) | ([_], []) | ([_], [_]) => true,
            ([a1, a2], [b1, b2]) => a1 == b2 && a2 == b1,
            _ => false,
        }
    }
    if a.is_ascii() && b.is_ascii() {
        differ(a.as_bytes(), b.as_bytes())
    } else {
        differ(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }
}
