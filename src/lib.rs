//! Clientele's heart: what customers are, how they are found, where they are kept.
//!
//! # Layout
//!
//! - [`domain`]: the types and the rules. Pure, and the only part that also runs in the browser.
//! - `index` (feature `index`): the customer index in memory that answers every list query. No I/O.
//! - `store` (feature `store`): the database. The only place that names SurrealDB.
//!
//! A rule about customers belongs to [`domain`]; a way to find them to `index`; how bytes last to `store`.

pub mod domain;
#[cfg(feature = "index")]
pub mod index;
#[cfg(feature = "store")]
pub mod store;
