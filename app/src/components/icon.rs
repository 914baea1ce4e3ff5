use leptos::prelude::*;

/// Icon from the sprite. Hidden from screen readers, so it needs a text beside it.
#[component]
pub fn Icon(
    /// Name of the symbol without the prefix `i-`.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#i-{name}") />
        </svg>
    }
}
