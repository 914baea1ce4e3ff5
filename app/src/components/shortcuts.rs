use leptos::html::Dialog;
use leptos::prelude::*;

use super::Icon;
use crate::browser;
use crate::i18n::{t, use_i18n};

/// The list of keyboard shortcuts, in a dialog.
#[component]
pub fn Shortcuts(
    /// The dialog, for whoever opens it.
    node_ref: NodeRef<Dialog>,
) -> impl IntoView {
    let i18n = use_i18n();
    let single = RwSignal::new(true);
    Effect::new(move |_| single.set(browser::single_keys()));
    let line = |words: AnyView, keys: &'static [&'static str]| {
        view! {
            <div>
                <dt>{words}</dt>
                <dd>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view()}</dd>
            </div>
        }
    };
    view! {
        <dialog class="dialog shortcuts" aria-labelledby="shortcuts-title" node_ref=node_ref>
            <header class="dialog-head">
                <h2 id="shortcuts-title">{t!(i18n, keys.title)}</h2>
                <form method="dialog">
                    <button class="icon-button" aria-label=t!(i18n, keys.close)>
                        <Icon name="close" />
                    </button>
                </form>
            </header>
            <div class="dialog-body" tabindex="0" role="region" aria-labelledby="shortcuts-title">
                <section>
                    <h3>{t!(i18n, keys.list)}</h3>
                    <dl>
                        {line(t!(i18n, keys.search).into_any(), &["/"])}
                        {line(t!(i18n, keys.sort).into_any(), &["f"])}
                        {line(t!(i18n, keys.arrived).into_any(), &["n"])}
                        {line(t!(i18n, keys.rows).into_any(), &["j", "k", "↓", "↑"])}
                        {line(t!(i18n, keys.open).into_any(), &["Enter"])}
                        {line(t!(i18n, keys.escape).into_any(), &["Esc"])}
                    </dl>
                </section>
                <section>
                    <h3>{t!(i18n, keys.customer)}</h3>
                    <dl>
                        {line(t!(i18n, keys.neighbours).into_any(), &["[", "]"])}
                        {line(t!(i18n, keys.tabs).into_any(), &["1", "2", "3"])}
                        {line(t!(i18n, keys.edit).into_any(), &["e"])}
                        {line(t!(i18n, keys.tags).into_any(), &["t"])}
                        {line(t!(i18n, keys.callback).into_any(), &["c"])}
                        {line(t!(i18n, keys.blacklist).into_any(), &["b"])}
                    </dl>
                </section>
                <section>
                    <h3>{t!(i18n, keys.anywhere)}</h3>
                    <dl>
                        {line(t!(i18n, keys.customers).into_any(), &["g", "c"])}
                        {line(t!(i18n, keys.conversations).into_any(), &["g", "v"])}
                        {line(t!(i18n, keys.accept).into_any(), &["a"])}
                        {line(t!(i18n, keys.undo).into_any(), &["z"])}
                        {line(t!(i18n, keys.this).into_any(), &["?"])}
                    </dl>
                </section>
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
