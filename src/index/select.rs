//! Evaluation of all conditions of a query as set operations.

use super::Index;
use super::bits::Bits;
use super::needle::Needle;
use super::query::Query;
use super::search::ConditionMatches;
use crate::domain::{Condition, Rank, SortBy, TagId, TimeField};

/// Documents that a query lists. The sets of single ranks are `None` if empty.
pub(super) struct Selection {
    /// All listed documents except the similar ones.
    pub(super) listed: Bits,
    whole_id: Option<Bits>,
    begins_id: Option<Bits>,
    other_prefix: Option<Bits>,
    similar: Option<Bits>,
}

impl Selection {
    pub(super) fn and(&mut self, bits: &Bits) {
        self.listed.and(bits);
        self.similar.iter_mut().for_each(|similar| similar.and(bits));
    }

    /// Returns the number of listed documents and the number of similar ones.
    pub(super) fn count(&self) -> (u64, u64) {
        (self.listed.len() as u64, self.similar.as_ref().map_or(0, Bits::len) as u64)
    }

    /// Divides the documents by rank. Each is in exactly one of the sets.
    pub(super) fn by_rank(self) -> [Option<Bits>; Rank::ALL.len()] {
        let mut exact = self.listed;
        let mut take = |part: Option<Bits>| {
            let mut part = part?;
            part.and(&exact);
            exact.and_not(&part);
            Some(part)
        };
        let (other_prefix, whole_id) = (take(self.other_prefix), take(self.whole_id));
        let begins_id = take(self.begins_id);
        [whole_id, begins_id, Some(exact), other_prefix, self.similar]
    }
}

impl Index {
    /// Returns the documents that meet all conditions except the tags.
    pub(super) fn select(&self, query: &Query<'_>, needles: &[(Condition, Needle)]) -> Selection {
        let mut listed = self.base(query);
        // `None` means equal to `listed`.
        let (mut exact, mut all): (Option<Bits>, Option<Bits>) = (None, None);
        let (mut whole_id, mut begins_id) = (None, None);
        for (condition, needle) in needles {
            let within = all.as_ref().unwrap_or(&listed);
            let met = self.match_condition(*condition, needle, within);
            let mut loose = met.exact.clone();
            met.other_prefix.iter().for_each(|docs| loose.or(docs));
            if all.is_some() || met.similar.is_some() {
                let mut either = loose.clone();
                met.similar.iter().for_each(|docs| either.or(docs));
                either.and(within);
                all = Some(either);
            }
            if exact.is_some() || met.other_prefix.is_some() {
                exact.get_or_insert_with(|| listed.clone()).and(&met.exact);
            }
            listed.and(&loose);
            either(&mut whole_id, met.whole_id);
            either(&mut begins_id, met.begins_id);
        }
        let without = |docs: Bits, others: &Bits| {
            let mut docs = docs;
            docs.and_not(others);
            Some(docs).filter(|docs| !docs.is_empty())
        };
        let other_prefix = exact.and_then(|exact| without(listed.clone(), &exact));
        let similar = all.and_then(|all| without(all, &listed));
        Selection { listed, whole_id, begins_id, other_prefix, similar }
    }

    /// Returns, for each condition that is set, the number of documents that meet all the others.
    /// Evaluates each condition once.
    pub(super) fn without_each(&self, query: &Query<'_>, needles: &[(Condition, Needle)]) -> Vec<(Condition, usize)> {
        let scope = self.scope(query);
        let set: Vec<Condition> = Condition::ALL.into_iter().filter(|condition| query.filter.has(*condition)).collect();
        let met: Vec<Bits> =
            set.iter().map(|condition| self.docs_meeting(query, needles, *condition, &scope)).collect();
        // Intersections of the scope with all later conditions, starting with the last condition.
        let mut after = vec![scope];
        for docs in met.iter().skip(1).rev() {
            let mut left = after[after.len() - 1].clone();
            left.and(docs);
            after.push(left);
        }
        let mut before = Bits::all(self.len());
        let count = |((condition, docs), mut after): ((&Condition, &Bits), Bits)| {
            after.and(&before);
            before.and(docs);
            (*condition, after.len())
        };
        set.iter().zip(&met).zip(after.into_iter().rev()).map(count).collect()
    }

    /// Returns the documents that meet a condition with any rank. Documents outside the scope may be
    /// missing.
    fn docs_meeting(
        &self,
        query: &Query<'_>,
        needles: &[(Condition, Needle)],
        condition: Condition,
        scope: &Bits,
    ) -> Bits {
        let filter = query.filter;
        let everything = || Bits::all(self.len());
        match condition {
            Condition::Period => {
                if query.range.is_everything() {
                    everything()
                } else {
                    self.in_range(query)
                }
            }
            Condition::Tags => self.tagged(&filter.tags),
            Condition::Channel => {
                filter.channel.map_or_else(everything, |channel| self.channel(channel).to_bits(self.len()))
            }
            Condition::Blacklisted => {
                let mut docs = self.blacklisted.to_bits(self.len());
                if filter.blacklisted == Some(false) {
                    docs.invert();
                }
                docs
            }
            Condition::Name | Condition::Id | Condition::Search => {
                let Some((_, needle)) = needles.iter().find(|(other, _)| *other == condition) else {
                    return everything();
                };
                let ConditionMatches { exact: mut docs, other_prefix, similar, .. } =
                    self.match_condition(condition, needle, scope);
                other_prefix.iter().chain(&similar).for_each(|others| docs.or(others));
                docs
            }
        }
    }

    /// Returns the documents with any of the tags.
    pub(super) fn tagged(&self, tags: &[TagId]) -> Bits {
        let mut bits = self.none();
        tags.iter().filter_map(|tag| self.tags.get(tag)).for_each(|docs| docs.or_into(&mut bits));
        bits
    }

    fn scope(&self, query: &Query<'_>) -> Bits {
        match &query.scope {
            None => Bits::all(self.len()),
            Some(agent) => self.agents.get(agent).map_or_else(|| self.none(), |docs| docs.to_bits(self.len())),
        }
    }

    /// Returns the documents in the scope that meet the cheap conditions: channel, blacklist and
    /// period.
    fn base(&self, query: &Query<'_>) -> Bits {
        let mut base = self.scope(query);
        let filter = query.filter;
        if let Some(channel) = filter.channel {
            self.channel(channel).and_into(&mut base);
        }
        match filter.blacklisted {
            None => {}
            Some(true) => self.blacklisted.and_into(&mut base),
            Some(false) => base.and_not(&self.blacklisted.to_bits(self.len())),
        }
        if !query.range.is_everything() {
            base.and(&self.in_range(query));
        }
        base
    }

    /// Returns the documents whose timestamp is in the query's range.
    fn in_range(&self, query: &Query<'_>) -> Bits {
        let by = order_of(query.filter.on);
        let mut bits = self.none();
        if self.orders.stale {
            let column = if by == SortBy::Created { &self.columns.created } else { &self.columns.latest };
            (0..).zip(column).filter(|(_, time)| query.time_matches(**time, by)).for_each(|(doc, _)| bits.insert(doc));
            return bits;
        }
        let order = self.order(by);
        let positions = self.positions(by, query.range);
        // Mark the smaller part, and invert if that is the part outside the range.
        if positions.len() * 2 > order.len() {
            order[..positions.start].iter().chain(&order[positions.end..]).for_each(|doc| bits.insert(*doc));
            bits.invert();
        } else {
            order[positions].iter().for_each(|doc| bits.insert(*doc));
        }
        bits
    }
}

/// Adds documents to an optional set.
fn either(all: &mut Option<Bits>, more: Option<Bits>) {
    match (all, more) {
        (Some(all), Some(more)) => all.or(&more),
        (all, Some(more)) => *all = Some(more),
        (_, None) => {}
    }
}

/// Returns the sort order in which the field's period is a contiguous range.
pub(super) const fn order_of(field: TimeField) -> SortBy {
    match field {
        TimeField::Created => SortBy::Created,
        TimeField::LatestConversation => SortBy::LatestConversation,
    }
}
