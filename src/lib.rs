//! The core library: domain types and rules, the in-memory customer index, and persistence in
//! SurrealDB.
//!
//! # Layout
//!
//! - [`domain`]: types and rules. Performs no I/O; the only part that also runs in the browser.
//! - `index` (feature `index`): the in-memory customer index, which answers every list query. No I/O.
//! - `store` (feature `store`): the database. The only module that names SurrealDB.
//!
//! Rules about customers belong in [`domain`], ways to find customers in `index`, storage in `store`.

pub mod domain;
#[cfg(feature = "index")]
pub mod index;
#[cfg(feature = "store")]
pub mod store;
