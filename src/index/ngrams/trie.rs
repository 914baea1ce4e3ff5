//! Known n-grams and the documents that contain them.
//!
//! Many n-grams occur in the same documents (`gmai`, `gmail`, `mail.c`…) and share one set of
//! documents. A document that contains only some of them divides the set.

use std::collections::HashMap;

use super::super::Doc;
use super::super::fields::Fields;
use super::super::groups::{CHAR_BITS, GROUPS, Group, each_text};
use super::super::numbers::NumberMap;
use super::super::postings::Postings;
use super::frequent::frequent;

/// An n-gram is kept if at least one in this number of documents contains it.
const MIN_SHARE: usize = 256;

/// Maximum number of divisions before n-grams are built again. Low in tests, so that they reach it.
const MAX_SPLITS: usize = if cfg!(test) { 4 } else { 2048 };
/// Set number of an n-gram that is no longer known.
const NO_SET: u32 = u32::MAX;

/// Number of an n-gram: its index in [`NgramTrie::set_of`].
type NgramId = u32;

/// Trie of the known n-grams, with their documents.
#[derive(Debug, Default)]
pub(super) struct NgramTrie {
    /// N-grams of three characters, by group.
    trigrams: [NumberMap<NgramId>; GROUPS],
    /// Longer n-gram by shorter n-gram and next character. All beginnings of an n-gram, from three
    /// characters, are n-grams as well.
    children: NumberMap<NgramId>,
    /// Index in `sets` of each n-gram, or [`NO_SET`].
    set_of: Vec<u32>,
    sets: Vec<Set>,
    /// Number of divisions so far.
    splits: usize,
}

/// Texts of a sample of the documents, from which n-grams are built.
#[derive(Debug)]
pub(super) struct Sample {
    /// Texts by group, then by document.
    texts: [Vec<Vec<String>>; GROUPS],
    /// Minimum number of sampled documents with an n-gram.
    min_docs: usize,
}

impl Sample {
    /// Samples about `size` of the `docs` documents. Returns `None` if there are too few documents
    /// for an n-gram that at least `min_docs` of them contain.
    pub(super) fn draw<'a>(
        docs: usize,
        size: usize,
        min_docs: usize,
        fields: &impl Fn(Doc) -> Fields<&'a str>,
    ) -> Option<Self> {
        let step = docs.div_ceil(size).max(1);
        let min_docs = (docs / MIN_SHARE).max(min_docs) / step;
        if docs / step <= min_docs {
            return None;
        }
        let mut texts: [Vec<Vec<String>>; GROUPS] = Default::default();
        for doc in (0..docs as Doc).step_by(step) {
            texts.iter_mut().for_each(|texts| texts.push(Vec::new()));
            each_text(&fields(doc), |group, text| {
                if let Some(texts) = texts[group as usize].last_mut() {
                    texts.push(text.to_owned());
                }
            });
        }
        Some(Self { texts, min_docs })
    }
}

/// Documents shared by `ngrams` n-grams.
#[derive(Debug, Default)]
struct Set {
    docs: Postings,
    ngrams: usize,
}

impl NgramTrie {
    /// Returns the longest known n-gram that these characters begin with, as its length and its
    /// documents.
    pub(super) fn longest(&self, group: Group, chars: &[char]) -> Option<(usize, &Postings)> {
        let [a, b, c, rest @ ..] = chars else { return None };
        let mut number = *self.trigrams[group as usize].get(&trigram_key([*a, *b, *c]))?;
        let mut longest = self.docs(number).map(|docs| (3, docs));
        for (next, length) in rest.iter().zip(4..) {
            let Some(child) = self.children.get(&child_key(number, *next)) else { break };
            number = *child;
            longest = self.docs(number).map(|docs| (length, docs)).or(longest);
        }
        longest
    }

    fn docs(&self, ngram: NgramId) -> Option<&Postings> {
        let set = self.set_of[ngram as usize];
        (set != NO_SET).then(|| &self.sets[set as usize].docs)
    }

    fn number(&self, group: usize, ngram: &str) -> Option<NgramId> {
        let mut chars = ngram.chars();
        let root = *self.trigrams[group].get(&trigram_key([chars.next()?, chars.next()?, chars.next()?]))?;
        chars.try_fold(root, |number, next| self.children.get(&child_key(number, next)).copied())
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        let entries = self.by_set(fields);
        for entries in entries.chunk_by(|a, b| a.0 == b.0) {
            let set = entries[0].0 as usize;
            if entries.len() < self.sets[set].ngrams {
                self.split_set(entries);
            }
            self.sets[set].docs.insert(doc);
        }
    }

    /// Replaces the texts of a document.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        if self.by_set(old) != self.by_set(new) {
            for (set, _) in self.by_set(old) {
                self.sets[set as usize].docs.remove(doc);
            }
            self.insert(doc, new);
        }
    }

    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        self.by_set(fields).into_iter().all(|(set, _)| self.sets[set as usize].docs.contains(doc))
    }

    pub(super) fn total(&self) -> usize {
        self.sets.iter().map(|set| set.docs.len()).sum()
    }

    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        self.by_set(fields).chunk_by(|a, b| a.0 == b.0).count()
    }

    /// Returns the known n-grams in these texts with their sets, without duplicates, sorted by set.
    fn by_set(&self, fields: &Fields<impl AsRef<str>>) -> Vec<(u32, NgramId)> {
        let mut entries = Vec::new();
        if self.sets.is_empty() {
            return entries;
        }
        let mut chars = Vec::new();
        each_text(fields, |group, text| {
            let trigrams = &self.trigrams[group as usize];
            if trigrams.is_empty() {
                return;
            }
            chars.clear();
            chars.extend(text.chars());
            for (from, window) in chars.windows(3).enumerate() {
                let mut ngram = trigrams.get(&trigram_key([window[0], window[1], window[2]]));
                let mut next = chars[from + 3..].iter();
                while let Some(number) = ngram {
                    entries.push((self.set_of[*number as usize], *number));
                    ngram = next.next().and_then(|next| self.children.get(&child_key(*number, *next)));
                }
            }
        });
        entries.retain(|(set, _)| *set != NO_SET);
        entries.sort_unstable();
        entries.dedup();
        entries
    }

    /// Moves the n-grams of a set that are not in `staying` to a new set. Forgets them instead once
    /// the maximum number of divisions is reached: sets take memory, and the visitors who choose
    /// the texts determine the number of divisions.
    fn split_set(&mut self, staying: &[(u32, NgramId)]) {
        let set = staying[0].0;
        let may_split = self.splits < MAX_SPLITS;
        let new = if may_split { self.sets.len() as u32 } else { NO_SET };
        for (ngram, of) in self.set_of.iter_mut().enumerate() {
            if *of == set && staying.binary_search(&(set, ngram as NgramId)).is_err() {
                *of = new;
            }
        }
        let old = &mut self.sets[set as usize];
        let ngrams = old.ngrams - staying.len();
        old.ngrams = staying.len();
        if may_split {
            let docs = old.docs.clone();
            self.sets.push(Set { docs, ngrams });
            self.splits += 1;
        }
    }

    /// Builds the n-grams of a group that are frequent in the sample. The caller then adds the
    /// documents.
    pub(super) fn add_frequent(&mut self, sample: &Sample, group: usize) {
        // Any three digits occur in about one of a hundred phone numbers. Keeping all of them has
        // little use.
        let min_docs = if group == Group::Phone as usize { sample.min_docs * 4 } else { sample.min_docs };
        self.insert_ngrams(group, &frequent(&sample.texts[group], min_docs));
    }

    /// Adds n-grams with their number of documents, shorter ones first. If an n-gram and its beginning
    /// or end have the same number, they are in the same documents and share a set.
    fn insert_ngrams(&mut self, group: usize, ngrams: &[(&str, usize)]) {
        let counts: HashMap<&str, usize> = ngrams.iter().copied().collect();
        for (ngram, count) in ngrams {
            let last = ngram.char_indices().next_back().map_or(0, |(at, _)| at);
            let first = ngram.chars().next().map_or(0, char::len_utf8);
            let same = [&ngram[..last], &ngram[first..]].into_iter().find(|part| counts.get(part) == Some(count));
            let set = match same.and_then(|part| self.number(group, part)) {
                Some(number) => self.set_of[number as usize],
                None => {
                    self.sets.push(Set::default());
                    (self.sets.len() - 1) as u32
                }
            };
            self.sets[set as usize].ngrams += 1;
            let number = self.set_of.len() as NgramId;
            let chars: Vec<char> = ngram.chars().collect();
            if let [a, b, c] = chars[..] {
                self.trigrams[group].insert(trigram_key([a, b, c]), number);
            } else if let (Some(beginning), Some(next)) = (self.number(group, &ngram[..last]), chars.last()) {
                self.children.insert(child_key(beginning, *next), number);
            }
            self.set_of.push(set);
        }
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        self.sets.iter_mut().for_each(|set| set.docs.shrink());
    }

    /// Returns the estimated number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.sets.iter().map(|set| set.docs.heap_bytes() + size_of::<Set>()).sum::<usize>() + self.set_of.len() * 32
    }
}

/// Packs three characters into a number.
const fn trigram_key([a, b, c]: [char; 3]) -> u64 {
    ((a as u64) << (2 * CHAR_BITS)) | ((b as u64) << CHAR_BITS) | c as u64
}

/// Packs an n-gram and the next character into a number.
const fn child_key(ngram: NgramId, next: char) -> u64 {
    ((ngram as u64) << CHAR_BITS) | next as u64
}
