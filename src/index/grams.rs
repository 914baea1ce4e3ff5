//! Documents by the substrings of one and two characters ("grams") of their texts.
//!
//! A needle of one or two characters is answered directly from its gram. The documents with a
//! longer needle are among those that have all its grams. These candidates are few if the texts are
//! random (IDs, phone numbers) or diverse (Chinese names). They are many only if texts repeat
//! (`gmail.com`, `wx_`, 微信用户), and for those [`FrequentNgrams`] holds the longer substring itself. So a
//! needle is either answered directly or is mostly rare, which leaves few candidates to check.

use std::collections::hash_map::Entry;

use super::Doc;
use super::fields::Fields;
use super::groups::{CHAR_BITS, GROUPS, Group, each_text};
use super::ngrams::FrequentNgrams;
use super::numbers::NumberMap;
use super::postings::Postings;
use super::staging::StagingBuffer;

/// Gram as a number: group, first character, second character, with [`CHAR_BITS`] bits per
/// character.
type Key = u64;
/// Placeholder for the first character in grams of one character. It is not a valid code point.
const SINGLE: u64 = (1 << CHAR_BITS) - 1;
const ASCII: u64 = 128;
/// Number of partitions of the table of non-ASCII grams.
const PARTITIONS: usize = 64;

const fn single(group: Group, c: char) -> Key {
    ((group as u64) << (2 * CHAR_BITS)) | (SINGLE << CHAR_BITS) | c as u64
}

const fn pair(group: Group, a: char, b: char) -> Key {
    ((group as u64) << (2 * CHAR_BITS)) | ((a as u64) << CHAR_BITS) | b as u64
}

/// Returns the partition of a non-ASCII gram.
const fn partition(key: Key) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize
}

/// Returns the index of an ASCII gram in [`Grams::ascii`], `None` for other grams.
const fn ascii_index(key: Key) -> Option<usize> {
    let (group, a, b) = (key >> (2 * CHAR_BITS), key >> CHAR_BITS & SINGLE, key & SINGLE);
    if b >= ASCII || (a >= ASCII && a != SINGLE) {
        return None;
    }
    let a = if a == SINGLE { ASCII } else { a };
    Some(((group * (ASCII + 1) + a) * ASCII + b) as usize)
}

/// Inverted index from grams to documents.
#[derive(Debug)]
pub(super) struct Grams {
    ascii: Vec<Postings>,
    /// Partitioned, because a growing hash table is copied and a request must not wait for a large
    /// copy.
    others: Vec<NumberMap<Postings>>,
    pub(super) ngrams: FrequentNgrams,
    staged: StagingBuffer,
}

impl Default for Grams {
    fn default() -> Self {
        Self {
            ascii: vec![Postings::default(); GROUPS * (ASCII as usize + 1) * ASCII as usize],
            others: (0..PARTITIONS).map(|_| NumberMap::default()).collect(),
            ngrams: FrequentNgrams::default(),
            staged: StagingBuffer::default(),
        }
    }
}

/// Result of looking up a needle.
pub(super) enum Lookup<'a> {
    Absent,
    /// Exactly these documents contain the needle.
    Exact(&'a Postings),
    /// Each document that contains the needle is in all of these sets. Candidates must be checked.
    Intersection(Vec<&'a Postings>),
}

impl Grams {
    /// Looks up a needle, which must not be empty: directly if it is a gram or a known n-gram,
    /// otherwise by the grams and n-grams that cover it, the rarest first.
    pub(super) fn find(&self, group: Group, needle: &str) -> Lookup<'_> {
        let chars: Vec<char> = needle.chars().collect();
        let length = chars.len();
        let mut parts = Vec::new();
        let mut covered = 0;
        for first in 0..length {
            let gram = &chars[first..length.min(first + 2)];
            let longer = self.ngrams.longest(group, &chars[first..]);
            let is_kept = group != Group::PhoneSigns || !gram.iter().all(char::is_ascii_digit);
            let (end, docs) = match longer {
                Some((longest, docs)) => (first + longest, Some(docs)),
                None if is_kept => (first + gram.len(), self.get(key(group, gram))),
                None => continue,
            };
            if end > covered {
                covered = end;
                let Some(docs) = docs.filter(|docs| !docs.is_empty()) else { return Lookup::Absent };
                if end - first == length {
                    return Lookup::Exact(docs);
                }
                parts.push(docs);
            }
        }
        parts.sort_unstable_by_key(|docs| docs.len());
        Lookup::Intersection(parts)
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        each_text(fields, |group, text| {
            each_gram(group, text, |key| self.get_mut(key).insert(doc));
        });
        self.ngrams.insert(doc, fields);
    }

    /// Like [`Grams::insert`], for documents in ascending order. Takes effect with the next
    /// [`Grams::flush`].
    ///
    /// A document has about a hundred grams, scattered over memory, and loading would mostly wait
    /// for cache misses. Therefore several documents per gram are buffered next to each other
    /// first.
    pub(super) fn stage(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        each_text(fields, |group, text| {
            each_gram(group, text, |key| match ascii_index(key) {
                Some(index) => self.staged.push(index, doc, &mut self.ascii),
                None => self.others[partition(key)].entry(key).or_default().insert(doc),
            });
        });
        self.ngrams.insert(doc, fields);
    }

    /// Writes the staged documents to their grams.
    pub(super) fn flush(&mut self) {
        self.staged.flush(&mut self.ascii);
    }

    /// Replaces the texts of a document.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        self.ngrams.change(doc, old, new);
        let (old, new) = (keys(old), keys(new));
        for key in old.iter().filter(|key| new.binary_search(key).is_err()) {
            self.remove(*key, doc);
        }
        for key in new.iter().filter(|key| old.binary_search(key).is_err()) {
            self.get_mut(*key).insert(doc);
        }
    }

    /// Returns `true` if the document is in the sets of all grams and n-grams of these texts.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        let short = keys(fields).into_iter().all(|key| self.get(key).is_some_and(|docs| docs.contains(doc)));
        short && self.ngrams.has(doc, fields)
    }

    /// Returns the sum of the sizes of all gram and n-gram sets.
    pub(super) fn total(&self) -> usize {
        let all = self.ascii.iter().chain(self.others.iter().flat_map(NumberMap::values));
        all.map(Postings::len).sum::<usize>() + self.ngrams.total()
    }

    /// Returns the number of gram and n-gram sets that a document with these texts belongs to: its
    /// contribution to [`Grams::total`].
    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        keys(fields).len() + self.ngrams.expected(fields)
    }

    fn get(&self, key: Key) -> Option<&Postings> {
        match ascii_index(key) {
            Some(index) => self.ascii.get(index),
            None => self.others[partition(key)].get(&key),
        }
    }

    fn get_mut(&mut self, key: Key) -> &mut Postings {
        match ascii_index(key) {
            Some(index) => &mut self.ascii[index],
            None => self.others[partition(key)].entry(key).or_default(),
        }
    }

    fn remove(&mut self, key: Key, doc: Doc) {
        if let Some(index) = ascii_index(key) {
            self.ascii[index].remove(doc);
            return;
        }
        let others = &mut self.others[partition(key)];
        let Entry::Occupied(mut entry) = others.entry(key) else { return };
        entry.get_mut().remove(doc);
        if entry.get().is_empty() {
            // Visitors choose their names, so empty sets would accumulate.
            entry.remove();
            if others.len() * 4 < others.capacity() {
                others.shrink_to(others.len() * 2);
            }
        }
    }

    /// Releases the staging buffer and spare capacity.
    pub(super) fn shrink(&mut self) {
        self.flush();
        self.staged = StagingBuffer::default();
        let others = self.others.iter_mut().flat_map(NumberMap::values_mut);
        self.ascii.iter_mut().chain(others).for_each(Postings::shrink);
        self.ngrams.shrink();
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let all = self.ascii.iter().chain(self.others.iter().flat_map(NumberMap::values));
        let capacity: usize = self.others.iter().map(NumberMap::capacity).sum();
        let tables = self.ascii.len() * size_of::<Postings>() + capacity * size_of::<(Key, Postings)>() * 8 / 7;
        all.map(Postings::heap_bytes).sum::<usize>() + tables + self.ngrams.heap_bytes()
    }
}

/// Returns the distinct grams of these texts in ascending order.
fn keys(fields: &Fields<impl AsRef<str>>) -> Vec<Key> {
    let mut keys = Vec::new();
    each_text(fields, |group, text| each_gram(group, text, |key| keys.push(key)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Returns the key of a gram of one or two characters.
fn key(group: Group, gram: &[char]) -> Key {
    match gram {
        [a, b] => pair(group, *a, *b),
        [a] => single(group, *a),
        _ => Key::MAX,
    }
}

fn each_gram(group: Group, text: &str, mut f: impl FnMut(Key)) {
    let mut last = None;
    // `Group::Phone` holds the grams that consist of digits only.
    let is_kept = |c: char| group != Group::PhoneSigns || !c.is_ascii_digit();
    for c in text.chars() {
        if is_kept(c) {
            f(single(group, c));
        }
        if let Some(last) = last.filter(|last| is_kept(*last) || is_kept(c)) {
            f(pair(group, last, c));
        }
        last = Some(c);
    }
}
