//! Admin Mode > Settings > System Settings.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{Settings, WeekStart};
use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json};

use crate::client::ApiClient;
use crate::error::AppError;

/// Returns the settings.
///
/// # Errors
/// `SignedOut`, `Forbidden`.
#[server(endpoint = "settings", input = GetUrl, client = ApiClient)]
pub async fn read_settings() -> Result<Settings, AppError> {
    use super::context::{answer, store, viewer_who_may};
    use clientele::domain::{Action, Mode};
    answer(async {
        viewer_who_may(Action::EditSettings, Mode::Admin)?;
        Ok(store()?.settings())
    })
    .await
}

/// Turns the Customers page in Agent Mode on or off.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Conflict` if concurrent changes kept winning.
#[server(endpoint = "settings/customers_page", input = Json, client = ApiClient)]
pub async fn switch_customers_page(on: bool) -> Result<Settings, AppError> {
    change(move |settings| {
        settings.customers_page_in_agent_mode = on;
        Ok(())
    })
    .await
}

/// Allows or forbids agents to create tags.
///
/// # Errors
/// As [`switch_customers_page`].
#[server(endpoint = "settings/agents_create_tags", input = Json, client = ApiClient)]
pub async fn let_agents_create_tags(on: bool) -> Result<Settings, AppError> {
    change(move |settings| {
        settings.agents_create_tags = on;
        Ok(())
    })
    .await
}

/// Sets the first day of the week.
///
/// # Errors
/// As [`switch_customers_page`].
#[server(endpoint = "settings/week_start", input = Json, client = ApiClient)]
pub async fn choose_week_start(day: WeekStart) -> Result<Settings, AppError> {
    change(move |settings| {
        settings.week_start = day;
        Ok(())
    })
    .await
}

/// Sets the number of hours after which a waiting conversation ends as abandoned.
///
/// # Errors
/// As [`switch_customers_page`]; `Refused` at `hours` unless it is in `Settings::ABANDON_HOURS`.
#[server(endpoint = "settings/abandon_after", input = Json, client = ApiClient)]
pub async fn choose_abandon_after(hours: u32) -> Result<Settings, AppError> {
    change(move |settings| settings.set_abandon_after(hours)).await
}

/// Changes the settings if the caller may.
#[cfg(feature = "ssr")]
pub(super) async fn change(
    edit: impl Fn(&mut Settings) -> Result<(), clientele::domain::Error>,
) -> Result<Settings, AppError> {
    use super::context::{actor, answer, store, viewer_who_may};
    use clientele::domain::{Action, Mode};
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let store = store()?;
        // Validate only after the permission check, on a copy of the settings.
        edit(&mut store.settings())?;
        Ok(store.change_settings(actor(&viewer), store.now(), |settings| drop(edit(settings))).await?)
    })
    .await
}
