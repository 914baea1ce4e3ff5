//! The keys with which channels sign what they deliver. A secret is kept as it is: signatures are checked with it.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};

use super::rows::{datetime, timestamp};
use super::transaction::read;
use super::{Result, Store, StoreError};
use crate::domain::{Channel, KeyName, Timestamp};

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelKey {
    /// What a channel sends to say which key it signed with: 16 hexadecimal digits.
    pub id: String,
    /// The channel it may deliver for.
    pub channel: Channel,
    /// What it is called: who has it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it counts no more.
    pub revoked_at: Option<Timestamp>,
}

/// A key's secret: 256 random bits in hexadecimal, whose text is the key of the HMAC. It shows nothing in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelSecret(String);

impl ChannelSecret {
    /// The secret as it is given to whoever runs the channel.
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

impl Store {
    /// Makes a key. Its secret is told here and nowhere else.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_channel_key(
        &self,
        channel: Channel,
        name: &KeyName,
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
        read(self.db.query("CREATE ONLY $key.id CONTENT $key RETURN NONE").bind(("key", row.clone()))).await?;
        Ok((row.try_into()?, ChannelSecret(secret)))
    }

    /// All keys, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn channel_keys(&self) -> Result<Vec<ChannelKey>> {
        let rows: Vec<ChannelKeyRow> = read(self.db.query("SELECT * FROM channel_key")).await?.take(0)?;
        let mut keys = rows.into_iter().map(ChannelKey::try_from).collect::<Result<Vec<_>>>()?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        Ok(keys)
    }

    /// Ends a key: from now on nothing that is signed with it is taken. Doing it twice is fine.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_channel_key(&self, id: &str, now: Timestamp) -> Result<()> {
        let query = self
            .db
            .query("UPDATE $id SET revoked_at = revoked_at ?? $now RETURN VALUE name")
            .bind(("id", RecordId::new("channel_key", id.to_owned())))
            .bind(("now", datetime(now)));
        let found: Vec<String> = read(query).await?.take(0)?;
        if found.is_empty() { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// A key that counts, and its secret.
    ///
    /// # Errors
    /// What the database says.
    pub async fn channel_secret(&self, id: &str) -> Result<Option<(ChannelKey, ChannelSecret)>> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", RecordId::new("channel_key", id.to_owned())));
        let found: Option<ChannelKeyRow> = read(query).await?.take(0)?;
        let Some(row) = found.filter(|row| row.revoked_at.is_none()) else { return Ok(None) };
        let secret = ChannelSecret(row.secret.clone());
        Ok(Some((row.try_into()?, secret)))
    }

    /// The channels somebody is connected to: the web always, since that is ours, the others with a key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reachable_channels(&self) -> Result<Vec<Channel>> {
        let mut channels = vec![Channel::Web];
        channels
            .extend(self.channel_keys().await?.iter().filter(|key| key.revoked_at.is_none()).map(|key| key.channel));
        Ok(channels)
    }
}
