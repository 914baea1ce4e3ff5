use leptos::prelude::*;
use leptos_meta::Title;

use crate::i18n::{Text, use_i18n};

/// The title of the document.
#[component]
pub fn PageTitle(
    /// What it says.
    text: Text,
) -> impl IntoView {
    let i18n = use_i18n();
    // The server puts the title in when the page is done, and its signals are gone: there it is the words themselves.
    #[cfg(feature = "ssr")]
    let text = i18n.say(text);
    #[cfg(not(feature = "ssr"))]
    let text = i18n.text(text);
    view! { <Title text /> }
}
