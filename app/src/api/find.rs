//! Searching in a customer's history: by date, by rating and by word.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{CustomerKey, Mode};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

use crate::client::ApiClient;
use crate::error::AppError;

/// Result of a search in a customer's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Number of the message that was found.
    pub message: Option<u32>,
    /// If nothing was found yet but messages remain: the number to continue from.
    pub go_on: Option<u32>,
}

/// Returns the number of the first message on or after a date (`2026-11-18`, in the agent's time
/// zone), or of the newest message before it.
///
/// # Errors
/// As `read_customer`; `Refused` at `date` if it cannot be parsed.
#[server(endpoint = "customers/find_date", input = GetUrl, client = ApiClient)]
pub async fn find_date(mode: Mode, key: CustomerKey, date: String) -> Result<Found, AppError> {
    use super::context::{answer, store, viewer_who_may, zone};
    use clientele::domain::{Action, Error, Reason};
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let (store, zone) = (store()?, zone()?);
        let customer = store.visible(&viewer, key).await?;
        let start = date.parse::<jiff::civil::Date>().ok().and_then(|date| date.to_zoned(zone).ok());
        let start = start.ok_or(Error::field("date", Reason::NotATime))?.timestamp().into();
        Ok(Found { message: store.message_at(&customer, start).await?, go_on: None })
    })
    .await
}

/// Returns the first message of the nearest low-rated conversation after the conversation of
/// message `from`, or before it if `later` is `false`.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/find_rating", input = GetUrl, client = ApiClient)]
pub async fn find_rating(mode: Mode, key: CustomerKey, from: u32, later: bool) -> Result<Found, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Action;
    use clientele::store::LowRating;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let store = store()?;
        let customer = store.visible(&viewer, key).await?;
        let messages = store.messages(key, from, from).await?;
        // A number past the newest message stands for the conversation after the last one.
        let from = messages.first().map_or(customer.conversations + 1, |message| message.conversation);
        let message = match store.next_low_rating(&customer, from, later).await? {
            LowRating::At(number) => Some(store.conversation(key, number).await?.first_message),
            LowRating::None => None,
        };
        Ok(Found { message, go_on: None })
    })
    .await
}

/// Returns the nearest message that contains `word`, after message `from`, or before it if `later`
/// is `false`.
///
/// # Errors
/// As `read_customer`.
#[server(endpoint = "customers/find_word", input = GetUrl, client = ApiClient)]
pub async fn find_word(mode: Mode, key: CustomerKey, word: String, from: u32, later: bool) -> Result<Found, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::Action;
    use clientele::store::WordMatch;
    answer(async {
        let viewer = viewer_who_may(Action::ListCustomers, mode)?;
        let store = store()?;
        let customer = store.visible(&viewer, key).await?;
        Ok(match store.next_match(&customer, &word, from, later).await? {
            WordMatch::At(number) => Found { message: Some(number), go_on: None },
            WordMatch::GoOn(from) => Found { message: None, go_on: Some(from) },
            WordMatch::None => Found { message: None, go_on: None },
        })
    })
    .await
}
