use leptos::prelude::*;

/// A picture from the sprite; it says nothing to a screen reader, the words beside it do.
#[component]
pub fn Icon(
    /// The symbol's name without `i-`.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#i-{name}") />
        </svg>
    }
}
