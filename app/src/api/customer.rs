//! One customer, with all that the panel beside the list shows at once.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{Channel, CustomerKey, Mode, Profile, ProfileField, Reason, Tag, TagId, Timestamp};
#[cfg(feature = "ssr")]
use clientele::{
    domain::{Action, Actor, AgentId, Customer, Viewer},
    store::Store,
};
#[cfg(feature = "ssr")]
use jiff::tz::TimeZone;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

use crate::client::ApiClient;
use crate::dates::LocalMoment;
use crate::error::AppError;

/// Who did something, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// An agent, by name.
    Agent(String),
    /// The customer, or the app it uses.
    Customer,
    /// The system.
    System,
}

/// A customer as the panel beside the list shows it. Moments are in the agent's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDetails {
    /// The number that stands in URLs.
    pub key: CustomerKey,
    /// The customer ID.
    pub id: String,
    /// The profile.
    pub profile: Profile,
    /// Who wrote its fields last; those that nobody edited are not in it.
    pub written: Vec<FieldAuthor>,
    /// The customer's tags, rising.
    pub tags: Vec<TagId>,
    /// The tenant's tags, by name.
    pub all_tags: Vec<Tag>,
    /// Whether whoever looks may make new tags.
    pub may_create_tags: bool,
    /// The channel.
    pub channel: Channel,
    /// When the customer was created.
    pub created: LocalMoment,
    /// The entry on the blacklist.
    pub blacklist: Option<BlacklistEntry>,
    /// How many messages were held that stand in no conversation.
    pub held: u32,
    /// When the last of all held ones was sent.
    pub held_at: Option<LocalMoment>,
    /// Why the customer cannot be called back now.
    pub obstacle: Option<Reason>,
    /// How many conversations there are, and so the newest one's number.
    pub conversations: u32,
    /// How many messages there are, and so the newest one's number.
    pub messages: u32,
    /// Rises with each change.
    pub version: u32,
}

/// Who wrote a field of the profile last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldAuthor {
    /// The field.
    pub field: ProfileField,
    /// Who.
    pub by: Author,
    /// When, in milliseconds since 1970.
    pub at: Timestamp,
    /// When, in words.
    pub exact: String,
}

/// An entry on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlacklistEntry {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Author,
    /// Since when.
    pub at: LocalMoment,
    /// Until when.
    pub until: Option<LocalMoment>,
}

/// One customer.
///
/// # Errors
/// `SignedOut`, `PageOff`, `Forbidden`; `NotFound` whether it is absent or out of the agent's scope.
#[server(endpoint = "customers/one", input = GetUrl, client = ApiClient)]
pub async fn read_customer(mode: Mode, key: CustomerKey) -> Result<CustomerDetails, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        // Before anything is awaited: while a page is rendered, the request is out of reach afterwards.
        let (store, zone) = (store()?, zone()?);
        let customer = store.customer_in_scope(viewer.scope(), key).await?;
        details(&store, &zone, &viewer, customer).await
    })
    .await
}

/// What is shown of a customer.
#[cfg(feature = "ssr")]
pub(super) async fn details(
    store: &Store,
    zone: &TimeZone,
    viewer: &Viewer,
    customer: Customer,
) -> Result<CustomerDetails, AppError> {
    use super::context::{local, moment, names, now};
    let names = names(store).await?;
    let now = now();
    let obstacle = store.obstacles(&customer, now).await?.reason();
    let written = customer.written.iter().map(|own| FieldAuthor {
        field: own.field,
        by: author(&names, own.by),
        at: own.at,
        exact: local(own.at, zone),
    });
    let entry = customer.blacklisted.as_ref().filter(|entry| entry.is_in_force(now)).map(|entry| BlacklistEntry {
        reason: entry.reason().to_owned(),
        by: author(&names, entry.by.map_or(Actor::System, Actor::Agent)),
        at: moment(entry.at, zone),
        until: entry.until.map(|until| moment(until, zone)),
    });
    Ok(CustomerDetails {
        key: customer.key,
        id: customer.id.to_string(),
        written: written.collect(),
        tags: customer.tags.clone(),
        all_tags: store.tags().await?,
        may_create_tags: viewer.may(Action::CreateTags),
        channel: customer.channel,
        created: moment(customer.created_at, zone),
        blacklist: entry,
        held: customer.held_waiting(),
        held_at: customer.held_at.map(|at| moment(at, zone)),
        obstacle,
        conversations: customer.conversations,
        messages: customer.messages,
        version: customer.version,
        profile: customer.profile,
    })
}

/// Somebody by name.
#[cfg(feature = "ssr")]
pub(super) fn author(names: &std::collections::HashMap<AgentId, String>, actor: Actor) -> Author {
    match actor {
        Actor::Agent(agent) => Author::Agent(names.get(&agent).cloned().unwrap_or_default()),
        Actor::Customer => Author::Customer,
        Actor::System => Author::System,
    }
}
