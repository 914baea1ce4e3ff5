//! System settings: a single record, cached in memory and watchable, because every request reads it.

use super::events::{Entry, EventRow};
use super::memory::MemoryUpdate;
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
            Ok(self.commit(write, MemoryUpdate::Settings(after.clone())).await?.then(after))
        })
        .await
    }
}

/// Returns the settings that differ. The struct is taken apart without `..`, so that a new setting
/// which is missing here does not compile.
fn differences(before: &Settings, after: &Settings) -> Vec<Change> {
    let named = |settings: &Settings| {
        let Settings {
            customers_page_in_agent_mode,
            week_start,
            agents_create_tags,
            abandon_after_hours,
            embed_origins,
            embed_creates_agents,
            version: _,
        } = settings;
        [
            ("customers_page_in_agent_mode", customers_page_in_agent_mode.to_string()),
            ("agents_create_tags", agents_create_tags.to_string()),
            ("abandon_after_hours", abandon_after_hours.to_string()),
            ("week_start", week_start.as_str().to_owned()),
            ("embed_origins", embed_origins.join(" ")),
            ("embed_creates_agents", embed_creates_agents.to_string()),
        ]
    };
    named(before)
        .into_iter()
        .zip(named(after))
        .filter(|(before, after)| before != after)
        .map(|((field, before), (_, after))| Change {
            field: field.to_owned(),
            before: Some(before),
            after: Some(after),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::WeekStart;

    #[test]
    fn each_setting_that_differs_is_a_change() {
        let before = Settings::default();
        let after = Settings {
            customers_page_in_agent_mode: !before.customers_page_in_agent_mode,
            week_start: WeekStart::Monday,
            agents_create_tags: !before.agents_create_tags,
            abandon_after_hours: 72,
            embed_origins: vec!["https://console.example".into()],
            embed_creates_agents: !before.embed_creates_agents,
            version: before.version,
        };
        let changed: Vec<String> = differences(&before, &after).into_iter().map(|change| change.field).collect();
        assert_eq!(
            changed,
            [
                "customers_page_in_agent_mode",
                "agents_create_tags",
                "abandon_after_hours",
                "week_start",
                "embed_origins",
                "embed_creates_agents"
            ]
        );
        assert_eq!(differences(&before, &Settings { version: 9, ..before.clone() }), []);
    }
}
