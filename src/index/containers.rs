//! Large set of documents in containers of 65,536, like a Roaring bitmap.
//!
//! Each container is a sorted array of the low 16 bits, or a bitmap above 4,096 documents. A bitmap
//! becomes an array again only at 512 documents.

use super::Doc;
use super::bits::Bits;

/// Number of 64-bit words in the bitmap of a container.
const BITMAP_WORDS: usize = 1024;
/// Number of documents above which a bitmap is smaller than an array of 16-bit numbers.
const MAX_ARRAY_LEN: usize = 4096;

/// Set of documents, divided into containers of 65,536.
#[derive(Clone, Debug, Default)]
pub(super) struct Containers {
    len: usize,
    containers: Vec<Container>,
}

#[derive(Clone, Debug)]
enum Container {
    Array(Vec<u16>),
    /// Bitmap and its number of documents.
    Bitmap(Box<[u64; BITMAP_WORDS]>, u32),
}

const fn split(doc: Doc) -> (usize, u16) {
    ((doc >> 16) as usize, doc as u16)
}

impl Containers {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds the documents of this set to `bits`.
    pub(super) fn or_into(&self, bits: &mut Bits) {
        for (container, words) in self.containers.iter().zip(bits.words_mut().chunks_mut(BITMAP_WORDS)) {
            container.or_into(words);
        }
    }

    /// Removes the documents that are not in this set from `bits`.
    pub(super) fn and_into(&self, bits: &mut Bits) {
        let mut all = bits.words_mut().chunks_mut(BITMAP_WORDS);
        for (container, words) in self.containers.iter().zip(&mut all) {
            container.and_into(words);
        }
        all.for_each(|words| words.fill(0));
    }

    /// Returns the documents in ascending order.
    pub(super) fn to_list(&self) -> Vec<Doc> {
        let mut bits = Bits::none(self.containers.len() << 16);
        self.or_into(&mut bits);
        bits.iter().collect()
    }

    /// Counts the documents that are also in `bits`. Containers without a document in `bits` are
    /// skipped according to `non_empty`, see [`non_empty`].
    pub(super) fn count_in(&self, bits: &Bits, non_empty: &[bool]) -> usize {
        let parts = self.containers.iter().zip(bits.words().chunks(BITMAP_WORDS)).zip(non_empty);
        parts.filter(|(_, non_empty)| **non_empty).map(|((container, words), _)| container.count_in(words)).sum()
    }

    /// Turns arrays of more than 1,024 documents into bitmaps. Counting becomes faster; memory grows
    /// at most fourfold.
    pub(super) fn promote(&mut self) {
        self.containers
            .iter_mut()
            .filter(|container| container.len() > MAX_ARRAY_LEN / 4)
            .for_each(Container::make_bitmap);
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        self.containers.shrink_to_fit();
        for container in &mut self.containers {
            if let Container::Array(list) = container {
                list.shrink_to_fit();
            }
        }
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let inner = |container: &Container| match container {
            Container::Array(list) => list.capacity() * size_of::<u16>(),
            Container::Bitmap(..) => size_of::<[u64; BITMAP_WORDS]>(),
        };
        self.containers.capacity() * size_of::<Container>() + self.containers.iter().map(inner).sum::<usize>()
    }

    pub(super) fn contains(&self, doc: Doc) -> bool {
        let (at, low) = split(doc);
        match self.containers.get(at) {
            None => false,
            Some(Container::Array(list)) => list.binary_search(&low).is_ok(),
            Some(Container::Bitmap(words, _)) => words[usize::from(low) / 64] >> (low % 64) & 1 == 1,
        }
    }

    pub(super) fn insert(&mut self, doc: Doc) {
        let (at, low) = split(doc);
        while self.containers.len() <= at {
            self.containers.push(Container::Array(Vec::new()));
        }
        let container = &mut self.containers[at];
        match container {
            Container::Array(list) => {
                reserve(list);
                if list.last().is_none_or(|last| *last < low) {
                    list.push(low);
                } else if let Err(position) = list.binary_search(&low) {
                    list.insert(position, low);
                } else {
                    return;
                }
                if list.len() > MAX_ARRAY_LEN {
                    container.make_bitmap();
                }
            }
            Container::Bitmap(words, len) => {
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
            while self.containers.len() <= at {
                self.containers.push(Container::Array(Vec::new()));
            }
            let container = &mut self.containers[at];
            match container {
                Container::Array(list) => {
                    list.extend(docs.iter().map(|doc| split(*doc).1));
                    if list.len() > MAX_ARRAY_LEN {
                        container.make_bitmap();
                    }
                }
                Container::Bitmap(words, len) => {
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
        match self.containers.get_mut(at) {
            None => return,
            Some(Container::Array(list)) => {
                let Ok(position) = list.binary_search(&low) else { return };
                list.remove(position);
                if list.len() * 4 < list.capacity() {
                    list.shrink_to(list.len() * 2);
                }
            }
            Some(Container::Bitmap(words, len)) => {
                let word = &mut words[usize::from(low) / 64];
                if *word >> (low % 64) & 1 == 0 {
                    return;
                }
                *word &= !(1 << (low % 64));
                *len -= 1;
                if *len as usize == MAX_ARRAY_LEN / 8 {
                    self.containers[at].make_array();
                }
            }
        }
        self.len -= 1;
    }
}

/// `words` is the part of a [`Bits`] that covers the container. The last part may be shorter than the
/// container.
impl Container {
    fn or_into(&self, words: &mut [u64]) {
        match self {
            Self::Array(list) => list.iter().for_each(|low| words[usize::from(*low) / 64] |= 1 << (low % 64)),
            Self::Bitmap(bitmap, _) => words.iter_mut().zip(bitmap.iter()).for_each(|(word, bitmap)| *word |= bitmap),
        }
    }

    fn and_into(&self, words: &mut [u64]) {
        match self {
            Self::Array(list) => {
                let mut bitmap = [0; BITMAP_WORDS];
                list.iter().for_each(|low| bitmap[usize::from(*low) / 64] |= 1 << (low % 64));
                words.iter_mut().zip(bitmap).for_each(|(word, bitmap)| *word &= bitmap);
            }
            Self::Bitmap(bitmap, _) => words.iter_mut().zip(bitmap.iter()).for_each(|(word, bitmap)| *word &= bitmap),
        }
    }

    fn count_in(&self, words: &[u64]) -> usize {
        match self {
            Self::Array(list) => {
                list.iter().map(|low| (words[usize::from(*low) / 64] >> (low % 64) & 1) as usize).sum()
            }
            Self::Bitmap(bitmap, _) => {
                words.iter().zip(bitmap.iter()).map(|(word, bitmap)| (word & bitmap).count_ones() as usize).sum()
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Array(list) => list.len(),
            Self::Bitmap(_, len) => *len as usize,
        }
    }

    /// Converts an array into a bitmap.
    fn make_bitmap(&mut self) {
        if let Self::Array(list) = self {
            let mut words = Box::new([0; BITMAP_WORDS]);
            list.iter().for_each(|low| words[usize::from(*low) / 64] |= 1 << (low % 64));
            *self = Self::Bitmap(words, list.len() as u32);
        }
    }

    /// Converts a bitmap into an array.
    fn make_array(&mut self) {
        if let Self::Bitmap(words, _) = self {
            let lows = words.iter().enumerate().flat_map(|(at, word)| {
                (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| (at * 64 + bit) as u16)
            });
            *self = Self::Array(lows.collect());
        }
    }
}

/// Returns a flag for each container of 65,536 documents: `true` if `bits` contains any of them.
pub(super) fn non_empty(bits: &Bits) -> Vec<bool> {
    bits.words().chunks(BITMAP_WORDS).map(|words| words.iter().any(|word| *word != 0)).collect()
}

/// Reserves an eighth more if the list is full. There are very many lists; doubling would leave up
/// to half of their memory unused.
pub(super) fn reserve<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 8 + 2);
    }
}
