//! Unread messages: the number of messages that an agent has seen of each customer.
//!
//! The browser stores it for each agent. The server does not, because an agent reads its
//! conversations in one place at a time, and the server would have to write and publish each view.
//! In another browser a conversation counts as unread while its newest message is from the
//! customer.

use std::collections::BTreeMap;
use std::fmt::Write;

use clientele::domain::{AgentId, CustomerKey};
use leptos::prelude::*;

use crate::api::desk::{OwnConversation, read_own_conversations};
use crate::browser;
use crate::events::ServerEvent;
use crate::i18n::{t, use_i18n};
use crate::live::send;
use crate::reactive::{effect, memo};
use crate::session::Session;

/// Delay in milliseconds that combines several changes into one request.
const THROTTLE_MILLIS: u32 = 150;
/// Number of customers to store. When it is reached, only those with an open conversation of the
/// agent are kept.
const MAX_CUSTOMERS: usize = 200;

/// Messages that the signed-in agent has seen; a context of `SignedIn`.
#[derive(Clone, Copy)]
pub struct UnreadMarks {
    agent: Signal<Option<AgentId>>,
    /// Number of seen messages by customer.
    counts: RwSignal<BTreeMap<CustomerKey, u32>>,
    /// The agent's own conversations, as last loaded by the desk or the badge.
    pub own: RwSignal<Vec<OwnConversation>>,
}

impl UnreadMarks {
    /// Creates the state of an agent and loads it once the agent is known.
    pub fn of(agent: Signal<Option<AgentId>>) -> Self {
        let seen = Self { agent, counts: RwSignal::default(), own: RwSignal::default() };
        effect(move || {
            if agent.get().is_some() {
                seen.load();
            }
        });
        // Share the state between tabs.
        effect(move || {
            let handle = window_event_listener(leptos::ev::storage, move |_| seen.load());
            on_cleanup(move || handle.remove());
        });
        seen
    }

    /// Returns the state from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Marks the first `received` messages of a customer as seen.
    pub fn mark_seen(self, customer: CustomerKey, received: u32) {
        // Another tab may have stored a higher number.
        self.load();
        if self.counts.with_untracked(|counts| counts.get(&customer).is_some_and(|seen| *seen >= received)) {
            return;
        }
        self.counts.update(|counts| {
            if counts.len() >= MAX_CUSTOMERS {
                let own = self.own.get_untracked();
                counts.retain(|key, _| own.iter().any(|own| own.customer == *key));
            }
            counts.insert(customer, received);
        });
        if let Some(storage_key) = self.storage_key() {
            let text = self.counts.with_untracked(|counts| {
                counts.iter().fold(String::new(), |mut text, (key, seen)| {
                    let _ = write!(text, "{key}:{seen} ");
                    text
                })
            });
            browser::set_local_item(&storage_key, &text);
        }
    }

    /// Returns the number of unread messages in one of the agent's own conversations, and tracks
    /// it.
    pub fn unread(self, own: OwnConversation) -> u32 {
        if !own.unanswered {
            return 0;
        }
        let seen = self.counts.with(|counts| counts.get(&own.customer).copied());
        seen.map_or(1, |seen| own.received.saturating_sub(seen))
    }

    fn load(self) {
        let text = self.storage_key().and_then(|storage_key| browser::local_item(&storage_key)).unwrap_or_default();
        let counts = parse(&text);
        if self.counts.with_untracked(|known| *known != counts) {
            self.counts.set(counts);
        }
    }

    fn storage_key(self) -> Option<String> {
        Some(format!("clientele seen {}", self.agent.try_get_untracked().flatten()?))
    }
}

/// Parses `7:12 9:3 `; invalid entries are ignored.
fn parse(text: &str) -> BTreeMap<CustomerKey, u32> {
    let pair = |pair: &str| {
        let (key, seen) = pair.split_once(':')?;
        Some((key.parse().ok()?, seen.parse().ok()?))
    };
    text.split(' ').filter_map(pair).collect()
}

/// Badge of the navigation entry: the number of own conversations with unread messages.
#[component]
pub fn UnreadBadge() -> impl IntoView {
    let i18n = use_i18n();
    let (session, seen) = (Session::get(), UnreadMarks::get());
    let path = leptos_router::hooks::use_location().pathname;
    let load = move || {
        // The desk page loads the conversations itself.
        if path.try_with_untracked(|path| path.starts_with("/conversations")) == Some(false) {
            send(read_own_conversations(), move |answer| drop(answer.map(|own| seen.own.try_set(own))));
        }
    };
    session.subscribe_throttled(
        THROTTLE_MILLIS,
        |event| matches!(event, ServerEvent::Desk | ServerEvent::Customer(_) | ServerEvent::Everything),
        load,
    );
    effect(load);
    let count = memo(move || seen.own.with(|own| own.iter().filter(|own| seen.unread(**own) > 0).count()));
    move || {
        let count = count.get();
        (count > 0).then(|| {
            view! {
                <span class="rail-badge">
                    <span aria-hidden="true">{count}</span>
                    <span class="visually-hidden">{t!(i18n, desk.unread_conversations, count = count as u64)}</span>
                </span>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_version_wrote_is_read_as_far_as_it_can_be() {
        let read = parse("7:12 x 9:3 8:y :4 ");
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [(CustomerKey(7), 12), (CustomerKey(9), 3)]);
        assert!(parse("").is_empty());
    }
}
