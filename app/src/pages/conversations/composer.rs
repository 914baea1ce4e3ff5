use clientele::domain::{CustomerKey, Message};
use leptos::prelude::*;

use crate::api::desk::reply;
use crate::browser;
use crate::components::Icon;
use crate::drafts::{Draft, Drafts};
use crate::error::AppError;
use crate::i18n::{t, t_string, use_i18n};
use crate::live::Change;
use crate::reactive::effect;
use crate::words;

/// Returns the reply to a customer that was typed and not sent.
pub fn draft(key: CustomerKey) -> Draft {
    Drafts::get().field(format!("reply {key}"))
}

/// Where the agent writes. What was typed stays until it was sent: through a failure, and while another conversation is open.
#[component]
pub fn Composer(
    key: CustomerKey,
    draft: Draft,
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
    let text = draft.text;
    let error = RwSignal::new(None::<AppError>);
    let sending = Change::new();
    // `true` if somebody sent again while a text was on its way.
    let again = StoredValue::new(false);
    let send = move || {
        if sending.busy.get_untracked() {
            return again.set_value(true);
        }
        let message = match text.with_untracked(|text| Message::accept(text)) {
            Ok(message) => message,
            Err(refused) => return error.set(Some(refused.into())),
        };
        error.set(None);
        let sent_text = draft.sending();
        let request = reply(key, message, sent_text.request.clone());
        sending.send_or(request, move |answer| match answer {
            Ok(_) => {
                sent_text.taken();
                sent.try_run(());
            }
            Err(failed) => drop(error.try_set(Some(failed))),
        });
    };
    effect(move || {
        if !sending.busy.get() && again.get_value() {
            again.set_value(false);
            if error.with_untracked(Option::is_none) && text.with_untracked(|text| !text.trim().is_empty()) {
                send();
            }
        }
    });
    effect(move || {
        if own.get() {
            // Who went elsewhere while the conversation was on its way stays there.
            browser::after(0, || {
                browser::focus_unless_elsewhere("#reply", ".desk-item[aria-current], .thread-head *");
            });
        }
    });
    let touch = RwSignal::new(false);
    effect(move || touch.set(browser::has_coarse_pointer()));
    let hint = move || match touch.get() {
        true => t_string!(i18n, desk.reply_hint_touch),
        false => t_string!(i18n, desk.reply_hint),
    };
    let shown = move || own.get() || (gone.get() && text.with(|text| !text.is_empty()));
    view! {
        <Show when=shown>
            <form
                class="composer"
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                    // Not on the button, which is off now: a phone would put its keyboard away.
                    browser::focus("#reply");
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
                    placeholder=hint
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby="reply-error"
                    prop:value=move || text.get()
                    readonly=move || gone.get()
                    on:input=move |event| draft.typed(event_target_value(&event))
                    on:keydown=move |event| {
                        // The keyboard of a phone has no Shift+Enter.
                        if browser::is_enter(&event) && !event.shift_key() && !touch.get_untracked() {
                            event.prevent_default();
                            send();
                        }
                    }
                ></textarea>
                <p class="field-error" id="reply-error" role="alert">
                    {move || error.get().map(|error| words::failure(i18n, &error))}
                </p>
                <button class="button is-primary" type="submit" disabled=move || sending.busy.get() || gone.get()>
                    <Icon name="arrow-up" />
                    {move || if error.with(Option::is_some) { t!(i18n, failure.retry)() } else { t!(i18n, desk.send)() }}
                </button>
            </form>
        </Show>
    }
    .into_any()
}
