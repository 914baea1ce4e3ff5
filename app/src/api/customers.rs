//! The list of customers.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::listing::ListSize;
use clientele::domain::{CustomerKey, Exclusion, Mode, Reason, Rescue, Row, Tag, Timestamp};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{Channel, Condition, Obstacles, PageRequest, Viewer},
    store::{ListRequest, Store},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

use crate::client::ApiClient;
use crate::error::AppError;

/// A part of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPart {
    /// How many customers meet all conditions.
    pub total: u64,
    /// Number of further customers that do when a typo is allowed. They come after the others and are not in `total`.
    pub similar: u64,
    /// The rows.
    pub rows: Vec<ListRow>,
    /// Place of the first row in the whole list, where it is known without a long search.
    pub first: Option<u64>,
    /// Whether there are rows before these.
    pub before: bool,
    /// Whether there are rows after these.
    pub after: bool,
    /// The tenant's tags, by name.
    pub tags: Vec<TagCount>,
    /// The ways out of an empty list.
    pub rescue: Vec<Rescue>,
    /// When an ID was typed whole whose customer is not among the exact rows: why.
    pub why: Option<WhyNot>,
    /// `false` if the customer that is open beside the list is not in it.
    pub beside: Option<bool>,
    /// The moment that "today" and "this week" are about. The other parts of the list are of the same one: it does not become
    /// another list at midnight.
    pub at: Timestamp,
}

impl ListPart {
    /// Number of rows of the whole list: the similar ones come after the others.
    #[must_use]
    pub const fn all_rows(&self) -> u64 {
        self.total + self.similar
    }
}

/// Why the customer with an ID that was typed in is not in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyNot {
    /// The ID.
    pub id: String,
    /// The answer.
    pub exclusion: Exclusion,
}

/// A row, with its moments as they are read in the agent's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// The row.
    pub row: Row,
    /// When the customer was created.
    pub created: String,
    /// When the latest conversation began.
    pub latest: Option<String>,
    /// Why the customer cannot be called back now.
    pub obstacle: Option<Reason>,
}

/// Rows as they are now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshRows {
    /// The rows.
    pub rows: Vec<ListRow>,
    /// The tenant's tags: there may be new ones.
    pub tags: Vec<Tag>,
}

/// A tag and how many customers have it under the other conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCount {
    /// The tag.
    pub tag: Tag,
    /// How many.
    pub count: u64,
}

/// How many customers a filter finds, and how many for each tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many customers meet all conditions.
    pub total: u64,
    /// For each tag, how many have it under the other conditions.
    pub tags: Vec<TagCount>,
}

/// Returns a part of the list. `query` is the filter as it stands in the page's URL, `start` the place where the part begins
/// (`clientele::domain::Start`), and `beside` the customer that is open beside the list. `at` is the moment that "today" is
/// about: that of the list's first part, or now.
///
/// # Errors
/// `SignedOut`, `PageOff`, `Forbidden`; `Refused` for a period that is none.
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
        let request = list_request(&viewer, &query, &start, PageRequest::ROWS, at)?;
        let list = store.list(&request).await?;
        let why = why_not(&store, &request, list.total + list.similar == 0)?;
        let tags = counted(store.tags().await?, &list.facets);
        let reachable = store.reachable_channels().await?;
        Ok(ListPart {
            total: list.total,
            similar: list.similar,
            rows: list.rows.into_iter().map(|row| list_row(row, &zone, &reachable)).collect(),
            first: list.first,
            before: list.before,
            after: list.after,
            tags,
            rescue: list.rescue,
            why,
            beside: beside.map(|key| store.lists(&request, key)).transpose()?,
            at: request.now,
        })
    })
    .await
}

/// How many customers a filter would find, while it is being made.
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
        let list = store.list(&list_request(&viewer, &query, "", 1, None)?).await?;
        Ok(Count { total: list.total, tags: counted(store.tags().await?, &list.facets) })
    })
    .await
}

/// Returns the size of a list that is open; `top` is the cursor of the row that was its first, and `at` the moment that its
/// "today" is about.
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
        Ok(store()?.size(&list_request(&viewer, &query, &start, 1, at)?).await?)
    })
    .await
}

/// Rows as they are now, for a list that shows them: of the customers with these keys, apart by commas, those the agent may
/// see.
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
        let rows = store.rows(viewer.scope(), &filter, &keys, super::context::now()).await?;
        let rows = rows.into_iter().map(|row| list_row(row, &zone, &reachable)).collect();
        Ok(FreshRows { rows, tags: store.tags().await? })
    })
    .await
}

#[cfg(feature = "ssr")]
fn list_request(
    viewer: &Viewer,
    query: &str,
    start: &str,
    limit: u32,
    at: Option<Timestamp>,
) -> Result<ListRequest, AppError> {
    let (filter, sort) = crate::console::read_filter(query)?;
    let now = super::context::now();
    Ok(ListRequest {
        scope: viewer.scope(),
        filter,
        sort,
        page: PageRequest { start: start.parse()?, limit },
        zone: super::context::zone()?,
        now: at.map_or(now, |at| at.min(now)),
    })
}

/// Returns why the customer is not listed whose ID was typed whole, also while others are. Of a text that is nobody's ID it is
/// said only where nothing is listed and the text looks like one.
#[cfg(feature = "ssr")]
fn why_not(store: &Store, request: &ListRequest, empty: bool) -> Result<Option<WhyNot>, AppError> {
    let typed = [(Condition::Id, &request.filter.id), (Condition::Search, &request.filter.search)];
    let Some((condition, id)) = typed.into_iter().find(|(condition, _)| request.filter.has(*condition)) else {
        return Ok(None);
    };
    let id = id.trim().to_owned();
    let others = ListRequest { filter: request.filter.without(condition), ..request.clone() };
    let exclusion = store.why_not(&others, &id)?;
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
fn counted(tags: Vec<Tag>, facets: &[clientele::domain::listing::Facet]) -> Vec<TagCount> {
    let counts: std::collections::HashMap<_, _> = facets.iter().copied().collect();
    tags.into_iter().map(|tag| TagCount { count: counts.get(&tag.id).copied().unwrap_or(0), tag }).collect()
}

#[cfg(feature = "ssr")]
fn list_row(row: Row, zone: &jiff::tz::TimeZone, reachable: &[Channel]) -> ListRow {
    use super::context::local;
    let obstacles =
        Obstacles { open: row.open, blacklisted: row.blacklisted, unreachable: !reachable.contains(&row.channel) };
    ListRow {
        created: local(row.created_at, zone),
        latest: row.latest_conversation_at.map(|at| local(at, zone)),
        obstacle: obstacles.reason(),
        row,
    }
}
