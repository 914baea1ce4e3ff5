//! Set of documents as stored in the index: compact if small, fast to combine with [`Bits`] if
//! large.
//!
//! Most sets have one or two documents (a Chinese bigram, a rare word), a few have a million. Up to
//! three documents are stored inline, more in a sorted list, then in [`Chunks`], which resemble
//! Roaring bitmaps. The `roaring` crate is not used because it yields numbers one at a time, while
//! a query combines them with a [`Bits`] word by word.

use super::Doc;
use super::bits::Bits;
use super::chunks::{Chunks, reserve};

/// Number of documents stored inline.
const FEW: usize = 3;
/// Number of documents from which chunks are smaller than a list.
const CHUNKED: usize = 512;

/// Set of documents in one of three representations, chosen by size.
#[derive(Clone, Debug)]
pub(super) enum Postings {
    Few(u8, [Doc; FEW]),
    List(Vec<Doc>),
    Chunks(Box<Chunks>),
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
            Self::Chunks(chunks) => chunks.len(),
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

    /// Adds a document. Does nothing if the set contains it.
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
                reserve(list);
                // Documents mostly arrive in ascending order.
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

    /// Appends documents in ascending order; all must be greater than those in the set.
    pub(super) fn append(&mut self, docs: &[Doc]) {
        match self {
            Self::Chunks(chunks) => chunks.append(docs),
            _ => docs.iter().for_each(|doc| self.insert(*doc)),
        }
    }

    /// Removes a document. Does nothing if the set does not contain it. A set changes to a smaller
    /// representation well below the size at which it changed to the larger one, so that it does
    /// not alternate.
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
                if list.len() < FEW {
                    let mut docs = [0; FEW];
                    docs[..list.len()].copy_from_slice(list);
                    *self = Self::Few(list.len() as u8, docs);
                } else if list.len() * 4 < list.capacity() {
                    list.shrink_to(list.len() * 2);
                }
            }
            Self::Chunks(chunks) => {
                chunks.remove(doc);
                if chunks.len() < CHUNKED / 4 {
                    *self = Self::List(chunks.to_list());
                }
            }
        }
    }

    /// Adds the documents of this set to `bits`.
    pub(super) fn or_into(&self, bits: &mut Bits) {
        match self {
            Self::Few(..) | Self::List(_) => self.small().iter().for_each(|doc| bits.insert(*doc)),
            Self::Chunks(chunks) => chunks.or_into(bits),
        }
    }

    /// Removes the documents that are not in this set from `bits`.
    pub(super) fn and_into(&self, bits: &mut Bits) {
        match self {
            Self::Few(..) | Self::List(_) => {
                let kept: Vec<Doc> = self.small().iter().copied().filter(|doc| bits.contains(*doc)).collect();
                bits.words_mut().fill(0);
                kept.iter().for_each(|doc| bits.insert(*doc));
            }
            Self::Chunks(chunks) => chunks.and_into(bits),
        }
    }

    /// Converts the set to a bitmap for documents below `docs`.
    pub(super) fn to_bits(&self, docs: usize) -> Bits {
        let mut bits = Bits::none(docs);
        self.or_into(&mut bits);
        bits
    }

    /// Counts the documents that are also in `bits`. Chunks without a document in `bits` are
    /// skipped according to `busy`, see [`busy`](super::chunks::busy).
    pub(super) fn count_in(&self, bits: &Bits, busy: &[bool]) -> usize {
        match self {
            Self::Few(..) | Self::List(_) => self.small().iter().filter(|doc| bits.contains(**doc)).count(),
            Self::Chunks(chunks) => chunks.count_in(bits, busy),
        }
    }

    /// Makes counting faster at the cost of memory, at most fourfold.
    pub(super) fn widen(&mut self) {
        if let Self::Chunks(chunks) = self {
            chunks.widen();
        }
    }

    /// Returns the documents in ascending order, or `None` if the set is stored in chunks.
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

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        match self {
            Self::Few(..) => {}
            Self::List(docs) => docs.shrink_to_fit(),
            Self::Chunks(chunks) => chunks.shrink(),
        }
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        match self {
            Self::Few(..) => 0,
            Self::List(docs) => docs.capacity() * size_of::<Doc>(),
            Self::Chunks(chunks) => size_of::<Chunks>() + chunks.heap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::chunks::busy;
    use super::*;

    const DOCS: usize = 150_000;

    fn agree(postings: &Postings, expected: &BTreeSet<Doc>, other: &BTreeSet<Doc>) {
        assert_eq!(postings.len(), expected.len());
        let bits = postings.to_bits(DOCS);
        assert!(bits.iter().eq(expected.iter().copied()));
        let mut other_bits = Bits::none(DOCS);
        other.iter().for_each(|doc| other_bits.insert(*doc));
        assert_eq!(postings.count_in(&other_bits, &busy(&other_bits)), expected.intersection(other).count());
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
            let last = expected.last().map_or(0, |last| last + 1);
            for from in (last..last + 40_000).step_by(10_000).filter(|from| *from + 10_000 < DOCS as Doc) {
                let more: Vec<Doc> = (from..from + 10_000).filter(|doc| doc % 3 == 0 && random(8) != 0).collect();
                postings.append(&more);
                expected.extend(more);
            }
            agree(&postings, &expected, &other);
            postings.widen();
            agree(&postings, &expected, &other);
            for doc in expected.clone() {
                postings.remove(doc);
            }
            agree(&postings, &BTreeSet::new(), &other);
        }
    }
}
