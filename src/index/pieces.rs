//! Longer pieces of text that very many documents have: `gmail.com`, `wx_`, 微信用户.
//!
//! They are learnt from a sample after loading, and again as customers come.

mod frequent;
mod known;

use std::sync::atomic::{AtomicBool, Ordering};

use super::Doc;
use super::fields::Fields;
use super::grams::{GROUPS, Group};
use super::postings::Postings;
use known::{Known, Sample};

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
    coming: Option<Coming>,
    /// Number of documents when `known` or `coming` was learnt.
    learnt_from: usize,
    /// `true` if a look-up had to look at many texts since.
    missed: AtomicBool,
    /// See [`LEAST`].
    pub(super) least: usize,
}

/// Pieces that are being learnt while others are in use.
#[derive(Debug)]
struct Coming {
    known: Known,
    /// The documents that are learnt from, and the group that is next; `None` once all groups are learnt.
    sample: Option<(Sample, usize)>,
    /// Number of documents taken in.
    taken: usize,
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
        if let Some(coming) = self.coming.as_mut().filter(|coming| (doc as usize) < coming.taken) {
            coming.known.insert(doc, fields);
        }
    }

    /// Replaces a document's texts.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        self.known.change(doc, old, new);
        if let Some(coming) = self.coming.as_mut().filter(|coming| (doc as usize) < coming.taken) {
            coming.known.change(doc, old, new);
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

    /// Learns again after the customers have grown by half, or by a sixteenth if look-ups have missed pieces. Each call
    /// does a small part of it.
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

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        self.known.shrink();
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        self.known.heap() + self.coming.as_ref().map_or(0, |coming| coming.known.heap())
    }
}
