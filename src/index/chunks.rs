//! Large set of documents in chunks of 65,536, like a Roaring bitmap.
//!
//! Each chunk is a sorted list of the low 16 bits, or a bitmap above 4,096 documents. A bitmap
//! becomes a list again only at 512 documents.

use super::Doc;
use super::bits::Bits;

/// Number of 64-bit words in the bitmap of a chunk.
const CHUNK_WORDS: usize = 1024;
/// Number of documents above which a bitmap is smaller than a list of 16-bit numbers.
const CHUNK_LIST: usize = 4096;

/// Set of documents, divided into chunks of 65,536.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    len: usize,
    chunks: Vec<Chunk>,
}

#[derive(Clone, Debug)]
enum Chunk {
    List(Vec<u16>),
    /// Bitmap and its number of documents.
    Bits(Box<[u64; CHUNK_WORDS]>, u32),
}

const fn split(doc: Doc) -> (usize, u16) {
    ((doc >> 16) as usize, doc as u16)
}

impl Chunks {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds the documents of this set to `bits`.
    pub(super) fn or_into(&self, bits: &mut Bits) {
        for (chunk, words) in self.chunks.iter().zip(bits.words_mut().chunks_mut(CHUNK_WORDS)) {
            chunk.or_into(words);
        }
    }

    /// Removes the documents that are not in this set from `bits`.
    pub(super) fn and_into(&self, bits: &mut Bits) {
        let mut all = bits.words_mut().chunks_mut(CHUNK_WORDS);
        for (chunk, words) in self.chunks.iter().zip(&mut all) {
            chunk.and_into(words);
        }
        all.for_each(|words| words.fill(0));
    }

    /// Returns the documents in ascending order.
    pub(super) fn to_list(&self) -> Vec<Doc> {
        let mut bits = Bits::none(self.chunks.len() << 16);
        self.or_into(&mut bits);
        bits.iter().collect()
    }

    /// Counts the documents that are also in `bits`. Chunks without a document in `bits` are
    /// skipped according to `busy`, see [`busy`].
    pub(super) fn count_in(&self, bits: &Bits, busy: &[bool]) -> usize {
        let parts = self.chunks.iter().zip(bits.words().chunks(CHUNK_WORDS)).zip(busy);
        parts.filter(|(_, busy)| **busy).map(|((chunk, words), _)| chunk.count_in(words)).sum()
    }

    /// Turns lists of more than 1,024 documents into bitmaps. Counting becomes faster; memory grows
    /// at most fourfold.
    pub(super) fn widen(&mut self) {
        self.chunks.iter_mut().filter(|chunk| chunk.len() > CHUNK_LIST / 4).for_each(Chunk::widen);
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        self.chunks.shrink_to_fit();
        for chunk in &mut self.chunks {
            if let Chunk::List(list) = chunk {
                list.shrink_to_fit();
            }
        }
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        let inner = |chunk: &Chunk| match chunk {
            Chunk::List(list) => list.capacity() * size_of::<u16>(),
            Chunk::Bits(..) => size_of::<[u64; CHUNK_WORDS]>(),
        };
        self.chunks.capacity() * size_of::<Chunk>() + self.chunks.iter().map(inner).sum::<usize>()
    }

    pub(super) fn contains(&self, doc: Doc) -> bool {
        let (at, low) = split(doc);
        match self.chunks.get(at) {
            None => false,
            Some(Chunk::List(list)) => list.binary_search(&low).is_ok(),
            Some(Chunk::Bits(words, _)) => words[usize::from(low) / 64] >> (low % 64) & 1 == 1,
        }
    }

    pub(super) fn insert(&mut self, doc: Doc) {
        let (at, low) = split(doc);
        while self.chunks.len() <= at {
            self.chunks.push(Chunk::List(Vec::new()));
        }
        let chunk = &mut self.chunks[at];
        match chunk {
            Chunk::List(list) => {
                reserve(list);
                if list.last().is_none_or(|last| *last < low) {
                    list.push(low);
                } else if let Err(place) = list.binary_search(&low) {
                    list.insert(place, low);
                } else {
                    return;
                }
                if list.len() > CHUNK_LIST {
                    chunk.widen();
                }
            }
            Chunk::Bits(words, len) => {
                let word = &mut words[usize::from(low) / 64];
                if *word >> (low % 64) & 1 == 1 {
                    return;
                }
                *word |= 1 << (low % 64);
                *len += 1;
            }
        }
        self.len += 1;
    }

    /// Appends documents in ascending order; all must be greater than those in the set.
    pub(super) fn append(&mut self, docs: &[Doc]) {
        for docs in docs.chunk_by(|a, b| split(*a).0 == split(*b).0) {
            let at = split(docs[0]).0;
            while self.chunks.len() <= at {
                self.chunks.push(Chunk::List(Vec::new()));
            }
            let chunk = &mut self.chunks[at];
            match chunk {
                Chunk::List(list) => {
                    list.extend(docs.iter().map(|doc| split(*doc).1));
                    if list.len() > CHUNK_LIST {
                        chunk.widen();
                    }
                }
                Chunk::Bits(words, len) => {
                    *len += docs.len() as u32;
                    for low in docs.iter().map(|doc| split(*doc).1) {
                        words[usize::from(low) / 64] |= 1 << (low % 64);
                    }
                }
            }
            self.len += docs.len();
        }
    }

    pub(super) fn remove(&mut self, doc: Doc) {
        let (at, low) = split(doc);
        match self.chunks.get_mut(at) {
            None => return,
            Some(Chunk::List(list)) => {
                let Ok(place) = list.binary_search(&low) else { return };
                list.remove(place);
                if list.len() * 4 < list.capacity() {
                    list.shrink_to(list.len() * 2);
                }
            }
            Some(Chunk::Bits(words, len)) => {
                let word = &mut words[usize::from(low) / 64];
                if *word >> (low % 64) & 1 == 0 {
                    return;
                }
                *word &= !(1 << (low % 64));
                *len -= 1;
                if *len as usize == CHUNK_LIST / 8 {
                    self.chunks[at].narrow();
                }
            }
        }
        self.len -= 1;
    }
}

/// `words` is the part of a [`Bits`] that covers the chunk. The last part may be shorter than the
/// chunk.
impl Chunk {
    fn or_into(&self, words: &mut [u64]) {
        match self {
            Self::List(list) => list.iter().for_each(|low| words[usize::from(*low) / 64] |= 1 << (low % 64)),
            Self::Bits(own, _) => words.iter_mut().zip(own.iter()).for_each(|(word, own)| *word |= own),
        }
    }

    fn and_into(&self, words: &mut [u64]) {
        match self {
            Self::List(list) => {
                let mut own = [0; CHUNK_WORDS];
                list.iter().for_each(|low| own[usize::from(*low) / 64] |= 1 << (low % 64));
                words.iter_mut().zip(own).for_each(|(word, own)| *word &= own);
            }
            Self::Bits(own, _) => words.iter_mut().zip(own.iter()).for_each(|(word, own)| *word &= own),
        }
    }

    fn count_in(&self, words: &[u64]) -> usize {
        match self {
            Self::List(list) => list.iter().map(|low| (words[usize::from(*low) / 64] >> (low % 64) & 1) as usize).sum(),
            Self::Bits(own, _) => {
                words.iter().zip(own.iter()).map(|(word, own)| (word & own).count_ones() as usize).sum()
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::List(list) => list.len(),
            Self::Bits(_, len) => *len as usize,
        }
    }

    /// Converts a list into a bitmap.
    fn widen(&mut self) {
        if let Self::List(list) = self {
            let mut words = Box::new([0; CHUNK_WORDS]);
            list.iter().for_each(|low| words[usize::from(*low) / 64] |= 1 << (low % 64));
            *self = Self::Bits(words, list.len() as u32);
        }
    }

    /// Converts a bitmap into a list.
    fn narrow(&mut self) {
        if let Self::Bits(words, _) = self {
            let lows = words.iter().enumerate().flat_map(|(at, word)| {
                (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| (at * 64 + bit) as u16)
            });
            *self = Self::List(lows.collect());
        }
    }
}

/// Returns a flag for each chunk of 65,536 documents: `true` if `bits` contains any of them.
pub(super) fn busy(bits: &Bits) -> Vec<bool> {
    bits.words().chunks(CHUNK_WORDS).map(|words| words.iter().any(|word| *word != 0)).collect()
}

/// Reserves an eighth more if the list is full. There are very many lists; doubling would leave up
/// to half of their memory unused.
pub(super) fn reserve<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 8 + 2);
    }
}
