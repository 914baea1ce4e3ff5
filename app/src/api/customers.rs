//! The customer list.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::listing::ListSize;
use clientele::domain::{CustomerKey, Exclusion, Mode, Reason, Relaxation, Row, Tag, Timestamp};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{CallbackBlockers, Channel, Condition, PageRequest, Viewer},
    store::{ListRequest, Store},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

use crate::client::ApiClient;
use crate::error::AppError;

/// One page of the customer list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPart {
    /// Number of customers that meet all conditions.
    pub total: u64,
    /// Number of further customers that match if a typo is allowed. They come last and are not in
    /// `total`.
    pub similar: u64,
    /// Rows of this page.
    pub rows: Vec<ListRow>,
    /// Zero-based position of the first row in the whole list, if it is known without a long
    /// search.
    pub first: Option<u64>,
    /// `true` if rows precede these.
    pub before: bool,
    /// `true` if more rows follow.
    pub after: bool,
    /// The tenant's tags with their counts, sorted by name.
    pub tags: Vec<TagCount>,
    /// For an empty list: conditions whose removal would yield results.
    pub relaxations: Vec<Relaxation>,
    /// Reason why the customer with the entered ID is not listed.
    pub why: Option<WhyNot>,
    /// `false` if the list does not contain the customer in the pane; `None` if the pane is closed.
    pub beside: Option<bool>,
    /// Time to which "today" and "this week" refer. All pages of a list share it, so that the list
    /// does not change at midnight.
    pub at: Timestamp,
}

impl ListPart {
    /// Returns the number of rows in the whole list, including the similar ones at its end.
    #[must_use]
    pub const fn all_rows(&self) -> u64 {
        self.total + self.similar
    }
}

/// Reason why the customer with the entered ID is not in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyNot {
    /// ID that was entered.
    pub id: String,
    /// Conditions that exclude the customer, or `Unknown`.
    pub exclusion: Exclusion,
}

/// A row of the list with its times as text in the agent's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// Data of the customer.
    pub row: Row,
    /// Creation time.
    pub created: String,
    /// Start of the latest conversation.
    pub latest: Option<String>,
    /// Reason why the customer cannot be called back now.
    pub callback_blocker: Option<Reason>,
}

/// Current state of some rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshRows {
    /// Rows of the requested customers, in the order of the keys.
    pub rows: Vec<ListRow>,
    /// The tenant's tags, since new ones may have been created.
    pub tags: Vec<Tag>,
}

/// A tag with the number of customers that have it and meet the other conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCount {
    /// The tag.
    pub tag: Tag,
    /// Number of customers.
    pub count: u64,
}

/// Number of customers that match a filter, in total and for each tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Number of customers that meet all conditions.
    pub total: u64,
    /// For each tag, the number of customers that have it and meet the other conditions.
    pub tags: Vec<TagCount>,
}

/// Returns one page of the list. `query` is the filter as encoded in the page's URL, `start` the
/// start of the page (`clientele::domain::Start`), and `beside` the customer in the pane. `at` is
/// the time to which "today" refers: that of the first page of the list, or else now.
///
/// # Errors
/// `SignedOut`, `PageOff`, `Forbidden`; `Refused` for an invalid period or `start`; `Unavailable`
/// while the index is loading or if the database does not answer.
#[server(endpoint = "customers", input = GetUrl, client = ApiClient)]
pub async fn list_customers(
    mode: Mode,
    query: String,
    start: String,
    beside: Option<CustomerKey>,
    at: Option<Timestamp>,
) -> Result<ListPart, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let request = list_request(&store, &viewer, &query, &start, PageRequest::ROWS, at)?;
        let list = store.list(&request).await?;
        let why = exclusion(&store, &request, list.total + list.similar == 0)?;
        let tags = tag_counts(store.tags().await?, &list.facets);
        let reachable = store.reachable_channels().await?;
        Ok(ListPart {
            total: list.total,
            similar: list.similar,
            rows: list.rows.into_iter().map(|row| list_row(row, &zone, &reachable)).collect(),
            first: list.first,
            before: list.before,
            after: list.after,
            tags,
            relaxations: list.relaxations,
            why,
            beside: beside.map(|key| store.is_listed(&request, key)).transpose()?,
            at: request.now,
        })
    })
    .await
}

/// Counts the customers that match a filter while it is being edited.
///
/// # Errors
/// As [`list_customers`].
#[server(endpoint = "customers/count", input = GetUrl, client = ApiClient)]
pub async fn count_customers(mode: Mode, query: String) -> Result<Count, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let store = store()?;
        let list = store.list(&list_request(&store, &viewer, &query, "", 1, None)?).await?;
        Ok(Count { total: list.total, tags: tag_counts(store.tags().await?, &list.facets) })
    })
    .await
}

/// Returns the current size of an open list. `top` is the cursor of its first row when it was
/// loaded, and `at` the time to which its "today" refers.
///
/// # Errors
/// As [`list_customers`].
#[server(endpoint = "customers/size", input = GetUrl, client = ApiClient)]
pub async fn size_of_list(mode: Mode, query: String, top: String, at: Option<Timestamp>) -> Result<ListSize, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let start = if top.is_empty() { String::new() } else { format!("before:{top}") };
        let store = store()?;
        Ok(store.size(&list_request(&store, &viewer, &query, &start, 1, at)?).await?)
    })
    .await
}

/// Returns the current rows of the customers with these comma-separated keys, at most 200.
/// Customers out of the agent's scope are left out.
///
/// # Errors
/// As [`list_customers`].
#[server(endpoint = "customers/rows", input = GetUrl, client = ApiClient)]
pub async fn refresh_rows(mode: Mode, query: String, keys: String) -> Result<FreshRows, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let (filter, _) = crate::console::read_filter(&query)?;
        let keys: Vec<CustomerKey> = keys.split(',').filter_map(|key| key.parse().ok()).collect();
        let reachable = store.reachable_channels().await?;
        let rows = store.rows(viewer.scope(), &filter, &keys, store.now()).await?;
        let rows = rows.into_iter().map(|row| list_row(row, &zone, &reachable)).collect();
        Ok(FreshRows { rows, tags: store.tags().await? })
    })
    .await
}

#[cfg(feature = "ssr")]
fn list_request(
    store: &Store,
    viewer: &Viewer,
    query: &str,
    start: &str,
    limit: u32,
    at: Option<Timestamp>,
) -> Result<ListRequest, AppError> {
    let (filter, sort) = crate::console::read_filter(query)?;
    let now = store.now();
    Ok(ListRequest {
        scope: viewer.scope(),
        filter,
        sort,
        page: PageRequest { start: start.parse()?, limit },
        zone: super::context::zone()?,
        now: at.map_or(now, |at| at.min(now)),
    })
}

/// Returns the reason why the customer with the entered ID is not listed, even if other rows are. A
/// text that matches no ID is reported only if the list is empty and the text looks like an ID.
#[cfg(feature = "ssr")]
fn exclusion(store: &Store, request: &ListRequest, empty: bool) -> Result<Option<WhyNot>, AppError> {
    let typed = [(Condition::Id, &request.filter.id), (Condition::Search, &request.filter.search)];
    let Some((condition, id)) = typed.into_iter().find(|(condition, _)| request.filter.has(*condition)) else {
        return Ok(None);
    };
    let id = id.trim().to_owned();
    let others = ListRequest { filter: request.filter.without(condition), ..request.clone() };
    let exclusion = store.exclusion_of(&others, &id)?;
    let like_an_id =
        condition == Condition::Id || (id.len() >= 4 && id.contains(|c: char| c.is_ascii_digit()) && !id.contains(' '));
    let worth_saying = match exclusion {
        Exclusion::Listed => false,
        Exclusion::By(_) => true,
        Exclusion::Unknown => empty && like_an_id,
    };
    Ok(worth_saying.then_some(WhyNot { id, exclusion }))
}

#[cfg(feature = "ssr")]
fn tag_counts(tags: Vec<Tag>, facets: &[clientele::domain::listing::Facet]) -> Vec<TagCount> {
    let counts: std::collections::HashMap<_, _> = facets.iter().copied().collect();
    tags.into_iter().map(|tag| TagCount { count: counts.get(&tag.id).copied().unwrap_or(0), tag }).collect()
}

#[cfg(feature = "ssr")]
fn list_row(row: Row, zone: &jiff::tz::TimeZone, reachable: &[Channel]) -> ListRow {
    use super::context::local;
    let callback_blockers = CallbackBlockers {
        open: row.open,
        blacklisted: row.blacklisted,
        unreachable: !reachable.contains(&row.channel),
    };
    ListRow {
        created: local(row.created_at, zone),
        latest: row.latest_conversation_at.map(|at| local(at, zone)),
        callback_blocker: callback_blockers.reason(),
        row,
    }
}
