//! A form with one text, which adds something to a list.

use std::future::Future;

use clientele::domain::Error;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

use crate::error::AppError;
use crate::i18n::use_i18n;
use crate::labels;
use crate::live::Change;

/// State of the form.
#[derive(Clone, Copy)]
pub struct Entry {
    text: RwSignal<String>,
    error: RwSignal<Option<AppError>>,
    change: Change,
}

impl Entry {
    /// Creates the state of an empty form.
    pub fn new() -> Self {
        Self { text: RwSignal::default(), error: RwSignal::default(), change: Change::new() }
    }

    /// Sends the text in a request, unless `check` rejects it. On success it clears the field, unless the
    /// text was edited meanwhile, and calls `done` with the response. Errors are shown at the field.
    pub fn send<T: 'static, F: Future<Output = Result<T, AppError>> + 'static>(
        self,
        check: impl FnOnce(&str) -> Result<(), Error>,
        request: impl FnOnce(String) -> F,
        done: impl FnOnce(T) + 'static,
    ) {
        let sent = self.text.get_untracked();
        if let Err(refused) = check(&sent) {
            self.error.set(Some(refused.into()));
            return;
        }
        self.change.send_or(request(sent.clone()), move |answer| match answer {
            Ok(answer) => {
                self.error.try_set(None);
                self.text.try_update(|text| {
                    if *text == sent {
                        text.clear();
                    }
                });
                done(answer);
            }
            Err(failed) => drop(self.error.try_set(Some(failed))),
        });
    }
}

/// Form of an entry.
#[component]
pub fn EntryForm(
    /// State of the form.
    entry: Entry,
    /// ID of the text field.
    id: &'static str,
    /// Label of the text field.
    #[prop(into)]
    label: TextProp,
    /// Label of the button.
    #[prop(into)]
    button: TextProp,
    /// Sends the entry, by [`Entry::send`].
    #[prop(into)]
    submit: Callback<()>,
    /// Further fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let i18n = use_i18n();
    let Entry { text, error, change } = entry;
    let error_id = [id, "-error"].concat();
    view! {
        <form
            class="channel-form"
            on:submit=move |event| {
                event.prevent_default();
                submit.run(());
            }
        >
            <label for=id>{move || label.get()}</label>
            <input
                class="input"
                id=id
                autocomplete="off"
                dir="auto"
                aria-describedby=error_id.clone()
                aria-invalid=move || error.with(Option::is_some).to_string()
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
            {children.map(|children| children())}
            <button class="button is-primary" type="submit" disabled=move || change.busy.get()>
                {move || button.get()}
            </button>
            <p class="field-error" id=error_id role="alert">
                {move || error.get().map(|error| labels::failure(i18n, &error))}
            </p>
        </form>
    }
    .into_any()
}
