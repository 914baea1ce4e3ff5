//! Keys with which channels sign the messages that they deliver.

use clientele::domain::{Channel, KeyName};
use leptos::html::Dialog;
use leptos::prelude::*;

use super::THROTTLE_MILLIS;
use crate::api::channels::{KeyInfo, NewKey, RefusedInfo, create_channel_key, list_channel_keys, revoke_channel_key};
use crate::browser;
use crate::components::{FormDialog, Icon, close_dialog, open_dialog};
use crate::dates::Clock;
use crate::error::AppError;
use crate::events::ServerEvent;
use crate::i18n::{Text, t, texts, use_i18n};
use crate::labels;
use crate::live::{Change, Live};
use crate::session::Session;

/// Channels section of the settings.
#[component]
pub fn Channels(
    /// Existing keys, including revoked ones.
    keys: Vec<KeyInfo>,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let keys = Live::new(keys);
    let made = RwSignal::new(None::<NewKey>);
    let read = move || keys.fetch(list_channel_keys());
    let reload = Callback::new(move |()| read());
    Session::get().subscribe_throttled(
        THROTTLE_MILLIS,
        |heard| matches!(heard, ServerEvent::Keys | ServerEvent::Everything),
        read,
    );
    let revoked = RwSignal::new(None::<KeyInfo>);
    let dialog = NodeRef::<Dialog>::new();
    let change = Change::new();
    let revoke = Callback::new(move |()| {
        let Some(key) = revoked.get_untracked() else { return };
        change.send_or(revoke_channel_key(key.id), move |answer| {
            close_dialog(dialog);
            match answer {
                Ok(()) => drop(reload.try_run(())),
                Err(error) => change.show_error(&error),
            }
        });
    });
    let refusals = move |refused: RefusedInfo| {
        let what = refused.field.map_or(refused.code.clone(), |field| format!("{} ({field})", refused.code));
        view! {
            <span class="channel-refused">
                <Icon name="alert" />
                {t!(i18n, channels.refused, count = refused.count, at = clock.full(i18n, &refused.at), what = what)}
            </span>
        }
    };
    let row = move |key: KeyInfo| {
        let (asked, named) = (key.clone(), key.name.clone());
        let state = match key.revoked {
            Some(at) => {
                view! { <span class="hint">{t!(i18n, channels.revoked, at = clock.full(i18n, &at))}</span> }.into_any()
            }
            None => view! {
                <button
                    class="button is-small"
                    type="button"
                    aria-label=t!(i18n, channels.revoke_key, name = named)
                    on:click=move |_| {
                        revoked.set(Some(asked.clone()));
                        open_dialog(dialog);
                    }
                >
                    {t!(i18n, channels.revoke)}
                </button>
            }
            .into_any(),
        };
        view! {
            <li class="channel-key">
                <strong dir="auto">{key.name}</strong>
                <span>{move || labels::channel(i18n, key.channel)}</span>
                <span class="mono">{key.id}</span>
                <span class="hint">{t!(i18n, channels.created, at = clock.full(i18n, &key.created))}</span>
                {key.refused.map(refusals)}
                {state}
            </li>
        }
    };
    let name = move || revoked.get().map(|key| key.name);
    view! {
        <section class="setting-group">
            <h2>{t!(i18n, channels.title)}</h2>
            <p class="hint">
                {t!(i18n, channels.text)} " "
                <a class="link" href="/api/v1" target="_blank" rel="noreferrer">
                    {t!(i18n, channels.description)}
                </a>
            </p>
            <div class="setting-list">
                <NewKeyForm made reload />
                {move || made.get().map(|key| view! { <Made key /> })}
                <ul aria-label=t!(i18n, channels.title)>
                    {move || keys.with(Clone::clone).into_iter().map(row).collect_view()}
                </ul>
                <Show when=move || keys.with(Vec::is_empty)>
                    <p class="hint">{t!(i18n, channels.none)}</p>
                </Show>
            </div>
            <FormDialog
                node_ref=dialog
                id="revoke-key"
                title=Signal::derive(t!(i18n, channels.revoke))
                danger=true
                busy=change.busy
                submit=revoke
            >
                <p>
                    <strong dir="auto">{name}</strong>
                </p>
                <p>{t!(i18n, channels.revoke_what)}</p>
            </FormDialog>
        </section>
    }
    .into_any()
}

#[component]
fn NewKeyForm(made: RwSignal<Option<NewKey>>, reload: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let (name, channel) = (RwSignal::new(String::new()), RwSignal::new(Channel::Web));
    let (error, change) = (RwSignal::new(None::<AppError>), Change::new());
    let make = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Err(refused) = KeyName::new(&name.read_untracked()) {
            error.set(Some(refused.into()));
            return;
        }
        let sent = name.get_untracked();
        change.send_or(create_channel_key(channel.get_untracked(), sent.clone()), move |answer| match answer {
            Ok(key) => {
                error.try_set(None);
                name.try_update(|name| {
                    if *name == sent {
                        name.clear();
                    }
                });
                made.try_set(Some(key));
                reload.try_run(());
            }
            Err(failed) => drop(error.try_set(Some(failed))),
        });
    };
    let channels = move || {
        Channel::ALL
            .into_iter()
            .map(|channel| view! { <option value=channel.as_str()>{labels::channel(i18n, channel)}</option> })
            .collect_view()
    };
    view! {
        <form class="channel-form" on:submit=make>
            <label for="key-name">{t!(i18n, channels.name)}</label>
            <input
                class="input"
                id="key-name"
                autocomplete="off"
                dir="auto"
                aria-describedby="key-error"
                aria-invalid=move || error.with(Option::is_some).to_string()
                prop:value=move || name.get()
                on:input=move |event| name.set(event_target_value(&event))
            />
            <label for="key-channel">{t!(i18n, field.channel)}</label>
            <select
                class="input"
                id="key-channel"
                on:change=move |event| {
                    if let Some(own) = Channel::parse(&event_target_value(&event)) {
                        channel.set(own);
                    }
                }
            >
                {channels}
            </select>
            <button class="button is-primary" type="submit" disabled=move || change.busy.get()>
                {t!(i18n, channels.make)}
            </button>
            <p class="field-error" id="key-error" role="alert">
                {move || error.get().map(|error| labels::failure(i18n, &error))}
            </p>
        </form>
    }
    .into_any()
}

/// New key with its secret, which is shown only here.
#[component]
fn Made(key: NewKey) -> impl IntoView {
    let i18n = use_i18n();
    let line = move |label: Text, value: String| {
        let copied = value.clone();
        view! {
            <p>
                <span>{i18n.text(label)}</span>
                <code>{value}</code>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!(i18n, channels.copy, what = i18n.say(label))
                    on:click=move |event| browser::copy(&event, &copied)
                >
                    <Icon name="copy" />
                </button>
            </p>
        }
    };
    view! {
        <div class="made-key" role="status">
            <p>{t!(i18n, channels.once)}</p>
            {line(texts::channels::key, key.id)}
            {line(texts::channels::secret, key.secret)}
        </div>
    }
    .into_any()
}
