//! Documents by the pieces of their texts of one and two characters ("grams").
//!
//! A needle of one or two characters is answered as it stands. A longer one is somewhere among the documents that have
//! all its grams; they are few when the texts are like noise (IDs, phone numbers) or rich (Chinese names). They are
//! many exactly where texts repeat themselves (`gmail.com`, `wx_`, 微信用户), and there [`Pieces`] knows the longer piece itself.
//! So a needle either is answered as it stands or is mostly rare, and few candidates are left to look at.

use std::collections::hash_map::Entry;

use super::Doc;
use super::fields::Fields;
use super::numbers::NumberMap;
use super::pieces::Pieces;
use super::pinyin::runs;
use super::postings::Postings;
use super::stage::Stage;

/// The kinds of texts, whose grams are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Nickname and real name.
    Name,
    /// The ID behind [`START`].
    Id,
    Email,
    /// The digits of the phone number.
    Phone,
    /// The phone number as it stands, if there are signs in it: the grams that have a sign.
    PhoneSigns,
    /// Nickname and real name as sequences of syllables, see [`Syllable::as_char`](super::syllables::Syllable::as_char).
    Pinyin,
    /// The initials of nickname and real name.
    Initials,
}

pub(super) const GROUPS: usize = 7;
/// Stands before an ID, so that its beginning can be looked for. Normalised texts have no control characters.
pub(super) const START: char = '\u{2}';

/// A gram: group and characters.
type Key = u64;
/// The bits a character needs.
pub(super) const CHAR_BITS: u32 = 21;
/// In the place of the first character: there is only one. No character has this number.
const SINGLE: u64 = (1 << CHAR_BITS) - 1;
const ASCII: u64 = 128;
/// Parts of the table of other grams.
const PARTS: usize = 64;

const fn single(group: Group, c: char) -> Key {
    ((group as u64) << (2 * CHAR_BITS)) | (SINGLE << CHAR_BITS) | c as u64
}

const fn pair(group: Group, a: char, b: char) -> Key {
    ((group as u64) << (2 * CHAR_BITS)) | ((a as u64) << CHAR_BITS) | b as u64
}

/// The part of the table that a gram is in.
const fn part(key: Key) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize
}

/// The place of a gram of ASCII characters in the table of those.
const fn ascii_place(key: Key) -> Option<usize> {
    let (group, a, b) = (key >> (2 * CHAR_BITS), key >> CHAR_BITS & SINGLE, key & SINGLE);
    if b >= ASCII || (a >= ASCII && a != SINGLE) {
        return None;
    }
    let a = if a == SINGLE { ASCII } else { a };
    Some(((group * (ASCII + 1) + a) * ASCII + b) as usize)
}

/// Grams and the documents that have them.
#[derive(Debug)]
pub(super) struct Grams {
    ascii: Vec<Postings>,
    /// In parts, since a table that grows is copied, and nobody should wait for a large one.
    others: Vec<NumberMap<Postings>>,
    pub(super) pieces: Pieces,
    staged: Stage,
}

impl Default for Grams {
    fn default() -> Self {
        Self {
            ascii: vec![Postings::default(); GROUPS * (ASCII as usize + 1) * ASCII as usize],
            others: (0..PARTS).map(|_| NumberMap::default()).collect(),
            pieces: Pieces::default(),
            staged: Stage::default(),
        }
    }
}

/// The answer of the grams about a needle.
pub(super) enum Lookup<'a> {
    Nowhere,
    /// These documents have it.
    In(&'a Postings),
    /// Documents that have it are in all of these.
    Among(Vec<&'a Postings>),
}

impl Grams {
    /// The documents that have the needle, or the grams it is made of. The needle is not empty.
    pub(super) fn find(&self, group: Group, needle: &str) -> Lookup<'_> {
        let chars: Vec<char> = needle.chars().collect();
        let length = chars.len();
        let mut parts = Vec::new();
        let mut covered = 0;
        for first in 0..length {
            let gram = &chars[first..length.min(first + 2)];
            let longer = self.pieces.longest(group, &chars[first..]);
            let is_kept = group != Group::PhoneSigns || !gram.iter().all(char::is_ascii_digit);
            let (end, docs) = match longer {
                Some((longest, docs)) => (first + longest, Some(docs)),
                None if is_kept => (first + gram.len(), self.get(key(group, gram))),
                None => continue,
            };
            if end > covered {
                covered = end;
                let Some(docs) = docs.filter(|docs| !docs.is_empty()) else { return Lookup::Nowhere };
                if end - first == length {
                    return Lookup::In(docs);
                }
                parts.push(docs);
            }
        }
        parts.sort_unstable_by_key(|docs| docs.len());
        Lookup::Among(parts)
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        each_text(fields, |group, text| {
            each_short(group, text, |key| self.get_mut(key).insert(doc));
        });
        self.pieces.insert(doc, fields);
    }

    /// As [`Grams::insert`], for documents in rising order; in force with the next [`Grams::flush`].
    ///
    /// A document has some hundred grams, each in another part of the memory. Loading would mostly wait for that, so
    /// that some documents of each gram are gathered side by side first.
    pub(super) fn stage(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        each_text(fields, |group, text| {
            each_short(group, text, |key| match ascii_place(key) {
                Some(place) => self.staged.push(place, doc, &mut self.ascii),
                None => self.others[part(key)].entry(key).or_default().insert(doc),
            });
        });
        self.pieces.insert(doc, fields);
    }

    /// Completes what was staged.
    pub(super) fn flush(&mut self) {
        self.staged.flush(&mut self.ascii);
    }

    /// Replaces a document's texts.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        self.pieces.change(doc, old, new);
        let (old, new) = (keys(old), keys(new));
        for key in old.iter().filter(|key| new.binary_search(key).is_err()) {
            self.remove(*key, doc);
        }
        for key in new.iter().filter(|key| old.binary_search(key).is_err()) {
            self.get_mut(*key).insert(doc);
        }
    }

    /// Returns `true` if all grams of these texts are there.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        let short = keys(fields).into_iter().all(|key| self.get(key).is_some_and(|docs| docs.contains(doc)));
        short && self.pieces.has(doc, fields)
    }

    /// The documents of all grams and pieces together.
    pub(super) fn total(&self) -> usize {
        let all = self.ascii.iter().chain(self.others.iter().flat_map(NumberMap::values));
        all.map(Postings::len).sum::<usize>() + self.pieces.total()
    }

    /// Returns the number of grams and pieces that fields have, their share of [`Grams::total`].
    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        keys(fields).len() + self.pieces.expected(fields)
    }

    fn get(&self, key: Key) -> Option<&Postings> {
        match ascii_place(key) {
            Some(place) => self.ascii.get(place),
            None => self.others[part(key)].get(&key),
        }
    }

    fn get_mut(&mut self, key: Key) -> &mut Postings {
        match ascii_place(key) {
            Some(place) => &mut self.ascii[place],
            None => self.others[part(key)].entry(key).or_default(),
        }
    }

    fn remove(&mut self, key: Key, doc: Doc) {
        if let Some(place) = ascii_place(key) {
            self.ascii[place].remove(doc);
            return;
        }
        let others = &mut self.others[part(key)];
        let Entry::Occupied(mut entry) = others.entry(key) else { return };
        entry.get_mut().remove(doc);
        if entry.get().is_empty() {
            // Visitors choose their names: grams that nobody has any more would only add up.
            entry.remove();
            if others.len() * 4 < others.capacity() {
                others.shrink_to(others.len() * 2);
            }
        }
    }

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        self.flush();
        self.staged = Stage::default();
        let others = self.others.iter_mut().flat_map(NumberMap::values_mut);
        self.ascii.iter_mut().chain(others).for_each(Postings::shrink);
        self.pieces.shrink();
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        let all = self.ascii.iter().chain(self.others.iter().flat_map(NumberMap::values));
        let capacity: usize = self.others.iter().map(NumberMap::capacity).sum();
        let tables = self.ascii.len() * size_of::<Postings>() + capacity * size_of::<(Key, Postings)>() * 8 / 7;
        all.map(Postings::heap).sum::<usize>() + tables + self.pieces.heap()
    }
}

/// All grams of these texts, rising, each once.
fn keys(fields: &Fields<impl AsRef<str>>) -> Vec<Key> {
    let mut keys = Vec::new();
    each_text(fields, |group, text| each_short(group, text, |key| keys.push(key)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The key of a gram.
fn key(group: Group, gram: &[char]) -> Key {
    match gram {
        [a, b] => pair(group, *a, *b),
        [a] => single(group, *a),
        _ => Key::MAX,
    }
}

fn each_short(group: Group, text: &str, mut f: impl FnMut(Key)) {
    let mut last = None;
    // Digits are kept as digits.
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

/// Calls with every text that grams are made of.
pub(super) fn each_text(fields: &Fields<impl AsRef<str>>, mut f: impl FnMut(Group, &str)) {
    let mut id = String::from(START);
    id.push_str(fields.id.as_ref());
    f(Group::Id, &id);
    f(Group::Email, fields.email.as_ref());
    let phone = fields.phone.as_ref();
    if phone.bytes().all(|b| b.is_ascii_digit()) {
        f(Group::Phone, phone);
    } else {
        f(Group::Phone, &phone.chars().filter(char::is_ascii_digit).collect::<String>());
        f(Group::PhoneSigns, phone);
    }
    let (nickname, real_name) = (fields.nickname.as_ref(), fields.real_name.as_ref());
    for name in [nickname].into_iter().chain(Some(real_name).filter(|name| *name != nickname)) {
        f(Group::Name, name);
        for run in if name.is_ascii() { Vec::new() } else { runs(name) } {
            f(Group::Pinyin, &run.syllables().map(|syllable| syllable.as_char()).collect::<String>());
            f(Group::Initials, &run.initials().map(char::from).collect::<String>());
        }
    }
}
