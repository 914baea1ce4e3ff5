//! Definition of a match between a typed text and a customer, and of its rank. The rest of the
//! index computes the same result faster and is tested against this module.
//!
//! All texts here are normalised (see [`normalize`](mod@super::normalize)). A text matches
//! - literally, anywhere in one field;
//! - as a phone number, in any notation: digits are compared with the digits of the stored number;
//!   a number typed with a prefix also matches a number stored with another prefix or none (see
//!   [`phone`](super::phone));
//! - as Latin letters: in the pinyin of a name from the start of a syllable, and anywhere in its
//!   initials. Spaces and signs between letters end a syllable. Letters and Chinese characters can
//!   be mixed;
//! - with one typo (see [`typo`](super::typo)), if it does not match otherwise. Pinyin with a typo
//!   is compared with the whole name or one of its parts.

use memchr::memmem::Finder;

use super::fields::Fields;
use super::phone::{National, TypedPhone, digits};
use super::pinyin::{Run, Step, runs};
use super::syllables::syllable;
use super::typo::{MAX_LETTERS, Range, Typed, TypedWord};
use crate::domain::{Condition, Filter, Rank};

/// Separators between pinyin syllables: `xi'an`, `zhang-wei`.
const SEPARATORS: &str = "'-. ";

/// Typed text, prepared for matching.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    /// Normalised text, not empty.
    pub(super) text: String,
    finder: Finder<'static>,
    /// Phone number or part of one, if the text can be read as such.
    pub(super) phone: Option<TypedPhone>,
    phone_finder: Finder<'static>,
    /// Pinyin spelling, if the text can be read as pinyin.
    pub(super) pinyin: Option<Spelling>,
    /// Parts of a text that mixes pinyin and Chinese characters; empty for other texts.
    pub(super) mixed: Vec<Step>,
    /// Words of the text, if one of them may have a typo.
    pub(super) typed: Option<Typed>,
}

/// Latin letters that can be read as pinyin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Letters with an apostrophe at each separator, where a syllable must end.
    pub(super) spelled: String,
    /// Letters without separators.
    pub(super) letters: String,
    /// All letters as one word, spelled like the result of [`joined`], if it may have a typo.
    pub(super) whole: Option<TypedWord>,
}

impl Needle {
    /// Prepares a normalised text. Returns `None` if it is empty.
    pub(super) fn new(text: String) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let phone = TypedPhone::parse(&text);
        let digits = phone.as_ref().map_or("", |phone| &phone.digits);
        Some(Self {
            finder: Finder::new(&text).into_owned(),
            phone_finder: Finder::new(digits).into_owned(),
            phone,
            pinyin: Spelling::parse(&text),
            mixed: steps(&text),
            typed: Typed::parse(&text),
            text,
        })
    }

    /// Returns `true` if a text contains the needle.
    pub(super) fn is_in_text(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }

    /// Returns `true` if a phone number contains the needle, compared by digits if the needle is a
    /// phone number.
    pub(super) fn is_in_phone(&self, phone: &str) -> bool {
        if self.phone.is_none() {
            self.is_in_text(phone)
        } else if phone.bytes().all(|b| b.is_ascii_digit()) {
            self.phone_finder.find(phone.as_bytes()).is_some()
        } else {
            self.phone_finder.find(digits(phone).as_bytes()).is_some()
        }
    }

    /// Returns the number without its prefix, if it was typed with one.
    pub(super) fn national(&self) -> Option<&National> {
        self.phone.as_ref()?.national.as_ref()
    }

    /// Returns `true` if the phone number starts with the needle's national number after another
    /// prefix or none.
    pub(super) fn is_in_phone_without_prefix(&self, phone: &str) -> bool {
        self.national().is_some_and(|national| national.find(&digits(phone)).is_some())
    }

    /// Returns the ranges that match in the pinyin or the initials of a name.
    pub(super) fn in_pinyin(&self, name: &str) -> Vec<Range> {
        if name.is_ascii() || (self.pinyin.is_none() && self.mixed.is_empty()) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for run in runs(name) {
            if let Some(Spelling { spelled, letters, .. }) = &self.pinyin {
                found.extend(run.find(spelled).chain(run.find_initials(letters)));
            } else {
                found.extend(run.find_steps(&self.mixed, name));
            }
        }
        found
    }

    /// Returns `true` if the needle matches in the pinyin or the initials of a name.
    pub(super) fn is_in_pinyin(&self, name: &str) -> bool {
        if name.is_ascii() || (self.pinyin.is_none() && self.mixed.is_empty()) {
            return false;
        }
        runs(name).iter().any(|run| match &self.pinyin {
            Some(Spelling { spelled, letters, .. }) => {
                run.find(spelled).next().is_some() || run.find_initials(letters).next().is_some()
            }
            None => !run.find_steps(&self.mixed, name).is_empty(),
        })
    }

    /// Returns the ranges of the name, or of its parts, with a pinyin that matches the needle with
    /// one typo. The needle may be the beginning of that pinyin.
    pub(super) fn similar_in_pinyin(&self, name: &str) -> Vec<Range> {
        let typed = self.pinyin.as_ref().and_then(|pinyin| pinyin.whole.as_ref());
        let Some(typed) = typed.filter(|_| !name.is_ascii()) else { return Vec::new() };
        joined(name).into_iter().filter(|(letters, _)| typed.is_similar_to(letters)).map(|(_, range)| range).collect()
    }

    fn is_similar(&self, condition: Condition, fields: &Fields<&str>) -> bool {
        let names = [fields.nickname, fields.real_name];
        let has = |texts: &[&str]| self.typed.as_ref().is_some_and(|typed| !typed.find(texts).is_empty());
        let in_names = || has(&names) || names.iter().any(|name| !self.similar_in_pinyin(name).is_empty());
        match condition {
            Condition::Name => in_names(),
            Condition::Id => has(&[fields.id]),
            _ => in_names() || has(&[fields.id]) || has(&[fields.email]),
        }
    }

    /// Returns the rank of a customer under the needle's condition, `None` if the customer does not
    /// match.
    pub(super) fn rank(&self, condition: Condition, fields: &Fields<&str>) -> Option<Rank> {
        if condition != Condition::Name {
            if fields.id == self.text {
                return Some(Rank::WholeId);
            } else if fields.id.starts_with(&self.text) {
                return Some(Rank::BeginsId);
            }
        }
        let names = [fields.nickname, fields.real_name];
        let in_names = || names.iter().any(|name| self.is_in_text(name) || self.is_in_pinyin(name));
        let in_id = || self.is_in_text(fields.id);
        let in_contact = || self.is_in_text(fields.email) || self.is_in_phone(fields.phone);
        let exact = match condition {
            Condition::Name => in_names(),
            Condition::Id => in_id(),
            _ => in_id() || in_names() || in_contact(),
        };
        if exact {
            Some(Rank::Exact)
        } else if condition == Condition::Search && self.is_in_phone_without_prefix(fields.phone) {
            Some(Rank::OtherPrefix)
        } else {
            self.is_similar(condition, fields).then_some(Rank::Similar)
        }
    }
}

impl Spelling {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(|c| SEPARATORS.contains(c));
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_lowercase() || SEPARATORS.contains(c)) {
            return None;
        }
        let parts: Vec<&str> = text.split(|c| SEPARATORS.contains(c)).filter(|part| !part.is_empty()).collect();
        let letters = parts.concat();
        let whole = Some(TypedWord::new(&without_umlauts(&letters), true)).filter(TypedWord::may_have_typo);
        Some(Self { spelled: parts.join("'"), letters, whole })
    }
}

/// Splits a text that mixes pinyin and Chinese characters. Returns an empty list for other texts.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for c in text.chars() {
        match steps.last_mut() {
            _ if syllable(c).is_some() => steps.push(Step::Char(c)),
            Some(Step::Letters(letters)) if c.is_ascii_lowercase() => letters.push(c),
            Some(Step::Letters(letters)) if SEPARATORS.contains(c) => letters.push('\''),
            _ if c.is_ascii_lowercase() => steps.push(Step::Letters(c.into())),
            _ if SEPARATORS.contains(c) => {}
            _ => return Vec::new(),
        }
    }
    for step in &mut steps {
        if let Step::Letters(letters) = step {
            letters.truncate(letters.trim_end_matches('\'').len());
            *letters = letters.replace("''", "'");
        }
    }
    let (chars, letters): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| matches!(step, Step::Char(_)));
    if chars.is_empty() || letters.is_empty() { Vec::new() } else { steps }
}

/// Returns the pinyin of a name and of its parts in all readings, with the range it covers. Longer
/// results than [`MAX_LETTERS`] are omitted.
pub(super) fn joined(name: &str) -> Vec<(String, Range)> {
    let all = runs(name);
    let plain = all.iter().flat_map(Run::joined).map(|(letters, range)| (without_umlauts(&letters), range));
    plain.filter(|(letters, _)| letters.len() <= MAX_LETTERS).collect()
}

/// Replaces all spellings of ü in pinyin by `u`.
fn without_umlauts(letters: &str) -> String {
    letters.replace("lyu", "lu").replace("nyu", "nu").replace('v', "u")
}

/// Returns the non-empty texts of a filter as needles with their conditions.
pub(super) fn needles(filter: &Filter) -> Vec<(Condition, Needle)> {
    let texts = [(Condition::Name, &filter.name), (Condition::Id, &filter.id), (Condition::Search, &filter.search)];
    let needle = |text: &str| Needle::new(super::normalize::normalize(text));
    texts.into_iter().filter_map(|(condition, text)| Some((condition, needle(text)?))).collect()
}
