//! The query, the answer, and the way from the one to the other.

use super::bits::Bits;
use super::chunks::busy;
use super::columns::NEVER;
use super::needle::{Needle, needles};
use super::normalize::normalize;
use super::page::List;
use super::postings::Postings;
use super::{Doc, Index};
use crate::domain::listing::{Facet, ListSize};
use crate::domain::{
    AgentId, Condition, Cursor, CustomerKey, Exclusion, Filter, PageRequest, Rescue, Sort, SortBy, TagId, TimeField,
    TimeRange,
};

/// So few documents are looked up in each tag rather than counted by bits.
const FEW: usize = 256;

/// Of the customers that have the same ID but for case and the like, so many are looked at.
const MOST_ALIKE: usize = 64;

/// A query of the list.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Only customers served by this agent; all when there is none.
    pub scope: Option<AgentId>,
    /// The conditions. The period is not read here, since it depends on clock and time zone.
    pub filter: &'a Filter,
    /// The moments that the filter's period means.
    pub range: TimeRange,
    /// The order.
    pub sort: Sort,
    /// The rows that are wanted.
    pub page: PageRequest,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The exact number of customers that meet all conditions, without the similar ones.
    pub total: u64,
    /// The number of further customers that are listed only because a typo was allowed; they come last. The list has `total + similar` rows.
    pub similar: u64,
    /// The rows.
    pub page: Vec<Hit>,
    /// The number of the page's first row, counted from the top, 0 first; where it is known at no cost.
    pub first_row: Option<u64>,
    /// `true` if rows precede the page.
    pub before: bool,
    /// `true` if rows follow the page.
    pub after: bool,
    /// For every tag that any customer has: the total with this tag as the only one in the filter.
    pub facets: Vec<Facet>,
    /// If nothing is listed, not even similar customers: for each condition without which anything would be, how many
    /// rows, similar ones among them.
    pub rescue: Vec<Rescue>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The customer.
    pub key: CustomerKey,
    /// Its place in the list.
    pub cursor: Cursor,
}

impl Query<'_> {
    /// Returns `true` if a moment, as a column has it, is in the range.
    pub(super) fn holds_at(&self, time: i64, by: SortBy) -> bool {
        let some = by == SortBy::Created || time != NEVER;
        self.range.is_everything() || (some && self.range.contains(crate::domain::Timestamp(time)))
    }
}

/// Rows above a cursor that are counted: so many that came since a page was loaded are a number to nobody.
const MOST_ABOVE: usize = 1_000;

impl Index {
    /// Answers a query.
    #[must_use]
    pub fn search(&self, query: &Query<'_>) -> Found {
        let needles = needles(query.filter);
        let mut selection = self.select(query, &needles);
        let facets = self.facets(&selection.listed);
        if !query.filter.tags.is_empty() {
            selection.and(&self.tagged(&query.filter.tags));
        }
        let parts = selection.by_rank();
        let list = List::new(self, query, &parts);
        let mut found = list.page(&query.page);
        found.facets = facets;
        if found.total + found.similar == 0 {
            found.rescue = self.rescue(query, &needles);
        }
        found
    }

    /// Returns the size of a list, and how many rows, at most a thousand, lie above the cursor that the query's page ends
    /// before. It costs about half of a search: nothing is counted by tag.
    #[must_use]
    pub fn size(&self, query: &Query<'_>) -> ListSize {
        let mut selection = self.select(query, &needles(query.filter));
        if !query.filter.tags.is_empty() {
            selection.and(&self.tagged(&query.filter.tags));
        }
        let (total, similar) = selection.count();
        let parts = selection.by_rank();
        let above = List::new(self, query, &parts).above_cursor(&query.page.start, MOST_ABOVE);
        ListSize { total, similar, above: above as u64 }
    }

    /// Returns `true` if the list has the customer, wherever in it.
    #[must_use]
    pub fn lists(&self, query: &Query<'_>, customer: CustomerKey) -> bool {
        let in_scope = query.scope.is_none_or(|agent| self.has_served(agent, customer));
        let doc = self.columns.doc(customer).filter(|_| in_scope);
        doc.is_some_and(|doc| self.excluding(query, &needles(query.filter), doc).is_empty())
    }

    /// Returns why the customer of this ID is not in the list; [`Exclusion::Unknown`] if nobody in the scope has it.
    #[must_use]
    pub fn why_not(&self, query: &Query<'_>, id: &str) -> Exclusion {
        self.exact_id(query, id).map_or(Exclusion::Unknown, |(_, exclusion)| exclusion)
    }

    /// Returns the customer in the scope whose ID is this text, in any spelling that the index takes for the same, and
    /// whether the list has it. `None` if nobody has the ID. If several customers have it, the answer is about the one
    /// closest to being listed. It costs a few microseconds, so that every list can say it of the text that was typed,
    /// whether or not it has other rows.
    #[must_use]
    pub fn exact_id(&self, query: &Query<'_>, text: &str) -> Option<(CustomerKey, Exclusion)> {
        let needles = needles(query.filter);
        let served = query.scope.map(|agent| self.agents.get(&agent));
        let in_scope = |doc: &Doc| served.is_none_or(|served| served.is_some_and(|docs| docs.contains(*doc)));
        let id = normalize(text);
        let all = self.with_id(&id).filter(in_scope).take(MOST_ALIKE);
        let excluding = |doc: Doc| (self.columns.keys[doc as usize], self.excluding(query, &needles, doc));
        let (key, conditions) = all.map(excluding).min_by_key(|(key, conditions)| (conditions.len(), *key))?;
        Some((key, if conditions.is_empty() { Exclusion::Listed } else { Exclusion::By(conditions) }))
    }

    /// Returns `true` if an agent has served a customer.
    #[must_use]
    pub fn has_served(&self, agent: AgentId, customer: CustomerKey) -> bool {
        let served = || Some(self.agents.get(&agent)?.contains(self.columns.doc(customer)?));
        served().unwrap_or(false)
    }

    fn facets(&self, selected: &Bits) -> Vec<Facet> {
        let len = selected.len();
        let few: Option<Vec<Doc>> = (len < FEW).then(|| selected.iter().collect());
        let busy = busy(selected);
        let count = |docs: &Postings| match &few {
            Some(few) => few.iter().filter(|doc| docs.contains(**doc)).count(),
            None if len == self.len() => docs.len(),
            None => docs.count_in(selected, &busy),
        };
        let used = self.tags.iter().filter(|(_, docs)| !docs.is_empty());
        used.map(|(tag, docs)| (*tag, count(docs) as u64)).collect()
    }

    fn rescue(&self, query: &Query<'_>, needles: &[(Condition, Needle)]) -> Vec<Rescue> {
        let all = self.without_each(query, needles).into_iter();
        all.filter(|(_, total)| *total > 0).map(|(without, total)| Rescue { without, total: total as u64 }).collect()
    }

    /// The conditions that a document does not meet.
    fn excluding(&self, query: &Query<'_>, needles: &[(Condition, Needle)], doc: Doc) -> Vec<Condition> {
        let filter = query.filter;
        let has_tag = |tag: &TagId| self.tags.get(tag).is_some_and(|docs| docs.contains(doc));
        let time = |on| match on {
            TimeField::Created => query.holds_at(self.columns.created[doc as usize], SortBy::Created),
            TimeField::LatestConversation => {
                query.holds_at(self.columns.latest[doc as usize], SortBy::LatestConversation)
            }
        };
        let meets = |condition: &Condition| match condition {
            Condition::Period => time(filter.on),
            Condition::Tags => filter.tags.is_empty() || filter.tags.iter().any(has_tag),
            Condition::Channel => filter.channel.is_none_or(|channel| self.channel(channel).contains(doc)),
            Condition::Blacklisted => filter.blacklisted.is_none_or(|yes| self.blacklisted.contains(doc) == yes),
            Condition::Name | Condition::Id | Condition::Search => {
                let needle = needles.iter().find(|(own, _)| own == condition);
                needle.is_none_or(|(_, needle)| needle.grade(*condition, &self.texts.get(doc)).is_some())
            }
        };
        Condition::ALL.into_iter().filter(|condition| !meets(condition)).collect()
    }
}
