//! Evaluation of queries.

use super::bits::Bits;
use super::containers::non_empty;
use super::needle::{Needle, needles};
use super::normalize::normalize;
use super::page::List;
use super::postings::Postings;
use super::query::{Found, Query};
use super::{Doc, Index};
use crate::domain::listing::{Facet, ListSize};
use crate::domain::{AgentId, Condition, CustomerKey, Exclusion, Relaxation, SortBy, TagId, TimeField};

/// Below this number of matches, facets are counted by probing the set of each tag; otherwise by
/// intersecting bitmaps.
const FACET_PROBE_LIMIT: usize = 256;

/// Maximum number of customers checked whose IDs are equal after normalisation.
const MAX_SAME_ID: usize = 64;

/// Maximum number of rows counted above a cursor. A larger number of new rows since the page was
/// loaded is of no use to the user.
const MAX_ABOVE: usize = 1_000;

impl Index {
    /// Evaluates a query.
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
            found.relaxations = self.relaxations(query, &needles);
        }
        found
    }

    /// Returns the size of a list and, if the query's page ends before a cursor, the number of rows
    /// above it, at most 1,000. It costs about half as much as a search, because facets are not
    /// counted.
    #[must_use]
    pub fn size(&self, query: &Query<'_>) -> ListSize {
        let mut selection = self.select(query, &needles(query.filter));
        if !query.filter.tags.is_empty() {
            selection.and(&self.tagged(&query.filter.tags));
        }
        let (total, similar) = selection.count();
        let parts = selection.by_rank();
        let above = List::new(self, query, &parts).above_cursor(&query.page.start, MAX_ABOVE);
        ListSize { total, similar, above: above as u64 }
    }

    /// Returns `true` if the list contains the customer, on any page.
    #[must_use]
    pub fn is_listed(&self, query: &Query<'_>, customer: CustomerKey) -> bool {
        let in_scope = query.scope.is_none_or(|agent| self.has_served(agent, customer));
        let doc = self.columns.doc(customer).filter(|_| in_scope);
        doc.is_some_and(|doc| self.unmet_conditions(query, &needles(query.filter), doc).is_empty())
    }

    /// Returns the reason why the customer with this ID is not in the list, or
    /// [`Exclusion::Unknown`] if no customer in the scope has the ID.
    #[must_use]
    pub fn exclusion_of(&self, query: &Query<'_>, id: &str) -> Exclusion {
        self.exact_id(query, id).map_or(Exclusion::Unknown, |(_, exclusion)| exclusion)
    }

    /// Returns the customer in the scope with this ID, compared after normalisation, and whether
    /// the list contains it. Returns `None` if no customer has the ID. If several have it, the
    /// result is the one that violates the fewest conditions. The call takes a few microseconds, so
    /// every list can report it for the typed text, with or without other rows.
    #[must_use]
    pub fn exact_id(&self, query: &Query<'_>, text: &str) -> Option<(CustomerKey, Exclusion)> {
        let needles = needles(query.filter);
        let served = query.scope.map(|agent| self.agents.get(&agent));
        let in_scope = |doc: &Doc| served.is_none_or(|served| served.is_some_and(|docs| docs.contains(*doc)));
        let id = normalize(text);
        let all = self.with_id(&id).filter(in_scope).take(MAX_SAME_ID);
        let unmet_conditions =
            |doc: Doc| (self.columns.keys[doc as usize], self.unmet_conditions(query, &needles, doc));
        let (key, conditions) = all.map(unmet_conditions).min_by_key(|(key, conditions)| (conditions.len(), *key))?;
        Some((key, if conditions.is_empty() { Exclusion::Listed } else { Exclusion::By(conditions) }))
    }

    /// Returns `true` if the agent has served the customer.
    #[must_use]
    pub fn has_served(&self, agent: AgentId, customer: CustomerKey) -> bool {
        let served = || Some(self.agents.get(&agent)?.contains(self.columns.doc(customer)?));
        served().unwrap_or(false)
    }

    fn facets(&self, selected: &Bits) -> Vec<Facet> {
        let len = selected.len();
        let few: Option<Vec<Doc>> = (len < FACET_PROBE_LIMIT).then(|| selected.iter().collect());
        let non_empty = non_empty(selected);
        let count = |docs: &Postings| match &few {
            Some(few) => few.iter().filter(|doc| docs.contains(**doc)).count(),
            None if len == self.len() => docs.len(),
            None => docs.count_in(selected, &non_empty),
        };
        let used = self.tags.iter().filter(|(_, docs)| !docs.is_empty());
        used.map(|(tag, docs)| (*tag, count(docs) as u64)).collect()
    }

    fn relaxations(&self, query: &Query<'_>, needles: &[(Condition, Needle)]) -> Vec<Relaxation> {
        let all = self.without_each(query, needles).into_iter();
        all.filter(|(_, total)| *total > 0)
            .map(|(without, total)| Relaxation { without, total: total as u64 })
            .collect()
    }

    /// Returns the conditions that a document does not meet.
    fn unmet_conditions(&self, query: &Query<'_>, needles: &[(Condition, Needle)], doc: Doc) -> Vec<Condition> {
        let filter = query.filter;
        let has_tag = |tag: &TagId| self.tags.get(tag).is_some_and(|docs| docs.contains(doc));
        let time = |on| match on {
            TimeField::Created => query.time_matches(self.columns.created[doc as usize], SortBy::Created),
            TimeField::LatestConversation => {
                query.time_matches(self.columns.latest[doc as usize], SortBy::LatestConversation)
            }
        };
        let meets = |condition: &Condition| match condition {
            Condition::Period => time(filter.on),
            Condition::Tags => filter.tags.is_empty() || filter.tags.iter().any(has_tag),
            Condition::Channel => filter.channel.is_none_or(|channel| self.channel(channel).contains(doc)),
            Condition::Blacklisted => filter.blacklisted.is_none_or(|yes| self.blacklisted.contains(doc) == yes),
            Condition::Name | Condition::Id | Condition::Search => {
                let needle = needles.iter().find(|(other, _)| other == condition);
                needle.is_none_or(|(_, needle)| needle.rank(*condition, &self.texts.get(doc)).is_some())
            }
        };
        Condition::ALL.into_iter().filter(|condition| !meets(condition)).collect()
    }
}
