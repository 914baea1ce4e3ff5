//! Agents, tags and dates that the generated customers share.

use crate::domain::{AgentId, TagId, Timestamp};

/// Tags, agents and dates that the customers are generated from.
pub(super) struct Cast {
    /// Most frequent tag first.
    pub(super) tags: Vec<TagId>,
    pub(super) agents: Vec<AgentId>,
    pub(super) now: Timestamp,
    /// Total number of customers in the data set.
    pub(super) total: u64,
    /// `true` if customer number `ENDLESS` has 10,000 conversations.
    pub(super) endless: bool,
}
