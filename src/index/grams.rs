//! Which documents have a piece of text: their one- and two-character pieces ("grams"), and those longer ones that very
//! many documents have.
//!
//! A needle of one or two characters is answered as it stands. A longer one is somewhere among the documents that have
//! all its grams; they are few when the texts are like noise (IDs, phone numbers) or rich (Chinese names). They are
//! many exactly where texts repeat themselves (`gmail.com`, `wx_`, 微信用户), and there the longer piece is kept itself: each
//! piece of up to [`LONGEST`] characters that more than one document in [`SHARE`] has. So a needle either is kept and
//! answered as it stands, or is rare, and few candidates are left to look at.

use std::collections::{HashMap, HashSet};

use super::Doc;
use super::matching::Fields;
use super::pinyin::runs;
use super::postings::Postings;

/// The kinds of texts, whose grams are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Nickname and real name.
    Name,
    Id,
    Email,
    /// The digits of the phone number.
    Phone,
    /// What else there is in the phone number, single characters only.
    PhoneSigns,
    /// Nickname and real name as sequences of syllables, see [`Syllable::as_char`](super::pinyin::Syllable::as_char).
    Pinyin,
    /// The initials of nickname and real name.
    Initials,
}

const GROUPS: usize = 7;
const LONGEST: usize = 16;
const SHARE: usize = 256;
/// A longer piece is kept only when at least so many documents have it: looking at fewer costs nothing.
const LEAST: usize = 4096;
/// Which pieces many documents have is learnt from so many documents.
const SAMPLE: usize = 1 << 14;

/// A gram: group and characters, or the number of a longer one.
type Key = u64;
const CHAR_BITS: u32 = 21;
/// In the place of the first character: there is only one. No character has this number.
const SINGLE: u64 = (1 << CHAR_BITS) - 1;
const LONG: u64 = 1 << 63;
const ASCII: u64 = 128;

const fn single(group: Group, c: char) -> Key {
    ((group as u64) << (2 * CHAR_BITS)) | (SINGLE << CHAR_BITS) | c as u64
}

const fn pair(group: Group, a: char, b: char) -> Key {
    ((group as u64) << (2 * CHAR_BITS)) | ((a as u64) << CHAR_BITS) | b as u64
}

/// The place of a gram of ASCII characters in the table of those.
const fn ascii_place(key: Key) -> Option<usize> {
    let (group, a, b) = (key >> (2 * CHAR_BITS), key >> CHAR_BITS & SINGLE, key & SINGLE);
    if b >= ASCII || (a >= ASCII && a != SINGLE) || key & LONG != 0 {
        return None;
    }
    let a = if a == SINGLE { ASCII } else { a };
    Some(((group * (ASCII + 1) + a) * ASCII + b) as usize)
}

/// Grams and the documents that have them.
#[derive(Debug)]
pub(super) struct Grams {
    ascii: Vec<Postings>,
    others: HashMap<Key, Postings>,
    /// The numbers of the longer pieces, by group. With a piece all its beginnings are there.
    long_numbers: [HashMap<Box<str>, u32>; GROUPS],
    long: Vec<Postings>,
    /// See [`LEAST`].
    pub(super) least: usize,
}

impl Default for Grams {
    fn default() -> Self {
        Self {
            ascii: vec![Postings::default(); GROUPS * (ASCII as usize + 1) * ASCII as usize],
            others: HashMap::new(),
            long_numbers: Default::default(),
            long: Vec::new(),
            least: LEAST,
        }
    }
}

/// What the grams say about a needle.
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
        let starts: Vec<usize> = needle.char_indices().map(|(at, _)| at).chain([needle.len()]).collect();
        let length = starts.len() - 1;
        let mut parts = Vec::new();
        let mut covered = 0;
        for first in 0..length {
            let mut end = length.min(first + 2);
            let mut key = key(group, &needle[starts[first]..starts[end]]);
            while end < length
                && let Some(number) = self.long_numbers[group as usize].get(&needle[starts[first]..starts[end + 1]])
            {
                key = LONG | u64::from(*number);
                end += 1;
            }
            if end > covered {
                covered = end;
                let Some(docs) = self.get(key).filter(|docs| !docs.is_empty()) else { return Lookup::Nowhere };
                if end - first == length {
                    return Lookup::In(docs);
                }
                parts.push(docs);
            }
        }
        parts.sort_unstable_by_key(|docs| docs.len());
        Lookup::Among(parts)
    }

    /// The documents whose phone number may have the needle, which is not just digits.
    pub(super) fn find_signs(&self, needle: &str) -> Lookup<'_> {
        let signs = needle.chars().filter(|c| !c.is_ascii_digit());
        let parts: Option<Vec<&Postings>> =
            signs.map(|sign| self.get(single(Group::PhoneSigns, sign)).filter(|docs| !docs.is_empty())).collect();
        match parts.as_deref() {
            None => Lookup::Nowhere,
            Some([docs]) if needle.len() == 1 => Lookup::In(docs),
            Some(docs) => Lookup::Among(docs.to_vec()),
        }
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        each_text(fields, |group, text| {
            each_short(group, text, |key| self.get_mut(key).insert(doc));
            let (numbers, long) = (&self.long_numbers[group as usize], &mut self.long);
            each_long(numbers, text, |number| long[number as usize].insert(doc));
        });
    }

    /// Replaces a document's texts.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        let (old, new) = (self.keys(old), self.keys(new));
        for key in old.iter().filter(|key| new.binary_search(key).is_err()) {
            self.get_mut(*key).remove(doc);
        }
        for key in new.iter().filter(|key| old.binary_search(key).is_err()) {
            self.get_mut(*key).insert(doc);
        }
    }

    /// Whether all grams of these texts are there.
    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        self.keys(fields).into_iter().all(|key| self.get(key).is_some_and(|docs| docs.contains(doc)))
    }

    /// All grams of these texts, rising, each once.
    fn keys(&self, fields: &Fields<impl AsRef<str>>) -> Vec<Key> {
        let mut keys = Vec::new();
        each_text(fields, |group, text| {
            each_short(group, text, |key| keys.push(key));
            each_long(&self.long_numbers[group as usize], text, |number| keys.push(LONG | u64::from(number)));
        });
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn get(&self, key: Key) -> Option<&Postings> {
        match ascii_place(key) {
            Some(place) => self.ascii.get(place),
            None if key & LONG != 0 => self.long.get((key ^ LONG) as usize),
            None => self.others.get(&key),
        }
    }

    fn get_mut(&mut self, key: Key) -> &mut Postings {
        match ascii_place(key) {
            Some(place) => &mut self.ascii[place],
            None if key & LONG != 0 => &mut self.long[(key ^ LONG) as usize],
            None => self.others.entry(key).or_default(),
        }
    }

    /// Learns which longer pieces many of the `docs` documents have, and indexes those. What was learnt before is
    /// forgotten.
    pub(super) fn learn<'a>(&mut self, docs: usize, fields: impl Fn(Doc) -> Fields<&'a str>) {
        self.long_numbers = Default::default();
        self.long.clear();
        let step = docs.div_ceil(SAMPLE).max(1);
        let least = (docs / SHARE).max(self.least) / step;
        if docs / step <= least {
            return;
        }
        let mut samples: [Vec<Vec<String>>; GROUPS] = Default::default();
        for doc in (0..docs as Doc).step_by(step) {
            samples.iter_mut().for_each(|texts| texts.push(Vec::new()));
            each_text(&fields(doc), |group, text| {
                if let Some(texts) = samples[group as usize].last_mut() {
                    texts.push(text.to_owned());
                }
            });
        }
        for (group, texts) in samples.iter().enumerate() {
            for piece in frequent(texts, least) {
                let number = self.long.len() as u32;
                self.long.push(Postings::default());
                self.long_numbers[group].insert(piece.into(), number);
            }
        }
        for doc in 0..docs as Doc {
            each_text(&fields(doc), |group, text| {
                let (numbers, long) = (&self.long_numbers[group as usize], &mut self.long);
                each_long(numbers, text, |number| long[number as usize].insert(doc));
            });
        }
    }

    pub(super) fn report(&self) {
        for (g, numbers) in self.long_numbers.iter().enumerate() {
            for t in [64, 96, 128, 192, 256] {
                let sets: Vec<_> =
                    numbers.values().map(|n| &self.long[*n as usize]).filter(|p| p.len() > 1_000_000 / t).collect();
                println!(
                    "group {g} share {t}: {} sets {} KB",
                    sets.len(),
                    sets.iter().map(|p| p.heap()).sum::<usize>() / 1024
                );
            }
        }
        let mut by: [(usize, usize, usize); 7] = Default::default();
        for (place, p) in self.ascii.iter().enumerate() {
            let g = place / (129 * 128);
            by[g].0 += 1;
            by[g].1 += p.heap();
            by[g].2 += p.len();
        }
        println!("ascii {by:?}");
        let mut by: [(usize, usize, usize); 7] = Default::default();
        for (key, p) in &self.others {
            let g = (key >> 42) as usize;
            by[g].0 += 1;
            by[g].1 += p.heap();
            by[g].2 += p.len();
        }
        println!("others {by:?} capacity {}", self.others.capacity());
    }

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        self.ascii.iter_mut().chain(self.others.values_mut()).chain(&mut self.long).for_each(Postings::shrink);
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        let all = self.ascii.iter().chain(self.others.values()).chain(&self.long);
        let tables = self.ascii.len() + self.long.capacity() + self.others.capacity() * 3 / 2;
        all.map(Postings::heap).sum::<usize>() + tables * size_of::<Postings>() + self.others.capacity() * 9
    }
}

/// The key of a piece of one or two characters.
fn key(group: Group, piece: &str) -> Key {
    let mut chars = piece.chars();
    match (chars.next(), chars.next()) {
        (Some(a), Some(b)) => pair(group, a, b),
        (Some(a), None) => single(group, a),
        (None, _) => LONG,
    }
}

fn each_short(group: Group, text: &str, mut f: impl FnMut(Key)) {
    let mut last = None;
    for c in text.chars().filter(|c| group != Group::PhoneSigns || !c.is_ascii_digit()) {
        f(single(group, c));
        if let Some(last) = last.filter(|_| group != Group::PhoneSigns) {
            f(pair(group, last, c));
        }
        last = Some(c);
    }
}

fn each_long(numbers: &HashMap<Box<str>, u32>, text: &str, mut f: impl FnMut(u32)) {
    if numbers.is_empty() {
        return;
    }
    for (from, _) in text.char_indices() {
        for (at, c) in text[from..].char_indices().skip(2) {
            let Some(number) = numbers.get(&text[from..from + at + c.len_utf8()]) else { break };
            f(*number);
        }
    }
}

/// Calls with every text that grams are made of.
fn each_text(fields: &Fields<impl AsRef<str>>, mut f: impl FnMut(Group, &str)) {
    f(Group::Id, fields.id.as_ref());
    f(Group::Email, fields.email.as_ref());
    let phone = fields.phone.as_ref();
    if phone.bytes().all(|b| b.is_ascii_digit()) {
        f(Group::Phone, phone);
    } else {
        f(Group::Phone, &phone.chars().filter(char::is_ascii_digit).collect::<String>());
        f(Group::PhoneSigns, phone);
    }
    for name in [fields.nickname.as_ref(), fields.real_name.as_ref()] {
        f(Group::Name, name);
        for run in if name.is_ascii() { Vec::new() } else { runs(name) } {
            f(Group::Pinyin, &run.syllables().map(|syllable| syllable.as_char()).collect::<String>());
            f(Group::Initials, &run.initials().map(char::from).collect::<String>());
        }
    }
}

/// The pieces of three to [`LONGEST`] characters that at least `least` of the documents have; `texts` are each one's.
/// A piece can only be frequent when the two pieces one character shorter are.
fn frequent(texts: &[Vec<String>], least: usize) -> Vec<&str> {
    let mut all = Vec::new();
    let mut shorter: HashSet<&str> = HashSet::new();
    let mut alive: Vec<&Vec<String>> = texts.iter().collect();
    for length in 2..=LONGEST {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for texts in &alive {
            let mut own: Vec<&str> = texts.iter().flat_map(|text| pieces(text, length, &shorter)).collect();
            own.sort_unstable();
            own.dedup();
            own.into_iter().for_each(|piece| *counts.entry(piece).or_default() += 1);
        }
        // Of 000 there is only one gram to go by, 00, so that it is kept when it is rarer.
        let enough = |piece: &str| if is_one_repeated(piece) { least.div_ceil(8) } else { least };
        counts.retain(|piece, count| *count >= enough(piece));
        shorter = counts.into_keys().collect();
        if shorter.is_empty() {
            break;
        }
        alive.retain(|texts| texts.iter().any(|text| text.chars().nth(length).is_some()));
        if length > 2 {
            all.extend(&shorter);
        }
    }
    all
}

/// A text's pieces of a length whose shorter pieces are all in `shorter`, which is passed over for pairs.
fn pieces<'a>(text: &'a str, length: usize, shorter: &HashSet<&str>) -> Vec<&'a str> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let windows = starts.windows(length + 1).filter(|at| {
        let (first, second) = (&text[at[0]..at[length - 1]], &text[at[1]..at[length]]);
        length == 2 || (shorter.contains(first) && shorter.contains(second))
    });
    windows.map(|at| &text[at[0]..at[length]]).collect()
}

fn is_one_repeated(piece: &str) -> bool {
    piece.chars().zip(piece.chars().skip(1)).all(|(a, b)| a == b)
}
