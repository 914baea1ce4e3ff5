//! Normalised texts of all documents, one column per field.

use super::Doc;
use super::fields::Fields;

/// Number of documents in a block. Small enough that a change moves a few kilobytes at most, large
/// enough that the overhead of a block is negligible.
const BLOCK: usize = 64;

/// Texts of one field. The texts of a block are concatenated in one string, so there is nothing to
/// compact, and neighbouring documents are neighbours in memory.
#[derive(Debug, Default)]
pub(super) struct Column {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    ends: [u32; BLOCK],
    text: String,
}

impl Column {
    #[inline]
    pub(super) fn get(&self, doc: Doc) -> &str {
        let (block, at) = (doc as usize / BLOCK, doc as usize % BLOCK);
        let Some(block) = self.blocks.get(block) else { return "" };
        let (from, until) = block.range(at);
        &block.text[from..until]
    }

    /// Prefetches texts that are about to be checked. They are scattered over memory, and reading
    /// the first byte of each lets the processor overlap the cache misses.
    pub(super) fn prefetch(&self, docs: &[Doc]) {
        let first = docs.iter().map(|doc| self.get(*doc).as_bytes().first().map_or(0, |byte| usize::from(*byte)));
        std::hint::black_box(first.sum::<usize>());
    }

    /// Replaces the text of a document. Documents that were never set have an empty text.
    pub(super) fn set(&mut self, doc: Doc, text: &str) {
        let (at_block, at) = (doc as usize / BLOCK, doc as usize % BLOCK);
        while self.blocks.len() <= at_block {
            if let Some(full) = self.blocks.last_mut() {
                full.text.shrink_to_fit();
            }
            self.blocks.push(Block { ends: [0; BLOCK], text: String::new() });
        }
        let block = &mut self.blocks[at_block];
        let (from, until) = block.range(at);
        // Reserve an eighth more. The default growth by doubling takes twice the memory of all
        // texts.
        let length = block.text.len() - (until - from) + text.len();
        if length > block.text.capacity() {
            block.text.reserve_exact(length + length / 8 - block.text.len());
        }
        block.text.replace_range(from..until, text);
        if length * 2 < block.text.capacity() {
            block.text.shrink_to(length + length / 8);
        }
        for end in &mut block.ends[at..] {
            *end = (*end as usize - until + from + text.len()) as u32;
        }
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>() + self.blocks.iter().map(|b| b.text.capacity()).sum::<usize>()
    }
}

impl Block {
    #[inline]
    fn range(&self, at: usize) -> (usize, usize) {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        (from as usize, self.ends[at] as usize)
    }
}

impl Fields<Column> {
    pub(super) fn get(&self, doc: Doc) -> Fields<&str> {
        Fields {
            id: self.id.get(doc),
            nickname: self.nickname.get(doc),
            real_name: self.real_name.get(doc),
            phone: self.phone.get(doc),
            email: self.email.get(doc),
        }
    }

    pub(super) fn set(&mut self, doc: Doc, fields: &Fields<String>) {
        self.id.set(doc, &fields.id);
        self.nickname.set(doc, &fields.nickname);
        self.real_name.set(doc, &fields.real_name);
        self.phone.set(doc, &fields.phone);
        self.email.set(doc, &fields.email);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        [&self.id, &self.nickname, &self.real_name, &self.phone, &self.email].into_iter().map(Column::heap_bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_column_keeps_the_last_text(changes in proptest::collection::vec((0..200usize, "[a张]{0,9}"), 0..300)) {
            let mut column = Column::default();
            let mut expected = vec![String::new(); 200];
            for (doc, text) in changes {
                column.set(doc as Doc, &text);
                expected[doc] = text;
            }
            for (doc, text) in expected.iter().enumerate() {
                prop_assert_eq!(column.get(doc as Doc), text);
            }
        }
    }
}
