//! Substrings of three and more characters ("n-grams") that very many documents contain:
//! `gmail.com`, `wx_`, 微信用户.
//!
//! N-grams are built from a sample after loading, and again while the number of customers grows.

mod frequent;
mod trie;

use std::sync::atomic::{AtomicBool, Ordering};

use super::Doc;
use super::fields::Fields;
use super::groups::{GROUPS, Group};
use super::postings::Postings;
use trie::{NgramTrie, Sample};

/// Minimum number of documents with an n-gram. Checking the texts of fewer documents is cheap.
const MIN_DOCS: usize = 4096;
/// Approximate sample size while loading.
const SAMPLE: usize = 1 << 14;
/// Approximate sample size after loading. It is smaller because requests wait during a change.
const SMALL_SAMPLE: usize = 1 << 12;
/// Number of documents added with each change to n-grams built after loading, until all are added.
const DOCS_PER_STEP: usize = 64;

/// N-grams and the documents that contain them.
#[derive(Debug)]
pub(super) struct FrequentNgrams {
    trie: NgramTrie,
    rebuild: Option<Rebuild>,
    /// Number of documents at the time of learning `trie` or `rebuild`.
    built_from: usize,
    /// `true` if a lookup had to check many texts since n-grams were last built.
    missed: AtomicBool,
    /// Minimum number of documents with an n-gram: [`MIN_DOCS`], except in tests.
    pub(super) min_docs: usize,
}

/// N-grams being built while the previous ones are in use.
#[derive(Debug)]
struct Rebuild {
    trie: NgramTrie,
    /// Sample and the next group to learn from it. `None` once all groups are learnt.
    sample: Option<(Sample, usize)>,
    /// Number of documents already added.
    added: usize,
}

impl Default for FrequentNgrams {
    fn default() -> Self {
        Self {
            trie: NgramTrie::default(),
            rebuild: None,
            built_from: 0,
            missed: AtomicBool::default(),
            min_docs: MIN_DOCS,
        }
    }
}

impl FrequentNgrams {
    /// Returns the longest known n-gram that these characters begin with, as its length and its
    /// documents.
    pub(super) fn longest(&self, group: Group, chars: &[char]) -> Option<(usize, &Postings)> {
        self.trie.longest(group, chars)
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        self.trie.insert(doc, fields);
        if let Some(rebuild) = self.rebuild.as_mut().filter(|rebuild| (doc as usize) < rebuild.added) {
            rebuild.trie.insert(doc, fields);
        }
    }

    /// Replaces the texts of a document.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        self.trie.change(doc, old, new);
        if let Some(rebuild) = self.rebuild.as_mut().filter(|rebuild| (doc as usize) < rebuild.added) {
            rebuild.trie.change(doc, old, new);
        }
    }

    /// Returns `true` if the document is in the sets of all known n-grams of these texts.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        self.trie.has(doc, fields)
    }

    /// Returns the sum of the sizes of all sets.
    pub(super) fn total(&self) -> usize {
        self.trie.total()
    }

    /// Returns the number of sets that a document with these texts belongs to: its contribution to
    /// [`FrequentNgrams::total`].
    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        self.trie.expected(fields)
    }

    /// Records that a lookup had to check many texts.
    pub(super) fn record_miss(&self) {
        self.missed.store(true, Ordering::Relaxed);
    }

    /// Builds the n-grams that are frequent among the `docs` documents and adds these documents.
    /// Forgets the n-grams built before.
    pub(super) fn build<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        self.trie = NgramTrie::default();
        if let Some(sample) = Sample::draw(docs, SAMPLE, self.min_docs, &fields) {
            (0..GROUPS).for_each(|group| self.trie.add_frequent(&sample, group));
        }
        for doc in 0..docs as Doc {
            self.trie.insert(doc, &fields(doc));
        }
        self.rebuild = None;
        self.built_from = docs;
    }

    /// Builds n-grams again once the number of customers has grown by half, or by a sixteenth if a
    /// lookup has had to check many texts. Each call does a small part of the work.
    pub(super) fn advance<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        if let Some(mut rebuild) = self.rebuild.take() {
            if let Some((sample, group)) = rebuild.sample.take() {
                rebuild.trie.add_frequent(&sample, group);
                rebuild.sample = Some((sample, group + 1)).filter(|(_, next)| *next < GROUPS);
            } else {
                let until = docs.min(rebuild.added + DOCS_PER_STEP);
                (rebuild.added..until).for_each(|doc| rebuild.trie.insert(doc as Doc, &fields(doc as Doc)));
                rebuild.added = until;
            }
            if rebuild.added == docs {
                self.trie = rebuild.trie;
            } else {
                self.rebuild = Some(rebuild);
            }
            return;
        }
        let growth = if self.missed.load(Ordering::Relaxed) { self.built_from / 16 } else { self.built_from / 2 };
        if docs >= self.min_docs * 2 && docs > self.built_from + growth {
            let sample = Sample::draw(docs, SMALL_SAMPLE, self.min_docs, &fields).map(|sample| (sample, 0));
            self.rebuild = Some(Rebuild { trie: NgramTrie::default(), sample, added: 0 });
            self.built_from = docs;
            self.missed.store(false, Ordering::Relaxed);
        }
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        self.trie.shrink();
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.trie.heap_bytes() + self.rebuild.as_ref().map_or(0, |rebuild| rebuild.trie.heap_bytes())
    }
}
