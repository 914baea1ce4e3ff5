//! Documents by their whole normalised ID: an open hash table of document numbers, the IDs themselves are in `texts`.

use std::hash::{BuildHasher, RandomState};

use super::Doc;

const FREE: Doc = Doc::MAX;
/// In the place of a document that left: others may have been put behind it.
const LEFT: Doc = Doc::MAX - 1;

/// Tables, of which each has a part of the IDs: a table that grows is filled anew, and nobody should wait for a large one.
const TABLES: usize = 256;

/// The tables.
#[derive(Debug)]
pub(super) struct Ids {
    tables: Vec<Table>,
    hash: RandomState,
}

/// A table that is never more than about two thirds full.
#[derive(Clone, Debug, Default)]
struct Table {
    slots: Vec<Doc>,
    /// Slots that are not free.
    used: usize,
}

impl Default for Ids {
    fn default() -> Self {
        Self { tables: vec![Table::default(); TABLES], hash: RandomState::new() }
    }
}

impl Ids {
    /// The documents that may have this ID, among them all that have.
    pub(super) fn candidates(&self, id: &str) -> impl Iterator<Item = Doc> + '_ {
        let hash = self.hash.hash_one(id);
        let table = &self.tables[table(hash)];
        table.places(hash).map(|at| table.slots[at]).take_while(|doc| *doc != FREE).filter(|doc| *doc != LEFT)
    }

    /// Adds a document; `id_of` gives the IDs of those that are there.
    pub(super) fn insert<'a>(&mut self, doc: Doc, id: &str, id_of: impl Fn(Doc) -> &'a str) {
        let hash = self.hash.hash_one(id);
        let table = &mut self.tables[table(hash)];
        if table.used * 3 >= table.slots.len() * 2 {
            let docs: Vec<Doc> = table.slots.iter().copied().filter(|doc| *doc < LEFT).collect();
            *table = Table { slots: vec![FREE; (docs.len() * 2).max(4)], used: 0 };
            docs.into_iter().for_each(|doc| table.put(doc, self.hash.hash_one(id_of(doc))));
        }
        table.put(doc, hash);
    }

    pub(super) fn remove(&mut self, doc: Doc, id: &str) {
        let hash = self.hash.hash_one(id);
        let table = &mut self.tables[table(hash)];
        let found = table.places(hash).take_while(|at| table.slots[*at] != FREE).find(|at| table.slots[*at] == doc);
        if let Some(at) = found {
            table.slots[at] = LEFT;
        }
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        let slots: usize = self.tables.iter().map(|table| table.slots.capacity()).sum();
        TABLES * size_of::<Table>() + slots * size_of::<Doc>()
    }
}

impl Table {
    fn put(&mut self, doc: Doc, hash: u64) {
        if let Some(at) = self.places(hash).find(|at| self.slots[*at] == FREE) {
            self.slots[at] = doc;
            self.used += 1;
        }
    }

    /// All places, from the one that the hash stands for.
    fn places(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        // The upper half of the product spreads hashes over any number of slots. Its upper bits have chosen the table.
        let length = self.slots.len();
        let first = ((u128::from(hash << 8) * length as u128) >> 64) as usize;
        (first..length).chain(0..first)
    }
}

const fn table(hash: u64) -> usize {
    (hash >> 56) as usize
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
