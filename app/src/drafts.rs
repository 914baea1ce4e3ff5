//! Texts that were typed and not sent yet. The tab keeps them for the agent who typed them: they survive another customer, another
//! page, the end of the session and a crash of the tab. A text goes when exactly it was taken, or when it is thrown away.

use clientele::domain::AgentId;
use leptos::prelude::*;

use crate::browser;
use crate::reactive::effect;

/// The texts of the agent who is signed in; a context of the frame.
#[derive(Clone, Copy)]
pub struct Drafts {
    agent: Signal<Option<AgentId>>,
}

impl Drafts {
    /// Makes the texts of an agent, once it is known who that is.
    pub const fn of(agent: Signal<Option<AgentId>>) -> Self {
        Self { agent }
    }

    /// The frame's.
    pub fn get() -> Self {
        expect_context()
    }

    /// Makes the text of a field, which is what was typed under its name before.
    pub fn field(self, name: String) -> Draft {
        let draft = Draft { text: RwSignal::new(String::new()), name: StoredValue::new(name), drafts: self };
        // After the page was taken over: the server knows nothing of it.
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

    /// Returns the text that is kept under a name.
    pub fn text(self, name: &str) -> Option<String> {
        browser::kept(&self.place("draft", name)?)
    }

    /// Keeps a text under a name; an empty one is forgotten.
    pub fn keep(self, name: &str, text: &str) {
        if let Some(place) = self.place("draft", name) {
            browser::keep(&place, Some(text).filter(|text| !text.is_empty()));
        }
    }

    /// Forgets a text that was taken. What was typed since then stays.
    pub fn taken(self, name: &str, sent: &str) {
        if let Some(text) = self.text(name) {
            self.keep(name, without(&text, sent));
        }
        if let Some(place) = self.place("request", name) {
            browser::keep(&place, None);
        }
    }

    /// Returns the idempotency key of sending a text: the same until the text was taken or is another one.
    pub fn request(self, name: &str, text: &str) -> String {
        let Some(place) = self.place("request", name) else { return browser::request_key() };
        let kept = browser::kept(&place);
        let same = kept.as_deref().and_then(|kept| kept.split_once('\n')).filter(|(_, own)| *own == text);
        if let Some((key, _)) = same {
            return key.to_owned();
        }
        let key = browser::request_key();
        browser::keep(&place, Some(&format!("{key}\n{text}")));
        key
    }

    fn place(self, kind: &str, name: &str) -> Option<String> {
        let agent = self.agent.try_get_untracked().flatten()?;
        Some(format!("clientele {kind} {agent} {name}"))
    }
}

/// The text of a field.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The text as it is typed.
    pub text: RwSignal<String>,
    name: StoredValue<String>,
    drafts: Drafts,
}

impl Draft {
    /// Takes over what was typed.
    pub fn typed(self, text: String) {
        self.name.with_value(|name| self.drafts.keep(name, &text));
        self.text.set(text);
    }

    /// Makes the sending of the text as it is now.
    pub fn sending(self) -> Sending {
        let (name, text) = (self.name.get_value(), self.text.get_untracked());
        let request = self.drafts.request(&name, &text);
        Sending { draft: self, name, text, request }
    }
}

/// A text that is on its way. It is known by its name: the field may be gone before the answer comes.
pub struct Sending {
    draft: Draft,
    name: String,
    text: String,
    /// The idempotency key.
    pub request: String,
}

impl Sending {
    /// Notes that the text was taken. What was typed since stays.
    pub fn taken(&self) {
        self.draft.drafts.taken(&self.name, &self.text);
        let _ = self.draft.text.try_update(|text| {
            *text = without(text, &self.text).to_owned();
        });
    }
}

/// Returns what was typed behind a text that was sent, or in its place.
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
