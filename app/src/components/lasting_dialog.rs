use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Modal dialog that only its own buttons close.
///
/// Browsers let a page refuse to close a dialog for Esc once; the second Esc closes it, unless the key itself is
/// refused. Without a keyboard, such as by the back gesture of a phone, there is only `cancel`.
#[component]
pub fn LastingDialog(
    /// Reference to the dialog element, used by the caller to open and close it.
    node_ref: NodeRef<Dialog>,
    /// ID of the title element.
    id: &'static str,
    /// Title of the dialog.
    #[prop(into)]
    title: Signal<&'static str>,
    children: Children,
) -> impl IntoView {
    let keep_open = |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
        }
    };
    view! {
        <dialog
            class="dialog"
            part="dialog"
            node_ref=node_ref
            aria-labelledby=id
            on:keydown=keep_open
            on:cancel=|event: ev::Event| event.prevent_default()
        >
            <header class="dialog-head">
                <h2 id=id>{title}</h2>
            </header>
            {children()}
        </dialog>
    }
    .into_any()
}
