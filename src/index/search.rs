//! Search for the documents that contain one text.

use super::bits::Bits;
use super::grams::Lookup;
use super::groups::{Group, START};
use super::needle::{Needle, Spelling};
use super::pinyin::{Step, readings};
use super::postings::Postings;
use super::syllables::{Syllable, all_readings};
use super::texts::Column;
use super::{Doc, Index};
use crate::domain::Condition;

/// Maximum number of gram sets intersected for a long needle, the rarest first. More of them hardly
/// reduce the candidates.
const MAX_INTERSECTED: usize = 8;
/// Up to this number of candidates, the remaining gram sets are probed per candidate instead of
/// being intersected.
const PROBE_LIMIT: usize = 512;
/// Number of candidates whose texts are prefetched together.
const BATCH: usize = 32;
/// Maximum number of pinyin spellings of a mixed text, over all its Chinese characters.
const MAX_SPELLINGS: usize = 16;
/// Number of checked texts above which a search is recorded as a miss, so that n-grams are built
/// again sooner.
const MISS_TEXTS: usize = 20_000;

/// Documents that match a filter's text under a condition, by quality of the match.
pub(super) struct ConditionMatches {
    /// Documents with an exact match or a better one.
    pub(super) exact: Bits,
    /// Documents whose ID equals the text. A subset of `exact`.
    pub(super) whole_id: Option<Bits>,
    /// Documents whose ID begins with the text. A subset of `exact`.
    pub(super) begins_id: Option<Bits>,
    /// Documents not in `exact` whose phone number has another prefix.
    pub(super) other_prefix: Option<Bits>,
    /// Documents in none of the other sets that match with a typo.
    pub(super) similar: Option<Bits>,
}

impl Index {
    /// Returns the documents of `within` that match a text under a condition. `exact`, `whole_id`
    /// and `begins_id` may contain documents outside `within`.
    pub(super) fn match_condition(&self, condition: Condition, needle: &Needle, within: &Bits) -> ConditionMatches {
        let mut search = Search { index: self, within, found: self.none() };
        search.exact(condition, needle);
        let exact = search.found;
        let by_id = condition != Condition::Name;
        let begins_id = by_id.then(|| self.begins_id(needle, within)).filter(|docs| !docs.is_empty());
        let whole_id = begins_id.as_ref().map(|_| self.whole_id(&needle.text)).filter(|docs| !docs.is_empty());
        let other_prefix = self.other_prefix(condition, needle, within, &exact);
        let mut found = exact.clone();
        other_prefix.iter().for_each(|docs| found.or(docs));
        let similar = self.similar(condition, needle, within, &found);
        ConditionMatches { exact, whole_id, begins_id, other_prefix, similar }
    }

    pub(super) fn none(&self) -> Bits {
        Bits::none(self.len())
    }

    /// Returns the documents with this normalised ID.
    pub(super) fn with_id<'a>(&'a self, id: &'a str) -> impl Iterator<Item = Doc> + 'a {
        self.ids.candidates(id).filter(move |doc| self.texts.id.get(*doc) == id)
    }

    fn whole_id(&self, id: &str) -> Bits {
        let mut docs = self.none();
        self.with_id(id).for_each(|doc| docs.insert(doc));
        docs
    }

    fn begins_id(&self, needle: &Needle, within: &Bits) -> Bits {
        let mut search = Search { index: self, within, found: self.none() };
        let column = &self.texts.id;
        let lookup = self.grams.find(Group::Id, &format!("{START}{}", needle.text));
        search.add(lookup, &[column], |doc| column.get(doc).starts_with(&needle.text));
        search.found
    }

    fn other_prefix(&self, condition: Condition, needle: &Needle, within: &Bits, exact: &Bits) -> Option<Bits> {
        let national = needle.national().filter(|_| condition == Condition::Search)?;
        let mut search = Search { index: self, within, found: self.none() };
        let column = &self.texts.phone;
        let lookup = self.grams.find(Group::Phone, &national.digits).unchecked();
        search.add(lookup, &[column], |doc| needle.is_in_phone_without_prefix(column.get(doc)));
        search.found.and_not(exact);
        Some(search.found).filter(|docs| !docs.is_empty())
    }
}

impl<'a> Lookup<'a> {
    /// Turns direct hits into candidates that must be checked.
    fn unchecked(self) -> Self {
        match self {
            Self::Exact(docs) => Self::Intersection(vec![docs]),
            lookup => lookup,
        }
    }

    /// Restricts the lookup to documents that are also in `others`. The result must be checked.
    fn intersected_with(self, others: &[&'a Postings]) -> Self {
        let mut parts = match self {
            Self::Absent => return Self::Absent,
            Self::Exact(docs) => vec![docs],
            Self::Intersection(parts) => parts,
        };
        parts.extend(others);
        parts.sort_unstable_by_key(|docs| docs.len());
        Self::Intersection(parts)
    }
}

/// Calls `take` with each document that passes and returns the number of documents checked.
/// Prefetches the texts in batches.
fn check_candidates(
    mut docs: impl Iterator<Item = Doc>,
    texts: &[&Column],
    mut passes: impl FnMut(Doc) -> bool,
    mut take: impl FnMut(Doc),
) -> usize {
    let mut count = 0;
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        batch.extend(docs.by_ref().take(BATCH));
        if batch.is_empty() {
            return count;
        }
        count += batch.len();
        texts.iter().for_each(|column| column.prefetch(&batch));
        batch.iter().copied().filter(|doc| passes(*doc)).for_each(&mut take);
    }
}

/// Search for the documents that contain a needle without a typo.
pub(super) struct Search<'a> {
    pub(super) index: &'a Index,
    /// Documents to check. Documents found without a check may be outside this set.
    pub(super) within: &'a Bits,
    pub(super) found: Bits,
}

impl Search<'_> {
    fn exact(&mut self, condition: Condition, needle: &Needle) {
        let (grams, texts) = (&self.index.grams, &self.index.texts);
        let has = |text: &str| needle.is_in_text(text);
        if condition != Condition::Id {
            self.add(grams.find(Group::Name, &needle.text), &[&texts.nickname, &texts.real_name], |doc| {
                has(texts.nickname.get(doc)) || has(texts.real_name.get(doc))
            });
            self.pinyin(needle);
        }
        if condition != Condition::Name {
            self.add(grams.find(Group::Id, &needle.text), &[&texts.id], |doc| has(texts.id.get(doc)));
        }
        if condition == Condition::Search {
            self.add(grams.find(Group::Email, &needle.text), &[&texts.email], |doc| has(texts.email.get(doc)));
            let phone = match &needle.phone {
                Some(phone) => grams.find(Group::Phone, &phone.digits),
                None => grams.find(Group::PhoneSigns, &needle.text),
            };
            self.add(phone, &[&texts.phone], |doc| needle.is_in_phone(texts.phone.get(doc)));
        }
    }

    fn pinyin(&mut self, needle: &Needle) {
        if let Some(Spelling { spelled, letters, .. }) = &needle.pinyin {
            let names = [&self.index.texts.nickname, &self.index.texts.real_name];
            let read = |doc| names.iter().any(|column| needle.is_in_pinyin(column.get(doc)));
            self.add(self.index.grams.find(Group::Initials, letters), &names, read);
            self.spelled(needle, spelled, None);
        }
        if !needle.mixed.is_empty() {
            let in_name = |step: &Step| match step {
                Step::Char(c) => Some(self.index.grams.find(Group::Name, c.encode_utf8(&mut [0; 4]))),
                Step::Letters(_) => None,
            };
            let mut others = Vec::new();
            for lookup in needle.mixed.iter().filter_map(in_name) {
                let Lookup::Exact(docs) = lookup else { return };
                others.push(docs);
            }
            spellings(&needle.mixed).iter().for_each(|spelled| self.spelled(needle, spelled, Some(&others)));
        }
    }

    /// Adds the documents read as these letters. With `others`, only those that are also in all of
    /// these sets and pass a check.
    fn spelled(&mut self, needle: &Needle, spelled: &str, others: Option<&[&Postings]>) {
        let (grams, texts) = (&self.index.grams, &self.index.texts);
        let names = [&texts.nickname, &texts.real_name];
        let read = |doc| names.iter().any(|column| needle.is_in_pinyin(column.get(doc)));
        let known = |syllables: &str| !matches!(grams.find(Group::Pinyin, syllables), Lookup::Absent);
        for reading in readings(spelled, known) {
            let lookup = grams.find(Group::Pinyin, &reading.syllables);
            let lookup = match others {
                Some(others) => lookup.intersected_with(others),
                None if reading.complete => lookup,
                None => lookup.unchecked(),
            };
            self.add(lookup, &names, read);
        }
    }

    /// Adds the documents of a lookup. Candidates are added if they pass a check of these texts.
    pub(super) fn add(&mut self, lookup: Lookup<'_>, texts: &[&Column], passes: impl Fn(Doc) -> bool) {
        match lookup {
            Lookup::Absent => {}
            Lookup::Exact(docs) => docs.or_into(&mut self.found),
            Lookup::Intersection(parts) => {
                let candidates = self.candidates(&parts[..parts.len().min(MAX_INTERSECTED)]);
                let found = &mut self.found;
                let checked = match candidates {
                    Candidates::Few(docs) => check_candidates(docs.into_iter(), texts, passes, |doc| found.insert(doc)),
                    Candidates::Many(bits) => check_candidates(bits.iter(), texts, passes, |doc| found.insert(doc)),
                };
                if checked > MISS_TEXTS {
                    self.index.grams.ngrams.record_miss();
                }
            }
        }
    }

    /// Returns the documents of `within` that are in all parts and not found yet. The first part
    /// must be the rarest.
    fn candidates(&self, parts: &[&Postings]) -> Candidates {
        let Some((rarest, mut others)) = parts.split_first() else { return Candidates::Few(Vec::new()) };
        let mut few: Vec<Doc> = match rarest.as_list() {
            Some(docs) => {
                docs.iter().copied().filter(|doc| self.within.contains(*doc) && !self.found.contains(*doc)).collect()
            }
            None => {
                let mut bits = rarest.to_bits(self.index.len());
                bits.and(self.within);
                bits.and_not(&self.found);
                while bits.len() > PROBE_LIMIT {
                    let Some((other, rest)) = others.split_first() else { return Candidates::Many(bits) };
                    other.and_into(&mut bits);
                    others = rest;
                }
                bits.iter().collect()
            }
        };
        few.retain(|doc| others.iter().all(|other| other.contains(*doc)));
        Candidates::Few(few)
    }
}

enum Candidates {
    Few(Vec<Doc>),
    Many(Bits),
}

/// Returns the pinyin spellings of a text that mixes pinyin and Chinese characters, at most
/// [`MAX_SPELLINGS`].
fn spellings(steps: &[Step]) -> Vec<String> {
    let mut all = vec![String::new()];
    for step in steps {
        let options: Vec<String> = match step {
            Step::Letters(letters) => vec![letters.clone()],
            Step::Char(c) => {
                all_readings(*c).into_iter().map(|syllable: Syllable| syllable.letters().to_owned()).collect()
            }
        };
        let next = |before: &String| options.iter().map(move |option| format!("{before}'{option}")).collect::<Vec<_>>();
        all = all.iter().flat_map(next).take(MAX_SPELLINGS).collect();
    }
    all.iter().map(|spelled| spelled.trim_start_matches('\'').to_owned()).collect()
}
