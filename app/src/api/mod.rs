//! Server functions, one file per resource. Each is a public endpoint: it authorises the caller,
//! loads, decides, and responds.

pub mod blacklist;
pub mod callback;
pub mod channels;
#[cfg(feature = "ssr")]
pub(crate) mod context;
pub mod conversations;
pub mod customer;
pub mod customers;
pub mod desk;
pub mod embedding;
pub mod find;
pub mod profile;
pub mod session;
pub mod settings;
pub mod tags;
