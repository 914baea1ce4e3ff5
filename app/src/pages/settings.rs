//! Admin Mode > Settings > System Settings. Each change is saved at once.

mod channels;

use clientele::domain::{Settings, WeekStart};
use leptos::prelude::*;

use crate::api::channels::list_channel_keys;
use crate::api::settings::{
    ChooseAbandonAfter, ChooseWeekStart, LetAgentsCreateTags, SwitchCustomersPage, read_settings,
};
use crate::components::{Failure, Icon, PageTitle};
use crate::error::AppError;
use crate::events::ServerEvent;
use crate::i18n::{t, use_i18n};
use crate::labels;
use crate::live::Live;
use crate::reactive::effect;
use crate::resource::resource;
use crate::session::Session;

use channels::Channels;

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 100;

/// System Settings page, with the channel keys.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = resource(|| (), |()| read_settings());
    let keys = resource(|| (), |()| list_channel_keys());
    view! {
        <PageTitle text=t!(use_i18n(), settings.page) />
        <div class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    match (settings.await, keys.await) {
                        (Ok(settings), Ok(keys)) => {
                            view! {
                                <SystemSettings settings>
                                    <Channels keys />
                                </SystemSettings>
                            }
                                .into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => {
                            let retry = Callback::new(move |()| {
                                settings.refetch();
                                keys.refetch();
                            });
                            view! { <Failure error retry /> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn SystemSettings(settings: Settings, children: Children) -> impl IntoView {
    let i18n = use_i18n();
    let switch = ServerAction::<SwitchCustomersPage>::new();
    let week = ServerAction::<ChooseWeekStart>::new();
    let tags = ServerAction::<LetAgentsCreateTags>::new();
    let abandon = ServerAction::<ChooseAbandonAfter>::new();
    // Stored settings. A control whose save failed is reset to them; another admin may change them
    // at any time.
    let stored = Live::new(settings);
    let session = Session::get();
    session.subscribe_throttled(
        THROTTLE_MILLIS,
        |heard| matches!(heard, ServerEvent::Settings | ServerEvent::Everything),
        move || {
            stored.fetch(read_settings());
        },
    );
    let keep = move |answer: Option<Result<Settings, AppError>>| match answer {
        Some(Ok(fresh)) => {
            stored.set(fresh);
            session.refresh.run(());
        }
        Some(Err(error)) => {
            Session::handle_signed_out(&error);
            stored.update(|_| ());
        }
        None => {}
    };
    effect(move || keep(switch.value().get()));
    effect(move || keep(week.value().get()));
    effect(move || keep(tags.value().get()));
    effect(move || keep(abandon.value().get()));
    let week_start = move || stored.with(|settings| settings.week_start.as_str());
    let abandon_after = move || stored.with(|settings| settings.abandon_after_hours.to_string());
    let days = move || {
        let chosen = stored.with_untracked(|settings| settings.week_start);
        WeekStart::ALL
            .into_iter()
            .map(|day| view! { <option value=day.as_str() selected=day == chosen>{labels::week_start(i18n, day)}</option> })
            .collect_view()
    };
    let hours = move || {
        let chosen = stored.with_untracked(|settings| settings.abandon_after_hours);
        Settings::ABANDON_HOURS
            .into_iter()
            .map(|hours| {
                view! { <option value=hours.to_string() selected=hours == chosen>{labels::duration(i18n, hours)}</option> }
            })
            .collect_view()
    };
    view! {
        <div class="settings">
            <header class="settings-head">
                <h1 class="page-title">{t!(i18n, settings.title)}</h1>
                <p>{t!(i18n, settings.text)}</p>
            </header>
            <section class="setting-group">
                <h2>{t!(i18n, settings.customers)}</h2>
                <div class="setting-list">
                    <div class="setting">
                        <label for="customers-page">{t!(i18n, settings.switch)}</label>
                        <p class="hint" id="customers-page-hint">
                            {t!(i18n, settings.switch_hint)}
                        </p>
                        <div class="control">
                            <SaveState pending=switch.pending() answer=switch.value() />
                            <input
                                class="switch"
                                id="customers-page"
                                type="checkbox"
                                role="switch"
                                checked=stored.with_untracked(|settings| settings.customers_page_in_agent_mode)
                                prop:checked=move || stored.with(|settings| settings.customers_page_in_agent_mode)
                                aria-describedby="customers-page-hint"
                                on:change=move |event| {
                                    switch.dispatch(SwitchCustomersPage { on: event_target_checked(&event) });
                                }
                            />
                        </div>
                    </div>
                    <div class="setting">
                        <label for="week-start">{t!(i18n, settings.week)}</label>
                        <p class="hint" id="week-start-hint">
                            {t!(i18n, settings.week_hint)}
                        </p>
                        <div class="control">
                            <SaveState pending=week.pending() answer=week.value() />
                            <select
                                class="input"
                                id="week-start"
                                aria-describedby="week-start-hint"
                                prop:value=week_start
                                on:change=move |event| {
                                    if let Some(day) = WeekStart::parse(&event_target_value(&event)) {
                                        week.dispatch(ChooseWeekStart { day });
                                    }
                                }
                            >
                                {days}
                            </select>
                        </div>
                    </div>
                    <div class="setting">
                        <label for="create-tags">{t!(i18n, settings.create_tags)}</label>
                        <p class="hint" id="create-tags-hint">
                            {t!(i18n, settings.create_tags_hint)}
                        </p>
                        <div class="control">
                            <SaveState pending=tags.pending() answer=tags.value() />
                            <input
                                class="switch"
                                id="create-tags"
                                type="checkbox"
                                role="switch"
                                checked=stored.with_untracked(|settings| settings.agents_create_tags)
                                prop:checked=move || stored.with(|settings| settings.agents_create_tags)
                                aria-describedby="create-tags-hint"
                                on:change=move |event| {
                                    tags.dispatch(LetAgentsCreateTags { on: event_target_checked(&event) });
                                }
                            />
                        </div>
                    </div>
                </div>
            </section>
            <section class="setting-group">
                <h2>{t!(i18n, settings.waiting)}</h2>
                <div class="setting-list">
                    <div class="setting">
                        <label for="abandon-after">{t!(i18n, settings.abandon)}</label>
                        <p class="hint" id="abandon-after-hint">
                            {t!(i18n, settings.abandon_hint)}
                        </p>
                        <div class="control">
                            <SaveState pending=abandon.pending() answer=abandon.value() />
                            <select
                                class="input"
                                id="abandon-after"
                                aria-describedby="abandon-after-hint"
                                prop:value=abandon_after
                                on:change=move |event| {
                                    if let Ok(hours) = event_target_value(&event).parse() {
                                        abandon.dispatch(ChooseAbandonAfter { hours });
                                    }
                                }
                            >
                                {hours}
                            </select>
                        </div>
                    </div>
                </div>
            </section>
            {children()}
        </div>
    }
    .into_any()
}

/// Status of saving a setting: in progress, saved or failed.
#[component]
fn SaveState(
    #[prop(into)] pending: Signal<bool>,
    #[prop(into)] answer: Signal<Option<Result<Settings, AppError>>>,
) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        if pending.get() {
            return Some(
                view! { <span class="save-state" role="status">{t!(i18n, settings.saving)}</span> }.into_any(),
            );
        }
        answer.get().map(|answer| match answer {
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
