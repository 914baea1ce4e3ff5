//! Documents by normalised customer ID: a hash table of document numbers. The IDs are in `texts`.

use std::hash::{BuildHasher, RandomState};

use super::Doc;

const EMPTY: Doc = Doc::MAX;
/// Tombstone of a removed document. Other documents may have been inserted after it.
const TOMBSTONE: Doc = Doc::MAX - 1;

/// Number of tables. The upper 8 bits of the hash select the table. A growing table is rebuilt, and
/// a request must not wait for the rebuild of a large one.
const TABLES: usize = 256;

/// Hash tables of all documents.
#[derive(Debug)]
pub(super) struct Ids {
    tables: Vec<Table>,
    hash: RandomState,
}

/// Hash table with linear probing, at most about two thirds full.
#[derive(Clone, Debug, Default)]
struct Table {
    slots: Vec<Doc>,
    /// Number of slots with a document or a tombstone.
    used: usize,
}

impl Default for Ids {
    fn default() -> Self {
        Self { tables: vec![Table::default(); TABLES], hash: RandomState::new() }
    }
}

impl Ids {
    /// Returns all documents with this ID, and possibly others. The caller compares the IDs.
    pub(super) fn candidates(&self, id: &str) -> impl Iterator<Item = Doc> + '_ {
        let hash = self.hash.hash_one(id);
        let table = &self.tables[table(hash)];
        table
            .probe_order(hash)
            .map(|at| table.slots[at])
            .take_while(|doc| *doc != EMPTY)
            .filter(|doc| *doc != TOMBSTONE)
    }

    /// Adds a document. `id_of` returns the normalised ID of a document already in the index; it is
    /// called when the table is rebuilt.
    pub(super) fn insert<'a>(&mut self, doc: Doc, id: &str, id_of: impl Fn(Doc) -> &'a str) {
        let hash = self.hash.hash_one(id);
        let table = &mut self.tables[table(hash)];
        if table.used * 3 >= table.slots.len() * 2 {
            let docs: Vec<Doc> = table.slots.iter().copied().filter(|doc| *doc < TOMBSTONE).collect();
            *table = Table { slots: vec![EMPTY; (docs.len() * 2).max(4)], used: 0 };
            docs.into_iter().for_each(|doc| table.put(doc, self.hash.hash_one(id_of(doc))));
        }
        table.put(doc, hash);
    }

    pub(super) fn remove(&mut self, doc: Doc, id: &str) {
        let hash = self.hash.hash_one(id);
        let table = &mut self.tables[table(hash)];
        let found =
            table.probe_order(hash).take_while(|at| table.slots[*at] != EMPTY).find(|at| table.slots[*at] == doc);
        if let Some(at) = found {
            table.slots[at] = TOMBSTONE;
        }
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let slots: usize = self.tables.iter().map(|table| table.slots.capacity()).sum();
        TABLES * size_of::<Table>() + slots * size_of::<Doc>()
    }
}

impl Table {
    fn put(&mut self, doc: Doc, hash: u64) {
        if let Some(at) = self.probe_order(hash).find(|at| self.slots[*at] == EMPTY) {
            self.slots[at] = doc;
            self.used += 1;
        }
    }

    /// Iterates over all slots in probe order, starting at the slot of the hash.
    fn probe_order(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        // The upper half of the product maps the hash to any number of slots. The upper 8 bits are
        // shifted out, because they selected the table.
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
