//! The row of the system settings.

use surrealdb::types::{RecordId, SurrealValue};

use crate::domain::{Settings, WeekStart};
use crate::store::database::{Database, read};
use crate::store::{Result, StoreError};

#[derive(Clone, SurrealValue)]
pub(in crate::store) struct SettingsRow {
    id: RecordId,
    customers_page_in_agent_mode: bool,
    week_start: String,
    agents_create_tags: Option<bool>,
    abandon_after_hours: Option<u32>,
    embed_origins: Option<Vec<String>>,
    embed_creates_agents: Option<bool>,
    version: u32,
}

impl From<&Settings> for SettingsRow {
    fn from(settings: &Settings) -> Self {
        Self {
            id: record(),
            customers_page_in_agent_mode: settings.customers_page_in_agent_mode,
            week_start: settings.week_start.as_str().to_owned(),
            agents_create_tags: Some(settings.agents_create_tags),
            abandon_after_hours: Some(settings.abandon_after_hours),
            embed_origins: Some(settings.embed_origins.clone()),
            embed_creates_agents: Some(settings.embed_creates_agents),
            version: settings.version,
        }
    }
}

fn record() -> RecordId {
    RecordId::new("settings", 1)
}

/// Loads the stored settings, or the defaults if none are stored.
pub(in crate::store) async fn load(db: &Database) -> Result<Settings> {
    let mut found = read(db.query("SELECT * FROM ONLY $id").bind(("id", record()))).await?;
    let Some(row) = found.take::<Option<SettingsRow>>(0)? else { return Ok(Settings::default()) };
    Ok(Settings {
        customers_page_in_agent_mode: row.customers_page_in_agent_mode,
        week_start: WeekStart::parse(&row.week_start).ok_or_else(|| StoreError::internal("settings: week start"))?,
        agents_create_tags: row.agents_create_tags.unwrap_or(true),
        abandon_after_hours: row.abandon_after_hours.unwrap_or(Settings::default().abandon_after_hours),
        embed_origins: row.embed_origins.unwrap_or_default(),
        embed_creates_agents: row.embed_creates_agents.unwrap_or(false),
        version: row.version,
    })
}
