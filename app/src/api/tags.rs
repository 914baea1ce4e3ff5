//! Tagging customers, and creating tags.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Mode, Tag, TagId};
use leptos::prelude::*;
use server_fn::codec::Json;

use super::customer::CustomerDetails;
use crate::client::ApiClient;
use crate::error::AppError;

/// Adds a tag to a customer (`on`) or removes it. Repeating the call changes nothing.
///
/// # Errors
/// As `read_customer`; `NotFound` also if the tag does not exist.
#[server(endpoint = "customers/tag", input = Json, client = ApiClient)]
pub async fn tag_customer(mode: Mode, key: CustomerKey, tag: TagId, on: bool) -> Result<CustomerDetails, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use crate::error::Code;
    use clientele::domain::{Action, EventKind};
    answer(async {
        let viewer = viewer_who_may(Action::EditTags, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.editable(&viewer, key, Action::EditTags).await?;
        if !store.tags().await?.iter().any(|known| known.id == tag) {
            return Err(Code::NotFound.into());
        }
        let change = store.change_customer(customer, EventKind::TagsChanged, store.now(), |customer| {
            if on {
                customer.tag(tag);
            } else {
                customer.untag(tag);
            }
            Ok(())
        });
        let customer = change.await?;
        super::customer::details(&store, &zone, &viewer, customer).await
    })
    .await
}

/// Creates a tag. Its colour is derived from its name.
///
/// # Errors
/// `SignedOut`, `PageOff`; `Forbidden` if agents may not create tags; `Refused` at `name` if it is
/// invalid or there are too many tags; `Conflict` at `name` if the name is in use.
#[server(endpoint = "tags/create", input = Json, client = ApiClient)]
pub async fn create_tag(mode: Mode, name: String) -> Result<Tag, AppError> {
    use super::context::{actor, answer, store, viewer_who_may};
    use clientele::domain::{Action, TagColor, TagName};
    answer(async {
        let viewer = viewer_who_may(Action::CreateTags, mode)?;
        let name = TagName::new(&name)?;
        let color = TagColor::of(&name);
        let store = store()?;
        Ok(store.create_tag(name, color, actor(&viewer), store.now()).await?)
    })
    .await
}
