//! Tags of the filter form.

use leptos::prelude::*;

use crate::api::customers::TagCount;
use crate::browser;
use crate::components::Each;
use crate::console::View;
use crate::i18n::{t, use_i18n};
use crate::keys::Action;
use crate::labels;

/// Number of tags above which the form shows a tag search.
const MANY_TAGS: usize = 20;

/// Tags, each with the number of customers that have it under the other conditions.
#[component]
pub fn TagField(view: View, tags: Memo<Vec<TagCount>>, made: u32) -> impl IntoView {
    let i18n = use_i18n();
    let wanted = RwSignal::new(String::new());
    let many = move || tags.with(Vec::len) > MANY_TAGS;
    // Keep the boxes when counts change or tags are added: a rebuilt box would lose its tick and
    // the focus.
    let one = move |known: TagCount| {
        let TagCount { tag, .. } = known;
        let checked = view.filter.tags.contains(&tag.id);
        let key = browser::name_key(tag.name.as_str());
        let count =
            move || tags.with(|tags| tags.iter().find(|known| known.tag.id == tag.id).map_or(0, |known| known.count));
        let hidden = move || wanted.with(|wanted| !key.contains(wanted.as_str()));
        view! {
            <label class=format!("choice color-{}", tag.color.index()) class:is-zero=move || count() == 0 hidden=hidden>
                <input type="checkbox" name="tag" value=tag.id.to_string() checked=checked />
                <span class="name">{String::from(tag.name)}</span>
                <span class="n">{move || labels::number(count())}</span>
            </label>
        }
    };
    view! {
        <fieldset class="sort-tags">
            <legend>{t!(i18n, sort.tags)}</legend>
            <Show when=many>
                // The field has no name, so that the form does not submit it.
                <input
                    class="input"
                    type="search"
                    autocomplete="off"
                    aria-label=t!(i18n, sort.find_tag)
                    placeholder=t!(i18n, sort.find_tag)
                    on:input=move |event| {
                        event.stop_propagation();
                        wanted.set(browser::name_key(&event_target_value(&event)));
                    }
                    on:keydown=|event| {
                        // Enter would submit the form.
                        if Action::Confirm.has_key(&event.key()) {
                            event.prevent_default();
                        }
                    }
                />
            </Show>
            <div class="choices" tabindex="0" role="group" aria-label=t!(i18n, sort.tags)>
                <Each each=move || tags.get() key=move |known| (made, known.tag.id) children=one.clone() />
            </div>
        </fieldset>
    }
    .into_any()
}
