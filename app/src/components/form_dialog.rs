use leptos::html::Dialog;
use leptos::prelude::*;

use crate::i18n::{t, use_i18n};

/// Modal dialog with a form, a Cancel button and one submit button.
#[component]
pub fn FormDialog(
    /// Reference to the dialog element, used by the caller to open and close it.
    node_ref: NodeRef<Dialog>,
    /// ID of the title element.
    id: &'static str,
    /// Name of the action, shown as the title and on the submit button.
    #[prop(into)]
    title: Signal<&'static str>,
    /// `true` if the action is hard to undo; the submit button is then red.
    #[prop(optional)]
    danger: bool,
    /// `true` while the action runs; the submit button is then disabled.
    #[prop(into)]
    busy: Signal<bool>,
    /// Performs the action. Not called while `busy`.
    submit: Callback<()>,
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let act = if danger { "button is-danger" } else { "button is-primary" };
    view! {
        <dialog class="dialog" part="dialog" node_ref=node_ref aria-labelledby=id>
            <form on:submit=move |event| {
                event.prevent_default();
                if !busy.get_untracked() {
                    submit.run(());
                }
            }>
                <header class="dialog-head">
                    <h2 id=id>{title}</h2>
                </header>
                <div class="dialog-body">{children()}</div>
                <footer class="dialog-foot">
                    <button class="button" type="button" on:click=move |_| close(node_ref)>
                        {t!(i18n, profile.cancel)}
                    </button>
                    <button class=act type="submit" disabled=move || busy.get()>
                        {title}
                    </button>
                </footer>
            </form>
        </dialog>
    }
    .into_any()
}

/// Opens a dialog as a modal.
pub fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        let _ = dialog.show_modal();
    }
}

/// Keeps Esc from closing a dialog that has to be answered.
///
/// Browsers let a page cancel the closing once; the second Esc closes the dialog, unless the key itself is refused.
/// Without a keyboard, such as by the back gesture of a phone, there is only the event `cancel`.
pub fn refuse_escape(event: &leptos::ev::KeyboardEvent) {
    if event.key() == "Escape" {
        event.prevent_default();
    }
}

/// Closes a dialog, if it still exists.
pub fn close(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.try_get_untracked().flatten() {
        dialog.close();
    }
}
