//! Admin Mode > Settings > System Settings. Each change is saved at once.

mod channels;
mod embedding;
mod entry;
mod keys;
mod setting;

use clientele::domain::{Settings, WeekStart};
use leptos::prelude::*;

use crate::api::channels::{KeyInfo, list_channel_keys};
use crate::api::embedding::{EmbedKeyInfo, LetHostsCreateAgents, list_embed_keys};
use crate::api::settings::{
    ChooseAbandonAfter, ChooseWeekStart, LetAgentsCreateTags, SwitchCustomersPage, read_settings,
};
use crate::components::{Failure, PageTitle};
use crate::error::AppError;
use crate::events::ServerEvent;
use crate::i18n::{t, use_i18n};
use crate::labels;
use crate::live::Live;
use crate::reactive::effect;
use crate::resource::resource;
use crate::session::Session;

use channels::Channels;
use embedding::Embedding;
use setting::{Choice, Group, Saving, Setting, Switch};

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 100;

/// System Settings page, with the keys of channels and of embedding.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = resource(|| (), |()| read_settings());
    let channel_keys = resource(|| (), |()| list_channel_keys());
    let embed_keys = resource(|| (), |()| list_embed_keys());
    view! {
        <PageTitle text=t!(use_i18n(), settings.page) />
        <div class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    match (settings.await, channel_keys.await, embed_keys.await) {
                        (Ok(settings), Ok(channel_keys), Ok(embed_keys)) => {
                            view! { <SystemSettings settings channel_keys embed_keys /> }.into_any()
                        }
                        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
                            let retry = Callback::new(move |()| {
                                settings.refetch();
                                channel_keys.refetch();
                                embed_keys.refetch();
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
fn SystemSettings(settings: Settings, channel_keys: Vec<KeyInfo>, embed_keys: Vec<EmbedKeyInfo>) -> impl IntoView {
    let i18n = use_i18n();
    let switch = ServerAction::<SwitchCustomersPage>::new();
    let week = ServerAction::<ChooseWeekStart>::new();
    let tags = ServerAction::<LetAgentsCreateTags>::new();
    let abandon = ServerAction::<ChooseAbandonAfter>::new();
    let create_agents = ServerAction::<LetHostsCreateAgents>::new();
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
    effect(move || keep(create_agents.value().get()));
    let days = move || WeekStart::ALL.map(|day| (day.as_str().to_owned(), labels::week_start(i18n, day).to_owned()));
    let hours = move || Settings::ABANDON_HOURS.map(|hours| (hours.to_string(), labels::duration(i18n, hours)));
    let choose_day = move |day: String| {
        if let Some(day) = WeekStart::parse(&day) {
            week.dispatch(ChooseWeekStart { day });
        }
    };
    let choose_hours = move |hours: String| {
        if let Ok(hours) = hours.parse() {
            abandon.dispatch(ChooseAbandonAfter { hours });
        }
    };
    view! {
        <div class="settings">
            <header class="settings-head">
                <h1 class="page-title">{t!(i18n, settings.title)}</h1>
                <p>{t!(i18n, settings.text)}</p>
            </header>
            <Group title=t!(i18n, settings.customers)>
                <Setting
                    id="customers-page"
                    label=t!(i18n, settings.switch)
                    hint=t!(i18n, settings.switch_hint)
                    saving=Saving::of(switch)
                >
                    <Switch
                        id="customers-page"
                        on=Signal::derive(move || stored.with(|settings| settings.customers_page_in_agent_mode))
                        change=move |on| drop(switch.dispatch(SwitchCustomersPage { on }))
                    />
                </Setting>
                <Setting
                    id="week-start"
                    label=t!(i18n, settings.week)
                    hint=t!(i18n, settings.week_hint)
                    saving=Saving::of(week)
                >
                    <Choice
                        id="week-start"
                        options=Signal::derive(move || days().to_vec())
                        chosen=Signal::derive(move || stored.with(|settings| settings.week_start.as_str().to_owned()))
                        change=choose_day
                    />
                </Setting>
                <Setting
                    id="create-tags"
                    label=t!(i18n, settings.create_tags)
                    hint=t!(i18n, settings.create_tags_hint)
                    saving=Saving::of(tags)
                >
                    <Switch
                        id="create-tags"
                        on=Signal::derive(move || stored.with(|settings| settings.agents_create_tags))
                        change=move |on| drop(tags.dispatch(LetAgentsCreateTags { on }))
                    />
                </Setting>
            </Group>
            <Group title=t!(i18n, settings.waiting)>
                <Setting
                    id="abandon-after"
                    label=t!(i18n, settings.abandon)
                    hint=t!(i18n, settings.abandon_hint)
                    saving=Saving::of(abandon)
                >
                    <Choice
                        id="abandon-after"
                        options=Signal::derive(move || hours().to_vec())
                        chosen=Signal::derive(move || stored.with(|settings| settings.abandon_after_hours.to_string()))
                        change=choose_hours
                    />
                </Setting>
            </Group>
            <Channels keys=channel_keys />
            <Embedding settings=stored keys=embed_keys create_agents />
        </div>
    }
    .into_any()
}
