//! Embedding: tokens, what they permit, and what pages of hosts may load.

mod mint;
mod origins;
mod permissions;
mod token;
