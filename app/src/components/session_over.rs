use leptos::html::Dialog;
use leptos::prelude::*;

use super::{LastingDialog, SignedInAgain, close_dialog, open_dialog};
use crate::browser::ElementRef;
use crate::i18n::{t, t_string, use_i18n};
use crate::live::Change;
use crate::reactive::effect;
use crate::widget;

/// Dialog of the widget after the session has ended: the page around it signs the agent in, so the
/// dialog can only ask it for another token. Everything typed stays.
#[component]
pub fn SessionOver() -> impl IntoView {
    let i18n = use_i18n();
    let SignedInAgain(done) = expect_context();
    let (dialog, button) = (NodeRef::<Dialog>::new(), ElementRef::default());
    let (failed, change) = (RwSignal::new(false), Change::new());
    effect(move || {
        if dialog.get().is_some() {
            open_dialog(dialog);
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
        <LastingDialog node_ref=dialog id="over-title" title=Signal::derive(move || t_string!(i18n, sign_in.again))>
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
        </LastingDialog>
    }
    .into_any()
}
