//! Actions on a customer as the ledger knows it, with their effects.

use serde_json::Value;

use crate::ledger::Record;
use crate::operations::{Action, Cell, Effects};

/// Ticks a tag, or takes it away.
pub fn tick(record: &Record, key: u64, tag: u32) -> (Action, Effects) {
    let on = record.value(&Cell::Tag(tag)).is_empty();
    (Action::Tag { key, tag, on }, vec![(Cell::Tag(tag), if on { "yes".into() } else { String::new() })])
}

/// Changes a setting.
pub fn setting(name: &'static str, value: Value) -> (Action, Effects) {
    let effects = vec![(Cell::Setting(name), value.to_string())];
    (Action::Setting { name, value }, effects)
}

/// Calls a customer back that has no open conversation.
pub fn call_back(record: &Record, key: u64, agent: &str, unique: &str) -> (Action, Effects) {
    let next = record.newest_conversation().0 + 1;
    let effects = vec![(Cell::Conversation(next), format!("processing {agent}"))];
    (Action::CallBack { key, request: format!("call {unique}") }, effects)
}

/// Takes a customer off the blacklist; with `open_held`, what was held becomes a conversation of the agent.
pub fn unblacklist(record: &Record, key: u64, agent: &str, open_held: bool) -> (Action, Effects) {
    let mut effects = vec![(Cell::Blacklist, String::new())];
    if open_held && !record.value(&Cell::Held).is_empty() {
        effects.push((Cell::Held, String::new()));
        effects.push((Cell::Conversation(record.newest_conversation().0 + 1), format!("processing {agent}")));
    }
    (Action::Unblacklist { key, open_held }, effects)
}

/// State of a conversation once it has ended.
pub fn over(state: &str) -> String {
    match state.strip_prefix("processing ") {
        Some(agent) => format!("ended {agent}"),
        None => "abandoned".into(),
    }
}
