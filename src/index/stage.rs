//! Gathering of documents while loading.

use super::Doc;
use super::postings::Postings;

/// So many documents of a gram are gathered while loading: a cache line.
const STAGED: usize = 16;

/// Documents on their way into the ASCII grams.
#[derive(Debug, Default)]
pub(super) struct Stage {
    lens: Vec<u8>,
    docs: Vec<[Doc; STAGED]>,
}

impl Stage {
    /// Adds a document to the gram at a place.
    pub(super) fn push(&mut self, place: usize, doc: Doc, ascii: &mut [Postings]) {
        if self.lens.is_empty() {
            self.lens = vec![0; ascii.len()];
            self.docs = vec![[0; STAGED]; ascii.len()];
        }
        let (len, docs) = (&mut self.lens[place], &mut self.docs[place]);
        let n = usize::from(*len);
        if n > 0 && docs[n - 1] == doc {
            return;
        }
        docs[n] = doc;
        *len += 1;
        if n + 1 == STAGED {
            ascii[place].append(docs);
            *len = 0;
        }
    }

    /// Completes all grams.
    pub(super) fn flush(&mut self, ascii: &mut [Postings]) {
        for ((len, docs), postings) in self.lens.iter_mut().zip(&self.docs).zip(ascii) {
            postings.append(&docs[..usize::from(*len)]);
            *len = 0;
        }
    }
}
