//! Longer pieces of text that very many documents have: `gmail.com`, `wx_`, 微信用户.
//!
//! They are learnt from a sample after loading, and again as customers come.

mod frequent;
mod known;

use std::sync::atomic::{AtomicBool, Ordering};

use super::Doc;
use super::fields::Fields;
use super::grams::Group;
use super::postings::Postings;
use known::Known;

/// A piece is kept when at least so many documents have it: looking at fewer texts costs nothing.
const LEAST: usize = 4096;
/// Pieces are learnt from about so many documents while loading, …
const SAMPLE: usize = 1 << 14;
/// … and from so many later, since others wait.
const SMALL_SAMPLE: usize = 1 << 12;
/// Pieces that were learnt later take in so many documents with each change, until they have all.
const STEP: usize = 64;

/// Pieces and the documents that have them.
#[derive(Debug)]
pub(super) struct Pieces {
    known: Known,
    /// Pieces that were learnt later, and the number of documents they have taken in.
    coming: Option<(Known, usize)>,
    /// Number of documents when `known` or `coming` was learnt.
    learnt_from: usize,
    /// `true` if a look-up had to look at many texts since.
    missed: AtomicBool,
    /// See [`LEAST`].
    pub(super) least: usize,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { known: Known::default(), coming: None, learnt_from: 0, missed: AtomicBool::default(), least: LEAST }
    }
}

impl Pieces {
    /// The longest known piece that these characters begin with: how many they are, and the documents.
    pub(super) fn longest(&self, group: Group, chars: &[char]) -> Option<(usize, &Postings)> {
        self.known.longest(group, chars)
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        self.known.insert(doc, fields);
        if let Some((coming, _)) = self.coming.as_mut().filter(|(_, taken)| (doc as usize) < *taken) {
            coming.insert(doc, fields);
        }
    }

    /// Replaces a document's texts.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        self.known.change(doc, old, new);
        if let Some((coming, _)) = self.coming.as_mut().filter(|(_, taken)| (doc as usize) < *taken) {
            coming.change(doc, old, new);
        }
    }

    /// Returns `true` if all pieces of these texts are there.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        self.known.has(doc, fields)
    }

    /// The documents of all sets together.
    pub(super) fn total(&self) -> usize {
        self.known.total()
    }

    /// Returns the number of sets fields are in, their share of [`Pieces::total`].
    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        self.known.expected(fields)
    }

    /// Notes that a look-up had to look at many texts.
    pub(super) fn miss(&self) {
        self.missed.store(true, Ordering::Relaxed);
    }

    /// Learns which pieces many of the `docs` documents have, and takes these documents in. What was learnt before is
    /// forgotten.
    pub(super) fn learn<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        self.known = Known::learn(docs, SAMPLE, self.least, &fields);
        for doc in 0..docs as Doc {
            self.known.insert(doc, &fields(doc));
        }
        self.coming = None;
        self.learnt_from = docs;
    }

    /// Learns again after the customers have grown by half, or by a sixteenth if look-ups have missed pieces. Each call
    /// does a small part of it.
    pub(super) fn advance<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        if let Some((mut coming, taken)) = self.coming.take() {
            let until = docs.min(taken + STEP);
            (taken..until).for_each(|doc| coming.insert(doc as Doc, &fields(doc as Doc)));
            if until == docs {
                self.known = coming;
            } else {
                self.coming = Some((coming, until));
            }
            return;
        }
        let growth = if self.missed.load(Ordering::Relaxed) { self.learnt_from / 16 } else { self.learnt_from / 2 };
        if docs >= self.least * 2 && docs > self.learnt_from + growth {
            self.coming = Some((Known::learn(docs, SMALL_SAMPLE, self.least, &fields), 0));
            self.learnt_from = docs;
            self.missed.store(false, Ordering::Relaxed);
        }
    }

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        self.known.shrink();
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        self.known.heap() + self.coming.as_ref().map_or(0, |(coming, _)| coming.heap())
    }
}
