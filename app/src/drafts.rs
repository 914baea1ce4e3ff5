//! Drafts: texts that were typed but not sent. They are kept in the tab's session storage for each
//! agent and survive navigation, the end of the session and a crash of the tab. A draft is removed
//! when the server accepts exactly that text, or when it is discarded.

use clientele::domain::AgentId;
use leptos::prelude::*;

use crate::browser;
use crate::reactive::effect;

/// Drafts of the signed-in agent; a context of `SignedIn`.
#[derive(Clone, Copy)]
pub struct Drafts {
    agent: Signal<Option<AgentId>>,
}

impl Drafts {
    /// Returns the drafts of an agent, which are empty until the agent is known.
    pub const fn of(agent: Signal<Option<AgentId>>) -> Self {
        Self { agent }
    }

    /// Returns the drafts from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Creates the draft of a field and restores the text that was stored under its name.
    pub fn field(self, name: String) -> Draft {
        let draft = Draft { text: RwSignal::new(String::new()), name: StoredValue::new(name), drafts: self };
        // In an effect, because the text is available only after hydration.
        effect(move || {
            if let Some(text) = self.agent.get().and(draft.name.try_with_value(|name| self.text(name)).flatten()) {
                draft.text.update(|typed| {
                    if typed.is_empty() {
                        *typed = text;
                    }
                });
            }
        });
        draft
    }

    /// Returns the text stored under a name.
    pub fn text(self, name: &str) -> Option<String> {
        browser::session_item(&self.storage_key("draft", name)?)
    }

    /// Stores a text under a name; an empty text removes the entry.
    pub fn keep(self, name: &str, text: &str) {
        if let Some(storage_key) = self.storage_key("draft", name) {
            browser::set_session_item(&storage_key, Some(text).filter(|text| !text.is_empty()));
        }
    }

    /// Removes a text that was accepted by the server. Text typed after it stays.
    pub fn accepted(self, name: &str, sent: &str) {
        if let Some(text) = self.text(name) {
            self.keep(name, without(&text, sent));
        }
        if let Some(storage_key) = self.storage_key("request", name) {
            browser::set_session_item(&storage_key, None);
        }
    }

    /// Returns the idempotency key for sending a text. The key stays the same until the text is
    /// accepted or changed.
    pub fn idempotency_key(self, name: &str, text: &str) -> String {
        let Some(storage_key) = self.storage_key("request", name) else { return browser::request_key() };
        let stored = browser::session_item(&storage_key);
        let same = stored.as_deref().and_then(|stored| stored.split_once('\n')).filter(|(_, other)| *other == text);
        if let Some((key, _)) = same {
            return key.to_owned();
        }
        let key = browser::request_key();
        browser::set_session_item(&storage_key, Some(&format!("{key}\n{text}")));
        key
    }

    fn storage_key(self, kind: &str, name: &str) -> Option<String> {
        let agent = self.agent.try_get_untracked().flatten()?;
        Some(format!("clientele {kind} {agent} {name}"))
    }
}

/// Draft of a field.
#[derive(Clone, Copy)]
pub struct Draft {
    /// Current text of the field.
    pub text: RwSignal<String>,
    name: StoredValue<String>,
    drafts: Drafts,
}

impl Draft {
    /// Sets the text from an input event and stores it.
    pub fn typed(self, text: String) {
        self.name.with_value(|name| self.drafts.keep(name, &text));
        self.text.set(text);
    }

    /// Returns a snapshot of the text for sending, with its idempotency key.
    pub fn sending(self) -> Sending {
        let (name, text) = (self.name.get_value(), self.text.get_untracked());
        let request = self.drafts.idempotency_key(&name, &text);
        Sending { draft: self, name, text, request }
    }
}

/// A text that is being sent. It refers to its draft by name, since the field may be disposed
/// before the response arrives.
pub struct Sending {
    draft: Draft,
    name: String,
    text: String,
    /// Idempotency key of the request.
    pub request: String,
}

impl Sending {
    /// Removes the accepted text from the draft. Text typed after it stays.
    pub fn accepted(&self) {
        self.draft.drafts.accepted(&self.name, &self.text);
        let _ = self.draft.text.try_update(|text| {
            *text = without(text, &self.text).to_owned();
        });
    }
}

/// Returns the text that was typed after the sent text, or all of it if it begins differently.
fn without<'a>(typed: &'a str, sent: &str) -> &'a str {
    typed.strip_prefix(sent).map_or(typed, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_was_typed_behind_a_sent_text_stays_alone() {
        for (typed, rest) in [
            ("Good day.", ""),
            ("Good day. How can I help?", "How can I help?"),
            ("Good day.\n", ""),
            ("Something else", "Something else"),
        ] {
            assert_eq!(without(typed, "Good day."), rest, "{typed}");
        }
    }
}
