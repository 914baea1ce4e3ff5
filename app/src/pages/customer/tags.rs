//! Customer Tags tab. A tick is saved at once and can be undone.

use clientele::domain::{CustomerKey, Feature, Mode, Reason, Tag, TagId, TagName};
use leptos::prelude::*;

use crate::api::customer::CustomerDetails;
use crate::api::tags::{create_tag, tag_customer};
use crate::browser::{self, ElementRef};
use crate::components::{Each, Icon, Toasts, Undo};
use crate::console::Console;
use crate::drafts::Drafts;
use crate::error::AppError;
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::keys::Action;
use crate::labels;
use crate::live::{Live, send};
use crate::reactive::{effect, memo};
use crate::widget::offers;

/// Sender of tag changes. It holds the customer's key, because an Undo may run after the customer
/// was closed.
#[derive(Clone, Copy)]
struct TagSelection {
    mode: Mode,
    key: CustomerKey,
    details: Live<CustomerDetails>,
    /// Ticked tags, updated before the server responds.
    ticked: RwSignal<Vec<TagId>>,
    /// Number of requests in flight. A response to one of several does not know the others' ticks.
    in_flight: StoredValue<u32>,
    i18n: I18n,
    toasts: Toasts,
}

impl TagSelection {
    fn set(self, tag: TagId, name: String, on: bool, undoable: bool) {
        self.ticked.try_update(|ticked| {
            ticked.retain(|other| *other != tag);
            if on {
                ticked.push(tag);
            }
        });
        let i18n = self.i18n;
        self.in_flight.try_update_value(|count| *count += 1);
        let request = tag_customer(self.mode, self.key, tag, on);
        send(request, move |answer| match (self.in_flight.try_update_value(|count| *count -= 1), answer).1 {
            Ok(fresh) => {
                self.details.set(fresh);
                if !undoable {
                    return self.toasts.done(t!(i18n, toast.undone), None);
                }
                let named = name.clone();
                let done = move || match on {
                    true => t_string!(i18n, tags.tagged, name = named),
                    false => t_string!(i18n, tags.untagged, name = named),
                };
                self.toasts.done(done, Some(Undo::new(move || self.set(tag, name.clone(), !on, false))));
            }
            Err(error) => {
                // Reset the ticks to the stored tags.
                let _ = self.details.try_with_untracked(|details| self.ticked.try_set(details.tags.clone()));
                self.failed(error);
            }
        });
    }

    fn create(self, name: String) {
        send(create_tag(self.mode, name), move |answer| match answer {
            Ok(tag) => {
                let (id, name) = (tag.id, tag.name.as_str().to_owned());
                self.details.update(|details| details.all_tags.push(tag));
                self.set(id, name, true, true);
            }
            Err(error) => self.failed(error),
        });
    }

    fn failed(self, error: AppError) {
        let i18n = self.i18n;
        self.toasts.failed(move || labels::failure(i18n, &error));
    }
}

/// View of the Customer Tags tab.
#[component]
pub fn TagsTab(
    console: Console,
    details: Live<CustomerDetails>,
    /// Reference to the search box of the tab.
    search_field: ElementRef,
) -> impl IntoView {
    let i18n = use_i18n();
    let ticked = RwSignal::new(details.with_untracked(|details| details.tags.clone()));
    let key = details.with_untracked(|details| details.key);
    let selection = TagSelection {
        mode: console.mode,
        key,
        details,
        ticked,
        in_flight: StoredValue::new(0),
        i18n,
        toasts: Toasts::get(),
    };
    effect(move || {
        let stored = details.with(|details| details.tags.clone());
        if selection.in_flight.get_value() == 0 {
            ticked.set(stored);
        }
    });
    let draft = Drafts::get().field(["tag ", &key.to_string()].concat());
    let (search, may_tag) = (draft.text, offers(Feature::Tags));
    let all = memo(move || details.with(|details| details.all_tags.clone()));
    let shown = memo(move || {
        let wanted = browser::name_key(&search.get());
        let found = |tag: &Tag| browser::name_key(tag.name.as_str()).contains(&wanted);
        all.get().into_iter().filter(found).collect::<Vec<Tag>>()
    });
    // Valid name that no tag has yet, if the agent may create tags.
    let new_name = memo(move || {
        let name = TagName::new(search.get()).ok()?;
        let key = browser::name_key(name.as_str());
        let known = all.with(|all| all.iter().any(|tag| browser::name_key(tag.name.as_str()) == key));
        let may = may_tag && details.with(|details| details.may_create_tags);
        (may && !known).then(|| name.as_str().to_owned())
    });
    let create = move || {
        if let Some(name) = new_name.get_untracked() {
            selection.create(name);
            draft.typed(String::new());
        }
    };
    // Enter ticks the first tag in the list, as in other tag inputs. It never creates a tag,
    // because a tag is shared by the whole tenant; the button does.
    let take_first = move || {
        let first = shown.with_untracked(|shown| shown.first().map(|tag| (tag.id, tag.name.as_str().to_owned())));
        if let Some((id, name)) = first.filter(|_| may_tag && search.with_untracked(|search| !search.is_empty())) {
            if !ticked.with_untracked(|ticked| ticked.contains(&id)) {
                selection.set(id, name, true, true);
            }
            draft.typed(String::new());
        }
    };
    let item = move |tag: Tag| {
        let (id, name) = (tag.id, tag.name.as_str().to_owned());
        let label = name.clone();
        view! {
            <li>
                <label class="tag-tick">
                    <input
                        type="checkbox"
                        disabled=!may_tag
                        checked=ticked.with_untracked(|ticked| ticked.contains(&id))
                        prop:checked=move || ticked.with(|ticked| ticked.contains(&id))
                        on:change=move |event| selection.set(id, name.clone(), event_target_checked(&event), true)
                    />
                    <span class=format!("tag color-{}", tag.color.index())>{label}</span>
                </label>
            </li>
        }
    };
    view! {
        <div class="tags-tab">
            <label class="visually-hidden" for="tag-search">
                {t!(i18n, tags.search)}
            </label>
            <input
                class="input"
                id="tag-search"
                node_ref=search_field
                type="search"
                autocomplete="off"
                placeholder=t!(i18n, tags.search)
                prop:value=move || search.get()
                on:input=move |event| draft.typed(event_target_value(&event))
                on:keydown=move |event| {
                    if Action::Confirm.is_pressed(&event) {
                        take_first();
                    }
                }
            />
            <p class="hint" role="status">
                {move || t_string!(i18n, tags.count, count = ticked.with(Vec::len) as u64, all = all.with(Vec::len))}
            </p>
            {move || {
                new_name
                    .get()
                    .map(|name| {
                        view! {
                            <button class="button" type="button" on:click=move |_| create()>
                                <Icon name="tag" />
                                {t_string!(i18n, tags.create, name = name)}
                            </button>
                        }
                    })
            }}
            <ul class="tag-list" aria-label=t!(i18n, tabs.tags)>
                <Each each=move || shown.get() key=|tag| tag.id children=item />
            </ul>
            <Show when=move || shown.with(Vec::is_empty) && new_name.with(Option::is_none)>
                <p class="hint">
                    {move || match search.with(|text| TagName::new(text)).err().map(|refused| refused.reason) {
                        Some(too_long @ Reason::TooLong { .. }) => labels::reason(i18n, too_long),
                        _ => t_string!(i18n, tags.none).to_owned(),
                    }}
                </p>
            </Show>
        </div>
    }
    .into_any()
}
