use leptos::prelude::*;

use super::Icon;
use crate::browser::{self, Debounced};
use crate::console::Console;
use crate::i18n::{t, use_i18n};
use crate::keys::Action;
use crate::reactive::{effect, effect_from_first};

/// Selector of the name in the row that Tab comes to.
const FIRST_ROW: &str = ".list-window a:not([tabindex=\"-1\"])";
/// Milliseconds of a pause in typing after which the list follows: short enough to feel like none.
const PAUSE: u32 = 60;

/// The search box: the list follows while one types; without JavaScript it is a form.
#[component]
pub fn SearchBox(
    /// The console.
    console: Console,
) -> impl IntoView {
    let i18n = use_i18n();
    // Taking the page over writes the field anew: what was typed before is read first.
    let already = browser::typed_already("#search");
    let typed = RwSignal::new(already.clone().unwrap_or_else(|| console.view.get_untracked().filter.search));
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
    let later = Debounced::new(PAUSE, search);
    let early = already.is_some();
    if early {
        effect(search);
    }
    // The text comes back from elsewhere too: Back, a chip, Reset. It is not touched while it says the same, nor at first when
    // it was typed before the script took over.
    effect_from_first(move |first| {
        let search = console.view.with(|view| view.filter.search.clone());
        if first && early {
            return;
        }
        if typed.with_untracked(|typed| typed.trim() != search.trim()) && !later.is_waiting() {
            typed.set(search);
        }
    });
    // What an IME composes is no word yet. Browsers end a composition before or after its last input.
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
                // What was typed in the last moment has no results yet.
                let early = later.is_waiting();
                later.cancel();
                search();
                if !early {
                    browser::focus(FIRST_ROW);
                }
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
                aria-keyshortcuts=Action::Search.key()
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                on:input=on_input
                on:compositionstart=move |_| composing.set_value(true)
                on:compositionend=composed
                on:keydown=move |event| {
                    if event.key() == "ArrowDown" && !browser::is_composing(&event) && browser::focus(FIRST_ROW) {
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
