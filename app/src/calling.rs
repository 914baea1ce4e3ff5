//! Calling a customer back: the same from the row and from the customer beside the list.

use clientele::domain::{CustomerKey, Reason};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::callback::call_back;
use crate::components::Toasts;
use crate::console::{Console, Tab};
use crate::drafts::Drafts;
use crate::i18n::{I18n, use_i18n};
use crate::live::Change;
use crate::seen::Seen;
use crate::words;

/// Goes to an address.
type Navigate = Box<dyn Fn(&str) + Send + Sync>;

/// Calls customers back.
#[derive(Clone, Copy)]
pub struct Calling {
    /// `true` while a call is under way.
    pub busy: RwSignal<bool>,
    console: Console,
    change: Change,
    drafts: Drafts,
    i18n: I18n,
    navigate: StoredValue<Navigate>,
    seen: Seen,
    toasts: Toasts,
}

/// Makes the caller of a page.
pub fn use_callback(console: Console) -> Calling {
    let (change, navigate) = (Change::new(), use_navigate());
    Calling {
        busy: change.busy,
        console,
        change,
        drafts: Drafts::get(),
        i18n: use_i18n(),
        navigate: StoredValue::new(Box::new(move |to| navigate(to, NavigateOptions::default()))),
        seen: Seen::get(),
        toasts: Toasts::get(),
    }
}

impl Calling {
    /// Calls a customer back and goes to the conversation that began, or tells what is in the way. Clicks while a call is under
    /// way do nothing, and a call that failed goes out again as the same request: however often it is tried, one conversation
    /// begins.
    pub fn call(self, key: CustomerKey, obstacle: Option<Reason>) {
        if let Some(reason) = obstacle {
            return self.refused(key, reason);
        }
        let name = format!("callback {key}");
        let request = call_back(self.console.mode, key, self.drafts.request(&name, "call"));
        self.change.send_or(request, move |answer| {
            // What was refused is another request the next time; what is not known to have arrived is the same.
            if answer.as_ref().map_or_else(|error| error.reason.is_some(), |_| true) {
                self.drafts.taken(&name, "call");
            }
            match answer {
                // The conversation is an agent's, whatever mode it was begun in.
                Ok(_) => drop(self.navigate.try_with_value(|go| go(&format!("/conversations/{key}")))),
                Err(error) => match error.reason {
                    Some(reason) => self.refused(key, reason),
                    None => self.change.tell(&error),
                },
            }
        });
    }

    /// Returns the address of the customer's open conversation: at the desk if it is the agent's own.
    pub fn open_conversation(self, key: CustomerKey) -> Option<String> {
        let own = self.seen.own.try_with(|own| own.iter().any(|own| own.customer == key))?;
        if own {
            return Some(format!("/conversations/{key}"));
        }
        let view = self.console.view.try_get_untracked()?.selecting(Some(key));
        Some(self.console.href(&view.showing(Tab::Interaction)))
    }

    fn refused(self, key: CustomerKey, reason: Reason) {
        let way = matches!(reason, Reason::HasOpenConversation { .. }).then(|| self.open_conversation(key)).flatten();
        self.toasts.refused(move || words::reason(self.i18n, reason), way);
    }
}
