//! Sort panel: a button that opens the filter form.

mod form;
mod tag_field;

use leptos::html::Details;
use leptos::prelude::*;

use super::Icon;
use crate::api::customers::{Count, TagCount};
use crate::browser;
use crate::console::Console;
use crate::error::AppError;
use crate::focus::Focus;
use crate::i18n::{t, use_i18n};
use crate::keys::{Action, Keys};
use crate::parts;
use crate::reactive::effect;

pub use form::SortForm;

/// Callback that counts the customers matching a filter that is not applied yet; the argument is
/// the filter as a URL query.
pub type CountCustomers = Callback<String, std::pin::Pin<Box<dyn Future<Output = Result<Count, AppError>>>>>;

/// Values that the form needs, passed as a context because browsers load the form after the list.
#[derive(Clone, Copy)]
struct Panel {
    console: Console,
    tags: Signal<Vec<TagCount>>,
    total: Signal<Option<u64>>,
    count: CountCustomers,
    details: NodeRef<Details>,
}

/// *Sort* button and the panel that it opens.
#[component]
pub fn SortPanel(
    /// Console whose filter is edited.
    console: Console,
    /// All tags of the tenant, with their counts under the applied filter.
    #[prop(into)]
    tags: Signal<Vec<TagCount>>,
    /// Number of customers that the applied filter finds.
    total: Signal<Option<u64>>,
    /// Counts the customers of the filter being edited.
    count: CountCustomers,
) -> impl IntoView {
    let i18n = use_i18n();
    let (details, focus) = (NodeRef::<Details>::new(), Focus::get());
    provide_context(Panel { console, tags, total, count, details });
    listen_for_keys(details, focus);
    let live = RwSignal::new(false);
    effect(move || live.set(true));
    // Without JavaScript the panel is a plain form. With JavaScript it is rendered after hydration.
    #[cfg(feature = "ssr")]
    let plain = RenderHtml::to_html(view! { <SortForm /> });
    #[cfg(not(feature = "ssr"))]
    let plain = "";
    view! {
        <details class="sort-details" node_ref=details open=console.view.get_untracked().error.is_some()>
            <summary class="button" node_ref=focus.sort aria-keyshortcuts=Action::Sort.key()>
                <Icon name="sort" />
                {t!(i18n, sort.title)}
                <Icon name="chevron-down" />
            </summary>
            <noscript inner_html=plain></noscript>
            {move || live.get().then(|| parts::SORT_FORM.show())}
        </details>
    }
    .into_any()
}

fn listen_for_keys(details: NodeRef<Details>, focus: Focus) {
    let keys = Keys::get();
    keys.on(Action::Sort, move || {
        let Some(details) = details.get_untracked() else { return false };
        details.set_open(!details.open());
        if details.open() {
            browser::focus(browser::find(&details, "input:checked"));
        }
        true
    });
    keys.on(Action::CloseSort, move || {
        let open = details.get_untracked().filter(|details| details.open());
        open.is_some_and(|details| {
            details.set_open(false);
            focus.sort.focus()
        })
    });
}
