//! A customer's profile. Fields are edited one at a time, and their former values are kept.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Mode, ProfileField, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use super::customer::{Author, CustomerDetails};
use crate::client::ApiClient;
use crate::error::AppError;

/// An entry in the history of a profile field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerValue {
    /// Value before the edit.
    pub before: String,
    /// Value after the edit.
    pub after: String,
    /// Author of the edit.
    pub by: Author,
    /// Time in milliseconds since 1970.
    pub at: Timestamp,
    /// Time as text in the agent's time zone.
    pub exact: String,
}

/// Sets a profile field. `seen` is the value that the caller saw before the edit; it detects
/// concurrent edits.
///
/// # Errors
/// As `read_customer`; `Refused` at the field if the value is invalid; `Conflict` at the field,
/// with its current value, if that value is neither `seen` nor `value`.
#[server(endpoint = "customers/profile", input = Json, client = ApiClient)]
pub async fn edit_profile(
    mode: Mode,
    key: CustomerKey,
    field: ProfileField,
    seen: String,
    value: String,
) -> Result<CustomerDetails, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::{Action, EventKind, Reason};
    answer(async {
        let viewer = viewer_who_may(Action::EditProfiles, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.editable(&viewer, key, Action::EditProfiles).await?;
        let (by, now) = (customer.actor(), store.now());
        let write = store.change_customer(customer, EventKind::ProfileEdited, now, |customer| {
            customer.write(field, &seen, &value, by, now)
        });
        match write.await {
            Ok(customer) => super::customer::details(&store, &zone, &viewer, customer).await,
            Err(error) => {
                let mut error = AppError::from(error);
                if error.reason == Some(Reason::ChangedMeanwhile) {
                    error.current = Some(store.customer(key).await?.profile.get(field).to_owned());
                }
                Err(error)
            }
        }
    })
    .await
}

/// Returns the former values of a field, newest first.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/history", input = GetUrl, client = ApiClient)]
pub async fn read_history(mode: Mode, key: CustomerKey, field: ProfileField) -> Result<Vec<FormerValue>, AppError> {
    use super::context::{answer, local, names, store, viewer_who_may, zone};
    use clientele::domain::Action;
    /// Number of newest history entries, over all fields, that are searched for this field.
    const MOST: u32 = 1_000;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.visible(&viewer, key).await?;
        let names = names(&store).await?;
        let of_field = store.revisions(&customer, MOST).await?.into_iter().filter(|revision| revision.field == field);
        let former = of_field.map(|revision| FormerValue {
            before: revision.before,
            after: revision.after,
            by: super::customer::author(&names, revision.by),
            at: revision.at,
            exact: local(revision.at, &zone),
        });
        Ok(former.collect())
    })
    .await
}
