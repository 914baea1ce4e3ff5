//! A setting on the Settings page: a label, a sentence of help, a control, and the status of saving.

use clientele::domain::Settings;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::text_prop::TextProp;

use crate::components::Icon;
use crate::error::AppError;
use crate::i18n::{t, use_i18n};
use crate::labels;

/// State of saving a setting.
#[derive(Clone, Copy)]
pub struct Saving {
    pending: Signal<bool>,
    answer: Signal<Option<Result<Settings, AppError>>>,
}

impl Saving {
    /// Returns the state of an action that saves a setting.
    pub fn of<A>(action: ServerAction<A>) -> Self
    where
        A: ServerFn<Output = Settings, Error = AppError> + Clone + Send + Sync + 'static,
    {
        Self { pending: action.pending().into(), answer: action.value().into() }
    }
}

/// Group of settings under a title.
#[component]
pub fn Group(#[prop(into)] title: TextProp, children: Children) -> impl IntoView {
    view! {
        <section class="setting-group">
            <h2>{move || title.get()}</h2>
            <div class="setting-list">{children()}</div>
        </section>
    }
    .into_any()
}

/// One setting. `children` is the control with the ID `id`.
#[component]
pub fn Setting(
    id: &'static str,
    #[prop(into)] label: TextProp,
    #[prop(into)] hint: TextProp,
    saving: Saving,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="setting">
            <label for=id>{move || label.get()}</label>
            <p class="hint" id=hint_id(id)>
                {move || hint.get()}
            </p>
            <div class="control">
                <SaveState saving />
                {children()}
            </div>
        </div>
    }
    .into_any()
}

/// Control of a setting that is on or off.
#[component]
pub fn Switch(id: &'static str, on: Signal<bool>, #[prop(into)] change: Callback<bool>) -> impl IntoView {
    view! {
        <input
            class="switch"
            id=id
            type="checkbox"
            role="switch"
            checked=on.get_untracked()
            prop:checked=on
            aria-describedby=hint_id(id)
            on:change=move |event| change.run(event_target_checked(&event))
        />
    }
    .into_any()
}

/// Control of a setting with several values. `options` are pairs of a value and its label.
#[component]
pub fn Choice(
    id: &'static str,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    chosen: Signal<String>,
    #[prop(into)] change: Callback<String>,
) -> impl IntoView {
    // Built again when the language changes.
    let options = move || {
        let chosen = chosen.get_untracked();
        let option = |(value, label): (String, String)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }
        };
        options.get().into_iter().map(option).collect_view()
    };
    view! {
        <select
            class="input"
            id=id
            aria-describedby=hint_id(id)
            prop:value=chosen
            on:change=move |event| change.run(event_target_value(&event))
        >
            {options}
        </select>
    }
    .into_any()
}

fn hint_id(id: &str) -> String {
    [id, "-hint"].concat()
}

/// Status of saving a setting: in progress, saved or failed.
#[component]
fn SaveState(saving: Saving) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        if saving.pending.get() {
            return Some(
                view! { <span class="save-state" role="status">{t!(i18n, settings.saving)}</span> }.into_any(),
            );
        }
        saving.answer.get().map(|answer| match answer {
            Ok(_) => view! {
                <span class="save-state is-saved" role="status">
                    <Icon name="check" />
                    {t!(i18n, settings.saved)}
                </span>
            }
            .into_any(),
            Err(error) => view! {
                <span class="save-state is-failed" role="alert">
                    <Icon name="alert" />
                    {labels::failure(i18n, &error)}
                </span>
            }
            .into_any(),
        })
    }
}
