//! A single customer with everything that the customer pane displays initially.
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

/// Author of a change or message, for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// An agent, by name.
    Agent(String),
    /// The customer, or the app that the customer uses.
    Customer,
    /// The system.
    System,
}

/// A customer as displayed in the customer pane. Times are in the agent's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDetails {
    /// Number used in URLs.
    pub key: CustomerKey,
    /// Customer ID.
    pub id: String,
    /// Profile fields.
    pub profile: Profile,
    /// Last edit of each profile field. Fields that were never edited are left out.
    pub field_authors: Vec<FieldAuthor>,
    /// IDs of the customer's tags, ascending.
    pub tags: Vec<TagId>,
    /// All tags of the tenant, sorted by name.
    pub all_tags: Vec<Tag>,
    /// `true` if the viewer may create tags.
    pub may_create_tags: bool,
    /// Channel through which the customer came.
    pub channel: Channel,
    /// Creation time.
    pub created: LocalMoment,
    /// Blacklist entry that is in force, if any.
    pub blacklist: Option<BlacklistEntry>,
    /// Number of held messages that are in no conversation.
    pub held: u32,
    /// Time of the newest held message, whether or not it was added to a conversation since.
    pub held_at: Option<LocalMoment>,
    /// Reason why the customer cannot be called back now.
    pub callback_blocker: Option<Reason>,
    /// Number of conversations, which is also the number of the newest one.
    pub conversations: u32,
    /// Number of messages, which is also the number of the newest one.
    pub messages: u32,
    /// Increases with each change.
    pub version: u32,
}

/// Last edit of a profile field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldAuthor {
    /// Field that was edited.
    pub field: ProfileField,
    /// Author of the edit.
    pub by: Author,
    /// Time in milliseconds since 1970.
    pub at: Timestamp,
    /// Time as text in the agent's time zone: `2026-11-18 09:30`.
    pub exact: String,
}

/// An entry on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlacklistEntry {
    /// Reason that the agent entered.
    pub reason: String,
    /// Author of the entry.
    pub by: Author,
    /// Time at which it was added.
    pub at: LocalMoment,
    /// Time at which it expires; `None` if it has no end.
    pub until: Option<LocalMoment>,
}

/// Returns a customer.
///
/// # Errors
/// `SignedOut`, `PageOff`, `Forbidden`; `NotFound` if the customer does not exist or is out of the
/// agent's scope; `Unavailable` if the database does not answer.
#[server(endpoint = "customers/one", input = GetUrl, client = ApiClient)]
pub async fn read_customer(mode: Mode, key: CustomerKey) -> Result<CustomerDetails, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        // Read both before the first await: while a page is rendered, the request context is lost
        // after it.
        let (store, zone) = (store()?, zone()?);
        let customer = store.visible(&viewer, key).await?;
        details(&store, &zone, &viewer, customer.into_inner()).await
    })
    .await
}

/// Converts a customer for the browser.
#[cfg(feature = "ssr")]
pub(super) async fn details(
    store: &Store,
    zone: &TimeZone,
    viewer: &Viewer,
    customer: Customer,
) -> Result<CustomerDetails, AppError> {
    use super::context::{local, moment, names};
    let names = names(store).await?;
    let now = store.now();
    let callback_blocker = store.callback_blockers(&customer, now).await?.reason();
    let field_authors = customer.written.iter().map(|provenance| FieldAuthor {
        field: provenance.field,
        by: author(&names, provenance.by),
        at: provenance.at,
        exact: local(provenance.at, zone),
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
        field_authors: field_authors.collect(),
        tags: customer.tags.clone(),
        all_tags: store.tags().await?,
        may_create_tags: viewer.may(Action::CreateTags),
        channel: customer.channel,
        created: moment(customer.created_at, zone),
        blacklist: entry,
        held: customer.held_waiting(),
        held_at: customer.held_at.map(|at| moment(at, zone)),
        callback_blocker,
        conversations: customer.conversations,
        messages: customer.messages,
        version: customer.version,
        profile: customer.into_fields().profile,
    })
}

/// Converts an actor for the browser.
#[cfg(feature = "ssr")]
pub(super) fn author(names: &std::collections::HashMap<AgentId, String>, actor: Actor) -> Author {
    match actor {
        Actor::Agent(agent) => Author::Agent(names.get(&agent).cloned().unwrap_or_default()),
        Actor::Customer => Author::Customer,
        Actor::System => Author::System,
    }
}
