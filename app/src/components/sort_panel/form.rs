//! Filter form. It works as a plain GET form; with JavaScript it also updates the counts while the
//! user edits.

use clientele::domain::{Channel, Error, Filter, Period, Reason};
use leptos::html::Form;
use leptos::prelude::*;
use leptos::web_sys;

use super::Panel;
use super::tag_field::TagField;
use crate::api::customers::{Count, TagCount};
use crate::browser::{self, Throttled};
use crate::components::Icon;
use crate::console::{View, read_filter};
use crate::focus::Focus;
use crate::i18n::{t, t_string, use_i18n};
use crate::labels;
use crate::live::send;
use crate::reactive::{effect, effect_from_first, memo};

/// Milliseconds during which edits are collected before the counts are requested.
const PAUSE: u32 = 120;
/// Form of the Sort panel.
#[component]
pub fn SortForm() -> impl IntoView {
    let i18n = use_i18n();
    let Panel { console, tags, total, count, details } = expect_context();
    let (form, focus) = (NodeRef::<Form>::new(), Focus::get());
    let draft = RwSignal::new(None::<Count>);
    // Number of the newest count request.
    let asked = StoredValue::new(0u32);
    let refused = RwSignal::new(console.view.get_untracked().error);
    effect(move || {
        refused.set(console.list.with(|view| view.error.clone()));
        draft.set(None);
        asked.update_value(|number| *number += 1);
    });
    let shown_tags = memo(move || draft.get().map_or_else(|| tags.get(), |count| count.tags));
    let shown_total = move || draft.get().map(|count| count.total).or(total.get());

    let recount = Throttled::new(PAUSE, move || {
        let Some(query) = form.get_untracked().and_then(|form| query_of(&form)) else { return };
        let wrong = read_filter(&query).err();
        refused.set(wrong.clone());
        if wrong.is_some() {
            return;
        }
        asked.update_value(|number| *number += 1);
        let number = asked.get_value();
        send(count.run(query), move |fresh| {
            // Ignore the response unless it belongs to the newest request.
            if let Ok(fresh) = fresh
                && asked.try_get_value() == Some(number)
            {
                draft.try_set(Some(fresh));
            }
        });
    });
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
    };
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(query) = form.get_untracked().and_then(|form| query_of(&form)) else { return };
        match read_filter(&query) {
            Ok((filter, sort)) => {
                close();
                let view = console.view.get_untracked().with_filter(filter);
                console.go(&View { sort, ..view });
                focus.sort.focus();
            }
            Err(error) => {
                if let (Some(form), Some(field)) = (form.get_untracked(), &error.field) {
                    browser::focus(browser::find(&form, &format!("[name={field}]")));
                }
                refused.set(Some(error));
            }
        }
    };
    let made = StoredValue::new(0u32);
    let fields = move || {
        made.update_value(|made| *made += 1);
        view! { <Fields view=console.list.get() refused tags=shown_tags made=made.get_value() /> }
    };
    // The fields are rebuilt in place, and a field that the user edited ignores its attributes
    // until the form is reset.
    effect_from_first(move |first| {
        console.list.track();
        if !first {
            browser::run_after(0, move || {
                if let Some(form) = form.try_get_untracked().flatten() {
                    form.reset();
                }
            });
        }
    });
    // Reset keeps the search text and the sort order, which are not part of the panel.
    let reset = move || {
        let view = console.view.get();
        let filter = Filter { search: view.filter.search.clone(), ..Filter::default() };
        console.href(&view.with_filter(filter))
    };
    view! {
            <form
                class="sort-panel"
                method="get"
                action=console.base()
                node_ref=form
                on:input=move |_| recount.call()
                on:submit=apply
            >
                {fields}
                <div class="sort-foot">
                    <a class="button is-quiet" href=reset on:click=move |_| close()>
                        {t!(i18n, sort.reset)}
                    </a>
                    <span class="hint" role="status">
                        {move || shown_total().map(|total| labels::customers(i18n, total))}
                    </span>
                    <button class="button is-primary" type="submit">
                        {t!(i18n, sort.apply)}
                    </button>
                </div>
            </form>
    }
    .into_any()
}

/// Fields of the panel, filled from the applied filter. `made` counts the rebuilds and is part of
/// the list keys, because the boxes of an earlier build belong to a disposed owner.
#[component]
fn Fields(view: View, refused: RwSignal<Option<Error>>, tags: Memo<Vec<TagCount>>, made: u32) -> impl IntoView {
    let i18n = use_i18n();
    let Filter { name, id, channel, blacklisted, search, .. } = view.filter.clone();
    let choice = move |field: &'static str, value: &'static str, checked: bool, label: AnyView| {
        view! {
            <label>
                <input type="radio" name=field value=value checked=checked />
                <span>{label}</span>
            </label>
        }
    };
    let any = || t!(i18n, sort.any).into_any();
    let channels = Channel::ALL
        .into_iter()
        .map(|of| choice("channel", of.as_str(), channel == Some(of), (move || labels::channel(i18n, of)).into_any()))
        .collect_view();
    // Keep the sort order and the search text, which belong to the list and not to this form.
    let mut rest = Filter { search, ..Filter::default() }.to_pairs(view.sort);
    rest.retain(|(name, _)| matches!(*name, "q" | "sort" | "dir"));
    let rest =
        rest.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        {rest}
        <div class="sort-body">
            <TimeFields view=view.clone() refused />
            <div class="stack">
                <div class="field">
                    <label for="sort-name">{t!(i18n, sort.name)}</label>
                    <input
                        class="input"
                        id="sort-name"
                        name="name"
                        value=name
                        autocomplete="off"
                        aria-describedby="sort-name-hint"
                    />
                    <p class="hint" id="sort-name-hint">
                        {t!(i18n, sort.name_hint)}
                    </p>
                </div>
                <div class="field">
                    <label for="sort-id">{t!(i18n, sort.id)}</label>
                    <input class="input" id="sort-id" name="id" value=id autocomplete="off" spellcheck="false" />
                </div>
                <fieldset>
                    <legend>{t!(i18n, sort.channel)}</legend>
                    <div class="segmented">{choice("channel", "", channel.is_none(), any())} {channels}</div>
                </fieldset>
                <fieldset>
                    <legend>{t!(i18n, sort.blacklisted)}</legend>
                    <div class="segmented">
                        {choice("blacklisted", "", blacklisted.is_none(), any())}
                        {choice("blacklisted", "yes", blacklisted == Some(true), t!(i18n, sort.yes).into_any())}
                        {choice("blacklisted", "no", blacklisted == Some(false), t!(i18n, sort.no).into_any())}
                    </div>
                </fieldset>
            </div>
            <TagField view tags made />
        </div>
    }
    .into_any()
}

/// Period, and the time field that it applies to.
#[component]
fn TimeFields(view: View, refused: RwSignal<Option<Error>>) -> impl IntoView {
    let i18n = use_i18n();
    let (from, to) = match view.filter.period {
        Period::Custom { from, to } => (from.map(|at| at.to_string()), to.map(|at| at.to_string())),
        _ => (None, None),
    };
    let custom = matches!(view.filter.period, Period::Custom { .. }) || view.error.is_some();
    let chosen = view.filter.period;
    let period = move |value: Period, checked: bool| {
        let label = move || match value {
            Period::Custom { .. } => t_string!(i18n, period.custom).to_owned(),
            _ => labels::period(i18n, value),
        };
        view! {
            <label>
                <input type="radio" name="period" value=value.as_str() checked=checked />
                <span>{label}</span>
            </label>
        }
    };
    let latest = view.filter.on == clientele::domain::TimeField::LatestConversation;
    let presets = Period::PRESETS.into_iter().map(|preset| period(preset, !custom && preset == chosen)).collect_view();
    view! {
        <fieldset class="is-wide">
            <legend>{t!(i18n, sort.time)}</legend>
            <div class="sort-time">
                <div class="segmented">
                    {presets} {period(Period::Custom { from: None, to: None }, custom)}
                </div>
                <div class="segmented" role="radiogroup" aria-label=t!(i18n, sort.which_time)>
                    <label>
                        <input type="radio" name="on" value="created" checked=!latest />
                        <span>{t!(i18n, field.created)}</span>
                    </label>
                    <label>
                        <input type="radio" name="on" value="latest" checked=latest />
                        <span>{t!(i18n, field.latest)}</span>
                    </label>
                </div>
            </div>
            <div class="sort-custom">
                <TimeField name="from" label=t!(i18n, sort.from).into_any() value=from refused />
                <TimeField name="to" label=t!(i18n, sort.to).into_any() value=to refused />
            </div>
        </fieldset>
    }
    .into_any()
}

/// Start or end of a custom period, with its validation error.
#[component]
fn TimeField(
    name: &'static str,
    label: AnyView,
    value: Option<String>,
    refused: RwSignal<Option<Error>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let wrong = move || -> Option<Reason> {
        refused.with(|refused| {
            refused.as_ref().filter(|error| error.field.as_deref() == Some(name)).map(|error| error.reason)
        })
    };
    let (id, error_id) = (format!("sort-{name}"), format!("sort-{name}-error"));
    let described = error_id.clone();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                class="input"
                id=id
                type="datetime-local"
                name=name
                value=value.unwrap_or_default()
                aria-invalid=move || wrong().map(|_| "true")
                aria-describedby=move || wrong().map(|_| described.clone())
            />
            {move || {
                wrong()
                    .map(|reason| {
                        view! {
                            <p class="field-error" id=error_id.clone()>
                                <Icon name="alert" />
                                {labels::reason(i18n, reason)}
                            </p>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

/// Returns the form data as a URL query, as the browser would send it.
fn query_of(form: &web_sys::HtmlFormElement) -> Option<String> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    let params = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    params.to_string().as_string()
}
