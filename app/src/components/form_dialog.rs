use leptos::html::Dialog;
use leptos::prelude::*;

use crate::i18n::{t, use_i18n};

/// A question that stands before everything else: a form with Cancel and one thing to do.
#[component]
pub fn FormDialog(
    /// The dialog, for whoever opens it.
    node_ref: NodeRef<Dialog>,
    /// Its title's id in the document.
    id: &'static str,
    /// What it does: its title, and on its button.
    #[prop(into)]
    title: Signal<&'static str>,
    /// Whether what it does is hard to take back.
    #[prop(optional)]
    danger: bool,
    /// Whether it is being done.
    #[prop(into)]
    busy: Signal<bool>,
    /// Does it; not while it is being done.
    submit: Callback<()>,
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let act = if danger { "button is-danger" } else { "button is-primary" };
    view! {
        <dialog class="dialog" node_ref=node_ref aria-labelledby=id>
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

/// Opens a dialog before everything else.
pub fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog, if it is still there.
pub fn close(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.try_get_untracked().flatten() {
        dialog.close();
    }
}
