//! Keys with which channels sign the messages that they deliver.

use clientele::domain::{Channel, KeyName};
use leptos::prelude::*;

use super::THROTTLE_MILLIS;
use super::entry::{Entry, EntryForm};
use super::keys::{NewKeyValues, Revocation, RevokeButton, RevokeDialog};
use crate::api::channels::{KeyInfo, NewKey, RefusedInfo, create_channel_key, list_channel_keys, revoke_channel_key};
use crate::components::Icon;
use crate::dates::Clock;
use crate::events::ServerEvent;
use crate::i18n::{t, texts, use_i18n};
use crate::labels;
use crate::live::Live;
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
    let revocation = Revocation::new();
    let revoke = revocation.by(revoke_channel_key, reload);
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
        view! {
            <li class="channel-key">
                <strong dir="auto">{key.name.clone()}</strong>
                <span>{move || labels::channel(i18n, key.channel)}</span>
                <span class="mono">{key.id.clone()}</span>
                <span class="hint">{t!(i18n, channels.created, at = clock.full(i18n, &key.created))}</span>
                {key.refused.map(refusals)}
                <RevokeButton revocation id=key.id name=key.name revoked=key.revoked />
            </li>
        }
    };
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
                {move || {
                    let values = |NewKey { id, secret }| {
                        vec![(texts::channels::key, id), (texts::channels::secret, secret)]
                    };
                    made.get().map(|key| view! { <NewKeyValues text=texts::channels::once values=values(key) /> })
                }}
                <ul aria-label=t!(i18n, channels.title)>
                    {move || keys.with(Clone::clone).into_iter().map(row).collect_view()}
                </ul>
                <Show when=move || keys.with(Vec::is_empty)>
                    <p class="hint">{t!(i18n, channels.none)}</p>
                </Show>
            </div>
            <RevokeDialog revocation id="revoke-key" what=texts::channels::revoke_what submit=revoke />
        </section>
    }
    .into_any()
}

#[component]
fn NewKeyForm(made: RwSignal<Option<NewKey>>, reload: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let (entry, channel) = (Entry::new(), RwSignal::new(Channel::Web));
    let make = move |()| {
        let request = move |name| create_channel_key(channel.get_untracked(), name);
        entry.send(
            |name| KeyName::new(name).map(drop),
            request,
            move |key| {
                made.try_set(Some(key));
                reload.try_run(());
            },
        );
    };
    let channels = move || {
        Channel::ALL
            .into_iter()
            .map(|channel| view! { <option value=channel.as_str()>{labels::channel(i18n, channel)}</option> })
            .collect_view()
    };
    view! {
        <EntryForm entry id="key-name" label=t!(i18n, channels.name) button=t!(i18n, channels.make) submit=make>
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
        </EntryForm>
    }
    .into_any()
}
