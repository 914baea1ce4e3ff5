//! Keeping customers out, and letting them in again.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Mode};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use super::customer::CustomerDetails;
use crate::client::ApiClient;
use crate::dates::LocalMoment;
use crate::error::AppError;

/// How far an entry would reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The address the customer came from last, when one is known.
    pub ip: Option<String>,
    /// How many other customers came from there in the last 30 days.
    pub others: u32,
}

/// A message that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMessage {
    /// Its number among those that were ever held.
    pub number: u32,
    /// What was written.
    pub text: String,
    /// When.
    pub at: LocalMoment,
}

/// What taking a customer off the blacklist led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unblacklisted {
    /// The customer.
    pub customer: CustomerDetails,
    /// The conversation that what was held stands in now.
    pub conversation: Option<u32>,
}

/// How many others came from where a customer came from.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/reach", input = GetUrl, client = ApiClient)]
pub async fn read_reach(mode: Mode, key: CustomerKey) -> Result<Reach, AppError> {
    use super::context::{answer, now, store, viewer_who_may};
    use clientele::domain::Action;
    const DAYS_30: i64 = 30 * 24 * 60 * 60 * 1000;
    answer(async {
        let viewer = viewer_who_may(Action::EditCustomers, mode)?;
        let store = store()?;
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        let found = store.neighbours(&customer, now().plus_millis(-DAYS_30)).await?;
        Ok(Reach { others: found.as_ref().map_or(0, |found| found.others), ip: found.map(|found| found.ip) })
    })
    .await
}

/// Puts a customer on the blacklist, for so many days or until somebody removes it; its open conversation ends.
///
/// # Errors
/// As `read_customer`; `Refused` at `reason` or `days`; `Conflict` when it is on it already.
#[server(endpoint = "customers/blacklist", input = Json, client = ApiClient)]
pub async fn blacklist_customer(
    mode: Mode,
    key: CustomerKey,
    reason: String,
    days: Option<u32>,
) -> Result<CustomerDetails, AppError> {
    use super::context::{actor, answer, now, store, viewer_who_may, zone};
    use clientele::domain::{Action, Blacklisting, Error, Reason};
    const DAY: i64 = 24 * 60 * 60 * 1000;
    const MOST_DAYS: u32 = 3650;
    answer(async {
        let viewer = viewer_who_may(Action::EditCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        store.customer_in_scope(viewer.scope(), key).await?;
        if days.is_some_and(|days| days == 0 || days > MOST_DAYS) {
            return Err(Error::field("days", Reason::Malformed).into());
        }
        let now = now();
        let until = days.map(|days| now.plus_millis(i64::from(days) * DAY));
        let entry = Blacklisting::new(&reason, Some(viewer.agent.id), now, until)?;
        let customer = store.blacklist(key, &entry, actor(&viewer), now).await?;
        super::customer::details(&store, &zone, &viewer, customer).await
    })
    .await
}

/// Takes a customer off the blacklist. With `open_held`, what was held becomes a conversation of whoever does it.
///
/// # Errors
/// As `read_customer`; `Conflict` when it is not on it.
#[server(endpoint = "customers/unblacklist", input = Json, client = ApiClient)]
pub async fn unblacklist_customer(mode: Mode, key: CustomerKey, open_held: bool) -> Result<Unblacklisted, AppError> {
    use super::context::{actor, answer, now, store, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::EditCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        store.customer_in_scope(viewer.scope(), key).await?;
        let open_for = open_held.then_some(viewer.agent.id);
        let conversation = store.unblacklist(key, open_for, actor(&viewer), now()).await?;
        let customer = store.customer(key).await?;
        let customer = super::customer::details(&store, &zone, &viewer, customer).await?;
        Ok(Unblacklisted { customer, conversation })
    })
    .await
}

/// What a customer sent while on the blacklist and stands in no conversation: the last 100, rising.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/held", input = GetUrl, client = ApiClient)]
pub async fn read_held(mode: Mode, key: CustomerKey) -> Result<Vec<HeldMessage>, AppError> {
    use super::context::{answer, moment, store, viewer_who_may, zone};
    use clientele::domain::Action;
    const MOST: u32 = 100;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        let held = store.held(&customer, MOST).await?;
        let shown = held.into_iter().map(|message| HeldMessage {
            number: message.number,
            text: message.text,
            at: moment(message.at, &zone),
        });
        Ok(shown.collect())
    })
    .await
}
