//! Storage of the keys with which channels sign their requests. Secrets are stored in plain text,
//! because verifying a signature needs them.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};

use super::database::read;
use super::events::{Entry, EventRow};
use super::memory::MemoryUpdate;
use super::rows::{datetime, timestamp};
use super::transaction::{ATTEMPTS, Write};
use super::{Result, Store, StoreError};
use crate::domain::{Actor, Change, Channel, EventKind, KeyName, Timestamp};

/// Channel key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelKey {
    /// Identifier that a channel sends with a request to name the signing key: 16 hexadecimal digits.
    pub id: String,
    /// Channel that the key may deliver messages for.
    pub channel: Channel,
    /// Display name that identifies the key's owner, 1 to 60 characters.
    pub name: String,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of revocation; `None` while the key is valid.
    pub revoked_at: Option<Timestamp>,
}

/// Secret of a channel key: 256 random bits as 64 hexadecimal digits, whose text is the HMAC key.
/// It does not implement `Debug`, so that it cannot appear in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelSecret(String);

impl ChannelSecret {
    /// Creates a secret from its text, as the operator of a channel has it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the secret's text, for the operator of the channel and for verifying signatures.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, SurrealValue)]
struct ChannelKeyRow {
    id: RecordId,
    channel: String,
    name: String,
    secret: String,
    created_at: Datetime,
    revoked_at: Option<Datetime>,
}

impl TryFrom<ChannelKeyRow> for ChannelKey {
    type Error = StoreError;

    fn try_from(row: ChannelKeyRow) -> Result<Self> {
        let RecordIdKey::String(id) = row.id.key else {
            return Err(StoreError::internal("a channel key's id is not a text"));
        };
        Ok(Self {
            id: id.to_string(),
            channel: Channel::parse(&row.channel).ok_or_else(|| StoreError::internal("a channel key's channel"))?,
            name: row.name,
            created_at: timestamp(row.created_at),
            revoked_at: row.revoked_at.map(timestamp),
        })
    }
}

/// Returns the event that logs a change of a key: its name, id and channel, never its secret.
fn event(key: &ChannelKey, done: &str, actor: Actor, now: Timestamp) -> EventRow {
    let about = format!("{} ({}, {})", key.name, key.id, key.channel.as_str());
    EventRow::new(Entry {
        at: now,
        actor,
        kind: EventKind::ChannelKeyChanged,
        customer: None,
        changes: vec![Change { field: done.to_owned(), before: None, after: Some(about) }],
        version: 1,
    })
}

impl Store {
    /// Creates a key with a random id and secret. The operator can see the secret only now.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn add_channel_key(
        &self,
        channel: Channel,
        name: &KeyName,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(ChannelKey, ChannelSecret)> {
        let id = format!("{:016x}", rand::random::<u64>());
        let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        let row = ChannelKeyRow {
            id: RecordId::new("channel_key", id),
            channel: channel.as_str().to_owned(),
            name: name.as_str().to_owned(),
            secret: secret.clone(),
            created_at: datetime(now),
            revoked_at: None,
        };
        let made = ChannelKey::try_from(row.clone())?;
        let text = "BEGIN; CREATE ONLY $key.id CONTENT $key RETURN NONE; CREATE ONLY $event.id CONTENT $event; COMMIT;";
        self.retry(ATTEMPTS, || async {
            let event = event(&made, "made", actor, now);
            let write = Write::new(text, &event).bind("key", row.clone());
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await?;
        Ok((made, ChannelSecret(secret)))
    }

    /// Returns all keys including revoked ones, newest first.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn channel_keys(&self) -> Result<Vec<ChannelKey>> {
        let rows: Vec<ChannelKeyRow> = read(self.db.query("SELECT * FROM channel_key")).await?.take(0)?;
        let mut keys = rows.into_iter().map(ChannelKey::try_from).collect::<Result<Vec<_>>>()?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        Ok(keys)
    }

    /// Revokes a key: requests signed with it are rejected from now on. Revoking it again changes nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if the key does not exist.
    pub async fn revoke_channel_key(&self, id: &str, actor: Actor, now: Timestamp) -> Result<()> {
        let record = RecordId::new("channel_key", id.to_owned());
        let text = "BEGIN; UPDATE $id SET revoked_at = revoked_at ?? $now RETURN NONE;
             CREATE ONLY $event.id CONTENT $event; COMMIT;";
        self.retry(ATTEMPTS, || async {
            let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", record.clone()));
            let found: Option<ChannelKeyRow> = read(query).await?.take(0)?;
            let key = ChannelKey::try_from(found.ok_or(StoreError::NotFound)?)?;
            if key.revoked_at.is_some() {
                return Ok(Some(()));
            }
            let event = event(&key, "revoked", actor, now);
            let write = Write::new(text, &event).bind("id", record.clone()).bind("now", datetime(now));
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await
    }

    /// Returns a key and its secret, or `None` if the key does not exist or is revoked.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn channel_secret(&self, id: &str) -> Result<Option<(ChannelKey, ChannelSecret)>> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", RecordId::new("channel_key", id.to_owned())));
        let found: Option<ChannelKeyRow> = read(query).await?.take(0)?;
        let Some(row) = found.filter(|row| row.revoked_at.is_none()) else { return Ok(None) };
        let secret = ChannelSecret(row.secret.clone());
        Ok(Some((row.try_into()?, secret)))
    }

    /// Returns the channels that can reach customers: the built-in web channel, and the channel of
    /// each valid key. A channel with several keys is repeated.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn reachable_channels(&self) -> Result<Vec<Channel>> {
        let mut channels = vec![Channel::Web];
        channels
            .extend(self.channel_keys().await?.iter().filter(|key| key.revoked_at.is_none()).map(|key| key.channel));
        Ok(channels)
    }
}
