//! Blacklisting customers, and removing them from the blacklist.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Mode};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use super::customer::CustomerDetails;
use crate::client::ApiClient;
use crate::dates::LocalMoment;
use crate::error::AppError;

/// Number of other customers that share the IP address of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// IP address of the customer's latest web visit; `None` if unknown.
    pub ip: Option<String>,
    /// Number of other customers seen at this address in the last 30 days.
    pub others: u32,
}

/// A message that was withheld because its customer was on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMessageInfo {
    /// Number among all messages of the customer that were ever held.
    pub number: u32,
    /// Text of the message.
    pub text: String,
    /// Time at which it was sent.
    pub at: LocalMoment,
}

/// Result of [`unblacklist_customer`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unblacklisted {
    /// The customer after the change.
    pub customer: CustomerDetails,
    /// Number of the conversation that the held messages were added to, if any.
    pub conversation: Option<u32>,
}

/// Returns the customer's last IP address and the number of other customers seen there.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/reach", input = GetUrl, client = ApiClient)]
pub async fn read_reach(mode: Mode, key: CustomerKey) -> Result<Reach, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::{Action, Blacklisting};
    answer(async {
        let viewer = viewer_who_may(Action::Blacklist, mode)?;
        let store = store()?;
        let customer = store.visible(&viewer, key).await?;
        let found = store.neighbours(&customer, store.now().plus_millis(-Blacklisting::NEIGHBOUR_MILLIS)).await?;
        Ok(Reach { others: found.as_ref().map_or(0, |found| found.others), ip: found.map(|found| found.ip) })
    })
    .await
}

/// Adds a customer to the blacklist for `days` days (1 to 3650), or without an end, and ends the
/// open conversation. Repeating the same entry changes nothing.
///
/// # Errors
/// As `read_customer`; `Refused` at `reason` or `days`; `Conflict` if a different entry is in
/// force.
#[server(endpoint = "customers/blacklist", input = Json, client = ApiClient)]
pub async fn blacklist_customer(
    mode: Mode,
    key: CustomerKey,
    reason: String,
    days: Option<u32>,
) -> Result<CustomerDetails, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::{Action, Blacklisting};
    answer(async {
        let viewer = viewer_who_may(Action::Blacklist, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.editable(&viewer, key, Action::Blacklist).await?;
        let now = store.now();
        let until = days.map(|days| Blacklisting::expiry(now, days)).transpose()?;
        let entry = Blacklisting::new(&reason, Some(viewer.agent.id), now, until)?;
        let customer = store.blacklist(customer, &entry, now).await?;
        super::customer::details(&store, &zone, &viewer, customer).await
    })
    .await
}

/// Removes a customer from the blacklist. With `open_held`, the held messages become a conversation
/// of the calling agent, which needs the permission to call back.
///
/// # Errors
/// As `read_customer`; `Conflict` if there is no entry and no held message to open, or if another
/// agent has a conversation with the customer.
#[server(endpoint = "customers/unblacklist", input = Json, client = ApiClient)]
pub async fn unblacklist_customer(mode: Mode, key: CustomerKey, open_held: bool) -> Result<Unblacklisted, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::Blacklist, mode)?;
        if open_held {
            viewer_who_may(Action::CallBack, mode)?;
        }
        let (store, zone) = (store()?, zone()?);
        let customer = store.editable(&viewer, key, Action::Blacklist).await?;
        let open_for = open_held.then_some(viewer.agent.id);
        let conversation = store.unblacklist(customer, open_for, store.now()).await?;
        let customer = store.customer(key).await?;
        let customer = super::customer::details(&store, &zone, &viewer, customer).await?;
        Ok(Unblacklisted { customer, conversation })
    })
    .await
}

/// Returns the customer's last 100 held messages that are in no conversation, oldest first.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/held", input = GetUrl, client = ApiClient)]
pub async fn read_held(mode: Mode, key: CustomerKey) -> Result<Vec<HeldMessageInfo>, AppError> {
    use super::context::{answer, moment, store, viewer_who_may, zone};
    use clientele::domain::Action;
    const MOST: u32 = 100;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.visible(&viewer, key).await?;
        let held = store.held(&customer, MOST).await?;
        let shown = held.into_iter().map(|message| HeldMessageInfo {
            number: message.number,
            text: message.text,
            at: moment(message.at, &zone),
        });
        Ok(shown.collect())
    })
    .await
}
