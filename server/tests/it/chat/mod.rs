//! The chat page: messages take the same path as those of other channels, and a blacklisted visitor
//! sees no difference.

mod browser;
mod held;
mod identity;
mod limits;
mod page;
mod rating;
mod talking;
