//! Embed keys, with which the back ends of hosts mint tokens. The database stores only a hash of the
//! secret: unlike the secret of a channel, it is sent with each request, so verifying it needs no more.

use surrealdb::types::{Datetime, RecordId, RecordIdKey, SurrealValue};

use super::{hash, is_hex, random_hex};
use crate::domain::embedding::KEY_NOTE_MILLIS;
use crate::domain::{Actor, Change, EventKind, KeyName, Timestamp};
use crate::store::database::read;
use crate::store::events::{Entry, EventRow};
use crate::store::memory::MemoryUpdate;
use crate::store::rows::{datetime, timestamp};
use crate::store::transaction::{ATTEMPTS, Write};
use crate::store::{Result, Store, StoreError};

/// Embed key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedKey {
    /// Identifier: 16 hexadecimal digits.
    pub id: String,
    /// Display name that identifies the host, 1 to 60 characters.
    pub name: String,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last use, up to [`KEY_NOTE_MILLIS`] too early; `None` if it was never used.
    pub last_used_at: Option<Timestamp>,
    /// Time of revocation; `None` while the key is valid.
    pub revoked_at: Option<Timestamp>,
}

impl EmbedKey {
    /// Returns the key as the log names it.
    pub(super) fn log_text(&self) -> String {
        format!("{} ({})", self.name, self.id)
    }
}

/// Embed key as the host has it: `cek_`, the identifier, `_`, and 256 random bits in hexadecimal. It does
/// not implement `Debug`, so that it cannot appear in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct EmbedSecret {
    id: String,
    secret: String,
}

impl EmbedSecret {
    fn random() -> Self {
        Self { id: format!("{:016x}", rand::random::<u64>()), secret: random_hex() }
    }

    /// Parses the key of a request. Returns `None` if it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("cek_")?.split_once('_')?;
        (is_hex(id, 16) && is_hex(secret, 64)).then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// Returns the text of the key, for the operator of the host.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("cek_{}_{}", self.id, self.secret)
    }
}

#[derive(Clone, SurrealValue)]
struct EmbedKeyRow {
    id: RecordId,
    name: String,
    secret_hash: String,
    created_at: Datetime,
    last_used_at: Option<Datetime>,
    revoked_at: Option<Datetime>,
}

fn record(id: &str) -> RecordId {
    RecordId::new("embed_key", id.to_owned())
}

impl TryFrom<EmbedKeyRow> for EmbedKey {
    type Error = StoreError;

    fn try_from(row: EmbedKeyRow) -> Result<Self> {
        let RecordIdKey::String(id) = row.id.key else {
            return Err(StoreError::internal("an embed key's id is not a text"));
        };
        Ok(Self {
            id: id.to_string(),
            name: row.name,
            created_at: timestamp(row.created_at),
            last_used_at: row.last_used_at.map(timestamp),
            revoked_at: row.revoked_at.map(timestamp),
        })
    }
}

/// Returns the event that logs a change of a key: its name and id, never its secret.
fn event(key: &EmbedKey, done: &str, actor: Actor, now: Timestamp) -> EventRow {
    EventRow::new(Entry {
        at: now,
        actor,
        kind: EventKind::EmbedKeyChanged,
        customer: None,
        changes: vec![Change { field: done.to_owned(), before: None, after: Some(key.log_text()) }],
        version: 1,
    })
}

/// Compares two hashes in a time that does not depend on where they differ.
fn is_same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differences) == 0
}

impl Store {
    /// Creates a key with a random id and secret. The operator can see the secret only now.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn add_embed_key(&self, name: &KeyName, actor: Actor, now: Timestamp) -> Result<(EmbedKey, EmbedSecret)> {
        let secret = EmbedSecret::random();
        let row = EmbedKeyRow {
            id: record(&secret.id),
            name: name.as_str().to_owned(),
            secret_hash: hash(&secret.secret),
            created_at: datetime(now),
            last_used_at: None,
            revoked_at: None,
        };
        let made = EmbedKey::try_from(row.clone())?;
        let text = "BEGIN; CREATE ONLY $key.id CONTENT $key RETURN NONE; CREATE ONLY $event.id CONTENT $event; COMMIT;";
        self.retry(ATTEMPTS, || async {
            let event = event(&made, "made", actor, now);
            let write = Write::new(text, &event).bind("key", row.clone());
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await?;
        Ok((made, secret))
    }

    /// Returns all keys including revoked ones, newest first.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn embed_keys(&self) -> Result<Vec<EmbedKey>> {
        let rows: Vec<EmbedKeyRow> = read(self.db.query("SELECT * FROM embed_key")).await?.take(0)?;
        let mut keys = rows.into_iter().map(EmbedKey::try_from).collect::<Result<Vec<_>>>()?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        Ok(keys)
    }

    /// Revokes a key and thereby all tokens that were minted with it. Revoking it again changes nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if the key does not exist.
    pub async fn revoke_embed_key(&self, id: &str, actor: Actor, now: Timestamp) -> Result<()> {
        let text = "BEGIN; UPDATE $id SET revoked_at = revoked_at ?? $now RETURN NONE;
             CREATE ONLY $event.id CONTENT $event; COMMIT;";
        self.retry(ATTEMPTS, || async {
            let key = EmbedKey::try_from(self.embed_key_row(id).await?.ok_or(StoreError::NotFound)?)?;
            if key.revoked_at.is_some() {
                return Ok(Some(()));
            }
            let event = event(&key, "revoked", actor, now);
            let write = Write::new(text, &event).bind("id", record(id)).bind("now", datetime(now));
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await
    }

    /// Returns the key with this secret and notes its use, or `None` if the secret is wrong or the key
    /// revoked.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn verify_embed_key(&self, secret: &EmbedSecret, now: Timestamp) -> Result<Option<EmbedKey>> {
        let found = self.embed_key_row(&secret.id).await?;
        let found = found.filter(|row| is_same(&row.secret_hash, &hash(&secret.secret)) && row.revoked_at.is_none());
        let Some(key) = found.map(EmbedKey::try_from).transpose()? else { return Ok(None) };
        if key.last_used_at.is_none_or(|used| now >= used.plus_millis(KEY_NOTE_MILLIS)) {
            let note = self.db.query("UPDATE $id SET last_used_at = $now RETURN NONE").bind(("id", record(&key.id)));
            // Concurrent requests may conflict here; one update is enough.
            let _ = read(note.bind(("now", datetime(now)))).await;
        }
        Ok(Some(key))
    }

    /// Returns `true` if the key exists and is not revoked.
    pub(super) async fn is_embed_key_valid(&self, id: &str) -> Result<bool> {
        Ok(self.embed_key_row(id).await?.is_some_and(|row| row.revoked_at.is_none()))
    }

    async fn embed_key_row(&self, id: &str) -> Result<Option<EmbedKeyRow>> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", record(id)));
        Ok(read(query).await?.take(0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_parsed_as_it_was_revealed() {
        let secret = EmbedSecret::random();
        let text = secret.reveal();
        assert_eq!(text.len(), 4 + 16 + 1 + 64);
        assert!(EmbedSecret::parse(&text) == Some(secret));
        for wrong in ["", "cek_", &text[4..], &text[..84], &text.to_uppercase(), &text.replace("cek_", "cet_")] {
            assert!(EmbedSecret::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn hashes_are_the_same_only_as_a_whole() {
        assert!(is_same(&hash("a"), &hash("a")));
        assert!(!is_same(&hash("a"), &hash("b")));
        assert!(!is_same("ab", "a") && !is_same("", "a") && !is_same("a", "b"));
    }
}
