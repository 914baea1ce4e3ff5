//! Which names have a word that one typo makes of another: the words of all names, by their hashes.
//!
//! A query's word is turned into every word one typo away, and each is looked up: some hundreds of look-ups, some
//! microseconds. Keeping every word of every name with each of its letters left out, as SymSpell does, would be as quick
//! and take ten times the memory. Hashes may collide, so what is found here is looked at again.

use std::collections::BTreeSet;

use super::Doc;
use super::matching::{Fields, Needle, may_have_typo, words};
use super::pinyin::runs;

/// Shorter words are not kept: one typo away from one of five letters are words of four to six.
const SHORTEST: usize = 4;
const BUCKETS: usize = 1 << 16;

/// The two kinds of words, which are not mixed up.
#[derive(Clone, Copy)]
enum Kind {
    Word,
    Pinyin,
}

/// A word's hash: the bucket, and what is kept in it.
type Hash = (u16, u32);

/// Words and the documents whose names have them.
#[derive(Debug)]
pub(super) struct Words {
    /// Sorted pairs.
    buckets: Vec<Vec<(u32, Doc)>>,
    /// All characters besides `a` to `z` and `0` to `9` that words were ever written with: those a typo may bring in.
    letters: BTreeSet<char>,
}

impl Default for Words {
    fn default() -> Self {
        Self { buckets: vec![Vec::new(); BUCKETS], letters: BTreeSet::new() }
    }
}

impl Words {
    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        let letters = &mut self.letters;
        let mut hashes = Vec::new();
        each(fields, |kind, word| {
            letters.extend(word.chars().filter(|c| !is_plain(*c)));
            hashes.push(hash(kind, word.chars()));
        });
        for (bucket, rest) in hashes {
            let bucket = &mut self.buckets[usize::from(bucket)];
            if let Err(place) = bucket.binary_search(&(rest, doc)) {
                bucket.insert(place, (rest, doc));
            }
        }
    }

    pub(super) fn remove(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        each(fields, |kind, word| {
            let (bucket, rest) = hash(kind, word.chars());
            let bucket = &mut self.buckets[usize::from(bucket)];
            if let Ok(place) = bucket.binary_search(&(rest, doc)) {
                bucket.remove(place);
            }
        });
    }

    /// Whether all words of these names are there.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        let mut all = true;
        each(fields, |kind, word| all &= self.contains(hash(kind, word.chars()), doc));
        all
    }

    fn contains(&self, (bucket, rest): Hash, doc: Doc) -> bool {
        self.buckets[usize::from(bucket)].binary_search(&(rest, doc)).is_ok()
    }

    fn docs(&self, (bucket, rest): Hash) -> impl Iterator<Item = Doc> + '_ {
        let bucket = &self.buckets[usize::from(bucket)];
        let from = bucket.partition_point(|(own, _)| *own < rest);
        bucket[from..].iter().take_while(move |(own, _)| *own == rest).map(|(_, doc)| *doc)
    }

    /// The documents whose names may be similar to the needle: all that are, and few others. In no order, and some
    /// more than once.
    pub(super) fn similar(&self, needle: &Needle) -> Vec<Doc> {
        let mut found = Vec::new();
        for (at, word) in needle.words.iter().enumerate().filter(|(_, word)| may_have_typo(word)) {
            let others = needle.words.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
            let others: Vec<Hash> =
                others.filter(|other| is_kept(other)).map(|other| hash(Kind::Word, other.chars())).collect();
            self.each_typo(Kind::Word, word, |hash| {
                found.extend(self.docs(hash).filter(|doc| others.iter().all(|other| self.contains(*other, *doc))));
            });
        }
        if let Some(letters) = needle.letters.as_ref().filter(|letters| may_have_typo(letters)) {
            self.each_typo(Kind::Pinyin, letters, |hash| found.extend(self.docs(hash)));
        }
        found
    }

    /// Calls with the hash of every word one typo away.
    fn each_typo(&self, kind: Kind, word: &str, mut f: impl FnMut(Hash)) {
        let mut letters: Vec<char> = ('a'..='z').collect();
        if matches!(kind, Kind::Word) {
            letters.extend('0'..='9');
            letters.extend(&self.letters);
        }
        let word: Vec<char> = word.chars().collect();
        let mut call = |from: usize, until: usize, instead: &[char]| {
            f(hash(kind, word[..from].iter().chain(instead).chain(&word[until..]).copied()));
        };
        for at in 0..=word.len() {
            for letter in &letters {
                call(at, at, &[*letter]);
            }
            let Some(own) = word.get(at) else { continue };
            call(at, at + 1, &[]);
            for letter in letters.iter().filter(|letter| *letter != own) {
                call(at, at + 1, &[*letter]);
            }
            if let Some(next) = word.get(at + 1).filter(|next| *next != own) {
                call(at, at + 2, &[*next, *own]);
            }
        }
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        let inner: usize = self.buckets.iter().map(Vec::capacity).sum();
        inner * size_of::<(u32, Doc)>() + BUCKETS * size_of::<Vec<(u32, Doc)>>()
    }

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        self.buckets.iter_mut().for_each(Vec::shrink_to_fit);
    }
}

fn is_kept(word: &str) -> bool {
    word.chars().nth(SHORTEST - 1).is_some()
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Calls with every word that is kept of the names.
fn each(fields: &Fields<impl AsRef<str>>, mut f: impl FnMut(Kind, &str)) {
    for name in [fields.nickname.as_ref(), fields.real_name.as_ref()] {
        words(name).map(|(word, _)| word).filter(|word| is_kept(word)).for_each(|word| f(Kind::Word, word));
        if !name.is_ascii() {
            runs(name)
                .iter()
                .map(|run| run.joined())
                .filter(|word| is_kept(word))
                .for_each(|word| f(Kind::Pinyin, &word));
        }
    }
}

/// FNV-1a over the characters, stirred once more because its upper bits are weak.
fn hash(kind: Kind, word: impl Iterator<Item = char>) -> Hash {
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ kind as u64;
    for c in word {
        hash = (hash ^ u64::from(c)).wrapping_mul(PRIME);
    }
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((hash >> 48) as u16, (hash >> 8) as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::matching::differ_by_one;
    use super::*;

    fn named(nickname: &str) -> Fields<&str> {
        Fields { nickname, ..Fields::default() }
    }

    /// Optimal string alignment distance, by the book.
    fn distance(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let best = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                    if swap { best.min(d[i - 2][j - 2] + 1) } else { best }
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn one_typo_is_distance_one(a in "[abc]{0,7}", b in "[abc]{0,7}") {
            prop_assert_eq!(differ_by_one(&a, &b), distance(&a, &b) == 1);
        }

        #[test]
        fn every_similar_word_is_found(name in "[abø1]{4,7}", typed in "[abø]{5,6}") {
            let mut index = Words::default();
            index.insert(3, &named(&name));
            let needle = Needle::new(&typed).unwrap();
            prop_assert_eq!(!index.similar(&needle).is_empty(), distance(&name, &typed) == 1);
            prop_assert!(index.has(3, &named(&name)));
            index.remove(3, &named(&name));
            prop_assert!(index.similar(&needle).is_empty());
        }
    }

    #[test]
    fn pinyin_is_similar_to_the_whole_name() {
        let mut index = Words::default();
        index.insert(1, &named("张伟"));
        for (typed, found) in [("zhangwie", true), ("zhagn wei", true), ("zhangw", false), ("zahngwie", false)] {
            assert_eq!(!index.similar(&Needle::new(typed).unwrap()).is_empty(), found, "{typed}");
        }
    }
}
