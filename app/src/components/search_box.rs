use leptos::prelude::*;

use super::Icon;
use crate::browser::{self, Debounced};
use crate::console::{Console, View};
use crate::focus::Focus;
use crate::i18n::{t, use_i18n};
use crate::keys::Action;
use crate::reactive::effect_from_first;

/// Debounce time in milliseconds between typing and searching; short enough to feel immediate.
const PAUSE: u32 = 60;

/// Search box. The list follows while the user types; without JavaScript it is a GET form.
#[component]
pub fn SearchBox(
    /// Console whose search text is edited.
    console: Console,
) -> impl IntoView {
    let i18n = use_i18n();
    let focus = Focus::get();
    let typed = RwSignal::new(console.view.get_untracked().filter.search);
    let search = move || {
        let view = console.view.get_untracked();
        let mut filter = view.filter.clone();
        filter.search = typed.get_untracked();
        if filter.search.trim() == view.filter.search.trim() {
            return;
        }
        // The first letter creates a history entry, which Back undoes. Later letters replace that
        // entry.
        let begins = view.filter.search.trim().is_empty();
        let next = view.with_filter(filter);
        if begins { console.go(&next) } else { console.replace(&next) }
    };
    let later = Debounced::new(PAUSE, search);
    // Back, a chip or Reset also change the text. Leave the field alone if it has the same text,
    // and on the first run if the user typed before hydration.
    let hydrating = browser::is_hydrating();
    effect_from_first(move |first| {
        let shown = console.list.with(|view| view.filter.search.clone());
        let already = (first && hydrating).then(|| focus.search.text_before_hydration()).flatten();
        if let Some(already) = already {
            typed.set(already);
            search();
        } else if typed.with_untracked(|typed| typed.trim() != shown.trim()) && !later.is_waiting() {
            typed.set(shown);
        }
    });
    // Not `prop:value`: hydration would overwrite what was typed before it.
    effect_from_first(move |first| {
        let typed = typed.get();
        if !(first && hydrating) {
            focus.search.write(&typed);
        }
    });
    // Ignore the unfinished text of an IME. Browsers end a composition before or after its last
    // input event.
    let composing = StoredValue::new(false);
    let on_input = move |event: leptos::ev::Event| {
        if !composing.get_value() {
            typed.set(event_target_value(&event));
            later.call();
        }
    };
    let composed = move |event: leptos::ev::CompositionEvent| {
        composing.set_value(false);
        typed.set(event_target_value(&event));
        later.call();
    };
    let others = move || {
        let View { mut filter, sort, .. } = console.list.get();
        filter.search.clear();
        filter
            .to_pairs(sort)
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect_view()
    };
    view! {
        <form
            class="search"
            part="search"
            role="search"
            method="get"
            action=console.base()
            on:submit=move |event| {
                event.prevent_default();
                // If a search is still waiting, its results are not shown yet, so the focus stays
                // in the field.
                let early = later.is_waiting();
                later.cancel();
                search();
                if !early {
                    focus.enter_list(None);
                }
            }
        >
            <input
                class="input"
                node_ref=focus.search
                type="search"
                name="q"
                value=typed.get_untracked()
                placeholder=t!(i18n, search.label)
                aria-label=t!(i18n, search.label)
                aria-keyshortcuts=Action::Search.key()
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                on:input=on_input
                on:compositionstart=move |_| composing.set_value(true)
                on:compositionend=composed
                on:keydown=move |event| {
                    if Action::IntoList.is_pressed(&event) && focus.enter_list(None) {
                        event.prevent_default();
                    }
                }
            />
            <kbd aria-hidden="true">{Action::Search.key()}</kbd>
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
