//! The changes that clients make: the one place that knows each change's request and its effects.

use clientele::domain::ProfileField;
use serde_json::{Value, json};

use crate::access::Access;
use crate::http::Request;

/// One fact about a customer or the tenant that a change sets and the API shows. A cell that is not there is as good as one
/// with an empty text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// A field of the profile.
    Field(&'static str),
    /// `yes` when the customer has the tag.
    Tag(u32),
    /// The reason of the entry on the blacklist.
    Blacklist,
    /// Number of held messages that stand in no conversation.
    Held,
    /// State and agent of a conversation: `processing crash-1`.
    Conversation(u32),
    /// `once` when exactly one message, said or held, has this text.
    Message(String),
    /// A setting of the tenant, as JSON.
    Setting(&'static str),
    /// `yes` when the tenant has a tag of this name.
    TagName(String),
}

/// Cells and the values they have after a change.
pub type Effects = Vec<(Cell, String)>;

/// A change with everything that its request says.
#[derive(Clone, Debug)]
pub enum Action {
    /// A customer writes. A first message makes the customer.
    Message { channel: usize, customer: String, id: String, text: String, nickname: String },
    /// An agent edits a field of the profile.
    Edit { key: u64, field: &'static str, seen: String, value: String },
    /// An agent ticks a tag or takes it away.
    Tag { key: u64, tag: u32, on: bool },
    /// An agent makes a tag.
    NewTag { name: String },
    /// An agent calls a customer back.
    CallBack { key: u64, request: String },
    /// An agent accepts a waiting conversation.
    Accept { key: u64 },
    /// An agent writes in its conversation.
    Reply { key: u64, text: String, request: String },
    /// An agent ends its conversation.
    End { key: u64 },
    /// An agent puts a customer on the blacklist.
    Blacklist { key: u64, reason: String },
    /// An agent takes a customer off the blacklist.
    Unblacklist { key: u64, open_held: bool },
    /// An admin changes a setting.
    Setting { name: &'static str, value: Value },
}

/// Names of the settings: the last part of the server function's path, the argument, the field of the settings.
pub const SETTINGS: [(&str, &str, &str); 3] = [
    ("customers_page", "on", "customers_page_in_agent_mode"),
    ("agents_create_tags", "on", "agents_create_tags"),
    ("week_start", "day", "week_start"),
];

/// Fields of the profile. Each writer has its own on shared customers.
pub const FIELDS: [ProfileField; ProfileField::ALL.len()] = ProfileField::ALL;

impl Action {
    /// Makes the request.
    pub fn request(&self, access: &Access, agent: usize) -> Request {
        let call = |path: &str, body: Value| access.call(agent, path, &body);
        match self {
            Self::Message { channel, customer, id, text, nickname } => {
                let mut body = json!({ "id": id, "customer": customer, "text": text });
                if !nickname.is_empty() {
                    body["profile"] = json!({ "nickname": nickname });
                }
                access.signed(*channel, "/api/v1/messages", &body)
            }
            Self::Edit { key, field, seen, value } => call(
                "/api/customers/profile",
                json!({ "mode": "admin", "key": key, "field": field, "seen": seen, "value": value }),
            ),
            Self::Tag { key, tag, on } => {
                call("/api/customers/tag", json!({ "mode": "admin", "key": key, "tag": tag, "on": on }))
            }
            Self::NewTag { name } => call("/api/tags/create", json!({ "mode": "admin", "name": name })),
            Self::CallBack { key, request } => {
                call("/api/customers/callback", json!({ "mode": "admin", "key": key, "request": request }))
            }
            Self::Accept { key } => call("/api/desk/accept", json!({ "key": key })),
            Self::Reply { key, text, request } => {
                call("/api/desk/reply", json!({ "key": key, "text": text, "request": request }))
            }
            Self::End { key } => call("/api/desk/end", json!({ "key": key })),
            Self::Blacklist { key, reason } => {
                call("/api/customers/blacklist", json!({ "mode": "admin", "key": key, "reason": reason, "days": null }))
            }
            Self::Unblacklist { key, open_held } => {
                call("/api/customers/unblacklist", json!({ "mode": "admin", "key": key, "open_held": open_held }))
            }
            Self::Setting { name, value } => {
                let argument = SETTINGS.iter().find(|(own, ..)| own == name).map_or("on", |(_, argument, _)| argument);
                call(&format!("/api/settings/{name}"), json!({ argument: value }))
            }
        }
    }

    /// Returns `true` if the server promises that the same request twice is one change.
    pub fn has_idempotency_key(&self) -> bool {
        matches!(self, Self::Message { .. } | Self::CallBack { .. } | Self::Reply { .. })
    }
}

/// A change of one record of the ledger.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The record, by its place in the ledger.
    pub record: usize,
    /// The agent, by its place in [`Access`].
    pub agent: usize,
    /// The change.
    pub action: Action,
    /// Values that it sets. Each differs from the one before: else a change that happened looked like one that did not.
    pub effects: Effects,
}

impl Operation {
    /// Returns `true` if the live stream tells of the change: what a blacklisted customer writes is nobody's news.
    pub fn is_told(&self) -> bool {
        let held = |(cell, value): &(Cell, String)| *cell == Cell::Held && !value.is_empty();
        !self.effects.iter().any(held)
    }
}
