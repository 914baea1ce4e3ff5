//! Known pieces and the documents that contain them.
//!
//! Many pieces occur in the same documents (`gmai`, `gmail`, `mail.c`…) and share one set of
//! documents. A document that contains only some of them divides the set.

use std::collections::HashMap;

use super::super::Doc;
use super::super::fields::Fields;
use super::super::groups::{CHAR_BITS, GROUPS, Group, each_text};
use super::super::numbers::NumberMap;
use super::super::postings::Postings;
use super::frequent::frequent;

/// A piece is kept if at least one in this number of documents contains it.
const SHARE: usize = 256;

/// Maximum number of divisions before pieces are learnt again. Low in tests, so that they reach it.
const MOST_DIVISIONS: usize = if cfg!(test) { 4 } else { 2048 };
/// Set number of a piece that is no longer known.
const FORGOTTEN: u32 = u32::MAX;

/// Number of a piece: its index in [`Known::set_of`].
type Piece = u32;

/// Trie of the known pieces, with their documents.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Pieces of three characters, by group.
    shortest: [NumberMap<Piece>; GROUPS],
    /// Longer piece by shorter piece and next character. All beginnings of a piece, from three
    /// characters, are pieces as well.
    longer: NumberMap<Piece>,
    /// Index in `sets` of each piece, or [`FORGOTTEN`].
    set_of: Vec<u32>,
    sets: Vec<Set>,
    /// Number of divisions so far.
    divided: usize,
}

/// Texts of a sample of the documents, from which pieces are learnt.
#[derive(Debug)]
pub(super) struct Sample {
    /// Texts by group, then by document.
    texts: [Vec<Vec<String>>; GROUPS],
    /// Minimum number of sampled documents with a piece.
    least: usize,
}

impl Sample {
    /// Samples about `size` of the `docs` documents. Returns `None` if there are too few documents
    /// for a piece that at least `least` of them contain.
    pub(super) fn take<'a>(
        docs: usize,
        size: usize,
        least: usize,
        fields: &impl Fn(Doc) -> Fields<&'a str>,
    ) -> Option<Self> {
        let step = docs.div_ceil(size).max(1);
        let least = (docs / SHARE).max(least) / step;
        if docs / step <= least {
            return None;
        }
        let mut texts: [Vec<Vec<String>>; GROUPS] = Default::default();
        for doc in (0..docs as Doc).step_by(step) {
            texts.iter_mut().for_each(|texts| texts.push(Vec::new()));
            each_text(&fields(doc), |group, text| {
                if let Some(texts) = texts[group as usize].last_mut() {
                    texts.push(text.to_owned());
                }
            });
        }
        Some(Self { texts, least })
    }
}

/// Documents shared by `pieces` pieces.
#[derive(Debug, Default)]
struct Set {
    docs: Postings,
    pieces: usize,
}

impl Known {
    /// Returns the longest known piece that these characters begin with, as its length and its
    /// documents.
    pub(super) fn longest(&self, group: Group, chars: &[char]) -> Option<(usize, &Postings)> {
        let [a, b, c, rest @ ..] = chars else { return None };
        let mut number = *self.shortest[group as usize].get(&three([*a, *b, *c]))?;
        let mut longest = self.docs(number).map(|docs| (3, docs));
        for (next, length) in rest.iter().zip(4..) {
            let Some(longer) = self.longer.get(&followed(number, *next)) else { break };
            number = *longer;
            longest = self.docs(number).map(|docs| (length, docs)).or(longest);
        }
        longest
    }

    fn docs(&self, piece: Piece) -> Option<&Postings> {
        let set = self.set_of[piece as usize];
        (set != FORGOTTEN).then(|| &self.sets[set as usize].docs)
    }

    fn number(&self, group: usize, piece: &str) -> Option<Piece> {
        let mut chars = piece.chars();
        let shortest = *self.shortest[group].get(&three([chars.next()?, chars.next()?, chars.next()?]))?;
        chars.try_fold(shortest, |number, next| self.longer.get(&followed(number, next)).copied())
    }

    pub(super) fn insert(&mut self, doc: Doc, fields: &Fields<impl AsRef<str>>) {
        let own = self.by_set(fields);
        for own in own.chunk_by(|a, b| a.0 == b.0) {
            let set = own[0].0 as usize;
            if own.len() < self.sets[set].pieces {
                self.divide(own);
            }
            self.sets[set].docs.insert(doc);
        }
    }

    /// Replaces the texts of a document.
    pub(super) fn change(&mut self, doc: Doc, old: &Fields<&str>, new: &Fields<impl AsRef<str>>) {
        if self.by_set(old) != self.by_set(new) {
            for (set, _) in self.by_set(old) {
                self.sets[set as usize].docs.remove(doc);
            }
            self.insert(doc, new);
        }
    }

    pub(super) fn has(&self, doc: Doc, fields: &Fields<impl AsRef<str>>) -> bool {
        self.by_set(fields).into_iter().all(|(set, _)| self.sets[set as usize].docs.contains(doc))
    }

    pub(super) fn total(&self) -> usize {
        self.sets.iter().map(|set| set.docs.len()).sum()
    }

    pub(super) fn expected(&self, fields: &Fields<&str>) -> usize {
        self.by_set(fields).chunk_by(|a, b| a.0 == b.0).count()
    }

    /// Returns the known pieces in these texts with their sets, without duplicates, sorted by set.
    fn by_set(&self, fields: &Fields<impl AsRef<str>>) -> Vec<(u32, Piece)> {
        let mut own = Vec::new();
        if self.sets.is_empty() {
            return own;
        }
        let mut chars = Vec::new();
        each_text(fields, |group, text| {
            let shortest = &self.shortest[group as usize];
            if shortest.is_empty() {
                return;
            }
            chars.clear();
            chars.extend(text.chars());
            for (from, window) in chars.windows(3).enumerate() {
                let mut piece = shortest.get(&three([window[0], window[1], window[2]]));
                let mut next = chars[from + 3..].iter();
                while let Some(number) = piece {
                    own.push((self.set_of[*number as usize], *number));
                    piece = next.next().and_then(|next| self.longer.get(&followed(*number, *next)));
                }
            }
        });
        own.retain(|(set, _)| *set != FORGOTTEN);
        own.sort_unstable();
        own.dedup();
        own
    }

    /// Moves the pieces of a set that are not in `staying` to a new set. Forgets them instead once
    /// the maximum number of divisions is reached: sets take memory, and the visitors who choose
    /// the texts determine the number of divisions.
    fn divide(&mut self, staying: &[(u32, Piece)]) {
        let set = staying[0].0;
        let divides = self.divided < MOST_DIVISIONS;
        let new = if divides { self.sets.len() as u32 } else { FORGOTTEN };
        for (piece, of) in self.set_of.iter_mut().enumerate() {
            if *of == set && staying.binary_search(&(set, piece as Piece)).is_err() {
                *of = new;
            }
        }
        let old = &mut self.sets[set as usize];
        let pieces = old.pieces - staying.len();
        old.pieces = staying.len();
        if divides {
            let docs = old.docs.clone();
            self.sets.push(Set { docs, pieces });
            self.divided += 1;
        }
    }

    /// Learns the pieces of a group that are frequent in the sample. The caller then adds the
    /// documents.
    pub(super) fn learn(&mut self, sample: &Sample, group: usize) {
        // Any three digits occur in about one of a hundred phone numbers. Keeping all of them has
        // little use.
        let least = if group == Group::Phone as usize { sample.least * 4 } else { sample.least };
        self.enter(group, &frequent(&sample.texts[group], least));
    }

    /// Adds pieces with their number of documents, shorter ones first. If a piece and its beginning
    /// or end have the same number, they are in the same documents and share a set.
    fn enter(&mut self, group: usize, pieces: &[(&str, usize)]) {
        let counts: HashMap<&str, usize> = pieces.iter().copied().collect();
        for (piece, count) in pieces {
            let last = piece.char_indices().next_back().map_or(0, |(at, _)| at);
            let first = piece.chars().next().map_or(0, char::len_utf8);
            let same = [&piece[..last], &piece[first..]].into_iter().find(|part| counts.get(part) == Some(count));
            let set = match same.and_then(|part| self.number(group, part)) {
                Some(number) => self.set_of[number as usize],
                None => {
                    self.sets.push(Set::default());
                    (self.sets.len() - 1) as u32
                }
            };
            self.sets[set as usize].pieces += 1;
            let number = self.set_of.len() as Piece;
            let chars: Vec<char> = piece.chars().collect();
            if let [a, b, c] = chars[..] {
                self.shortest[group].insert(three([a, b, c]), number);
            } else if let (Some(beginning), Some(next)) = (self.number(group, &piece[..last]), chars.last()) {
                self.longer.insert(followed(beginning, *next), number);
            }
            self.set_of.push(set);
        }
    }

    /// Releases spare capacity.
    pub(super) fn shrink(&mut self) {
        self.sets.iter_mut().for_each(|set| set.docs.shrink());
    }

    /// Returns the estimated number of bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        self.sets.iter().map(|set| set.docs.heap() + size_of::<Set>()).sum::<usize>() + self.set_of.len() * 32
    }
}

/// Packs three characters into a number.
const fn three([a, b, c]: [char; 3]) -> u64 {
    ((a as u64) << (2 * CHAR_BITS)) | ((b as u64) << CHAR_BITS) | c as u64
}

/// Packs a piece and the next character into a number.
const fn followed(piece: Piece, next: char) -> u64 {
    ((piece as u64) << CHAR_BITS) | next as u64
}
