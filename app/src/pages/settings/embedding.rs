//! Consoles that may show the Customers page: their addresses, and the keys with which they sign agents
//! in.

use clientele::domain::{EmbedOrigin, KeyName, Settings};
use leptos::prelude::*;

use super::THROTTLE_MILLIS;
use super::entry::{Entry, EntryForm};
use super::keys::{NewKeyValues, Revocation, RevokeButton, RevokeDialog};
use super::setting::{Saving, Setting, Switch};
use crate::api::embedding::{
    EmbedKeyInfo, LetHostsCreateAgents, change_embed_origins, create_embed_key, list_embed_keys, revoke_embed_key,
};
use crate::dates::Clock;
use crate::events::ServerEvent;
use crate::i18n::{t, texts, use_i18n};
use crate::live::{Change, Live};
use crate::session::Session;

/// Embedding section of the settings.
#[component]
pub fn Embedding(
    /// Stored settings.
    settings: Live<Settings>,
    /// Existing keys, including revoked ones.
    keys: Vec<EmbedKeyInfo>,
    /// Saves whether hosts may add agents.
    create_agents: ServerAction<LetHostsCreateAgents>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="setting-group">
            <h2>{t!(i18n, embedding.title)}</h2>
            <p class="hint">{t!(i18n, embedding.text)}</p>
            <div class="setting-list">
                <Origins settings />
            </div>
            <div class="setting-list">
                <Setting
                    id="create-agents"
                    label=t!(i18n, embedding.create_agents)
                    hint=t!(i18n, embedding.create_agents_hint)
                    saving=Saving::of(create_agents)
                >
                    <Switch
                        id="create-agents"
                        on=Signal::derive(move || settings.with(|settings| settings.embed_creates_agents))
                        change=move |on| drop(create_agents.dispatch(LetHostsCreateAgents { on }))
                    />
                </Setting>
            </div>
            <div class="setting-list">
                <Keys keys />
            </div>
        </section>
    }
    .into_any()
}

/// Addresses of the consoles.
#[component]
fn Origins(settings: Live<Settings>) -> impl IntoView {
    let i18n = use_i18n();
    let (entry, change) = (Entry::new(), Change::new());
    let origins = move || settings.with(|settings| settings.embed_origins.clone());
    let add = move |()| {
        let request = |typed| change_embed_origins(vec![typed], Vec::new());
        entry.send(|typed| EmbedOrigin::new(typed).map(drop), request, move |fresh| settings.set(fresh));
    };
    let remove = move |origin: &str| {
        let request = change_embed_origins(Vec::new(), vec![origin.to_owned()]);
        change.send(request, move |fresh| settings.set(fresh));
    };
    let row = move |origin: String| {
        let (named, removed) = (origin.clone(), origin.clone());
        view! {
            <li class="channel-key">
                <strong dir="ltr">{origin}</strong>
                <button
                    class="button is-small"
                    type="button"
                    aria-label=t!(i18n, embedding.remove_origin, origin = named)
                    disabled=move || change.busy.get()
                    on:click=move |_| remove(&removed)
                >
                    {t!(i18n, embedding.remove)}
                </button>
            </li>
        }
    };
    view! {
        <EntryForm entry id="embed-origin" label=t!(i18n, embedding.origin) button=t!(i18n, embedding.add) submit=add />
        <ul aria-label=t!(i18n, embedding.origins)>{move || origins().into_iter().map(row).collect_view()}</ul>
        <Show when=move || settings.with(|settings| settings.embed_origins.is_empty())>
            <p class="hint">{t!(i18n, embedding.no_origins)}</p>
        </Show>
    }
    .into_any()
}

/// Keys of the consoles.
#[component]
fn Keys(keys: Vec<EmbedKeyInfo>) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let keys = Live::new(keys);
    let (entry, made) = (Entry::new(), RwSignal::new(None::<String>));
    let read = move || keys.fetch(list_embed_keys());
    let reload = Callback::new(move |()| read());
    Session::get().subscribe_throttled(
        THROTTLE_MILLIS,
        |heard| matches!(heard, ServerEvent::Keys | ServerEvent::Everything),
        read,
    );
    let make = move |()| {
        entry.send(
            |name| KeyName::new(name).map(drop),
            create_embed_key,
            move |key| {
                made.try_set(Some(key));
                reload.try_run(());
            },
        );
    };
    let revocation = Revocation::new();
    let revoke = revocation.by(revoke_embed_key, reload);
    let row = move |key: EmbedKeyInfo| {
        let used = match key.last_used {
            Some(at) => view! { {t!(i18n, embedding.used, at = clock.full(i18n, &at))} }.into_any(),
            None => view! { {t!(i18n, embedding.unused)} }.into_any(),
        };
        view! {
            <li class="channel-key">
                <strong dir="auto">{key.name.clone()}</strong>
                <span class="mono">{key.id.clone()}</span>
                <span class="hint">{t!(i18n, channels.created, at = clock.full(i18n, &key.created))}</span>
                <span class="hint">{used}</span>
                <RevokeButton revocation id=key.id name=key.name revoked=key.revoked />
            </li>
        }
    };
    view! {
        <EntryForm entry id="embed-name" label=t!(i18n, embedding.name) button=t!(i18n, embedding.make) submit=make />
        {move || {
            let values = |key: String| vec![(texts::embedding::key, key)];
            made.get().map(|key| view! { <NewKeyValues text=texts::embedding::once values=values(key) /> })
        }}
        <ul aria-label=t!(i18n, embedding.keys)>
            {move || keys.with(Clone::clone).into_iter().map(row).collect_view()}
        </ul>
        <Show when=move || keys.with(Vec::is_empty)>
            <p class="hint">{t!(i18n, embedding.none)}</p>
        </Show>
        <RevokeDialog revocation id="revoke-embed-key" what=texts::embedding::revoke_what submit=revoke />
    }
    .into_any()
}
