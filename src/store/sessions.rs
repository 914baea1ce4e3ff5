//! Sign-in sessions. The browser holds a random token, the database only its hash.

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::{datetime, timestamp};
use super::{Result, Store, StoreError};
use crate::domain::{Agent, AgentId, SessionTimes, Timestamp};

/// Secret token of the session cookie: 128 random bits in hexadecimal. It does not implement
/// `Serialize`, and its `Debug` output hides it from logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// Parses the token from a cookie. Returns `None` unless it is 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// Returns the token in the form stored in the cookie.
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

/// Valid session of a signed-in agent.
#[derive(Clone, Debug)]
pub struct Session {
    /// Agent who is signed in.
    pub agent: Agent,
    /// Time of sign-in.
    pub created_at: Timestamp,
}

#[derive(Clone, SurrealValue)]
struct SessionRow {
    id: RecordId,
    agent: u32,
    created_at: Datetime,
    seen_at: Datetime,
}

impl Store {
    /// Creates a session.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn begin_session(&self, agent: AgentId, now: Timestamp) -> Result<SessionToken> {
        let token = SessionToken::random();
        let row = SessionRow { id: token.record(), agent: agent.0, created_at: datetime(now), seen_at: datetime(now) };
        read(self.db.query("CREATE ONLY $row.id CONTENT $row").bind(("row", row))).await?;
        Ok(token)
    }

    /// Returns the session of a token and refreshes its idle timer. Returns `None` if the session has
    /// expired or its agent is disabled.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn session(&self, token: &SessionToken, now: Timestamp) -> Result<Option<Session>> {
        self.find_session(token, now, true).await
    }

    /// Returns the session like [`Store::session`], but leaves the idle timer alone: an open event
    /// stream must not keep its session alive.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn unused_session(&self, token: &SessionToken, now: Timestamp) -> Result<Option<Session>> {
        self.find_session(token, now, false).await
    }

    async fn find_session(&self, token: &SessionToken, now: Timestamp, used: bool) -> Result<Option<Session>> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", token.record()))).await?;
        let Some(row) = found.take::<Option<SessionRow>>(0)? else { return Ok(None) };
        let times = SessionTimes { created_at: timestamp(row.created_at), seen_at: timestamp(row.seen_at) };
        if times.has_expired(now) {
            // The session has expired even if it cannot be deleted: a full disk must not block the
            // sign-in page for browsers with an old cookie.
            if let Err(error) = self.end_session(token).await {
                tracing::warn!(%error, "store: cannot delete a session that is over");
            }
            return Ok(None);
        }
        if used && times.is_worth_noting(now) {
            let note = self.db.query("UPDATE $id SET seen_at = $now").bind(("id", token.record()));
            // Concurrent requests may conflict here; one update is enough.
            let _ = read(note.bind(("now", datetime(now)))).await;
        }
        match self.agent(AgentId(row.agent)).await {
            Ok(agent) if !agent.disabled => Ok(Some(Session { agent, created_at: times.created_at })),
            Ok(_) | Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes a session. Does nothing if it no longer exists.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn end_session(&self, token: &SessionToken) -> Result<()> {
        read(self.db.query("DELETE $id").bind(("id", token.record()))).await.map(drop)
    }

    /// Deletes all expired sessions. Call it regularly.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<()> {
        let expired = SessionTimes::expired_since(now);
        let query = self
            .db
            .query("DELETE session WHERE seen_at <= $idle OR created_at <= $absolute")
            .bind(("idle", datetime(expired.seen_at)))
            .bind(("absolute", datetime(expired.created_at)));
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
