//! Code of the app that runs only on the server.
//!
//! - `state`: what the server provides to every server function and rendering. `limits`: rate limits
//!   of sign-in attempts. `channel_refusals`: rejected requests of each channel key.
//! - `cookies`: reading cookies. `zone`: time zone of a request. `regions`, `software`: facts about visitors.
//! - `document`: the HTML document around the app. `chat_texts`: texts of the visitors' page, which is
//!   not part of the console. [`of_headers`]: language of a request.

pub mod channel_refusals;
pub mod chat_texts;
pub mod cookies;
pub mod document;
pub mod limits;
pub mod regions;
pub mod software;
pub mod state;
pub mod zone;

pub use crate::i18n::of_headers;
