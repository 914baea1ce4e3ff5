//! Calling a customer back.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Mode};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::client::ApiClient;
use crate::error::AppError;

/// Starts a conversation between the calling agent and a customer, and returns its number.
/// `request` is the client's idempotency key, 1 to 64 characters: the same key returns the same
/// conversation.
///
/// # Errors
/// As `read_customer`; `Refused` at `request`; `Conflict` with the reason if the customer cannot be
/// called now.
#[server(endpoint = "customers/callback", input = Json, client = ApiClient)]
pub async fn call_back(mode: Mode, key: CustomerKey, request: String) -> Result<u32, AppError> {
    use super::context::{answer, idempotency_key, store, viewer_who_may};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::CallBack, mode)?;
        let store = store()?;
        let customer = store.editable(&viewer, key, Action::CallBack).await?;
        let request = idempotency_key(&viewer, request)?;
        Ok(store.call_back(customer, &request, store.now()).await?)
    })
    .await
}
