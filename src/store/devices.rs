//! Devices: browsers from which an agent has signed in. They have a rate limit of their own, so
//! guessing an agent's password from unknown browsers does not lock out the agent's devices.

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::datetime;
use super::{Result, Store, StoreError};
use crate::domain::{AgentId, Timestamp};

/// Token in a browser's device cookie: 128 random bits as 32 hexadecimal digits. It only proves
/// that an agent has signed in from this browser.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken(String);

impl DeviceToken {
    /// Generates the token of a new device.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// Parses the value of a cookie. Returns `None` unless it is 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// Returns the token as text for the cookie.
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
    /// Records that an agent signed in from a device, under a hash of the token.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn remember_device(&self, token: &DeviceToken, agent: AgentId, now: Timestamp) -> Result<()> {
        let row = DeviceRow { id: token.record(), agent: agent.0, at: datetime(now) };
        read(self.db.query("UPSERT ONLY $row.id CONTENT $row RETURN NONE").bind(("row", row))).await.map(drop)
    }

    /// Returns `true` if the agent with this login was the last to sign in from the device. `login` must be
    /// normalized.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
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
