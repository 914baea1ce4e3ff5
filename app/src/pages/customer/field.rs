//! A field of the profile, edited in place and saved alone. What was typed is never lost: a failed save leaves it in the field,
//! and when somebody else was quicker both values are shown.

use std::collections::HashMap;

use clientele::domain::{ProfileField, Reason};
use leptos::prelude::*;

use crate::access::Session;
use crate::api::customer::CustomerDetails;
use crate::api::profile::edit_profile;
use crate::browser;
use crate::components::{Icon, Toasts};
use crate::console::Console;
use crate::error::AppError;
use crate::i18n::{t, t_string, use_i18n};
use crate::words;

/// A field while it is edited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// What is typed.
    text: String,
    /// What stood there when the editing began.
    seen: String,
    /// Whether it is on its way.
    saving: bool,
    /// Why it could not be saved.
    error: Option<AppError>,
}

/// The fields that are being edited.
#[derive(Clone, Copy)]
pub struct Editing {
    console: Console,
    details: RwSignal<CustomerDetails>,
    drafts: RwSignal<HashMap<ProfileField, Draft>>,
    toasts: Toasts,
}

impl Editing {
    /// Nothing is edited yet.
    pub fn new(console: Console, details: RwSignal<CustomerDetails>) -> Self {
        Self { console, details, drafts: RwSignal::default(), toasts: Toasts::get() }
    }

    fn draft(self, field: ProfileField) -> Option<Draft> {
        self.drafts.with(|drafts| drafts.get(&field).cloned())
    }

    fn change(self, field: ProfileField, change: impl FnOnce(&mut Draft)) {
        // The customer may have gone meanwhile.
        let _ = self.drafts.try_update(|drafts| {
            if let Some(draft) = drafts.get_mut(&field) {
                change(draft);
            }
        });
    }

    /// Begins to edit a field; one that is edited already goes on.
    pub fn begin(self, field: ProfileField) {
        let value = self.details.with_untracked(|details| details.profile.get(field).to_owned());
        self.drafts.update(|drafts| {
            drafts.entry(field).or_insert_with(|| Draft { text: value.clone(), seen: value, ..Draft::default() });
        });
        focus_later(format!("#field-{}", field.as_str()));
    }

    /// Puts a field back to what it is.
    fn cancel(self, field: ProfileField) {
        self.drafts.update(|drafts| drop(drafts.remove(&field)));
        focus_later(format!("#edit-{}", field.as_str()));
    }

    /// Saves what is typed, over what was seen.
    fn save(self, field: ProfileField) {
        let Some(draft) = self.drafts.with_untracked(|drafts| drafts.get(&field).cloned()) else { return };
        if draft.saving {
            return;
        }
        if let Err(refused) = field.accept(&draft.text) {
            return self.change(field, |draft| draft.error = Some(refused.into()));
        }
        self.change(field, |draft| (draft.saving, draft.error) = (true, None));
        let (mode, key) = (self.console.mode, self.details.with_untracked(|details| details.key));
        leptos::task::spawn_local(async move {
            match edit_profile(mode, key, field, draft.seen, draft.text).await {
                Ok(fresh) => {
                    if self.details.try_set(fresh).is_none() {
                        self.cancel(field);
                    }
                }
                Err(error) => {
                    Session::note(&error);
                    self.change(field, |draft| (draft.saving, draft.error) = (false, Some(error)));
                }
            }
        });
    }

    /// Puts a value into a field that is not edited, and offers to undo that; `done` says what was done.
    pub fn put(self, field: ProfileField, value: String, done: String, failed: Callback<AppError>) {
        let (mode, key) = (self.console.mode, self.details.with_untracked(|details| details.key));
        let seen = self.details.with_untracked(|details| details.profile.get(field).to_owned());
        leptos::task::spawn_local(async move {
            match edit_profile(mode, key, field, seen.clone(), value).await {
                Ok(fresh) => {
                    let _ = self.details.try_set(fresh);
                    let again = done.clone();
                    let undo = Callback::new(move |()| self.put(field, seen.clone(), again.clone(), failed));
                    self.toasts.done(done, Some(undo));
                }
                Err(error) => {
                    Session::note(&error);
                    failed.try_run(error);
                }
            }
        });
    }
}

/// Moves the focus to what is rendered in a moment.
fn focus_later(selector: String) {
    browser::after(0, move || {
        browser::focus(&selector);
    });
}

/// A field while it is edited.
#[component]
pub fn FieldEditor(
    /// What is edited.
    editing: Editing,
    /// The field.
    field: ProfileField,
    /// What it is called.
    #[prop(into)]
    label: Signal<&'static str>,
) -> impl IntoView {
    let i18n = use_i18n();
    let name = field.as_str();
    let text = move || editing.draft(field).map(|draft| draft.text).unwrap_or_default();
    let saving = Memo::new(move |_| editing.draft(field).is_some_and(|draft| draft.saving));
    let error = Memo::new(move |_| editing.draft(field).and_then(|draft| draft.error));
    let theirs = move || {
        error.get().filter(|error| error.reason == Some(Reason::ChangedMeanwhile)).and_then(|error| error.current)
    };
    let typed = move |event| editing.change(field, |draft| draft.text = event_target_value(&event));
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let enter = event.key() == "Enter" && !event.is_composing();
        let lines = field == ProfileField::Description && !(event.ctrl_key() || event.meta_key());
        if enter && !lines {
            event.prevent_default();
            editing.save(field);
        } else if event.key() == "Escape" {
            // The customer stays open.
            event.prevent_default();
            event.stop_propagation();
            editing.cancel(field);
        }
    };
    let mode = match field {
        ProfileField::Phone => "tel",
        ProfileField::Email => "email",
        ProfileField::Qq => "numeric",
        _ => "text",
    };
    let invalid = move || error.with(Option::is_some).to_string();
    let input = if field == ProfileField::Description {
        view! {
            <textarea class="input" id=format!("field-{name}") rows="4" dir="auto" aria-label=label aria-invalid=invalid
                aria-describedby=format!("error-{name}") prop:value=text on:input=typed on:keydown=keys></textarea>
        }
        .into_any()
    } else {
        view! {
            <input class="input" id=format!("field-{name}") type="text" inputmode=mode autocomplete="off" dir="auto" aria-label=label
                aria-invalid=invalid aria-describedby=format!("error-{name}") prop:value=text on:input=typed on:keydown=keys />
        }
        .into_any()
    };
    let conflict = move || {
        theirs().map(|theirs| {
            let (shown, kept) = (theirs.clone(), theirs);
            view! {
                <div class="conflict" role="group" aria-label=t!(i18n, profile.conflict)>
                    <p>{t!(i18n, profile.theirs)} " " <strong dir="auto">{shown_or_empty(i18n, shown)}</strong></p>
                    <div class="actions">
                        <button
                            class="button"
                            type="button"
                            on:click=move |_| {
                                // It was accepted once: nothing is wrong with it.
                                editing.details.update(|details| drop(details.profile.set(field, &kept)));
                                editing.cancel(field);
                            }
                        >
                            {t!(i18n, profile.keep_theirs)}
                        </button>
                        <button
                            class="button is-primary"
                            type="button"
                            on:click=move |_| {
                                editing.change(field, |draft| {
                                    let current = draft.error.take().and_then(|error| error.current);
                                    draft.seen = current.unwrap_or_default();
                                });
                                editing.save(field);
                            }
                        >
                            {t!(i18n, profile.write_mine)}
                        </button>
                    </div>
                </div>
            }
        })
    };
    view! {
        <div class="field-editor">
            {input}
            <p class="field-error" id=format!("error-{name}") role="alert">
                {move || error.get().map(|error| view! { <Icon name="alert" /> {words::failure(i18n, &error)} })}
            </p>
            {conflict}
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
                        {move || if saving.get() { t_string!(i18n, settings.saving) } else { t_string!(i18n, profile.save) }}
                    </button>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// A value, or the word for none.
pub fn shown_or_empty(i18n: crate::i18n::I18n, value: String) -> String {
    if value.is_empty() { t_string!(i18n, profile.empty).to_owned() } else { value }
}

/// Whether a field is edited.
pub fn is_edited(editing: Editing, field: ProfileField) -> Memo<bool> {
    Memo::new(move |_| editing.drafts.with(|drafts| drafts.contains_key(&field)))
}
