//! System settings: a single record, cached in memory and watchable, because every request reads it.

use super::events::{Entry, EventRow};
use super::memory::News;
use super::rows::settings::{SettingsRow, load};
use super::transaction::{ATTEMPTS, STALE, Write};
use super::{Result, Store};
use crate::domain::{Actor, Change, EventKind, Settings, Timestamp};

impl Store {
    /// Changes the settings. Calls `edit` again if others change them at the same time. An edit
    /// without differences still updates memory from the database: the change may have been committed
    /// earlier and its response lost.
    ///
    /// # Errors
    /// Returns [`StoreError::Conflict`](super::StoreError::Conflict) if every attempt meets a concurrent change.
    pub async fn change_settings(
        &self,
        actor: Actor,
        now: Timestamp,
        edit: impl Fn(&mut Settings),
    ) -> Result<Settings> {
        self.retry(ATTEMPTS, || async {
            let before = load(&self.db).await?;
            let mut after = before.clone();
            edit(&mut after);
            let changes = differences(&before, &after);
            if changes.is_empty() {
                self.memory.set_settings(before.clone());
                return Ok(Some(before));
            }
            after.version += 1;
            let event = EventRow::new(Entry {
                at: now,
                actor,
                kind: EventKind::SettingsChanged,
                customer: None,
                changes,
                version: after.version,
            });
            let write = Write::new(include_str!("queries/change_settings.surql"), &event)
                .bind("settings", SettingsRow::from(&after))
                .bind("before", before.version)
                .bind("stale", STALE);
            Ok(self.commit(write, News::Settings(after.clone())).await?.then(after))
        })
        .await
    }
}

fn differences(before: &Settings, after: &Settings) -> Vec<Change> {
    let fields = [
        (
            "customers_page_in_agent_mode",
            before.customers_page_in_agent_mode.to_string(),
            after.customers_page_in_agent_mode.to_string(),
        ),
        ("agents_create_tags", before.agents_create_tags.to_string(), after.agents_create_tags.to_string()),
        ("abandon_after_hours", before.abandon_after_hours.to_string(), after.abandon_after_hours.to_string()),
        ("week_start", before.week_start.as_str().to_owned(), after.week_start.as_str().to_owned()),
    ];
    fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| Change { field: field.to_owned(), before: Some(before), after: Some(after) })
        .collect()
}
