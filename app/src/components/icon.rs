use leptos::prelude::*;

use crate::host;

/// Icon from the sprite. Hidden from screen readers, so it needs a text beside it.
#[component]
pub fn Icon(
    /// Name of the symbol without the prefix `i-`.
    name: &'static str,
) -> impl IntoView {
    // Browsers load no sprite from another origin; in the widget it is in the same shadow root.
    let sprite = if host::is_embedded() { "" } else { "/icons.svg" };
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=[sprite, "#i-", name].concat() />
        </svg>
    }
}
