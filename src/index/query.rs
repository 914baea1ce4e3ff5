//! Query, result, and the top-level evaluation.

use super::columns::NEVER;
use crate::domain::listing::Facet;
use crate::domain::{AgentId, Cursor, CustomerKey, Filter, PageRequest, Relaxation, Sort, SortBy, TimeRange};

/// Query of the customer list.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Restricts the result to customers served by this agent; `None` for all customers.
    pub scope: Option<AgentId>,
    /// Conditions. `range` replaces the period, which depends on clock and time zone; the index
    /// only reads whether a period is set.
    pub filter: &'a Filter,
    /// Time range of the filter's period.
    pub range: TimeRange,
    /// Sort order of the rows.
    pub sort: Sort,
    /// Requested rows.
    pub page: PageRequest,
}

/// Result of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Exact number of customers that meet all conditions, without the similar ones.
    pub total: u64,
    /// Number of customers that match only with a typo. They come last; the list has `total +
    /// similar` rows.
    pub similar: u64,
    /// Rows of the page.
    pub page: Vec<Hit>,
    /// Number of the page's first row, counted from 0. `None` if the page is empty or counting
    /// requires a long walk.
    pub first_row: Option<u64>,
    /// `true` if rows precede the page.
    pub before: bool,
    /// `true` if rows follow the page.
    pub after: bool,
    /// For every tag in use: the total if the filter had this tag only.
    pub facets: Vec<Facet>,
    /// If the list is empty: each condition whose removal would produce rows, with the number of
    /// these rows, similar ones included.
    pub relaxations: Vec<Relaxation>,
}

/// Row of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Key of the customer.
    pub key: CustomerKey,
    /// Position of the row in the list.
    pub cursor: Cursor,
}

impl Query<'_> {
    /// Returns `true` if a value of a time column is in the range.
    pub(super) fn time_matches(&self, time: i64, by: SortBy) -> bool {
        let some = by == SortBy::Created || time != NEVER;
        self.range.is_everything() || (some && self.range.contains(crate::domain::Timestamp(time)))
    }
}
