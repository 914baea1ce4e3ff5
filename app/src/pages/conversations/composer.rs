use clientele::domain::{CustomerKey, Message};
use leptos::prelude::*;

use crate::api::desk::reply;
use crate::browser;
use crate::components::Icon;
use crate::drafts::{Draft, Drafts};
use crate::error::AppError;
use crate::focus::Focus;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::Action;
use crate::labels;
use crate::live::Change;
use crate::reactive::effect;

/// Returns the unsent reply to a customer.
pub fn draft(key: CustomerKey) -> Draft {
    Drafts::get().field(format!("reply {key}"))
}

/// Form in which the agent writes a reply. The draft is kept until it is sent: after a failure, and
/// while another conversation is open.
#[component]
pub fn Composer(
    key: CustomerKey,
    draft: Draft,
    /// `true` if the conversation is assigned to the agent.
    #[prop(into)]
    own: Signal<bool>,
    /// `true` if it has ended or is assigned to another agent.
    #[prop(into)]
    gone: Signal<bool>,
    /// Called after a message was sent.
    sent: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let (text, focus) = (draft.text, Focus::get());
    let error = RwSignal::new(None::<AppError>);
    let sending = Change::new();
    // `true` if the user pressed Send again while a message was being sent.
    let again = StoredValue::new(false);
    let send = move || {
        if sending.busy.get_untracked() {
            return again.set_value(true);
        }
        let message = match text.with_untracked(|text| Message::parse(text)) {
            Ok(message) => message,
            Err(refused) => return error.set(Some(refused.into())),
        };
        error.set(None);
        let sent_text = draft.sending();
        let request = reply(key, message, sent_text.request.clone());
        sending.send_or(request, move |answer| match answer {
            Ok(_) => {
                sent_text.accepted();
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
            // Do not take the focus from a user who moved it elsewhere while the conversation was
            // loading.
            browser::run_after(0, move || {
                focus.reply.focus_unless_elsewhere(".desk-item[aria-current], .conversation-head *");
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
                    // The button is disabled now; if it kept the focus, a phone would hide its
                    // keyboard.
                    focus.reply.focus();
                }
            >
                <label class="visually-hidden" for="reply">
                    {t!(i18n, desk.reply)}
                </label>
                <textarea
                    class="input"
                    id="reply"
                    node_ref=focus.reply
                    rows="3"
                    dir="auto"
                    placeholder=hint
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby="reply-error"
                    prop:value=move || text.get()
                    readonly=move || gone.get()
                    on:input=move |event| draft.typed(event_target_value(&event))
                    on:keydown=move |event| {
                        // A phone keyboard has no Shift+Enter, so Enter inserts a line break there.
                        if Action::Confirm.is_pressed(&event) && !event.shift_key() && !touch.get_untracked() {
                            event.prevent_default();
                            send();
                        }
                    }
                ></textarea>
                <p class="field-error" id="reply-error" role="alert">
                    {move || error.get().map(|error| labels::failure(i18n, &error))}
                </p>
                <button class="button is-primary" type="submit" disabled=move || sending.busy.get() || gone.get()>
                    <Icon name="arrow-up" />
                    {move || {
                        if error.with(Option::is_some) { t!(i18n, failure.retry)() } else { t!(i18n, desk.send)() }
                    }}
                </button>
            </form>
        </Show>
    }
    .into_any()
}
