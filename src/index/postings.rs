//! A set of documents as the index keeps it: small when it is small, quick to combine with [`Bits`] when it is large.
//!
//! Most sets have one or two documents (a Chinese bigram, a rare word), a few have a million. So: up to three documents
//! in place, then a sorted list, then [`Chunks`] as Roaring bitmaps have them. It is not the `roaring` crate because that
//! gives its numbers one at a time, and a query has to put them into a [`Bits`] word by word.

use super::Doc;
use super::bits::Bits;
use super::chunks::Chunks;

/// So many documents are kept in place.
const FEW: usize = 3;
/// From so many on, chunks take less than a list.
const CHUNKED: usize = 512;

/// A set of documents.
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
                reserve(list);
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

    /// Adds rising documents that come after all that are there.
    pub(super) fn append(&mut self, docs: &[Doc]) {
        match self {
            Self::Chunks(chunks) => chunks.append(docs),
            _ => docs.iter().for_each(|doc| self.insert(*doc)),
        }
    }

    /// Takes a document out; one that is not there changes nothing. A smaller form is chosen well below the size that led
    /// to the larger one, so that a set does not change to and fro.
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

    /// `bits |= self`
    pub(super) fn or_into(&self, bits: &mut Bits) {
        match self {
            Self::Few(..) | Self::List(_) => self.small().iter().for_each(|doc| bits.insert(*doc)),
            Self::Chunks(chunks) => chunks.or_into(bits),
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
            Self::Chunks(chunks) => chunks.and_into(bits),
        }
    }

    /// The set as bits of `docs` documents.
    pub(super) fn to_bits(&self, docs: usize) -> Bits {
        let mut bits = Bits::none(docs);
        self.or_into(&mut bits);
        bits
    }

    /// Counts the documents that are also in `bits`, of which `busy` says where there are any (see [`busy`](super::chunks::busy)).
    pub(super) fn count_in(&self, bits: &Bits, busy: &[bool]) -> usize {
        match self {
            Self::Few(..) | Self::List(_) => self.small().iter().filter(|doc| bits.contains(**doc)).count(),
            Self::Chunks(chunks) => chunks.count_in(bits, busy),
        }
    }

    /// Makes counting quicker at the price of memory: four times as much at most.
    pub(super) fn widen(&mut self) {
        if let Self::Chunks(chunks) = self {
            chunks.widen();
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
            Self::Chunks(chunks) => chunks.shrink(),
        }
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        match self {
            Self::Few(..) => 0,
            Self::List(docs) => docs.capacity() * size_of::<Doc>(),
            Self::Chunks(chunks) => size_of::<Chunks>() + chunks.heap(),
        }
    }
}

/// Makes room for one more by an eighth: there are very many lists, and half of their memory would be waiting.
pub(super) fn reserve<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 8 + 2);
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
