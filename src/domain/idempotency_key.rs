//! Idempotency keys of agents' requests.

use super::error::{Error, Reason};
use super::ids::AgentId;

/// Idempotency key of an agent's request. A request that is sent again is not executed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    agent: AgentId,
    key: String,
}

impl IdempotencyKey {
    /// Maximum length of a key, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Validates a key that the agent's client chose. Agents may use equal keys.
    ///
    /// # Errors
    /// [`Reason::Malformed`] at field `request` unless `key` has 1 to 64 characters.
    pub fn new(agent: AgentId, key: impl Into<String>) -> Result<Self, Error> {
        let key = key.into();
        if key.is_empty() || key.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(Error::field("request", Reason::Malformed));
        }
        Ok(Self { agent, key })
    }

    /// Returns the agent who sent the request.
    #[must_use]
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// Returns the key as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_1_to_64_characters() {
        for key in ["r", " ", &"名".repeat(64)] {
            assert_eq!(IdempotencyKey::new(AgentId(1), key).unwrap().as_str(), key);
        }
        for key in ["", &"x".repeat(65)] {
            assert_eq!(IdempotencyKey::new(AgentId(1), key), Err(Error::field("request", Reason::Malformed)));
        }
    }
}
