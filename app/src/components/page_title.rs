use leptos::prelude::*;
use leptos::text_prop::TextProp;

#[cfg(not(feature = "ssr"))]
use crate::reactive::effect;

/// The titles of what is open, the innermost last; a context of the app.
#[cfg(not(feature = "ssr"))]
#[derive(Clone, Copy, Default)]
struct Titles(RwSignal<Vec<(u32, TextProp)>>);

/// Provides the document's title, which follows what is open.
///
/// Not leptos' `Title`: it keeps a title under the number of the view it came with, and a view that is made anew in place has
/// another number, so that the title of a customer would stay when the customer is closed.
pub fn provide_title() {
    #[cfg(not(feature = "ssr"))]
    {
        let titles = Titles::default();
        effect(move || {
            if let Some(text) = titles.0.with(|titles| titles.last().map(|(_, text)| text.clone())) {
                document().set_title(&text.get());
            }
        });
        provide_context(titles);
    }
}

/// The title of the document, until something inside names another one or the component is gone.
#[component]
pub fn PageTitle(
    /// What it says.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    // The server puts the title in when the page is done, and its signals are gone: there it is the words themselves. Leptos puts
    // them into the document as they are.
    #[cfg(feature = "ssr")]
    {
        use leptos_meta::{Title, TitleProps};
        let text = escape(&text.get());
        drop(Title(TitleProps::builder().text(text).build()));
    }
    #[cfg(not(feature = "ssr"))]
    {
        let Titles(titles) = expect_context();
        let number =
            titles.with_untracked(|titles| titles.iter().map(|(number, _)| number + 1).max().unwrap_or_default());
        titles.update(|titles| titles.push((number, text)));
        on_cleanup(move || {
            titles.try_update(|titles| titles.retain(|(own, _)| *own != number));
        });
    }
}

/// A text as it stands in an element that holds nothing but text.
#[cfg(any(feature = "ssr", test))]
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_name_cannot_end_the_title() {
        assert_eq!(escape("</title><script>a&b"), "&lt;/title>&lt;script>a&amp;b");
    }
}
