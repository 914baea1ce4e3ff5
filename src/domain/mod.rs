//! Types and rules of Clientele: one aggregate per file, no I/O, no clock, no randomness.
//!
//! Everything here also compiles for the browser, so that a form and the server reject the same input.

pub mod address;
pub mod agent;
pub mod blacklist;
pub mod callback;
pub mod channel_key;
pub mod conversation;
pub mod conversations;
pub mod customer;
pub mod embedding;
pub mod error;
pub mod event;
pub mod filter;
pub mod idempotency_key;
pub mod ids;
pub mod listing;
mod named;
pub mod period;
mod profile;
pub mod rating;
pub mod session;
pub mod settings;
pub mod tag;
pub mod text;
pub mod time;
mod visibility;
pub mod visitor;
pub mod visitor_chat;

pub use agent::{Action, Agent, Mode, Role, Viewer};
pub use blacklist::Blacklisting;
pub use callback::CallbackBlockers;
pub use channel_key::KeyName;
pub use conversation::{Channel, Conversation, ConversationState, HeldMessage, Message, Origin, Sender};
pub use conversations::{CustomerAggregate, Delivered, PendingWrites};
pub use customer::{Customer, CustomerFields};
pub use embedding::{EmbedOrigin, Feature, Features};
pub use error::{Error, Reason};
pub use event::{Actor, Change, Event, EventKind};
pub use filter::{Condition, Direction, Filter, Sort, SortBy, TimeField};
pub use idempotency_key::IdempotencyKey;
pub use ids::{AgentId, CustomerId, CustomerKey, EventId, MessageId, TagId};
pub use listing::{Cursor, Exclusion, Match, MatchedField, PageRequest, Rank, Relaxation, Row, Start};
pub use period::{LocalMinute, Period, TimeRange, WeekStart};
pub use profile::{FieldKind, FieldProvenance, Profile, ProfileField};
pub use rating::Rating;
pub use session::SessionTimes;
pub use settings::Settings;
pub use tag::{Tag, TagColor, TagName};
pub use time::Timestamp;
pub use visibility::{Editable, Visible};
pub use visitor::VisitorInfo;
pub use visitor_chat::{ChatState, VisitorChat};
