//! Calling a customer back: the same from the row and from the customer beside the list.

use clientele::domain::{CustomerKey, Mode};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::callback::call_back;
use crate::drafts::Drafts;
use crate::live::Change;

/// Calls customers back.
#[derive(Clone, Copy)]
pub struct Calling {
    /// `true` while a call is under way.
    pub busy: RwSignal<bool>,
    /// Calls a customer back and goes to the conversation that began.
    pub call: Callback<CustomerKey>,
}

/// Makes the caller of a page. Clicks while a call is under way do nothing, and a call that failed goes out again as the same
/// request: however often it is tried, one conversation begins.
pub fn use_callback(mode: Mode) -> Calling {
    let (drafts, navigate, change) = (Drafts::get(), StoredValue::new(use_navigate()), Change::new());
    let call = Callback::new(move |key: CustomerKey| {
        let name = format!("callback {key}");
        let request = call_back(mode, key, drafts.request(&name, "call"));
        change.send_or(request, move |answer| {
            // What was refused is another request the next time; what is not known to have arrived is the same.
            if answer.as_ref().map_or_else(|error| error.reason.is_some(), |_| true) {
                drafts.taken(&name, "call");
            }
            match answer {
                Ok(_) => {
                    // The conversation is an agent's, whatever mode it was begun in.
                    navigate.try_with_value(|go| go(&format!("/conversations/{key}"), NavigateOptions::default()));
                }
                Err(error) => change.tell(&error),
            }
        });
    });
    Calling { busy: change.busy, call }
}
