//! Devices: browsers that an agent has signed in from. Whoever guesses an agent's password from elsewhere uses up the attempts of
//! everybody who is unknown, and not those of the agent's own browsers.

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::datetime;
use super::{Result, Store, StoreError};
use crate::domain::{AgentId, Timestamp};

/// The token in a browser's cookie: 128 random bits in hexadecimal. It says nothing but that an agent signed in from there.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken(String);

impl DeviceToken {
    /// Makes the token of a new device.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// Parses a token as it came with a cookie; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// Returns the token as it goes into the cookie.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    fn record(&self) -> RecordId {
        RecordId::new("device", format!("{:x}", Sha256::digest(&self.0)))
    }
}

#[derive(SurrealValue)]
struct DeviceRow {
    id: RecordId,
    agent: u32,
    at: Datetime,
}

impl Store {
    /// Remembers that an agent signed in from a device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remember_device(&self, token: &DeviceToken, agent: AgentId, now: Timestamp) -> Result<()> {
        let row = DeviceRow { id: token.record(), agent: agent.0, at: datetime(now) };
        read(self.db.query("UPSERT ONLY $row.id CONTENT $row RETURN NONE").bind(("row", row))).await.map(drop)
    }

    /// Returns `true` if the agent with this login has signed in from a device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn is_device_of(&self, token: &DeviceToken, login: &str) -> Result<bool> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", token.record()))).await?;
        let Some(row) = found.take::<Option<DeviceRow>>(0)? else { return Ok(false) };
        match self.agent(AgentId(row.agent)).await {
            Ok(agent) => Ok(agent.login == login),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
