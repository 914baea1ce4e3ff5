use clientele::domain::{Condition, Filter, Period, TagId};
use leptos::prelude::*;

use super::Icon;
use crate::api::customers::TagCount;
use crate::browser::ElementRef;
use crate::console::Console;
use crate::focus::Focus;
use crate::i18n::{t, t_string, use_i18n};
use crate::reactive::{effect, memo};
use crate::{browser, dates, labels};

/// Chips of the active filter conditions. Each is a link to the same list without that condition;
/// each selected tag has its own chip.
#[component]
pub fn Chips(
    /// Console whose filter is shown.
    console: Console,
    /// All tags of the tenant, which give the tag chips their names.
    #[prop(into)]
    tags: Signal<Vec<TagCount>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let (list, focus) = (ElementRef::default(), Focus::get());
    let removed = StoredValue::new(None::<usize>);
    // When the focused chip is removed, focus the chip that takes its position, or else the Sort
    // button.
    effect(move || {
        console.list.track();
        if let Some(place) = removed.try_update_value(Option::take).flatten() {
            browser::run_after(0, move || {
                let next = format!(":scope > :nth-child({}) > .chip", place + 1);
                let _ = list.focus_first(&next) || focus.sort.focus();
            });
        }
    });
    let chips = move || {
        let view = console.list.get();
        let tags = tags.get();
        let one_tag = |id: TagId| -> Option<(String, Filter)> {
            let known = tags.iter().find(|known| known.tag.id == id)?;
            let mut filter = view.filter.clone();
            filter.tags.retain(|tag| *tag != id);
            Some((known.tag.name.as_str().to_owned(), filter))
        };
        let mut chips = Vec::new();
        for condition in Condition::ALL {
            match condition {
                // The search text is shown in the search box.
                Condition::Search => {}
                Condition::Tags => chips.extend(view.filter.tags.iter().filter_map(|id| one_tag(*id))),
                _ if view.filter.has(condition) => {
                    let label = labels::condition(i18n, &view.filter, condition, &tags);
                    chips.push((label, view.filter.without(condition)));
                }
                _ => {}
            }
        }
        chips
            .into_iter()
            .enumerate()
            .map(|(place, (label, without))| {
                let remove = t_string!(i18n, chip.remove, condition = label.clone());
                let href = move || console.href(&console.view.get().with_filter(without.clone()));
                view! {
                    <li>
                        <a class="chip" href=href aria-label=remove on:click=move |_| removed.set_value(Some(place))>
                            <span>{label}</span>
                            <Icon name="close" />
                        </a>
                    </li>
                }
            })
            .collect_view()
    };
    // Name the time zone: a custom period means other moments to a person in another zone who opens
    // the link.
    let zone = RwSignal::new(dates::zone());
    effect(move || zone.set(browser::zone()));
    let custom = memo(move || console.list.with(|view| matches!(view.filter.period, Period::Custom { .. })));
    let zone = move || {
        let named = move || zone.get().replace('_', " ");
        custom.get().then(|| view! { <li class="hint">{t!(i18n, sort.zone, zone = named())}</li> })
    };
    view! { <ul class="chips" node_ref=list aria-label=t!(i18n, chip.applied)>{chips} {zone}</ul> }
}
