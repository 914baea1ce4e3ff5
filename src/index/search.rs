//! The documents that have one text.

use super::bits::Bits;
use super::grams::{Group, Lookup, START};
use super::needle::{Needle, Spelling};
use super::pinyin::{Step, readings};
use super::postings::Postings;
use super::syllables::{Syllable, all_readings};
use super::texts::Column;
use super::{Doc, Index};
use crate::domain::Condition;

/// Of a long needle's grams so many are intersected, the rarest first; more hardly leave fewer candidates.
const MOST_PARTS: usize = 8;
/// So few candidates are looked up in the remaining grams one by one.
const FEW: usize = 512;
/// So many candidates' texts are fetched at a time.
const BATCH: usize = 32;
/// Chinese characters of a mixed text are read in so many ways together.
const MOST_SPELLINGS: usize = 16;
/// A look at more texts than this says that there are pieces of text that should be known.
const MANY_TEXTS: usize = 20_000;

/// The documents that meet a condition of a filter's text, by how well.
pub(super) struct Met {
    /// All that meet it exactly or better.
    pub(super) exact: Bits,
    /// Those whose ID it is. They are among the exact ones.
    pub(super) whole_id: Option<Bits>,
    /// Those whose ID begins with it. They are among the exact ones.
    pub(super) begins_id: Option<Bits>,
    /// Further ones, whose phone number has another prefix.
    pub(super) other_prefix: Option<Bits>,
    /// Further ones, with a typo.
    pub(super) similar: Option<Bits>,
}

impl Index {
    /// The documents of `within` that meet a text's condition. Sets other than the last two may have others besides.
    pub(super) fn meet(&self, condition: Condition, needle: &Needle, within: &Bits) -> Met {
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
        Met { exact, whole_id, begins_id, other_prefix, similar }
    }

    pub(super) fn none(&self) -> Bits {
        Bits::none(self.len())
    }

    /// The documents with exactly this normalised ID.
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
        let lookup = self.grams.find(Group::Phone, &national.digits).looked_at();
        search.add(lookup, &[column], |doc| needle.is_in_phone_without_prefix(column.get(doc)));
        search.found.and_not(exact);
        Some(search.found).filter(|docs| !docs.is_empty())
    }
}

impl<'a> Lookup<'a> {
    /// The same documents, but each has to be looked at.
    fn looked_at(self) -> Self {
        match self {
            Self::In(docs) => Self::Among(vec![docs]),
            lookup => lookup,
        }
    }

    /// The documents that are also in others.
    fn also_in(self, others: &[&'a Postings]) -> Self {
        let mut parts = match self {
            Self::Nowhere => return Self::Nowhere,
            Self::In(docs) => vec![docs],
            Self::Among(parts) => parts,
        };
        parts.extend(others);
        parts.sort_unstable_by_key(|docs| docs.len());
        Self::Among(parts)
    }
}

/// Calls `take` with the documents that pass, having fetched their texts ahead, and returns how many were looked at.
fn check(
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
        texts.iter().for_each(|column| column.warm(&batch));
        batch.iter().copied().filter(|doc| passes(*doc)).for_each(&mut take);
    }
}

/// Collects the documents that have a needle as it stands.
pub(super) struct Search<'a> {
    pub(super) index: &'a Index,
    /// Others need not be looked at; those found without looking may be others.
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
                let Lookup::In(docs) = lookup else { return };
                others.push(docs);
            }
            spellings(&needle.mixed).iter().for_each(|spelled| self.spelled(needle, spelled, Some(&others)));
        }
    }

    /// Adds the documents that are read as these letters; with others, those that are in all of them too and pass a look.
    fn spelled(&mut self, needle: &Needle, spelled: &str, others: Option<&[&Postings]>) {
        let (grams, texts) = (&self.index.grams, &self.index.texts);
        let names = [&texts.nickname, &texts.real_name];
        let read = |doc| names.iter().any(|column| needle.is_in_pinyin(column.get(doc)));
        let known = |syllables: &str| !matches!(grams.find(Group::Pinyin, syllables), Lookup::Nowhere);
        for reading in readings(spelled, known) {
            let lookup = grams.find(Group::Pinyin, &reading.syllables);
            let lookup = match others {
                Some(others) => lookup.also_in(others),
                None if reading.complete => lookup,
                None => lookup.looked_at(),
            };
            self.add(lookup, &names, read);
        }
    }

    /// Adds the documents of a look-up; of candidates, those that pass a look at these texts.
    pub(super) fn add(&mut self, lookup: Lookup<'_>, texts: &[&Column], passes: impl Fn(Doc) -> bool) {
        match lookup {
            Lookup::Nowhere => {}
            Lookup::In(docs) => docs.or_into(&mut self.found),
            Lookup::Among(parts) => {
                let candidates = self.candidates(&parts[..parts.len().min(MOST_PARTS)]);
                let found = &mut self.found;
                let looked = match candidates {
                    Candidates::Few(docs) => check(docs.into_iter(), texts, passes, |doc| found.insert(doc)),
                    Candidates::Many(bits) => check(bits.iter(), texts, passes, |doc| found.insert(doc)),
                };
                if looked > MANY_TEXTS {
                    self.index.grams.pieces.miss();
                }
            }
        }
    }

    /// The documents in all parts, the rarest of which is the first, that are not found yet.
    fn candidates(&self, parts: &[&Postings]) -> Candidates {
        let Some((rarest, mut others)) = parts.split_first() else { return Candidates::Few(Vec::new()) };
        let mut few: Vec<Doc> = match rarest.as_small() {
            Some(docs) => {
                docs.iter().copied().filter(|doc| self.within.contains(*doc) && !self.found.contains(*doc)).collect()
            }
            None => {
                let mut bits = rarest.to_bits(self.index.len());
                bits.and(self.within);
                bits.and_not(&self.found);
                while bits.len() > FEW {
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

/// The spellings of a text that is pinyin and Chinese mixed.
fn spellings(steps: &[Step]) -> Vec<String> {
    let mut all = vec![String::new()];
    for step in steps {
        let own: Vec<String> = match step {
            Step::Letters(letters) => vec![letters.clone()],
            Step::Char(c) => all_readings(*c).into_iter().map(|own: Syllable| own.letters().to_owned()).collect(),
        };
        let next = |before: &String| own.iter().map(move |own| format!("{before}'{own}")).collect::<Vec<_>>();
        all = all.iter().flat_map(next).take(MOST_SPELLINGS).collect();
    }
    all.iter().map(|spelled| spelled.trim_start_matches('\'').to_owned()).collect()
}
