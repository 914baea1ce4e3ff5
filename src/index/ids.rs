//! Documents by their whole normalised ID: an open hash table of document numbers, the IDs themselves are in `texts`.

use std::hash::{BuildHasher, RandomState};

use super::Doc;
use super::columns::with_room;

const FREE: Doc = Doc::MAX;
/// In the place of a document that left: others may have been put behind it.
const LEFT: Doc = Doc::MAX - 1;

/// The table. It is never more than about two thirds full.
#[derive(Debug, Default)]
pub(super) struct Ids {
    slots: Vec<Doc>,
    /// Slots that are not free.
    used: usize,
    hash: RandomState,
}

impl Ids {
    /// The documents that may have this ID, among them all that have.
    pub(super) fn candidates<'a>(&'a self, id: &str) -> impl Iterator<Item = Doc> + 'a {
        let from = self.slot(id);
        let slots = (0..self.slots.len()).map(move |step| self.slots[(from + step) % self.slots.len()]);
        slots.take_while(|doc| *doc != FREE).filter(|doc| *doc != LEFT)
    }

    /// Adds a document; `id_of` gives the IDs of those that are there.
    pub(super) fn insert<'a>(&mut self, doc: Doc, id: &str, id_of: impl Fn(Doc) -> &'a str) {
        if self.used * 3 >= self.slots.len() * 2 {
            let docs: Vec<Doc> = self.slots.iter().copied().filter(|doc| *doc < LEFT).collect();
            self.slots = vec![FREE; with_room(docs.len() * 2).max(64)];
            self.used = 0;
            docs.into_iter().for_each(|doc| self.put(doc, id_of(doc)));
        }
        self.put(doc, id);
    }

    fn put(&mut self, doc: Doc, id: &str) {
        let mut at = self.slot(id);
        while self.slots[at] != FREE {
            at = (at + 1) % self.slots.len();
        }
        self.slots[at] = doc;
        self.used += 1;
    }

    pub(super) fn remove(&mut self, doc: Doc, id: &str) {
        let from = self.slot(id);
        let places = (0..self.slots.len()).map(|step| (from + step) % self.slots.len());
        let found = places.take_while(|at| self.slots[*at] != FREE).find(|at| self.slots[*at] == doc);
        if let Some(at) = found {
            self.slots[at] = LEFT;
        }
    }

    fn slot(&self, id: &str) -> usize {
        // The upper half of the product spreads hashes over any number of slots.
        ((u128::from(self.hash.hash_one(id)) * self.slots.len() as u128) >> 64) as usize
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        self.slots.capacity() * size_of::<Doc>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_document_is_found_until_it_leaves(ops in proptest::collection::vec((0..300usize, any::<bool>()), 0..600)) {
            let ids: Vec<String> = (0..300).map(|doc| format!("id_{}", doc % 250)).collect();
            let (mut table, mut there) = (Ids::default(), vec![false; 300]);
            for (doc, enters) in ops {
                if enters && !there[doc] {
                    table.insert(doc as Doc, &ids[doc], |doc| &ids[doc as usize]);
                } else if !enters {
                    table.remove(doc as Doc, &ids[doc]);
                }
                there[doc] = enters;
            }
            for (doc, id) in ids.iter().enumerate() {
                prop_assert_eq!(table.candidates(id).any(|found| found == doc as Doc), there[doc]);
            }
        }
    }
}
