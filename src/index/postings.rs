//! A set of documents as the index keeps it: small when it is small, quick to combine with [`Bits`] when it is large.
//!
//! Most sets have one or two documents (a Chinese bigram, a rare word), a few have a million. So: up to three documents
//! in place, then a sorted list, then for each 65,536 documents either a sorted list of their low halves or one bit for
//! each, whichever is smaller, as Roaring bitmaps have it. It is not the `roaring` crate because a query has to put
//! these into a [`Bits`] word by word; one number at a time from an iterator was measured to be ten times slower.

use super::Doc;
use super::bits::Bits;

/// So many documents are kept in place.
const FEW: usize = 3;
/// From so many on, chunks take less than a list.
const CHUNKED: usize = 512;
/// The words of 65,536 bits.
const CHUNK_WORDS: usize = 1024;
/// With more documents than this, bits take less than a list of low halves.
const CHUNK_LIST: usize = 4096;

/// A set of documents.
#[derive(Clone, Debug)]
pub(super) enum Postings {
    Few(u8, [Doc; FEW]),
    List(Vec<Doc>),
    Chunks(Box<Chunks>),
}

/// A large set, 65,536 documents at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    len: usize,
    chunks: Vec<Chunk>,
}

#[derive(Clone, Debug)]
enum Chunk {
    List(Vec<u16>),
    Bits(Box<[u64; CHUNK_WORDS]>),
}

impl Default for Postings {
    fn default() -> Self {
        Self::Few(0, [0; FEW])
    }
}

impl Postings {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(len, _) => usize::from(*len),
            Self::List(docs) => docs.len(),
            Self::Chunks(chunks) => chunks.len,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn contains(&self, doc: Doc) -> bool {
        match self {
            Self::Few(len, docs) => docs[..usize::from(*len)].contains(&doc),
            Self::List(docs) => docs.binary_search(&doc).is_ok(),
            Self::Chunks(chunks) => chunks.contains(doc),
        }
    }

    /// Adds a document; one that is there already changes nothing.
    pub(super) fn insert(&mut self, doc: Doc) {
        match self {
            Self::Few(len, docs) => {
                let n = usize::from(*len);
                let Err(place) = docs[..n].binary_search(&doc) else { return };
                if n < FEW {
                    docs.copy_within(place..n, place + 1);
                    docs[place] = doc;
                    *len += 1;
                } else {
                    let mut list = Vec::with_capacity(FEW * 2);
                    list.extend_from_slice(docs);
                    list.insert(place, doc);
                    *self = Self::List(list);
                }
            }
            Self::List(list) => {
                // Documents mostly come in rising order.
                if list.last().is_some_and(|last| *last < doc) {
                    list.push(doc);
                } else if let Err(place) = list.binary_search(&doc) {
                    list.insert(place, doc);
                }
                if list.len() >= CHUNKED {
                    let mut chunks = Chunks::default();
                    list.iter().for_each(|doc| chunks.insert(*doc));
                    *self = Self::Chunks(Box::new(chunks));
                }
            }
            Self::Chunks(chunks) => chunks.insert(doc),
        }
    }

    /// Takes a document out; one that is not there changes nothing. The form stays: sets that shrank grow again.
    pub(super) fn remove(&mut self, doc: Doc) {
        match self {
            Self::Few(len, docs) => {
                let n = usize::from(*len);
                if let Ok(place) = docs[..n].binary_search(&doc) {
                    docs.copy_within(place + 1..n, place);
                    *len -= 1;
                }
            }
            Self::List(list) => {
                if let Ok(place) = list.binary_search(&doc) {
                    list.remove(place);
                }
            }
            Self::Chunks(chunks) => chunks.remove(doc),
        }
    }

    /// `bits |= self`
    pub(super) fn or_into(&self, bits: &mut Bits) {
        match self {
            Self::Few(..) | Self::List(_) => self.small().iter().for_each(|doc| bits.insert(*doc)),
            Self::Chunks(chunks) => {
                for (chunk, words) in chunks.chunks.iter().zip(bits.words_mut().chunks_mut(CHUNK_WORDS)) {
                    chunk.or_into(words);
                }
            }
        }
    }

    /// `bits &= self`
    pub(super) fn and_into(&self, bits: &mut Bits) {
        match self {
            Self::Few(..) | Self::List(_) => {
                let kept: Vec<Doc> = self.small().iter().copied().filter(|doc| bits.contains(*doc)).collect();
                bits.words_mut().fill(0);
                kept.iter().for_each(|doc| bits.insert(*doc));
            }
            Self::Chunks(chunks) => {
                let mut all = bits.words_mut().chunks_mut(CHUNK_WORDS);
                for (chunk, words) in chunks.chunks.iter().zip(&mut all) {
                    chunk.and_into(words);
                }
                all.for_each(|words| words.fill(0));
            }
        }
    }

    /// The set as bits of `docs` documents.
    pub(super) fn to_bits(&self, docs: usize) -> Bits {
        let mut bits = Bits::none(docs);
        self.or_into(&mut bits);
        bits
    }

    /// How many documents are also in `bits`.
    pub(super) fn count_in(&self, bits: &Bits) -> usize {
        match self {
            Self::Few(..) | Self::List(_) => self.small().iter().filter(|doc| bits.contains(**doc)).count(),
            Self::Chunks(chunks) => {
                let words = bits.words().chunks(CHUNK_WORDS);
                chunks.chunks.iter().zip(words).map(|(chunk, words)| chunk.count_in(words)).sum()
            }
        }
    }

    /// The documents, rising, when they are not many.
    pub(super) fn as_small(&self) -> Option<&[Doc]> {
        match self {
            Self::Chunks(_) => None,
            _ => Some(self.small()),
        }
    }

    fn small(&self) -> &[Doc] {
        match self {
            Self::Few(len, docs) => &docs[..usize::from(*len)],
            Self::List(docs) => docs,
            Self::Chunks(_) => &[],
        }
    }

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        match self {
            Self::Few(..) => {}
            Self::List(docs) => docs.shrink_to_fit(),
            Self::Chunks(chunks) => {
                chunks.chunks.shrink_to_fit();
                for chunk in &mut chunks.chunks {
                    if let Chunk::List(list) = chunk {
                        list.shrink_to_fit();
                    }
                }
            }
        }
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        match self {
            Self::Few(..) => 0,
            Self::List(docs) => docs.capacity() * size_of::<Doc>(),
            Self::Chunks(chunks) => {
                let inner = |chunk: &Chunk| match chunk {
                    Chunk::List(list) => list.capacity() * size_of::<u16>(),
                    Chunk::Bits(_) => size_of::<[u64; CHUNK_WORDS]>(),
                };
                size_of::<Chunks>()
                    + chunks.chunks.capacity() * size_of::<Chunk>()
                    + chunks.chunks.iter().map(inner).sum::<usize>()
            }
        }
    }
}

const fn split(doc: Doc) -> (usize, u16) {
    ((doc >> 16) as usize, doc as u16)
}

impl Chunks {
    fn contains(&self, doc: Doc) -> bool {
        let (at, low) = split(doc);
        match self.chunks.get(at) {
            None => false,
            Some(Chunk::List(list)) => list.binary_search(&low).is_ok(),
            Some(Chunk::Bits(words)) => words[usize::from(low) / 64] >> (low % 64) & 1 == 1,
        }
    }

    fn insert(&mut self, doc: Doc) {
        let (at, low) = split(doc);
        while self.chunks.len() <= at {
            self.chunks.push(Chunk::List(Vec::new()));
        }
        let chunk = &mut self.chunks[at];
        match chunk {
            Chunk::List(list) => {
                if list.last().is_none_or(|last| *last < low) {
                    list.push(low);
                } else if let Err(place) = list.binary_search(&low) {
                    list.insert(place, low);
                } else {
                    return;
                }
                if list.len() > CHUNK_LIST {
                    let mut words = Box::new([0; CHUNK_WORDS]);
                    list.iter().for_each(|low| words[usize::from(*low) / 64] |= 1 << (low % 64));
                    *chunk = Chunk::Bits(words);
                }
            }
            Chunk::Bits(words) => {
                let word = &mut words[usize::from(low) / 64];
                if *word >> (low % 64) & 1 == 1 {
                    return;
                }
                *word |= 1 << (low % 64);
            }
        }
        self.len += 1;
    }

    fn remove(&mut self, doc: Doc) {
        let (at, low) = split(doc);
        match self.chunks.get_mut(at) {
            None => return,
            Some(Chunk::List(list)) => {
                let Ok(place) = list.binary_search(&low) else { return };
                list.remove(place);
            }
            Some(Chunk::Bits(words)) => {
                let word = &mut words[usize::from(low) / 64];
                if *word >> (low % 64) & 1 == 0 {
                    return;
                }
                *word &= !(1 << (low % 64));
            }
        }
        self.len -= 1;
    }
}

/// `words` is the chunk's part of a [`Bits`], which in the last chunk may be shorter.
impl Chunk {
    fn or_into(&self, words: &mut [u64]) {
        match self {
            Self::List(list) => list.iter().for_each(|low| words[usize::from(*low) / 64] |= 1 << (low % 64)),
            Self::Bits(own) => words.iter_mut().zip(own.iter()).for_each(|(word, own)| *word |= own),
        }
    }

    fn and_into(&self, words: &mut [u64]) {
        match self {
            Self::List(list) => {
                let mut own = [0; CHUNK_WORDS];
                list.iter().for_each(|low| own[usize::from(*low) / 64] |= 1 << (low % 64));
                words.iter_mut().zip(own).for_each(|(word, own)| *word &= own);
            }
            Self::Bits(own) => words.iter_mut().zip(own.iter()).for_each(|(word, own)| *word &= own),
        }
    }

    fn count_in(&self, words: &[u64]) -> usize {
        match self {
            Self::List(list) => list.iter().map(|low| (words[usize::from(*low) / 64] >> (low % 64) & 1) as usize).sum(),
            Self::Bits(own) => words.iter().zip(own.iter()).map(|(word, own)| (word & own).count_ones() as usize).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const DOCS: usize = 150_000;

    fn agree(postings: &Postings, expected: &BTreeSet<Doc>, other: &BTreeSet<Doc>) {
        assert_eq!(postings.len(), expected.len());
        let bits = postings.to_bits(DOCS);
        assert!(bits.iter().eq(expected.iter().copied()));
        let mut other_bits = Bits::none(DOCS);
        other.iter().for_each(|doc| other_bits.insert(*doc));
        assert_eq!(postings.count_in(&other_bits), expected.intersection(other).count());
        postings.and_into(&mut other_bits);
        assert!(other_bits.iter().eq(expected.intersection(other).copied()));
        assert!(other.iter().all(|doc| postings.contains(*doc) == expected.contains(doc)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn postings_are_sets(
            spread in prop_oneof![Just(8 as Doc), Just(700), Just(9_000), Just(DOCS as Doc)],
            count in prop_oneof![0..6usize, 0..700usize, 0..12_000usize],
            seed in any::<u64>(),
        ) {
            let mut state = seed | 1;
            let mut random = |below: Doc| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 20) as Doc % below
            };
            let (mut postings, mut expected) = (Postings::default(), BTreeSet::new());
            let other: BTreeSet<Doc> = (0..500).map(|_| random(spread)).collect();
            for _ in 0..count {
                let doc = random(spread);
                if random(4) == 0 {
                    postings.remove(doc);
                    expected.remove(&doc);
                } else {
                    postings.insert(doc);
                    expected.insert(doc);
                }
            }
            postings.shrink();
            agree(&postings, &expected, &other);
            for doc in expected.clone() {
                postings.remove(doc);
            }
            agree(&postings, &BTreeSet::new(), &other);
        }
    }
}
