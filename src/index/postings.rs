//! Set of documents as stored in the index: compact if small, fast to combine with [`Bits`] if
//! large.
//!
//! Most sets have one or two documents (a Chinese bigram, a rare word), a few have a million. Up to
//! three documents are stored inline, more in a sorted list, then in [`Containers`], which resemble
//! Roaring bitmaps. The `roaring` crate is not used because it yields numbers one at a time, while
//! a query combines them with a [`Bits`] word by word.

use super::Doc;
use super::bits::Bits;
use super::containers::{Containers, reserve};

/// Number of documents stored inline.
const INLINE_LEN: usize = 3;
/// Number of documents from which containers are smaller than a list.
const MIN_CONTAINERS_LEN: usize = 512;

/// Set of documents in one of three representations, chosen by size.
#[derive(Clone, Debug)]
pub(super) enum Postings {
    Inline(u8, [Doc; INLINE_LEN]),
    List(Vec<Doc>),
    Containers(Box<Containers>),
}

impl Default for Postings {
    fn default() -> Self {
        Self::Inline(0, [0; INLINE_LEN])
    }
}

impl Postings {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Inline(len, _) => usize::from(*len),
            Self::List(docs) => docs.len(),
            Self::Containers(containers) => containers.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn contains(&self, doc: Doc) -> bool {
        match self {
            Self::Inline(len, docs) => docs[..usize::from(*len)].contains(&doc),
            Self::List(docs) => docs.binary_search(&doc).is_ok(),
            Self::Containers(containers) => containers.contains(doc),
        }
    }

    /// Adds a document. Does nothing if the set contains it.
    pub(super) fn insert(&mut self, doc: Doc) {
        match self {
            Self::Inline(len, docs) => {
                let n = usize::from(*len);
                let Err(position) = docs[..n].binary_search(&doc) else { return };
                if n < INLINE_LEN {
                    docs.copy_within(position..n, position + 1);
                    docs[position] = doc;
                    *len += 1;
                } else {
                    let mut list = Vec::with_capacity(INLINE_LEN * 2);
                    list.extend_from_slice(docs);
                    list.insert(position, doc);
                    *self = Self::List(list);
                }
            }
            Self::List(list) => {
                reserve(list);
                // Documents mostly arrive in ascending order.
                if list.last().is_some_and(|last| *last < doc) {
                    list.push(doc);
                } else if let Err(position) = list.binary_search(&doc) {
                    list.insert(position, doc);
                }
                if list.len() >= MIN_CONTAINERS_LEN {
                    let mut containers = Containers::default();
                    list.iter().for_each(|doc| containers.insert(*doc));
                    *self = Self::Containers(Box::new(containers));
                }
            }
            Self::Containers(containers) => containers.insert(doc),
        }
    }

    /// Appends documents in ascending order; all must be greater than those in the set.
    pub(super) fn append(&mut self, docs: &[Doc]) {
        match self {
            Self::Containers(containers) => containers.append(docs),
            _ => docs.iter().for_each(|doc| self.insert(*doc)),
        }
    }

    /// Removes a document. Does nothing if the set does not contain it. A set changes to a smaller
    /// representation well below the size at which it changed to the larger one, so that it does
    /// not alternate.
    pub(super) fn remove(&mut self, doc: Doc) {
        match self {
            Self::Inline(len, docs) => {
                let n = usize::from(*len);
                if let Ok(position) = docs[..n].binary_search(&doc) {
                    docs.copy_within(position + 1..n, position);
                    *len -= 1;
                }
            }
            Self::List(list) => {
                if let Ok(position) = list.binary_search(&doc) {
                    list.remove(position);
                }
                if list.len() < INLINE_LEN {
                    let mut docs = [0; INLINE_LEN];
                    docs[..list.len()].copy_from_slice(list);
                    *self = Self::Inline(list.len() as u8, docs);
                } else if list.len() * 4 < list.capacity() {
                    list.shrink_to(list.len() * 2);
                }
            }
            Self::Containers(containers) => {
                containers.remove(doc);
                if containers.len() < MIN_CONTAINERS_LEN / 4 {
                    *self = Self::List(containers.to_list());
                }
            }
        }
    }

    /// Adds the documents of this set to `bits`.
    pub(super) fn or_into(&self, bits: &mut Bits) {
        match self {
            Self::Inline(..) | Self::List(_) => self.as_slice().iter().for_each(|doc| bits.insert(*doc)),
            Self::Containers(containers) => containers.or_into(bits),
        }
    }

    /// Removes the documents that are not in this set from `bits`.
    pub(super) fn and_into(&self, bits: &mut Bits) {
        match self {
            Self::Inline(..) | Self::List(_) => {
                let kept: Vec<Doc> = self.as_slice().iter().copied().filter(|doc| bits.contains(*doc)).collect();
                bits.words_mut().fill(0);
                kept.iter().for_each(|doc| bits.insert(*doc));
            }
            Self::Containers(containers) => containers.and_into(bits),
        }
    }

    /// Converts the set to a bitmap for documents below `docs`.
    pub(super) fn to_bits(&self, docs: usize) -> Bits {
        let mut bits = Bits::none(docs);
        self.or_into(&mut bits);
        bits
    }

    /// Counts the documents that are also in `bits`. Containers without a document in `bits` are
    /// skipped according to `non_empty`, see [`non_empty`](super::containers::non_empty).
    pub(super) fn count_in(&self, bits: &Bits, non_empty: &[bool]) -> usize {
        match self {
            Self::Inline(..) | Self::List(_) => self.as_slice().iter().filter(|doc| bits.contains(**doc)).count(),
            Self::Containers(containers) => containers.count_in(bits, non_empty),
        }
    }

    /// Makes counting faster at the cost of memory, at most fourfold.
    pub(super) fn promote(&mut self) {
        if let Self::Containers(containers) = self {
            containers.promote();
        }
    }

    /// Returns the documents in ascending order, or `None` if the set is stored in containers.
    pub(super) fn as_list(&self) -> Option<&[Doc]> {
        match self {
            Self::Containers(_) => None,
            _ => Some(self.as_slice()),
        }
    }

    fn as_slice(&self) -> &[Doc] {
        match self {
            Self::Inline(len, docs) => &docs[..usize::from(*len)],
            Self::List(docs) => docs,
            Self::Containers(_) => &[],
        }
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        match self {
            Self::Inline(..) => {}
            Self::List(docs) => docs.shrink_to_fit(),
            Self::Containers(containers) => containers.shrink(),
        }
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Inline(..) => 0,
            Self::List(docs) => docs.capacity() * size_of::<Doc>(),
            Self::Containers(containers) => size_of::<Containers>() + containers.heap_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::containers::non_empty;
    use super::*;

    const DOCS: usize = 150_000;

    fn agree(postings: &Postings, expected: &BTreeSet<Doc>, other: &BTreeSet<Doc>) {
        assert_eq!(postings.len(), expected.len());
        let bits = postings.to_bits(DOCS);
        assert!(bits.iter().eq(expected.iter().copied()));
        let mut other_bits = Bits::none(DOCS);
        other.iter().for_each(|doc| other_bits.insert(*doc));
        assert_eq!(postings.count_in(&other_bits, &non_empty(&other_bits)), expected.intersection(other).count());
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
            postings.promote();
            agree(&postings, &expected, &other);
            for doc in expected.clone() {
                postings.remove(doc);
            }
            agree(&postings, &BTreeSet::new(), &other);
        }
    }
}
