//! The chat page: messages take the same path as those of other channels, and a blacklisted visitor
//! sees no difference.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "../common/mod.rs"]
mod common;

mod browser;
mod held;
mod identity;
mod limits;
mod page;
mod rating;
mod talking;
