//! Reference results by brute force: each condition is evaluated on the customer itself.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::super::fields::Fields;
use super::super::needle::Needle;
use super::super::normalize::normalize;
use super::super::pinyin::sort_key;
use super::super::{Found, Hit, Query};
use crate::domain::listing::SortValue;
use crate::domain::{
    Condition, Cursor, Customer, Direction, Exclusion, Filter, Rank, Relaxation, SortBy, Start, TagId, TimeField,
};

type Customers = BTreeMap<u64, Customer>;

/// Returns the rank of a customer under one condition, `None` if the customer does not meet it.
fn meets(query: &Query<'_>, condition: Condition, customer: &Customer) -> Option<Rank> {
    let filter = query.filter;
    let text = |text: &str| match Needle::new(normalize(text)) {
        Some(needle) => needle.rank(condition, &Fields::of(customer).as_ref()),
        None => Some(Rank::Exact),
    };
    let yes = match condition {
        Condition::Name => return text(&filter.name),
        Condition::Id => return text(&filter.id),
        Condition::Search => return text(&filter.search),
        Condition::Period => {
            let at = match filter.on {
                TimeField::Created => Some(customer.created_at),
                TimeField::LatestConversation => customer.latest_conversation_at,
            };
            query.range.is_everything() || at.is_some_and(|at| query.range.contains(at))
        }
        Condition::Tags => filter.tags.is_empty() || filter.tags.iter().any(|tag| customer.tags.contains(tag)),
        Condition::Channel => filter.channel.is_none_or(|channel| customer.channel == channel),
        Condition::Blacklisted => filter.blacklisted.is_none_or(|yes| customer.blacklisted.is_some() == yes),
    };
    yes.then_some(Rank::Exact)
}

fn in_scope(query: &Query<'_>, customer: &Customer) -> bool {
    query.scope.is_none_or(|agent| customer.served_by.contains(&agent))
}

fn grade(query: &Query<'_>, without: Option<Condition>, customer: &Customer) -> Option<Rank> {
    let conditions = Condition::ALL.into_iter().filter(|condition| Some(*condition) != without);
    let grades = conditions.map(|condition| meets(query, condition, customer));
    grades.chain([in_scope(query, customer).then_some(Rank::Exact)]).try_fold(Rank::Exact, |a, b| Some(a.and(b?)))
}

/// Returns the sort value of a customer.
pub(super) fn sort_value(by: SortBy, customer: &Customer) -> SortValue {
    match by {
        SortBy::Created => SortValue::Time(customer.created_at.0),
        SortBy::LatestConversation => SortValue::Time(customer.latest_conversation_at.map_or(i64::MIN, |at| at.0)),
        SortBy::Nickname => SortValue::Text(sort_key(&normalize(&customer.profile.nickname)).collect()),
    }
}

fn cursor(query: &Query<'_>, rank: Rank, customer: &Customer) -> Cursor {
    Cursor { rank, sort_value: sort_value(query.sort.by, customer), key: customer.key }
}

fn compare(query: &Query<'_>, a: &Cursor, b: &Cursor) -> Ordering {
    let order = a.sort_value.cmp(&b.sort_value).then(a.key.cmp(&b.key));
    let directed = if query.sort.direction == Direction::Ascending { order } else { order.reverse() };
    a.rank.cmp(&b.rank).then(directed)
}

/// Returns all rows of the list in order.
pub(super) fn listed<'a>(customers: &'a Customers, query: &Query<'_>) -> Vec<(Cursor, &'a Customer)> {
    let graded = customers.values().filter_map(|customer| Some((grade(query, None, customer)?, customer)));
    let mut rows: Vec<_> = graded.map(|(grade, customer)| (cursor(query, grade, customer), customer)).collect();
    rows.sort_by(|a, b| compare(query, &a.0, &b.0));
    rows
}

/// Returns the expected result of a query. `first_row` is always set unless the page is empty.
pub(super) fn oracle(customers: &Customers, query: &Query<'_>) -> Found {
    let rows: Vec<Cursor> = listed(customers, query).into_iter().map(|(cursor, _)| cursor).collect();
    let limit = query.page.limit as usize;
    let same_kind =
        |cursor: &Cursor| matches!(cursor.sort_value, SortValue::Text(_)) == (query.sort.by == SortBy::Nickname);
    let up_to = |cursor: &Cursor, found| rows.iter().filter(|row| compare(query, row, cursor) <= found).count();
    let (first, end) = match &query.page.start {
        Start::Row(row) => (*row as usize, *row as usize + limit),
        Start::After(cursor) if same_kind(cursor) => {
            let first = up_to(cursor, Ordering::Equal);
            (first, first + limit)
        }
        Start::Before(cursor) if same_kind(cursor) => {
            let end = up_to(cursor, Ordering::Less);
            (end.saturating_sub(limit), end)
        }
        _ => (0, limit),
    };
    let (total, first_row) = (rows.len(), Some(first as u64).filter(|_| first < end.min(rows.len())));
    let similar = rows.iter().filter(|row| row.rank == Rank::Similar).count();
    let page = &rows[first.min(total)..end.min(total)];
    let hit = |cursor: &Cursor| Hit { key: cursor.key, cursor: cursor.clone() };
    Found {
        total: (total - similar) as u64,
        similar: similar as u64,
        page: page.iter().map(hit).collect(),
        first_row,
        before: first > 0 && total > 0,
        after: end < total,
        facets: facets(customers, query),
        relaxations: if total == 0 { relaxations(customers, query) } else { Vec::new() },
    }
}

fn facets(customers: &Customers, query: &Query<'_>) -> Vec<(TagId, u64)> {
    let tags: BTreeSet<TagId> = customers.values().flat_map(|customer| customer.tags.iter().copied()).collect();
    let count = |tag: &TagId| {
        let filter = Filter { tags: vec![*tag], ..query.filter.clone() };
        listed(customers, &Query { filter: &filter, ..query.clone() })
            .iter()
            .filter(|(row, _)| row.rank != Rank::Similar)
            .count() as u64
    };
    tags.iter().map(|tag| (*tag, count(tag))).collect()
}

fn relaxations(customers: &Customers, query: &Query<'_>) -> Vec<Relaxation> {
    let set = Condition::ALL.into_iter().filter(|condition| query.filter.has(*condition));
    let total = |without| customers.values().filter(|c| grade(query, Some(without), c).is_some()).count() as u64;
    set.map(|without| Relaxation { without, total: total(without) })
        .filter(|relaxations| relaxations.total > 0)
        .collect()
}

/// Returns the expected reason why the customer with this ID is not in the list.
pub(super) fn exclusion_of(customers: &Customers, query: &Query<'_>, id: &str) -> Exclusion {
    let same = customers.values().filter(|c| in_scope(query, c) && normalize(c.id.as_str()) == normalize(id));
    let unmet_conditions = |customer| -> Vec<Condition> {
        Condition::ALL.into_iter().filter(|condition| meets(query, *condition, customer).is_none()).collect()
    };
    match same.map(unmet_conditions).min_by_key(Vec::len) {
        None => Exclusion::Unknown,
        Some(conditions) if conditions.is_empty() => Exclusion::Listed,
        Some(conditions) => Exclusion::By(conditions),
    }
}
