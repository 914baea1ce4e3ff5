use leptos::html::Dialog;
use leptos::prelude::*;

use super::{SignedInAgain, close_dialog, open_dialog, refuse_escape};
use crate::browser::{self, ElementRef};
use crate::focus::Focus;
use crate::i18n::{t, use_i18n};
use crate::live::Change;
use crate::reactive::effect;
use crate::widget;

/// Dialog of the widget after the session has ended: the page around it signs the agent in, so the
/// dialog can only ask it for another token. Everything typed stays.
///
/// The dialog covers the widget and is not modal. A modal one would block the page around it, where the
/// agent may have to sign in, and could not be closed.
#[component]
pub fn SessionOver() -> impl IntoView {
    let i18n = use_i18n();
    let SignedInAgain(done) = expect_context();
    let (dialog, button, root) = (NodeRef::<Dialog>::new(), ElementRef::default(), Focus::get().root);
    let (failed, change) = (RwSignal::new(false), Change::new());
    let focused = StoredValue::new_local(root.focused_inside());
    root.set_inert(true);
    on_cleanup(move || {
        root.set_inert(false);
        if browser::may_move_focus(|focused| focused.closest(".over").is_ok_and(|over| over.is_some())) {
            browser::focus(focused.try_get_value().flatten());
        }
    });
    effect(move || {
        let Some(element) = dialog.get() else { return };
        // A modal dialog of the console blocks the page already, and this one must be above it.
        if root.is_below_modal() {
            open_dialog(dialog);
        } else {
            element.set_open(true);
        }
        // The agent may be typing in the page around the widget.
        if focused.with_value(Option::is_some) {
            button.focus();
        }
    });
    let retry = move |_| {
        failed.set(false);
        change.send_or(widget::read_access_again(), move |answer| match answer {
            Ok(access) => {
                close_dialog(dialog);
                done.try_run(access);
            }
            Err(_) => drop(failed.try_set(true)),
        });
    };
    view! {
        <div class="over">
            <dialog
                class="dialog"
                part="dialog"
                node_ref=dialog
                aria-labelledby="over-title"
                on:keydown=|event| refuse_escape(&event)
                on:cancel=|event: leptos::ev::Event| event.prevent_default()
            >
                <header class="dialog-head">
                    <h2 id="over-title">{t!(i18n, sign_in.again)}</h2>
                </header>
                <div class="dialog-body">
                    <p>{t!(i18n, widget.over)}</p>
                    <p class="field-error" role="alert">
                        {move || failed.get().then(|| view! { {t!(i18n, widget.still_over)} })}
                    </p>
                </div>
                <footer class="dialog-foot">
                    <button
                        class="button is-primary"
                        type="button"
                        node_ref=button
                        disabled=move || change.busy.get()
                        on:click=retry
                    >
                        {t!(i18n, failure.retry)}
                    </button>
                </footer>
            </dialog>
        </div>
    }
    .into_any()
}
