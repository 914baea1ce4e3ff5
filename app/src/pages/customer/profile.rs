//! Profile tab: the system fields with their last editor and their history, and the blacklist
//! section.

use clientele::domain::{Feature, ProfileField};
use leptos::prelude::*;

use super::blacklist::BlacklistSection;
use super::editing::{Editing, is_edited};
use super::field::FieldEditor;
use super::field_labels::{author, label, shown_or_empty};
use crate::api::customer::CustomerDetails;
use crate::api::profile::{FormerValue, read_history};
use crate::components::{Icon, Moment};
use crate::console::Console;
use crate::error::AppError;
use crate::i18n::{t, t_string, use_i18n};
use crate::labels;
use crate::live::{Live, send};
use crate::reactive::{effect, memo};
use crate::widget::offers;

/// View of the Profile tab.
#[component]
pub fn ProfileTab(
    console: Console,
    details: Live<CustomerDetails>,
    editing: Editing,
    blacklisting: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = details.with_untracked(|details| details.id.clone());
    let field = move |field: ProfileField| view! { <FieldRow console details editing field /> };
    // The ID follows the names, where users look for it.
    let (names, others) = ProfileField::ALL.split_at(2);
    view! {
        <dl class="detail-fields">
            {names.iter().copied().map(field).collect_view()}
            <div class="profile-field">
                <dt>{t!(i18n, field.id)}</dt>
                <dd>
                    <span class="field-value mono">{id}</span>
                    <span class="hint">
                        <Icon name="lock" />
                        {t!(i18n, profile.fixed)}
                    </span>
                </dd>
            </div>
            {others.iter().copied().map(field).collect_view()}
        </dl>
        <BlacklistSection console details asked=blacklisting />
    }
    .into_any()
}

#[component]
fn FieldRow(console: Console, details: Live<CustomerDetails>, editing: Editing, field: ProfileField) -> impl IntoView {
    let i18n = use_i18n();
    let label = Signal::derive(move || label(i18n, field));
    let value = memo(move || details.with(|details| details.profile.get(field).to_owned()));
    let written = memo(move || {
        details.with(|details| details.field_authors.iter().find(|author| author.field == field).cloned())
    });
    let edited = is_edited(editing, field);
    let open = RwSignal::new(false);
    let may_edit = offers(Feature::Edit);
    view! {
        <div class="profile-field" data-field=field.as_str()>
            <dt>{label}</dt>
            <dd>
                <Show
                    when=move || edited.get()
                    fallback=move || {
                        view! {
                            <span class="field-value" dir="auto">
                                {move || value.get()}
                            </span>
                            <span class="field-actions">
                                {may_edit
                                    .then(|| {
                                        view! {
                                            <button
                                                class="icon-button"
                                                type="button"
                                                aria-label=move || t_string!(i18n, profile.edit, field = label.get())
                                                on:click=move |_| editing.begin(field)
                                            >
                                                <Icon name="edit" />
                                            </button>
                                        }
                                    })}
                                // A field that was never edited has no history.
                                <Show when=move || written.with(Option::is_some)>
                                    <button
                                        class="icon-button"
                                        type="button"
                                        aria-label=move || t_string!(i18n, profile.history, field = label.get())
                                        aria-expanded=move || open.get().to_string()
                                        on:click=move |_| open.update(|open| *open = !*open)
                                    >
                                        <Icon name="history" />
                                    </button>
                                </Show>
                            </span>
                        }
                    }
                >
                    <FieldEditor editing field label />
                </Show>
                {move || {
                    written
                        .get()
                        .map(|written| {
                            view! {
                                <small class="hint">
                                    <bdi>{move || author(i18n, &written.by)}</bdi>
                                    ", "
                                    <Moment at=written.at exact=written.exact />
                                </small>
                            }
                        })
                }}
                <Show when=move || open.get()>
                    <History console details editing field value />
                </Show>
            </dd>
        </div>
    }
    .into_any()
}

/// Former values of a field, each with a button that restores it.
#[component]
fn History(
    console: Console,
    details: Live<CustomerDetails>,
    editing: Editing,
    field: ProfileField,
    value: Memo<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let may_edit = offers(Feature::Edit);
    let history = RwSignal::new(None::<Result<Vec<FormerValue>, AppError>>);
    effect(move || {
        value.track();
        let key = details.with_untracked(|details| details.key);
        send(read_history(console.mode, key, field), move |answer| drop(history.try_set(Some(answer))));
    });
    let row = move |former: FormerValue| {
        let FormerValue { before, after, by, at, exact } = former;
        let restored = before.clone();
        let put = move |_| {
            let done = t!(i18n, profile.restored, field = label(i18n, field));
            editing.set_value(field, restored.clone(), done.into());
        };
        view! {
            <li>
                <p>
                    <del dir="auto">{shown_or_empty(i18n, before)}</del>
                    " → "
                    <ins dir="auto">{shown_or_empty(i18n, after)}</ins>
                </p>
                <p class="hint">
                    <bdi>{author(i18n, &by)}</bdi>
                    ", "
                    <Moment at exact />
                    {may_edit
                        .then(|| {
                            view! {
                                <button class="button is-small" type="button" on:click=put>
                                    {t!(i18n, profile.restore)}
                                </button>
                            }
                        })}
                </p>
            </li>
        }
    };
    view! {
        <ol class="history" aria-label=move || t_string!(i18n, profile.history, field = label(i18n, field))>
            {move || match history.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <li class="field-error">{labels::failure(i18n, &error)}</li> }.into_any(),
                Some(Ok(former)) if former.is_empty() => {
                    view! { <li class="hint">{t!(i18n, profile.no_history)}</li> }.into_any()
                }
                Some(Ok(former)) => former.into_iter().map(row).collect_view().into_any(),
            }}
        </ol>
    }
    .into_any()
}
