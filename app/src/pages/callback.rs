//! Calling a customer back: the same from the row and from the customer beside the list.

use clientele::domain::{CustomerKey, Mode};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::access::Session;
use crate::api::callback::call_back;
use crate::browser;
use crate::components::Toasts;
use crate::i18n::use_i18n;
use crate::words;

/// Calls a customer back and goes to the conversation that began. Clicks while a call is under way do nothing, and a call that
/// failed goes out again as the same request: however often it is tried, one conversation begins.
pub fn use_callback(mode: Mode) -> Callback<CustomerKey> {
    let (i18n, toasts, navigate) = (use_i18n(), Toasts::get(), use_navigate());
    let navigate = StoredValue::new(navigate);
    let request = StoredValue::new(None::<(CustomerKey, String)>);
    let calling = StoredValue::new(false);
    Callback::new(move |key: CustomerKey| {
        if calling.get_value() {
            return;
        }
        calling.set_value(true);
        let same = request.with_value(|last| last.clone().filter(|(last, _)| *last == key));
        let (_, id) = same.unwrap_or_else(|| (key, browser::request_key()));
        request.set_value(Some((key, id.clone())));
        leptos::task::spawn_local(async move {
            let answer = call_back(mode, key, id).await;
            calling.try_set_value(false);
            match answer {
                Ok(_) => {
                    request.try_set_value(None);
                    // The conversation is an agent's, whatever mode it was begun in.
                    navigate.try_with_value(|go| go(&format!("/conversations/{key}"), NavigateOptions::default()));
                }
                Err(error) => {
                    // What was refused is another request the next time; what is not known to have arrived is the same.
                    if error.reason.is_some() {
                        request.try_set_value(None);
                    }
                    Session::note(&error);
                    toasts.failed(words::failure(i18n, &error));
                }
            }
        });
    })
}
