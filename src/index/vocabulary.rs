//! Distinct words of names, email addresses and IDs, with the documents that contain them.
//!
//! There are far fewer words than customers. The words one typo away from a typed word are found by
//! walking the sorted words letter by letter, and the result is a union of sets; no text is
//! checked. The limit of words per field (see [`typo`](super::typo)) also limits the number of
//! words here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use foldhash::fast::RandomState;

use super::Doc;
use super::bits::Bits;
use super::fields::Fields;
use super::needle::joined;
use super::postings::Postings;
use super::typo::{TypedWord, alphabet, words};

/// Maximum number of words followed for an incomplete typed word. No tenant has so many. Made-up
/// words beyond it can only hide similar customers, never exact matches.
const MAX_WORDS: usize = 20_000;

/// Kind of word. Words of different kinds are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Word of the nickname or real name.
    Name,
    Email,
    Id,
    /// Pinyin of the nickname or real name, see [`joined`].
    Pinyin,
}

impl Kind {
    const fn mark(self) -> char {
        match self {
            Self::Name => 'n',
            Self::Email => 'e',
            Self::Id => 'i',
            Self::Pinyin => 'p',
        }
    }
}

/// Documents by word. Each word is prefixed with the mark of its kind.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    words: BTreeMap<Box<str>, Postings>,
    /// Write buffer for loading, with documents in ascending order. Most words occur repeatedly.
    staged: HashMap<Box<str>, Vec<Doc>, RandomState>,
}

impl Vocabulary {
    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<&str>) {
        each_word(fields, |word| match self.words.get_mut(word) {
            Some(docs) => docs.insert(doc),
            None => self.words.entry(word.into()).or_default().insert(doc),
        });
    }

    /// Like [`Vocabulary::insert`], for documents in ascending order. Takes effect with the next
    /// [`Vocabulary::flush`].
    pub(super) fn stage(&mut self, doc: Doc, fields: &Fields<&str>) {
        each_word(fields, |word| match self.staged.get_mut(word) {
            Some(docs) if docs.last() == Some(&doc) => {}
            Some(docs) => docs.push(doc),
            None => _ = self.staged.insert(word.into(), vec![doc]),
        });
    }

    /// Moves the staged documents to the sets of their words.
    pub(super) fn flush(&mut self) {
        for (word, docs) in self.staged.drain() {
            self.words.entry(word).or_default().append(&docs);
        }
    }

    pub(super) fn remove(&mut self, doc: Doc, fields: &Fields<&str>) {
        each_word(fields, |word| {
            if let Some(docs) = self.words.get_mut(word) {
                docs.remove(doc);
                if docs.is_empty() {
                    self.words.remove(word);
                }
            }
        });
    }

    /// Returns `true` if the document is in the sets of all words of these fields.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<&str>) -> bool {
        let mut all = true;
        each_word(fields, |word| all &= self.words.get(word).is_some_and(|docs| docs.contains(doc)));
        all
    }

    /// Returns the sum of the sizes of all sets.
    pub(super) fn total(&self) -> usize {
        self.words.values().map(Postings::len).sum()
    }

    /// Returns the number of sets that a document with these fields belongs to: its contribution to
    /// [`Vocabulary::total`].
    pub(super) fn expected(fields: &Fields<&str>) -> usize {
        let mut words = BTreeSet::new();
        each_word(fields, |word| _ = words.insert(word.to_owned()));
        words.len()
    }

    /// Adds the documents with the word or, if it is open, with a word that begins with it.
    pub(super) fn exact(&self, kind: Kind, word: &TypedWord, found: &mut Bits) {
        let key = format!("{}{}", kind.mark(), word.text);
        let mut budget = MAX_WORDS;
        match self.words.get(key.as_str()) {
            _ if word.open => self.add_prefixed(&key, &mut budget, found),
            Some(docs) => docs.or_into(found),
            None => {}
        }
    }

    /// Adds the documents with a word one typo away or, if the typed word is open, with a word
    /// whose beginning is one typo away.
    pub(super) fn similar(&self, kind: Kind, word: &TypedWord, found: &mut Bits) {
        let typed = &word.letters;
        let mut budget = MAX_WORDS;
        let mut stem = String::from(kind.mark());
        for at in 0..=typed.len() {
            let mut take = |between: &[char], rest: &[char]| {
                let key: String = stem.chars().chain(between.iter().copied()).chain(rest.iter().copied()).collect();
                if word.open && key.ends_with(typed[typed.len() - 1]) {
                    self.add_prefixed(&key, &mut budget, found);
                } else if let Some(docs) = self.words.get(key.as_str()) {
                    docs.or_into(found);
                }
            };
            if at < typed.len() {
                take(&[], &typed[at + 1..]);
            }
            if let [own, next, rest @ ..] = &typed[at..]
                && own != next
            {
                take(&[*next, *own], rest);
            }
            for letter in self.next_letters(&stem, typed) {
                take(&[letter], &typed[at..]);
                if typed.get(at).is_some_and(|own| *own != letter) {
                    take(&[letter], &typed[at + 1..]);
                }
            }
            let Some(own) = typed.get(at) else { return };
            stem.push(*own);
            if self.words_from(&stem).next().is_none_or(|(key, _)| !key.starts_with(&stem)) {
                return;
            }
        }
    }

    /// Adds the documents of all words with this beginning, as far as the budget of words lasts.
    fn add_prefixed(&self, beginning: &str, budget: &mut usize, found: &mut Bits) {
        for (_, docs) in self.words_from(beginning).take_while(|(key, _)| key.starts_with(beginning)) {
            if *budget == 0 {
                return;
            }
            *budget -= 1;
            docs.or_into(found);
        }
    }

    /// Returns the letters that follow the stem in any word and belong to an alphabet of the typed
    /// word.
    fn next_letters(&self, stem: &str, typed: &[char]) -> Vec<char> {
        let mut alphabets: Vec<u32> = typed.iter().map(|c| alphabet(*c)).collect();
        alphabets.sort_unstable();
        alphabets.dedup();
        let mut letters = Vec::new();
        for own in alphabets {
            let mut next = char::from_u32(own << 7);
            while let Some(from) = next {
                let Some((key, _)) = self.words_from(&format!("{stem}{from}")).next() else { break };
                let letter = key.strip_prefix(stem).and_then(|rest| rest.chars().next());
                let Some(letter) = letter.filter(|letter| alphabet(*letter) == own) else { break };
                letters.push(letter);
                next = char::from_u32(letter as u32 + 1);
            }
        }
        letters
    }

    fn words_from<'a>(&'a self, key: &str) -> impl Iterator<Item = (&'a str, &'a Postings)> {
        let bounds: (Bound<&str>, Bound<&str>) = (Bound::Included(key), Bound::Unbounded);
        self.words.range::<str, _>(bounds).map(|(key, docs)| (&**key, docs))
    }

    /// Returns the estimated number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        // B-tree nodes are two thirds full on average.
        let entry = size_of::<(Box<str>, Postings)>() * 3 / 2;
        self.words.iter().map(|(word, docs)| entry + word.len().next_multiple_of(16) + docs.heap_bytes()).sum()
    }

    /// Releases the write buffer and spare capacity.
    pub(super) fn shrink(&mut self) {
        self.staged = HashMap::default();
        self.words.values_mut().for_each(Postings::shrink);
    }
}

/// Calls `f` with the key of each word that is compared.
fn each_word(fields: &Fields<&str>, mut f: impl FnMut(&str)) {
    let mut key = String::new();
    let mut call = |kind: Kind, word: &str| {
        key.clear();
        key.push(kind.mark());
        key.push_str(word);
        f(&key);
    };
    words(fields.id).for_each(|(word, _)| call(Kind::Id, word));
    words(fields.email).for_each(|(word, _)| call(Kind::Email, word));
    let other_name = Some(fields.real_name).filter(|name| *name != fields.nickname);
    for name in [fields.nickname].into_iter().chain(other_name) {
        words(name).for_each(|(word, _)| call(Kind::Name, word));
        if !name.is_ascii() {
            joined(name).iter().for_each(|(word, _)| call(Kind::Pinyin, word));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(nickname: &str) -> Fields<&str> {
        Fields { nickname, ..Fields::default() }
    }

    fn similar(index: &Vocabulary, kind: Kind, typed: &TypedWord) -> bool {
        let mut found = Bits::none(8);
        index.similar(kind, typed, &mut found);
        !found.is_empty()
    }

    proptest! {
        #[test]
        fn every_similar_word_is_found(
            name in "[abяא]{1,9}", others in proptest::collection::vec("[abcяא]{1,9}", 0..8), typed in "[abя]{5,7}", open in any::<bool>()
        ) {
            let mut index = Vocabulary::default();
            others.iter().for_each(|other| index.insert(4, &named(other)));
            index.insert(3, &named(&name));
            let typed = TypedWord::new(&typed, open);
            let mut found = Bits::none(8);
            index.similar(Kind::Name, &typed, &mut found);
            // A word that begins with the typed one is an exact match, which this test does not
            // cover.
            prop_assume!(!name.starts_with(&typed.text));
            prop_assert_eq!(found.contains(3), typed.is_similar_to(&name));
            prop_assert!(index.has(3, &named(&name)));
            index.remove(3, &named(&name));
            others.iter().for_each(|other| index.remove(4, &named(other)));
            prop_assert!(index.words.is_empty());
        }
    }

    #[test]
    fn pinyin_is_similar_to_the_whole_name() {
        let mut index = Vocabulary::default();
        index.insert(1, &named("张伟 客服"));
        for (typed, found) in [("zhangwie", true), ("zhagnwei", true), ("zhangw", false), ("zahngwie", false)] {
            assert_eq!(similar(&index, Kind::Pinyin, &TypedWord::new(typed, true)), found, "{typed}");
        }
        assert!(!similar(&index, Kind::Name, &TypedWord::new("zhangwie", true)));
    }
}
