use leptos::prelude::*;
use leptos::text_prop::TextProp;

#[cfg(not(feature = "ssr"))]
use crate::host;
#[cfg(not(feature = "ssr"))]
use crate::reactive::effect;

/// Stack of the current titles, the innermost last, each with its number; a context of the app.
#[cfg(not(feature = "ssr"))]
#[derive(Clone, Copy, Default)]
struct Titles(RwSignal<Vec<(u32, TextProp)>>);

/// Provides the title stack and keeps the document's title equal to the innermost entry.
///
/// The `Title` of leptos_meta is not used: it stores a title under the ID of its view, and a view
/// that is rebuilt in place has a new ID. The title of a customer would remain after the customer
/// is closed.
pub fn provide_title() {
    #[cfg(not(feature = "ssr"))]
    {
        let titles = Titles::default();
        // The title of a page around the widget is its own.
        let title = !host::is_embedded();
        effect(move || {
            if title && let Some(text) = titles.0.with(|titles| titles.last().map(|(_, text)| text.clone())) {
                document().set_title(&text.get());
            }
        });
        provide_context(titles);
    }
}

/// Title of the document while the component is mounted, unless a component inside sets another.
#[component]
pub fn PageTitle(
    /// Text of the title.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    // leptos_meta writes the title after rendering, when the signals are disposed, so the text is
    // resolved here. It does not escape the text.
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
            titles.try_update(|titles| titles.retain(|(other, _)| *other != number));
        });
    }
}

/// Escapes a text for an element that contains only text.
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
