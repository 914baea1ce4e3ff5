//! Embed sessions: what a host may show to one of its users, for minutes. The user's browser holds a
//! random token, the database only its hash. The host mints tokens with its key ([`EmbedKey`]).

mod keys;

use sha2::{Digest, Sha256};
use surrealdb::types::{Datetime, RecordId, SurrealValue};

use super::database::read;
use super::rows::{datetime, timestamp};
use super::{Result, Store, StoreError};
use crate::domain::embedding::TOKEN_MILLIS;
use crate::domain::{Agent, AgentId, Change, EmbedOrigin, Feature, Features, Role, Timestamp};

pub use keys::{EmbedKey, EmbedSecret};

/// Token of an embed session: `cet_` and 256 random bits in hexadecimal. It does not implement
/// `Serialize`, and its `Debug` output hides it from logs.
#[derive(Clone, PartialEq, Eq)]
pub struct EmbedToken(String);

impl EmbedToken {
    fn random() -> Self {
        Self(format!("cet_{}", random_hex()))
    }

    /// Parses the token of a request. Returns `None` unless it is `cet_` and 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("cet_").is_some_and(|digits| is_hex(digits, 64)).then(|| Self(text.to_owned()))
    }

    /// Returns the token's text, for the host.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    fn record(&self) -> RecordId {
        RecordId::new("embed_session", hash(&self.0))
    }
}

impl std::fmt::Debug for EmbedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmbedToken(…)")
    }
}

fn hash(secret: &str) -> String {
    format!("{:x}", Sha256::digest(secret))
}

/// Returns 256 random bits as 64 hexadecimal digits.
fn random_hex() -> String {
    format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>())
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Agent as a host names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentRef {
    /// By its number.
    Id(AgentId),
    /// By its login.
    Login(String),
}

/// Data of an embed session to begin.
#[derive(Clone, Debug)]
pub struct NewEmbedSession {
    /// Agent on whose behalf the token acts.
    pub agent: AgentId,
    /// Highest role that the agent has with the token.
    pub role: Role,
    /// Features that the token permits.
    pub features: Features,
    /// Origin whose pages may use the token.
    pub origin: EmbedOrigin,
}

/// Valid embed session.
#[derive(Clone, Debug)]
pub struct EmbedSession {
    /// Agent on whose behalf the token acts, with the role that it has with the token.
    pub agent: Agent,
    /// Features that the token permits.
    pub features: Features,
    /// Origin whose pages may use the token.
    pub origin: String,
    /// Time at which the token expires.
    pub expires_at: Timestamp,
}

#[derive(Clone, SurrealValue)]
struct EmbedSessionRow {
    id: RecordId,
    agent: u32,
    role: String,
    features: Vec<String>,
    origin: String,
    embed_key: String,
    created_at: Datetime,
    expires_at: Datetime,
}

impl Store {
    /// Returns the agent that a host names, or `None` if there is none.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] at `login` if the login is invalid.
    pub async fn find_agent(&self, named: &AgentRef) -> Result<Option<Agent>> {
        match named {
            AgentRef::Login(login) => self.agent_by_login(login).await,
            AgentRef::Id(id) => match self.agent(*id).await {
                Ok(agent) => Ok(Some(agent)),
                Err(StoreError::NotFound) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// Returns the agent that a host names. If the settings allow it, an unknown login becomes a new agent
    /// with this display name, which cannot sign in until a password is set.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such agent, and [`StoreError::Refused`] if the login
    /// or the name of a new agent is invalid.
    pub async fn find_or_add_agent(
        &self,
        named: &AgentRef,
        name: &str,
        key: &EmbedKey,
        now: Timestamp,
    ) -> Result<Agent> {
        if let Some(agent) = self.find_agent(named).await? {
            return Ok(agent);
        }
        let AgentRef::Login(login) = named else { return Err(StoreError::NotFound) };
        if !self.settings().embed_creates_agents {
            return Err(StoreError::NotFound);
        }
        let cause = Change { field: "embed_key".into(), before: None, after: Some(key.log_text()) };
        match self.add_agent_without_password(login, name, cause, now).await {
            // Another request of the host has just added it.
            Err(StoreError::AlreadyExists(_)) => self.find_agent(named).await?.ok_or(StoreError::NotFound),
            added => added,
        }
    }

    /// Begins an embed session that lasts [`TOKEN_MILLIS`], and returns its token.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn begin_embed_session(
        &self,
        key: &EmbedKey,
        new: NewEmbedSession,
        now: Timestamp,
    ) -> Result<EmbedToken> {
        let token = EmbedToken::random();
        let row = EmbedSessionRow {
            id: token.record(),
            agent: new.agent.0,
            role: new.role.as_str().to_owned(),
            features: new.features.iter().map(|feature| feature.as_str().to_owned()).collect(),
            origin: new.origin.as_str().to_owned(),
            embed_key: key.id.clone(),
            created_at: datetime(now),
            expires_at: datetime(now.plus_millis(TOKEN_MILLIS)),
        };
        read(self.db.query("CREATE ONLY $row.id CONTENT $row RETURN NONE").bind(("row", row))).await?;
        Ok(token)
    }

    /// Returns the session of a token. Returns `None` if it has expired or was ended, if its key is revoked,
    /// its agent disabled, or its origin no longer allowed.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn embed_session(&self, token: &EmbedToken, now: Timestamp) -> Result<Option<EmbedSession>> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", token.record()))).await?;
        let Some(row) = found.take::<Option<EmbedSessionRow>>(0)? else { return Ok(None) };
        let expires_at = timestamp(row.expires_at);
        if now >= expires_at
            || !self.settings().allows_origin(&row.origin)
            || !self.is_embed_key_valid(&row.embed_key).await?
        {
            return Ok(None);
        }
        let found = self.find_agent(&AgentRef::Id(AgentId(row.agent))).await?;
        let Some(agent) = found.filter(|agent| !agent.disabled) else { return Ok(None) };
        let cap = Role::parse(&row.role).ok_or_else(|| StoreError::internal("an embed session's role"))?;
        Ok(Some(EmbedSession {
            agent: Agent { role: agent.role.at_most(cap), ..agent },
            // A feature of a newer version is not permitted.
            features: row.features.iter().filter_map(|name| Feature::parse(name)).collect(),
            origin: row.origin,
            expires_at,
        }))
    }

    /// Ends the session of a token. Does nothing if it no longer exists.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn end_embed_session(&self, token: &EmbedToken) -> Result<()> {
        read(self.db.query("DELETE $id RETURN NONE").bind(("id", token.record()))).await.map(drop)
    }

    /// Ends all sessions of an agent that were begun with a key.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn end_embed_sessions_of(&self, agent: AgentId, key: &EmbedKey) -> Result<()> {
        let query = self.db.query("DELETE embed_session WHERE agent = $agent AND embed_key = $key RETURN NONE");
        read(query.bind(("agent", agent.0)).bind(("key", key.id.clone()))).await.map(drop)
    }

    /// Deletes all expired embed sessions. Call it regularly.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn sweep_embed_sessions(&self, now: Timestamp) -> Result<()> {
        let query = self.db.query("DELETE embed_session WHERE expires_at <= $now RETURN NONE");
        read(query.bind(("now", datetime(now)))).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_256_random_bits_that_do_not_show() {
        let (one, two) = (EmbedToken::random(), EmbedToken::random());
        assert_ne!(one, two);
        assert_eq!(one.secret().len(), 68);
        assert_eq!(EmbedToken::parse(one.secret()), Some(one.clone()));
        assert_eq!(format!("{one:?}"), "EmbedToken(…)");
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        let digits = "a".repeat(64);
        for text in
            ["", &digits, "cet_", &format!("cek_{digits}"), &format!("cet_{digits}a"), &format!("cet_{digits:g<65}")]
        {
            assert_eq!(EmbedToken::parse(text), None, "{text}");
        }
    }
}
