//! Lists whose items are kept by key.

use std::hash::Hash;

use leptos::prelude::*;
use leptos::tachys::view::keyed::SerializableKey;

use crate::browser;

/// Leptos' [`For`], in which the focused element keeps the keyboard focus. `For` moves elements in
/// the document when items change their order, and some also when items are added and removed. A
/// browser takes the focus from an element that is moved.
#[component]
pub fn Each<IF, I, T, EF, N, KF, K>(
    /// Items to show.
    each: IF,
    /// Key of an item; the view of an item stays as long as its key.
    key: KF,
    /// View of an item.
    children: EF,
) -> impl IntoView
where
    IF: Fn() -> I + Send + 'static,
    I: IntoIterator<Item = T> + Send + 'static,
    EF: Fn(T) -> N + Send + Clone + 'static,
    N: IntoView + 'static,
    KF: Fn(&T) -> K + Send + Clone + 'static,
    K: Eq + Hash + SerializableKey + 'static,
    T: Send + 'static,
{
    // `For` calls this right before it changes the document.
    let each = move || {
        browser::keep_focus();
        each()
    };
    view! { <For each key children /> }
}
