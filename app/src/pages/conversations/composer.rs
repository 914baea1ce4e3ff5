use clientele::domain::{CustomerKey, Message};
use leptos::prelude::*;

use super::Place;
use crate::access::Session;
use crate::api::desk::reply;
use crate::browser;
use crate::components::Icon;
use crate::error::AppError;
use crate::i18n::{t, use_i18n};
use crate::words;

/// Where the agent writes. What was typed stays until it was sent: through a failure, and while another conversation is open.
#[component]
pub fn Composer(
    place: Place,
    key: CustomerKey,
    /// Whether the conversation is the agent's.
    #[prop(into)]
    own: Signal<bool>,
    /// Whether it is over, or another agent's.
    #[prop(into)]
    gone: Signal<bool>,
    /// Called when a message was sent.
    sent: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let text = RwSignal::new(place.drafts.with_value(|drafts| drafts.get(&key).cloned()).unwrap_or_default());
    let error = RwSignal::new(None::<AppError>);
    let sending = RwSignal::new(false);
    // The same until it has arrived: a message that is sent again is one message.
    let request = StoredValue::new(String::new());
    let typed = move |typed: String| {
        // Another text is another message.
        request.set_value(String::new());
        place.drafts.update_value(|drafts| drop(drafts.insert(key, typed.clone())));
        text.set(typed);
    };
    let send = move || {
        if sending.get_untracked() {
            return;
        }
        let message = match text.with_untracked(|text| Message::accept(text)) {
            Ok(message) => message,
            Err(refused) => return error.set(Some(refused.into())),
        };
        if request.with_value(String::is_empty) {
            request.set_value(browser::request_key());
        }
        sending.set(true);
        error.set(None);
        let id = request.get_value();
        leptos::task::spawn_local(async move {
            let answer = reply(key, message, id).await;
            sending.try_set(false);
            match answer {
                Ok(_) => {
                    if text.try_set(String::new()).is_none() {
                        typed(String::new());
                    }
                    sent.try_run(());
                    browser::focus("#reply");
                }
                Err(failed) => {
                    Session::note(&failed);
                    error.try_set(Some(failed));
                }
            }
        });
    };
    Effect::new(move |_| {
        if own.get() {
            browser::after(0, || {
                browser::focus("#reply");
            });
        }
    });
    let shown = move || own.get() || (gone.get() && text.with(|text| !text.is_empty()));
    view! {
        <Show when=shown>
            <form
                class="composer"
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                }
            >
                <label class="visually-hidden" for="reply">
                    {t!(i18n, desk.reply)}
                </label>
                <textarea
                    class="input"
                    id="reply"
                    rows="3"
                    dir="auto"
                    placeholder=t!(i18n, desk.reply_hint)
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby="reply-error"
                    prop:value=move || text.get()
                    readonly=move || gone.get()
                    on:input=move |event| typed(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                            event.prevent_default();
                            send();
                        }
                    }
                ></textarea>
                <p class="field-error" id="reply-error" role="alert">
                    {move || error.get().map(|error| words::failure(i18n, &error))}
                </p>
                <button class="button is-primary" type="submit" disabled=move || sending.get() || gone.get()>
                    <Icon name="arrow-up" />
                    {move || if error.with(Option::is_some) { t!(i18n, failure.retry)() } else { t!(i18n, desk.send)() }}
                </button>
            </form>
        </Show>
    }
    .into_any()
}
