//! Sessions: who is signed in. The browser holds a random token, the database only its hash.

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::{datetime, timestamp};
use super::{Result, Store, StoreError};
use crate::domain::{Agent, AgentId, Timestamp};

/// The secret in the cookie: 128 random bits in hexadecimal. It has no `Serialize` and shows nothing in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// The token as it came with a cookie; nothing when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// The token as it goes into the cookie.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    fn record(&self) -> RecordId {
        RecordId::new("session", format!("{:x}", Sha256::digest(&self.0)))
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// A session in use.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub agent: Agent,
    /// When it began.
    pub created_at: Timestamp,
}

#[derive(Clone, SurrealValue)]
struct SessionRow {
    id: RecordId,
    agent: u32,
    created_at: Datetime,
    seen_at: Datetime,
}

/// A session ends after so long without a request: 12 hours.
const IDLE_MILLIS: i64 = 12 * 3_600_000;
/// A session ends so long after it began, whatever happens: 7 days.
const ABSOLUTE_MILLIS: i64 = 7 * 24 * 3_600_000;
/// The last request is noted at most so often, because each note is a write: every minute.
const NOTE_MILLIS: i64 = 60_000;

impl Store {
    /// Begins a session.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_session(&self, agent: AgentId, now: Timestamp) -> Result<SessionToken> {
        let token = SessionToken::random();
        let row = SessionRow { id: token.record(), agent: agent.0, created_at: datetime(now), seen_at: datetime(now) };
        read(self.db.query("CREATE ONLY $row.id CONTENT $row").bind(("row", row))).await?;
        Ok(token)
    }

    /// The session of a token, while it lasts and its agent is not disabled; notes that it is used.
    ///
    /// # Errors
    /// What the database says.
    pub async fn session(&self, token: &SessionToken, now: Timestamp) -> Result<Option<Session>> {
        self.find_session(token, now, true).await
    }

    /// The same without a note: a page that only listens does not keep its session from ending.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unused_session(&self, token: &SessionToken, now: Timestamp) -> Result<Option<Session>> {
        self.find_session(token, now, false).await
    }

    async fn find_session(&self, token: &SessionToken, now: Timestamp, used: bool) -> Result<Option<Session>> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", token.record()))).await?;
        let Some(row) = found.take::<Option<SessionRow>>(0)? else { return Ok(None) };
        let (created_at, seen_at) = (timestamp(row.created_at), timestamp(row.seen_at));
        if now >= seen_at.plus_millis(IDLE_MILLIS) || now >= created_at.plus_millis(ABSOLUTE_MILLIS) {
            // Over whether or not it can be deleted: a full disk must not keep the sign-in page from whoever has an old cookie.
            if let Err(error) = self.end_session(token).await {
                tracing::warn!(%error, "store: cannot delete a session that is over");
            }
            return Ok(None);
        }
        if used && now >= seen_at.plus_millis(NOTE_MILLIS) {
            let note = self.db.query("UPDATE $id SET seen_at = $now").bind(("id", token.record()));
            // Two requests at once may conflict here; one note is enough.
            let _ = read(note.bind(("now", datetime(now)))).await;
        }
        match self.agent(AgentId(row.agent)).await {
            Ok(agent) if !agent.disabled => Ok(Some(Session { agent, created_at })),
            Ok(_) | Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends a session; one that is over stays over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_session(&self, token: &SessionToken) -> Result<()> {
        read(self.db.query("DELETE $id").bind(("id", token.record()))).await.map(drop)
    }

    /// Forgets the sessions that are over. Meant to be called now and then.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<()> {
        let query = self
            .db
            .query("DELETE session WHERE seen_at <= $idle OR created_at <= $absolute")
            .bind(("idle", datetime(now.plus_millis(-IDLE_MILLIS))))
            .bind(("absolute", datetime(now.plus_millis(-ABSOLUTE_MILLIS))));
        read(query).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_128_random_bits_that_do_not_show() {
        let (one, two) = (SessionToken::random(), SessionToken::random());
        assert_ne!(one, two);
        assert_eq!(SessionToken::parse(one.secret()), Some(one.clone()));
        assert_eq!(format!("{one:?}"), "SessionToken(…)");
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for text in ["", "abc", &"g".repeat(32), &"a".repeat(33)] {
            assert_eq!(SessionToken::parse(text), None);
        }
    }
}
