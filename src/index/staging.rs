//! Write buffer for the ASCII grams while loading.

use super::Doc;
use super::postings::Postings;

/// Number of documents buffered per gram: one cache line of 64 bytes.
const DOCS_PER_GRAM: usize = 16;

/// Documents per ASCII gram that are not in its set yet.
#[derive(Debug, Default)]
pub(super) struct StagingBuffer {
    lens: Vec<u8>,
    docs: Vec<[Doc; DOCS_PER_GRAM]>,
}

impl StagingBuffer {
    /// Adds a document to the gram with this index. `ascii` has the sets of all grams.
    pub(super) fn push(&mut self, index: usize, doc: Doc, ascii: &mut [Postings]) {
        if self.lens.is_empty() {
            self.lens = vec![0; ascii.len()];
            self.docs = vec![[0; DOCS_PER_GRAM]; ascii.len()];
        }
        let (len, docs) = (&mut self.lens[index], &mut self.docs[index]);
        let mut n = usize::from(*len);
        if n > 0 && docs[n - 1] == doc {
            return;
        }
        // Flush only when the next document arrives: the last one may contain the gram again.
        if n == DOCS_PER_GRAM {
            ascii[index].append(docs);
            n = 0;
        }
        docs[n] = doc;
        *len = n as u8 + 1;
    }

    /// Moves all buffered documents to the sets of their grams.
    pub(super) fn flush(&mut self, ascii: &mut [Postings]) {
        for ((len, docs), postings) in self.lens.iter_mut().zip(&self.docs).zip(ascii) {
            postings.append(&docs[..usize::from(*len)]);
            *len = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_gathered_once_however_often_it_has_the_gram() {
        let (mut stage, mut ascii) = (StagingBuffer::default(), vec![Postings::default()]);
        for doc in 0..1000 {
            for _ in 0..3 {
                stage.push(0, doc, &mut ascii);
            }
        }
        stage.flush(&mut ascii);
        assert_eq!(ascii[0].len(), 1000);
        for doc in 0..1000 {
            ascii[0].remove(doc);
        }
        assert!((0..1000).all(|doc| !ascii[0].contains(doc)));
    }
}
