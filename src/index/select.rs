//! The documents under a query's conditions, as sets.

use super::bits::Bits;
use super::grams::{Group, Lookup};
use super::matching::Needle;
use super::postings::Postings;
use super::query::Query;
use super::texts::Column;
use super::{Doc, Index, pinyin};
use crate::domain::{Condition, SortBy, TagId, TimeField};

/// Of a long needle's grams so many are intersected, the rarest first; more hardly leave fewer candidates.
const MOST_PARTS: usize = 8;
/// So few candidates are looked up in the remaining grams one by one.
const FEW: usize = 512;
/// So many candidates' texts are fetched at a time.
const BATCH: usize = 32;

/// The documents a query lists.
pub(super) struct Selection {
    pub(super) exact: Bits,
    /// Those that need a typo; none of them is in `exact`.
    pub(super) similar: Option<Bits>,
}

impl Selection {
    /// All documents.
    pub(super) fn all(&self) -> Bits {
        let mut all = self.exact.clone();
        self.similar.iter().for_each(|similar| all.or(similar));
        all
    }

    pub(super) fn len(&self) -> usize {
        self.exact.len() + self.similar.as_ref().map_or(0, Bits::len)
    }

    pub(super) fn and(&mut self, bits: &Bits) {
        self.exact.and(bits);
        self.similar.iter_mut().for_each(|similar| similar.and(bits));
    }
}

impl Index {
    /// The documents under all conditions but the tags and the one left out.
    pub(super) fn select(
        &self,
        query: &Query<'_>,
        needles: &[(Condition, Needle)],
        without: Option<Condition>,
    ) -> Selection {
        let mut exact = self.base(query, without);
        let mut all: Option<Bits> = None;
        for (condition, needle) in needles.iter().filter(|(condition, _)| Some(*condition) != without) {
            let mut search = Search { index: self, within: all.as_ref().unwrap_or(&exact), found: self.none() };
            search.exact(*condition, needle);
            let found = search.found;
            let similar = self.similar(*condition, needle, all.as_ref().unwrap_or(&exact), &found);
            if all.is_some() || similar.is_some() {
                let mut either = found.clone();
                similar.iter().for_each(|similar| either.or(similar));
                either.and(all.as_ref().unwrap_or(&exact));
                all = Some(either);
            }
            exact.and(&found);
        }
        if let Some(all) = &mut all {
            all.and_not(&exact);
        }
        Selection { exact, similar: all.filter(|all| !all.is_empty()) }
    }

    /// The documents that have any of the tags.
    pub(super) fn tagged(&self, tags: &[TagId]) -> Bits {
        let mut bits = self.none();
        tags.iter().filter_map(|tag| self.tags.get(tag)).for_each(|docs| docs.or_into(&mut bits));
        bits
    }

    fn none(&self) -> Bits {
        Bits::none(self.len())
    }

    /// The documents in the scope and under the conditions that cost nothing to check.
    fn base(&self, query: &Query<'_>, without: Option<Condition>) -> Bits {
        let mut base = match &query.scope {
            None => Bits::all(self.len()),
            Some(agent) => self.agents.get(agent).map_or_else(|| self.none(), |docs| docs.to_bits(self.len())),
        };
        let filter = query.filter;
        if let Some(channel) = filter.channel.filter(|_| without != Some(Condition::Channel)) {
            self.channel(channel).and_into(&mut base);
        }
        match filter.blacklisted.filter(|_| without != Some(Condition::Blacklisted)) {
            None => {}
            Some(true) => self.blacklisted.and_into(&mut base),
            Some(false) => base.and_not(&self.blacklisted.to_bits(self.len())),
        }
        if !query.range.is_everything() && without != Some(Condition::Period) {
            base.and(&self.in_range(query));
        }
        base
    }

    /// The documents whose moment is in the query's range.
    fn in_range(&self, query: &Query<'_>) -> Bits {
        let by = order_of(query.filter.on);
        let mut bits = self.none();
        if self.orders.stale {
            let column = if by == SortBy::Created { &self.columns.created } else { &self.columns.latest };
            (0..).zip(column).filter(|(_, time)| query.holds_at(**time, by)).for_each(|(doc, _)| bits.insert(doc));
            return bits;
        }
        let order = self.order(by);
        let places = self.places(by, query.range);
        // The smaller part is marked.
        if places.len() * 2 > order.len() {
            order[..places.start].iter().chain(&order[places.end..]).for_each(|doc| bits.insert(*doc));
            bits.invert();
        } else {
            order[places].iter().for_each(|doc| bits.insert(*doc));
        }
        bits
    }

    /// The documents of `within` that have the needle with one typo and not as it stands.
    fn similar(&self, condition: Condition, needle: &Needle, within: &Bits, exact: &Bits) -> Option<Bits> {
        if condition == Condition::Id {
            return None;
        }
        let mut found: Option<Bits> = None;
        let mut candidates = self.words.similar(needle);
        candidates.retain(|doc| within.contains(*doc) && !exact.contains(*doc));
        for column in [&self.texts.nickname, &self.texts.real_name] {
            // Many customers may have the same name (微信用户 by default); it is looked at once.
            let mut last = ("", false);
            let is_similar = |doc| {
                let name = column.get(doc);
                if name != last.0 {
                    last = (name, needle.is_similar_in_name(name));
                }
                last.1
            };
            check(candidates.iter().copied(), &[column], is_similar, |doc| {
                found.get_or_insert_with(|| self.none()).insert(doc);
            });
            candidates.retain(|doc| !found.as_ref().is_some_and(|found| found.contains(*doc)));
        }
        found
    }
}

/// Calls `take` with the documents that pass, having fetched their texts ahead.
fn check(
    mut docs: impl Iterator<Item = Doc>,
    texts: &[&Column],
    mut passes: impl FnMut(Doc) -> bool,
    take: impl FnMut(Doc),
) {
    let mut take = take;
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        batch.extend(docs.by_ref().take(BATCH));
        if batch.is_empty() {
            return;
        }
        texts.iter().for_each(|column| column.warm(&batch));
        batch.iter().copied().filter(|doc| passes(*doc)).for_each(&mut take);
    }
}

/// The order in which a period is a range of places.
pub(super) const fn order_of(field: TimeField) -> SortBy {
    match field {
        TimeField::Created => SortBy::Created,
        TimeField::LatestConversation => SortBy::LatestConversation,
    }
}

/// Collects the documents that have a needle as it stands.
struct Search<'a> {
    index: &'a Index,
    /// Others need not be looked at; those found without looking may be others.
    within: &'a Bits,
    found: Bits,
}

impl Search<'_> {
    fn exact(&mut self, condition: Condition, needle: &Needle) {
        let (grams, texts) = (&self.index.grams, &self.index.texts);
        let has = |text: &str| needle.is_in_text(text);
        if condition != Condition::Id {
            self.add(grams.find(Group::Name, &needle.text), &[&texts.nickname, &texts.real_name], |doc| {
                has(texts.nickname.get(doc)) || has(texts.real_name.get(doc))
            });
            self.pinyin(needle);
        }
        if condition != Condition::Name {
            self.add(grams.find(Group::Id, &needle.text), &[&texts.id], |doc| has(texts.id.get(doc)));
        }
        if condition == Condition::Search {
            self.add(grams.find(Group::Email, &needle.text), &[&texts.email], |doc| has(texts.email.get(doc)));
            let phone = match &needle.digits {
                Some(digits) => grams.find(Group::Phone, digits),
                None => grams.find_signs(&needle.text),
            };
            self.add(phone, &[&texts.phone], |doc| needle.is_in_phone(texts.phone.get(doc)));
        }
    }

    fn pinyin(&mut self, needle: &Needle) {
        let Some(letters) = &needle.letters else { return };
        let (grams, texts) = (&self.index.grams, &self.index.texts);
        let names = [&texts.nickname, &texts.real_name];
        let read = |doc| names.iter().any(|column| needle.is_in_pinyin(column.get(doc)));
        self.add(grams.find(Group::Initials, letters), &names, read);
        let known = |syllables: &str| !matches!(grams.find(Group::Pinyin, syllables), Lookup::Nowhere);
        for reading in pinyin::readings(letters, known) {
            let lookup = match grams.find(Group::Pinyin, &reading.syllables) {
                Lookup::In(docs) if !reading.complete => Lookup::Among(vec![docs]),
                lookup => lookup,
            };
            self.add(lookup, &names, read);
        }
    }

    /// Adds the documents of a look-up; of candidates, those that pass a look at these texts.
    fn add(&mut self, lookup: Lookup<'_>, texts: &[&Column], passes: impl Fn(Doc) -> bool) {
        match lookup {
            Lookup::Nowhere => {}
            Lookup::In(docs) => docs.or_into(&mut self.found),
            Lookup::Among(parts) => {
                let candidates = self.candidates(&parts[..parts.len().min(MOST_PARTS)]);
                let found = &mut self.found;
                match candidates {
                    Candidates::Few(docs) => check(docs.into_iter(), texts, passes, |doc| found.insert(doc)),
                    Candidates::Many(bits) => check(bits.iter(), texts, passes, |doc| found.insert(doc)),
                }
            }
        }
    }

    /// The documents in all parts, the rarest of which is the first, that are not found yet.
    fn candidates(&self, parts: &[&Postings]) -> Candidates {
        let Some((rarest, mut others)) = parts.split_first() else { return Candidates::Few(Vec::new()) };
        let mut few: Vec<Doc> = match rarest.as_small() {
            Some(docs) => {
                docs.iter().copied().filter(|doc| self.within.contains(*doc) && !self.found.contains(*doc)).collect()
            }
            None => {
                let mut bits = rarest.to_bits(self.index.len());
                bits.and(self.within);
                bits.and_not(&self.found);
                while bits.len() > FEW {
                    let Some((other, rest)) = others.split_first() else { return Candidates::Many(bits) };
                    other.and_into(&mut bits);
                    others = rest;
                }
                bits.iter().collect()
            }
        };
        few.retain(|doc| others.iter().all(|other| other.contains(*doc)));
        Candidates::Few(few)
    }
}

enum Candidates {
    Few(Vec<Doc>),
    Many(Bits),
}
