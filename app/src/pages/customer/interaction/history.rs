use std::collections::{BTreeMap, BTreeSet};

use clientele::domain::{CustomerKey, EventKind, Mode};
use leptos::prelude::*;

use crate::api::conversations::{ConversationInfo, list_conversations};
use crate::browser::Throttled;
use crate::error::AppError;
use crate::events::ServerEvent;
use crate::live::send;
use crate::session::Session;

/// Conversations per response of the server.
const IN_ONE: u32 = 50;

/// Conversations of the customer that are loaded so far, updated live.
#[derive(Clone, Copy)]
pub struct History {
    mode: Mode,
    key: CustomerKey,
    /// Listed conversations by number; contiguous from the newest down.
    pub known: RwSignal<BTreeMap<u32, ConversationInfo>>,
    /// `true` if there are older conversations to load.
    pub more: RwSignal<bool>,
    /// `true` while older conversations load.
    pub loading: RwSignal<bool>,
    /// Error of the last load.
    pub failed: RwSignal<Option<AppError>>,
    /// Conversations of the last refresh.
    pub fresh: RwSignal<Vec<ConversationInfo>>,
    /// Number of the conversation whose messages are being read.
    pub read: RwSignal<Option<u32>>,
}

impl History {
    pub fn new(mode: Mode, key: CustomerKey) -> Self {
        Self {
            mode,
            key,
            known: RwSignal::default(),
            more: RwSignal::new(true),
            loading: RwSignal::new(false),
            failed: RwSignal::new(None),
            fresh: RwSignal::default(),
            read: RwSignal::new(None),
        }
    }

    /// Loads the newest conversations, and on later calls older ones.
    pub fn load(self) {
        if self.loading.get_untracked() || !self.more.get_untracked() {
            return;
        }
        self.loading.set(true);
        self.failed.set(None);
        let before = self.known.with_untracked(|known| known.keys().next().copied().unwrap_or(0));
        send(list_conversations(self.mode, self.key, before), move |answer| {
            // `try_set` returns the value if the tab was closed and its signals were disposed
            // during the request.
            if self.loading.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => {
                    self.known.update(|known| {
                        known.extend(
                            page.conversations.into_iter().map(|conversation| (conversation.number, conversation)),
                        )
                    });
                    self.more.set(page.more);
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    /// Refreshes conversations when events report a change: they begin, are accepted, end and are
    /// rated.
    pub fn follow(self, moment: u32) {
        let changed = StoredValue::new(BTreeSet::<u32>::new());
        let soon = Throttled::new(moment, move || {
            let mut numbers = changed.try_update_value(std::mem::take).unwrap_or_default();
            while let Some(newest) = numbers.pop_last() {
                // One response also covers the conversations before the newest.
                numbers.retain(|number| *number + IN_ONE <= newest);
                self.refresh(newest.saturating_add(1));
            }
        });
        Session::get().subscribe(move |heard| {
            if !heard.is_about(self.key) {
                return;
            }
            let number = match heard {
                ServerEvent::Customer(news)
                    if matches!(news.kind, EventKind::MessageReceived | EventKind::MessageSent) =>
                {
                    // The conversation may have begun with this message. Otherwise its entry looks
                    // the same.
                    news.conversation.filter(|number| {
                        self.known.with_untracked(|known| {
                            !known.is_empty() && known.get(number).is_none_or(|conversation| conversation.messages == 0)
                        })
                    })
                }
                ServerEvent::Customer(news) => news.conversation,
                _ => Some(u32::MAX),
            };
            if let Some(number) = number {
                changed.update_value(|changed| {
                    changed.insert(number);
                });
                soon.call();
            }
        });
    }

    fn refresh(self, before: u32) {
        send(list_conversations(self.mode, self.key, before), move |answer| {
            let Ok(page) = answer else { return };
            self.known.try_update(|known| {
                // Conversations below the listed ones would leave a gap, unless everything is
                // loaded.
                let all = self.more.try_get_untracked() == Some(false);
                let Some(oldest) = known.keys().next().copied().or(all.then_some(1)) else { return };
                let listed = page.conversations.iter().filter(|conversation| conversation.number >= oldest);
                known.extend(listed.map(|conversation| (conversation.number, conversation.clone())));
            });
            self.fresh.try_set(page.conversations);
        });
    }
}
