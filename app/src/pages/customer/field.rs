//! Editor of a profile field, in place of its value.

use clientele::domain::{FieldKind, ProfileField, Reason};
use leptos::prelude::*;

use crate::components::Icon;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::Action;
use crate::labels;
use crate::reactive::memo;

use super::editing::Editing;
use super::field_labels::shown_or_empty;

/// Editor of a field, with its error and, after a conflict, the choice between both values.
#[component]
pub fn FieldEditor(
    /// Editing state of the customer's fields.
    editing: Editing,
    /// Field being edited.
    field: ProfileField,
    /// Label of the field.
    #[prop(into)]
    label: Signal<&'static str>,
) -> impl IntoView {
    let i18n = use_i18n();
    let name = field.as_str();
    let text = move || editing.draft(field).map(|draft| draft.text).unwrap_or_default();
    let saving = memo(move || editing.draft(field).is_some_and(|draft| draft.saving));
    let error = memo(move || editing.draft(field).and_then(|draft| draft.error));
    let theirs = move || {
        error.get().filter(|error| error.reason == Some(Reason::ChangedMeanwhile)).and_then(|error| error.current)
    };
    let typed = move |event| editing.typed(field, event_target_value(&event));
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let enter = Action::Confirm.is_pressed(&event);
        let lines = field.kind() == FieldKind::Lines && !(event.ctrl_key() || event.meta_key());
        if enter && !lines {
            event.prevent_default();
            editing.save(field);
        }
    };
    // Phones show the keyboard for `mode`. A date has the browser's own picker.
    let (kind, mode) = match field.kind() {
        FieldKind::Line | FieldKind::Lines => ("text", "text"),
        FieldKind::Phone => ("text", "tel"),
        FieldKind::Digits(_) => ("text", "numeric"),
        FieldKind::Email => ("text", "email"),
        FieldKind::Date => ("date", "numeric"),
    };
    let invalid = move || error.with(Option::is_some).to_string();
    let input = if field.kind() == FieldKind::Lines {
        view! {
            <textarea
                class="input"
                rows="4"
                dir="auto"
                aria-label=label
                aria-invalid=invalid
                aria-describedby=format!("error-{name}")
                prop:value=text
                on:input=typed
                on:keydown=keys
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="input"
                type=kind
                inputmode=mode
                autocomplete="off"
                dir="auto"
                aria-label=label
                aria-invalid=invalid
                aria-describedby=format!("error-{name}")
                prop:value=text
                on:input=typed
                on:keydown=keys
            />
        }
        .into_any()
    };
    view! {
        <div
            class="field-editor"
            on:keydown=move |event| {
                // Escape ends editing, also on the buttons, but closes nothing around the editor.
                if Action::Cancel.is_pressed(&event) && !event.default_prevented() {
                    event.prevent_default();
                    editing.cancel(field);
                }
            }
        >
            {input}
            <p class="field-error" id=format!("error-{name}") role="alert">
                {move || error.get().map(|error| view! { <Icon name="alert" /> {labels::failure(i18n, &error)} })}
            </p>
            {move || theirs().map(|theirs| view! { <Conflict editing field theirs /> })}
            <Show when=move || theirs().is_none()>
                <div class="actions">
                    <button class="button" type="button" on:click=move |_| editing.cancel(field)>
                        {t!(i18n, profile.cancel)}
                    </button>
                    <button
                        class="button is-primary"
                        type="button"
                        disabled=move || saving.get()
                        on:click=move |_| editing.save(field)
                    >
                        {move || {
                            if saving.get() { t_string!(i18n, settings.saving) } else { t_string!(i18n, profile.save) }
                        }}
                    </button>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// Choice between the draft and the value that somebody else stored meanwhile.
#[component]
fn Conflict(editing: Editing, field: ProfileField, theirs: String) -> impl IntoView {
    let i18n = use_i18n();
    let shown = theirs.clone();
    view! {
        <div class="conflict" role="group" aria-label=t!(i18n, profile.conflict)>
            <p>{t!(i18n, profile.theirs)} " " <strong dir="auto">{shown_or_empty(i18n, shown)}</strong></p>
            <div class="actions">
                <button class="button" type="button" on:click=move |_| editing.keep_theirs(field, &theirs)>
                    {t!(i18n, profile.keep_theirs)}
                </button>
                <button class="button is-primary" type="button" on:click=move |_| editing.write_mine(field)>
                    {t!(i18n, profile.write_mine)}
                </button>
            </div>
        </div>
    }
    .into_any()
}
