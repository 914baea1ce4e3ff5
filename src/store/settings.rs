//! The system settings: one record, kept in memory and watched, because every request asks for them.

use surrealdb::Surreal;
use surrealdb::engine::any::Any;
use surrealdb::types::{RecordId, SurrealValue};
use tokio::sync::watch;

use super::events::{Entry, EventRow};
use super::transaction::{ATTEMPTS, Outcome, STALE, back_off, read, write};
use super::{Result, Store, StoreError};
use crate::domain::{Actor, Change, EventKind, Settings, Timestamp, WeekStart};

#[derive(Clone, SurrealValue)]
struct SettingsRow {
    id: RecordId,
    customers_page_in_agent_mode: bool,
    week_start: String,
    agents_create_tags: Option<bool>,
    version: u32,
}

fn record() -> RecordId {
    RecordId::new("settings", 1)
}

/// The settings as they are stored, or the defaults when nobody has changed any.
pub(super) async fn load(db: &Surreal<Any>) -> Result<Settings> {
    let mut found = read(db.query("SELECT * FROM ONLY $id").bind(("id", record()))).await?;
    let Some(row) = found.take::<Option<SettingsRow>>(0)? else { return Ok(Settings::default()) };
    Ok(Settings {
        customers_page_in_agent_mode: row.customers_page_in_agent_mode,
        week_start: WeekStart::parse(&row.week_start).ok_or_else(|| StoreError::internal("settings: week start"))?,
        agents_create_tags: row.agents_create_tags.unwrap_or(true),
        version: row.version,
    })
}

impl Store {
    /// The settings now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.settings.borrow().clone()
    }

    /// The settings now and whenever they change.
    #[must_use]
    pub fn watch_settings(&self) -> watch::Receiver<Settings> {
        self.settings.subscribe()
    }

    /// Changes the settings; `edit` may be called again when others change them at the same time.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when others won each time.
    pub async fn change_settings(
        &self,
        actor: Actor,
        now: Timestamp,
        edit: impl Fn(&mut Settings),
    ) -> Result<Settings> {
        for attempt in 0..ATTEMPTS {
            let before = load(&self.db).await?;
            let mut after = before.clone();
            edit(&mut after);
            let changes = differences(&before, &after);
            if changes.is_empty() {
                return Ok(before);
            }
            after.version += 1;
            let version = after.version;
            let event = EventRow::new(Entry {
                at: now,
                actor,
                kind: EventKind::SettingsChanged,
                customer: None,
                changes,
                version,
            });
            let row = SettingsRow {
                id: record(),
                customers_page_in_agent_mode: after.customers_page_in_agent_mode,
                week_start: after.week_start.as_str().to_owned(),
                agents_create_tags: Some(after.agents_create_tags),
                version,
            };
            let query = self
                .db
                .query(include_str!("queries/change_settings.surql"))
                .bind(("settings", row))
                .bind(("before", before.version))
                .bind(("stale", STALE))
                .bind(("event", event.clone()));
            match write(&self.db, query, &event, &[]).await? {
                Outcome::Done => {
                    // Two changes may finish in the other order than they were committed.
                    self.settings.send_if_modified(|current| {
                        let newer = current.version < after.version;
                        if newer {
                            *current = after.clone();
                        }
                        newer
                    });
                    self.publish(event, None)?;
                    return Ok(after);
                }
                Outcome::Stale => back_off(attempt).await,
            }
        }
        Err(StoreError::Conflict)
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
        ("week_start", before.week_start.as_str().to_owned(), after.week_start.as_str().to_owned()),
    ];
    fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| Change { field: field.to_owned(), before: Some(before), after: Some(after) })
        .collect()
}
