use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::Icon;
use crate::browser;
use crate::console::Console;
use crate::i18n::{t, use_i18n};

/// A pause in typing after which the list follows: short enough to feel like none.
const PAUSE: Duration = Duration::from_millis(60);

/// The search box: the list follows while one types; without JavaScript it is a form.
#[component]
pub fn SearchBox(
    /// The console.
    console: Console,
) -> impl IntoView {
    let i18n = use_i18n();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    // Taking the page over writes the field anew: what was typed before is read first.
    let already = browser::typed_already("#search");
    let typed = RwSignal::new(already.clone().unwrap_or_else(|| console.view.get_untracked().filter.search));
    // The text comes back from elsewhere too: Back, a chip, Reset. It is not touched while it says the same.
    Effect::new(move |_| {
        let search = console.view.with(|view| view.filter.search.clone());
        if typed.with_untracked(|typed| typed.trim() != search.trim()) && !waiting.with_value(Option::is_some) {
            typed.set(search);
        }
    });
    let search = move || {
        let view = console.view.get_untracked();
        let mut filter = view.filter.clone();
        filter.search = typed.get_untracked();
        if filter.search.trim() == view.filter.search.trim() {
            return;
        }
        // The first letter is a step that Back undoes, the others belong to it.
        let begins = view.filter.search.trim().is_empty();
        let next = view.with_filter(filter);
        if begins { console.go(&next) } else { console.replace(&next) }
    };
    if already.is_some() {
        Effect::new(move |_| search());
    }
    let on_input = move |event: leptos::ev::Event| {
        typed.set(event_target_value(&event));
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        let later = move || {
            waiting.set_value(None);
            search();
        };
        waiting.set_value(set_timeout_with_handle(later, PAUSE).ok());
    };
    let others = move || {
        let view = console.view.get();
        let mut filter = view.filter.clone();
        filter.search.clear();
        filter
            .to_pairs(view.sort)
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect_view()
    };
    view! {
        <form
            class="search"
            role="search"
            method="get"
            action=console.base()
            on:submit=move |event| {
                event.prevent_default();
                search();
            }
        >
            <input
                class="input"
                id="search"
                type="search"
                name="q"
                prop:value=typed
                value=typed.get_untracked()
                placeholder=t!(i18n, search.label)
                aria-label=t!(i18n, search.label)
                aria-keyshortcuts="/"
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                on:input=on_input
            />
            <kbd aria-hidden="true">"/"</kbd>
            <button class="icon-button search-submit" type="submit" aria-label=t!(i18n, search.submit)>
                <Icon name="search" />
            </button>
            <a
                class="icon-button search-clear"
                href=move || console.href(&console.view.get().without(clientele::domain::Condition::Search))
                aria-label=t!(i18n, search.clear)
            >
                <Icon name="close" />
            </a>
            {others}
        </form>
    }
    .into_any()
}
