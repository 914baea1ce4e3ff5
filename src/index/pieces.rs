//! Substrings of three and more characters ("pieces") that very many documents contain:
//! `gmail.com`, `wx_`, 微信用户.
//!
//! Pieces are learnt from a sample after loading, and again while the number of customers grows.

mod frequent;
mod known;

use std::sync::atomic::{AtomicBool, Ordering};

use super::Doc;
use super::fields::Fields;
use super::groups::{GROUPS, Group};
use super::postings::Postings;
use known::{Known, Sample};

/// Minimum number of documents with a piece. Checking the texts of fewer documents is cheap.
const LEAST: usize = 4096;
/// Approximate sample size while loading.
const SAMPLE: usize = 1 << 14;
/// Approximate sample size after loading. It is smaller because requests wait during a change.
const SMALL_SAMPLE: usize = 1 << 12;
/// Number of documents added with each change to pieces learnt after loading, until all are added.
const STEP: usize = 64;

/// Pieces and the documents that contain them.
#[derive(Debug)]
pub(super) struct Pieces {
    known: Known,
    coming: Option<Coming>,
    /// Number of documents at the time of learning `known` or `coming`.
    learnt_from: usize,
    /// `true` if a lookup had to check many texts since pieces were last learnt.
    missed: AtomicBool,
    /// Minimum number of documents with a piece: [`LEAST`], except in tests.
    pub(super) least: usize,
}

/// Pieces being learnt while the previous ones are in use.
#[derive(Debug)]
struct Coming {
    known: Known,
    /// Sample and the next group to learn from it. `None` once all groups are learnt.
    sample: Option<(Sample, usize)>,
    /// Number of documents already added.
    taken: usize,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { known: Known::default(), coming: None, learnt_from: 0, missed: AtomicBool::default(), least: LEAST }
    }
}

impl Pieces {
    /// Returns the longest known piece that these characters begin with, as its length and its
    /// documents.
    pub(super) fn longest(&self, group: Group, chars: &[char]) -> Option<(usize, &Postings)> {
        self.known.longest(group, chars)
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        self.known.insert(doc, fields);
        if let Some(coming) = self.coming.as_mut().filter(|coming| (doc as usize) < coming.taken) {
            coming.known.insert(doc, fields);
        }
    }

    /// Replaces the texts of a document.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        self.known.change(doc, old, new);
        if let Some(coming) = self.coming.as_mut().filter(|coming| (doc as usize) < coming.taken) {
            coming.known.change(doc, old, new);
        }
    }

    /// Returns `true` if the document is in the sets of all known pieces of these texts.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        self.known.has(doc, fields)
    }

    /// Returns the sum of the sizes of all sets.
    pub(super) fn total(&self) -> usize {
        self.known.total()
    }

    /// Returns the number of sets that a document with these texts belongs to: its contribution to
    /// [`Pieces::total`].
    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        self.known.expected(fields)
    }

    /// Records that a lookup had to check many texts.
    pub(super) fn miss(&self) {
        self.missed.store(true, Ordering::Relaxed);
    }

    /// Learns the pieces that are frequent among the `docs` documents and adds these documents.
    /// Forgets the pieces learnt before.
    pub(super) fn learn<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        self.known = Known::default();
        if let Some(sample) = Sample::take(docs, SAMPLE, self.least, &fields) {
            (0..GROUPS).for_each(|group| self.known.learn(&sample, group));
        }
        for doc in 0..docs as Doc {
            self.known.insert(doc, &fields(doc));
        }
        self.coming = None;
        self.learnt_from = docs;
    }

    /// Learns pieces again once the number of customers has grown by half, or by a sixteenth if a
    /// lookup has had to check many texts. Each call does a small part of the work.
    pub(super) fn advance<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        if let Some(mut coming) = self.coming.take() {
            if let Some((sample, group)) = coming.sample.take() {
                coming.known.learn(&sample, group);
                coming.sample = Some((sample, group + 1)).filter(|(_, next)| *next < GROUPS);
            } else {
                let until = docs.min(coming.taken + STEP);
                (coming.taken..until).for_each(|doc| coming.known.insert(doc as Doc, &fields(doc as Doc)));
                coming.taken = until;
            }
            if coming.taken == docs {
                self.known = coming.known;
            } else {
                self.coming = Some(coming);
            }
            return;
        }
        let growth = if self.missed.load(Ordering::Relaxed) { self.learnt_from / 16 } else { self.learnt_from / 2 };
        if docs >= self.least * 2 && docs > self.learnt_from + growth {
            let sample = Sample::take(docs, SMALL_SAMPLE, self.least, &fields).map(|sample| (sample, 0));
            self.coming = Some(Coming { known: Known::default(), sample, taken: 0 });
            self.learnt_from = docs;
            self.missed.store(false, Ordering::Relaxed);
        }
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        self.known.shrink();
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        self.known.heap() + self.coming.as_ref().map_or(0, |coming| coming.known.heap())
    }
}
