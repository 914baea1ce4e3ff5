//! Server functions, one file per resource. Each is a public endpoint: it authorises first, loads, decides, answers.

#[cfg(feature = "ssr")]
pub(crate) mod context;
pub mod customers;
pub mod session;
pub mod settings;
