//! Calling a customer back, from a list row or from the customer pane.

use clientele::domain::{CustomerKey, Feature, Reason};
use leptos::prelude::*;

use crate::api::callback::call_back;
use crate::components::Toasts;
use crate::console::{Console, Tab};
use crate::drafts::Drafts;
use crate::host::Widget;
use crate::i18n::{I18n, use_i18n};
use crate::labels;
use crate::live::Change;
use crate::unread::UnreadMarks;
use crate::widget::offers;

/// Sends callback requests and handles their results.
#[derive(Clone, Copy)]
pub struct Calling {
    /// `true` while a request is in flight.
    pub busy: RwSignal<bool>,
    /// `true` if the console offers callbacks.
    pub offered: bool,
    console: Console,
    change: Change,
    drafts: Drafts,
    i18n: I18n,
    seen: UnreadMarks,
    toasts: Toasts,
    widget: Option<Widget>,
}

/// Returns the [`Calling`] of a page.
pub fn use_callback(console: Console) -> Calling {
    let change = Change::new();
    Calling {
        busy: change.busy,
        offered: offers(Feature::Callback),
        console,
        change,
        drafts: Drafts::get(),
        i18n: use_i18n(),
        seen: UnreadMarks::get(),
        toasts: Toasts::get(),
        widget: Widget::get(),
    }
}

impl Calling {
    /// Calls a customer back and navigates to the new conversation, or shows in a toast why this is
    /// not possible. Clicks while a request is in flight are ignored. A failed request is retried
    /// with the same idempotency key, so that only one conversation is started.
    pub fn call(self, key: CustomerKey, callback_blocker: Option<Reason>) {
        if let Some(reason) = callback_blocker {
            return self.refused(key, reason);
        }
        let name = format!("callback {key}");
        let request = call_back(self.console.mode, key, self.drafts.idempotency_key(&name, "call"));
        self.change.send_or(request, move |answer| {
            // Use a new key after a success or a rejection. Keep the key if the request may not
            // have arrived.
            if answer.as_ref().map_or_else(|error| error.reason.is_some(), |_| true) {
                self.drafts.accepted(&name, "call");
            }
            match answer {
                Ok(conversation) => {
                    if let Some(widget) = self.widget {
                        widget.emit(
                            "callback-started",
                            &format!(r#"{{"customer":{key},"conversation":{conversation}}}"#),
                        );
                    }
                    self.console.open_conversation(key);
                }
                Err(error) => match error.reason {
                    Some(reason) => self.refused(key, reason),
                    None => self.change.show_error(&error),
                },
            }
        });
    }

    /// Returns the URL of the customer's open conversation: on the desk if it is the agent's own,
    /// or else in the Interaction tab.
    pub fn open_conversation(self, key: CustomerKey) -> Option<String> {
        let own = self.seen.own.try_with(|own| own.iter().any(|own| own.customer == key))?;
        if own {
            return Some(Console::conversation_href(key));
        }
        let view = self.console.view.try_get_untracked()?.selecting(Some(key));
        Some(self.console.href(&view.showing(Tab::Interaction)))
    }

    fn refused(self, key: CustomerKey, reason: Reason) {
        let link = matches!(reason, Reason::HasOpenConversation { .. }).then(|| self.open_conversation(key)).flatten();
        self.toasts.refused(move || labels::reason(self.i18n, reason), link);
    }
}
