//! The list of customers, and one of them.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Exclusion, Mode, Profile, Rescue, Row, Tag};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{Condition, PageRequest, Viewer},
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
    /// How many of them only when a typo is allowed; they come last.
    pub similar: u64,
    /// The rows.
    pub rows: Vec<ListRow>,
    /// Whether there are rows before these.
    pub before: bool,
    /// Whether there are rows after these.
    pub after: bool,
    /// The tenant's tags, by name.
    pub tags: Vec<TagCount>,
    /// The ways out of an empty list.
    pub rescue: Vec<Rescue>,
    /// When the list is empty and an ID was asked for: why that customer is not in it.
    pub why: Option<WhyNot>,
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

/// A customer as the panel beside the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDetails {
    /// The number that stands in URLs.
    pub key: CustomerKey,
    /// The customer ID.
    pub id: String,
    /// The profile.
    pub profile: Profile,
    /// The customer's tags, by name.
    pub tags: Vec<Tag>,
    /// The channel.
    pub channel: clientele::domain::Channel,
    /// When the customer was created, in the agent's zone.
    pub created: String,
    /// Whether on the blacklist.
    pub blacklisted: bool,
}

/// A part of the list. `query` is the filter as it stands in the page's URL, `start` where the part begins
/// (`clientele::domain::Start`).
///
/// # Errors
/// `SignedOut`, `PageOff`, `Forbidden`; `Refused` for a period that is none.
#[server(endpoint = "customers", input = GetUrl, client = ApiClient)]
pub async fn list_customers(mode: Mode, query: String, start: String) -> Result<ListPart, AppError> {
    use super::context::{answer, local, store, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let request = list_request(&viewer, &query, &start, PageRequest::ROWS)?;
        let list = store.list(&request).await?;
        let why = if list.total == 0 { why_not(&store, &request)? } else { None };
        let tags = counted(store.tags().await?, &list.facets);
        let shown = |row: Row| ListRow {
            created: local(row.created_at, &zone),
            latest: row.latest_conversation_at.map(|at| local(at, &zone)),
            row,
        };
        Ok(ListPart {
            total: list.total,
            similar: list.similar,
            rows: list.rows.into_iter().map(shown).collect(),
            before: list.before,
            after: list.after,
            tags,
            rescue: list.rescue,
            why,
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
        let list = store.list(&list_request(&viewer, &query, "", 1)?).await?;
        Ok(Count { total: list.total, tags: counted(store.tags().await?, &list.facets) })
    })
    .await
}

/// One customer.
///
/// # Errors
/// `SignedOut`, `PageOff`, `Forbidden`; `NotFound` whether it is absent or out of the agent's scope.
#[server(endpoint = "customers/one", input = GetUrl, client = ApiClient)]
pub async fn read_customer(mode: Mode, key: CustomerKey) -> Result<CustomerDetails, AppError> {
    use super::context::{answer, local, store, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        // Before anything is awaited: while a page is rendered, the request is out of reach afterwards.
        let (store, zone) = (store()?, zone()?);
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        let mut tags = store.tags().await?;
        tags.retain(|tag| customer.tags.contains(&tag.id));
        Ok(CustomerDetails {
            key,
            id: customer.id.to_string(),
            profile: customer.profile,
            tags,
            channel: customer.channel,
            created: local(customer.created_at, &zone),
            blacklisted: customer.blacklisted.is_some(),
        })
    })
    .await
}

#[cfg(feature = "ssr")]
fn list_request(viewer: &Viewer, query: &str, start: &str, limit: u32) -> Result<ListRequest, AppError> {
    let (filter, sort) = crate::console::read_filter(query)?;
    Ok(ListRequest {
        scope: viewer.scope(),
        filter,
        sort,
        page: PageRequest { start: start.parse()?, limit },
        zone: super::context::zone()?,
        now: super::context::now(),
    })
}

/// What was typed may be an ID: then the other conditions are to blame.
#[cfg(feature = "ssr")]
fn why_not(store: &Store, request: &ListRequest) -> Result<Option<WhyNot>, AppError> {
    let typed = [(Condition::Id, &request.filter.id), (Condition::Search, &request.filter.search)];
    let Some((condition, id)) = typed.into_iter().find(|(condition, _)| request.filter.has(*condition)) else {
        return Ok(None);
    };
    let id = id.trim().to_owned();
    let others = ListRequest { filter: request.filter.without(condition), ..request.clone() };
    let exclusion = store.why_not(&others, &id)?;
    // Of a word that is no ID it would be odd to say that nobody has it.
    let like_an_id =
        condition == Condition::Id || (id.len() >= 4 && id.contains(|c: char| c.is_ascii_digit()) && !id.contains(' '));
    Ok((exclusion != Exclusion::Unknown || like_an_id).then_some(WhyNot { id, exclusion }))
}

#[cfg(feature = "ssr")]
fn counted(tags: Vec<Tag>, facets: &[clientele::domain::listing::Facet]) -> Vec<TagCount> {
    let counts: std::collections::HashMap<_, _> = facets.iter().copied().collect();
    tags.into_iter().map(|tag| TagCount { count: counts.get(&tag.id).copied().unwrap_or(0), tag }).collect()
}
