//! Pieces that are known, and the documents that have them.
//!
//! Many pieces are in the same documents (`gmai`, `gmail`, `mail.c`…), so that they share one set of documents for as long as
//! they do; a document that has some of them and not the others divides the set.

use std::collections::HashMap;

use super::super::Doc;
use super::super::fields::Fields;
use super::super::grams::{CHAR_BITS, GROUPS, Group, each_text};
use super::super::numbers::NumberMap;
use super::super::postings::Postings;
use super::frequent::frequent;

/// A piece is kept when more than one document in so many has it.
const SHARE: usize = 256;

/// Sets are divided so often, until pieces are learnt again; in tests so rarely that they get there.
const MOST_DIVISIONS: usize = if cfg!(test) { 4 } else { 2048 };
/// In the place of a piece's set: it is no longer known.
const FORGOTTEN: u32 = u32::MAX;

/// A piece's number.
type Piece = u32;

/// Pieces that are known.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The pieces of three characters, by group.
    shortest: [NumberMap<Piece>; GROUPS],
    /// For a piece and the character that follows the longer piece. With a piece all its beginnings are there.
    longer: NumberMap<Piece>,
    /// Each piece's place in `sets`.
    set_of: Vec<u32>,
    sets: Vec<Set>,
    /// Number of times a set was divided.
    divided: usize,
}

/// Texts of some documents that pieces are learnt from.
#[derive(Debug)]
pub(super) struct Sample {
    /// By group, then by document.
    texts: [Vec<Vec<String>>; GROUPS],
    /// Pieces are kept that so many of the sampled documents have.
    least: usize,
}

impl Sample {
    /// Takes about `size` of the `docs` documents, if there can be pieces that at least `least` of all have.
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

/// Some pieces that are in the same documents.
#[derive(Debug, Default)]
struct Set {
    docs: Postings,
    pieces: usize,
}

impl Known {
    /// The longest known piece that these characters begin with: how many they are, and the documents.
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

    /// Replaces a document's texts.
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

    /// The pieces these texts have, each once, with their sets, by set.
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

    /// Gives those pieces of a set that are not among these a set of their own, or forgets them when that has been done too
    /// often: sets take memory, and who makes up the texts decides how often.
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

    /// Learns which pieces of a group many of the sampled documents have. The documents have to be taken in then.
    pub(super) fn learn(&mut self, sample: &Sample, group: usize) {
        // Any three digits are in one phone number of a hundred: keeping all those would help little.
        let least = if group == Group::Phone as usize { sample.least * 4 } else { sample.least };
        self.enter(group, &frequent(&sample.texts[group], least));
    }

    /// Enters pieces, shorter ones first, each with the number of documents that have it: where that is the same for
    /// a piece and its beginning or end, these documents are the same.
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

    /// Gives back what growing reserved ahead.
    pub(super) fn shrink(&mut self) {
        self.sets.iter_mut().for_each(|set| set.docs.shrink());
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        self.sets.iter().map(|set| set.docs.heap() + size_of::<Set>()).sum::<usize>() + self.set_of.len() * 32
    }
}

/// Three characters as a number.
const fn three([a, b, c]: [char; 3]) -> u64 {
    ((a as u64) << (2 * CHAR_BITS)) | ((b as u64) << CHAR_BITS) | c as u64
}

/// A piece and the character that follows it, as a number.
const fn followed(piece: Piece, next: char) -> u64 {
    ((piece as u64) << CHAR_BITS) | next as u64
}
