use leptos::html::Dialog;
use leptos::prelude::*;

use super::{Icon, open_dialog};
use crate::browser;
use crate::i18n::{t, use_i18n};
use crate::keys::{Scope, TABLE, shown};
use crate::reactive::effect;

/// `true` while the list of shortcuts is open; a context of the frame.
#[derive(Clone, Copy)]
pub struct HelpOpen(pub RwSignal<bool>);

/// Modal dialog with all keyboard shortcuts and the switch for single-key shortcuts.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let i18n = use_i18n();
    let HelpOpen(open) = expect_context();
    let node_ref = NodeRef::<Dialog>::new();
    effect(move || open_dialog(node_ref));
    let single = RwSignal::new(true);
    effect(move || single.set(browser::single_keys()));
    let key = |key: &'static str| key.split(' ').map(|key| view! { <kbd>{shown(key)}</kbd> }).collect_view();
    let lines = move |of: Scope| {
        TABLE
            .iter()
            .filter(|(_, place, ..)| *place == of)
            .filter_map(|(_, _, keys, name)| {
                let keys = keys.iter().map(|own| key(own)).collect_view();
                name.map(|name| view! { <div><dt>{i18n.text(name)}</dt><dd>{keys}</dd></div> })
            })
            .collect_view()
    };
    let section =
        |of: Scope| view! { <section><h3>{of.name().map(|name| i18n.text(name))}</h3><dl>{lines(of)}</dl></section> };
    view! {
        <dialog
            class="dialog shortcuts"
            aria-labelledby="shortcuts-title"
            node_ref=node_ref
            on:close=move |_| open.set(false)
        >
            <header class="dialog-head">
                <h2 id="shortcuts-title">{t!(i18n, keys.title)}</h2>
                <form method="dialog">
                    <button class="icon-button" aria-label=t!(i18n, keys.close)>
                        <Icon name="close" />
                    </button>
                </form>
            </header>
            <div class="dialog-body" tabindex="0" role="region" aria-labelledby="shortcuts-title">
                {Scope::ALL.map(section).collect_view()}
                <label class="tag-tick">
                    <input
                        type="checkbox"
                        prop:checked=move || single.get()
                        on:change=move |event| {
                            single.set(event_target_checked(&event));
                            browser::set_single_keys(single.get_untracked());
                        }
                    />
                    {t!(i18n, keys.single)}
                </label>
            </div>
        </dialog>
    }
    .into_any()
}
