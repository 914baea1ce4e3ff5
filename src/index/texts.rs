//! The normalised texts of all documents, one column for each field.

use super::Doc;
use super::fields::Fields;

/// Documents in a block: so few that a changed text moves some kilobytes at most, so many that what a block costs
/// besides its text does not matter.
const BLOCK: usize = 64;

/// One field's texts. The texts of a block's documents follow each other in one string, so that there is nothing to
/// compact, and texts of neighbours are neighbours in memory.
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

    /// Touches texts that are about to be looked at. They are all over the memory, and this way the processor waits for
    /// many of them at a time.
    pub(super) fn warm(&self, docs: &[Doc]) {
        let first = docs.iter().map(|doc| self.get(*doc).as_bytes().first().map_or(0, |byte| usize::from(*byte)));
        std::hint::black_box(first.sum::<usize>());
    }

    /// Puts a text in the place of the one before; documents not yet set are empty.
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
        // Room for an eighth more: a string that doubles as it likes takes twice the memory of all texts.
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

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
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

    pub(super) fn heap(&self) -> usize {
        [&self.id, &self.nickname, &self.real_name, &self.phone, &self.email].into_iter().map(Column::heap).sum()
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
