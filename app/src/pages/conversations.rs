//! Agent Mode > Conversations: what waits, what is one's own, and one of them to read and answer.

mod composer;
mod thread;

use clientele::domain::CustomerKey;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::access::Session;
use crate::api::desk::{Desk, DeskItem, FEW_WAITING, read_desk, read_open_conversation};
use crate::browser;
use crate::components::{Failure, Icon, Moment, PageTitle};
use crate::error::AppError;
use crate::i18n::{t, texts, use_i18n};
use crate::resource::ask;
use crate::words;

use thread::Thread;

/// Milliseconds that changes are waited for, so that many of them are one question.
const TOGETHER: u32 = 150;

/// Which conversation is open in the page, by its customer; and what was typed in each and not sent yet.
#[derive(Clone, Copy)]
struct Place {
    key: Memo<Option<CustomerKey>>,
    drafts: StoredValue<std::collections::HashMap<CustomerKey, String>>,
}

/// The page, with or without a conversation.
#[component]
pub fn ConversationsPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.with(|params| params.get("key").and_then(|key| key.parse().ok())));
    let place = Place { key, drafts: StoredValue::default() };
    let desk = ask(|| (), |()| read_desk(FEW_WAITING));
    let open = ask(
        move || key.get(),
        |key| async move {
            match key {
                Some(key) => read_open_conversation(key).await.map(Some),
                None => Ok(None),
            }
        },
    );
    listen_for_keys(place);
    view! {
        <PageTitle text=texts::desk::page />
        <div class="desk" class:has-thread=move || key.get().is_some()>
            <Transition>
                {move || Suspend::new(async move {
                    match desk.await {
                        Ok(first) => view! { <DeskList place first /> }.into_any(),
                        Err(error) => failure(&error, Callback::new(move |()| desk.refetch())),
                    }
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    match open.await {
                        Ok(Some(first)) => view! { <Thread place first /> }.into_any(),
                        Ok(None) => view! { <Nobody /> }.into_any(),
                        Err(error) => failure(&error, Callback::new(move |()| open.refetch())),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn failure(error: &AppError, retry: Callback<()>) -> AnyView {
    Session::note(error);
    view! { <section class="desk-thread"><Failure error=error.clone() retry /></section> }.into_any()
}

#[component]
fn Nobody() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="desk-thread is-empty">
            <p class="hint">{t!(i18n, desk.nobody)}</p>
        </section>
    }
    .into_any()
}

/// The two lists, kept current.
#[component]
fn DeskList(place: Place, first: Desk) -> impl IntoView {
    let i18n = use_i18n();
    let session = Session::get();
    let desk = RwSignal::new(first);
    let most = RwSignal::new(FEW_WAITING);
    let waiting = StoredValue::new(false);
    let reload = move || {
        waiting.try_set_value(false);
        leptos::task::spawn_local(async move {
            match read_desk(most.get_untracked()).await {
                Ok(fresh) => drop(desk.try_set(fresh)),
                Err(error) => Session::note(&error),
            }
        });
    };
    Effect::new(move |before: Option<()>| {
        session.desk.track();
        session.news.track();
        session.resync.track();
        if before.is_some() && !waiting.get_value() {
            waiting.set_value(true);
            browser::after(TOGETHER, reload);
        }
    });
    let group = move |items: Vec<DeskItem>| items.into_iter().map(|item| view! { <Item place item /> }).collect_view();
    let total_waiting = move || desk.with(|desk| words::number(desk.total_waiting.into()));
    let own = move || desk.with(|desk| words::number(desk.own.len() as u64));
    let listed_all = move || desk.with(|desk| desk.waiting.len() as u32 >= desk.total_waiting);
    let show_more = move |_| {
        most.update(|most| *most += FEW_WAITING);
        reload();
    };
    let nothing = move || desk.with(|desk| desk.own.is_empty() && desk.waiting.is_empty());
    view! {
        <section class="desk-list" aria-labelledby="title">
            <header class="toolbar">
                <h1 class="page-title" id="title">
                    {t!(i18n, desk.title)}
                </h1>
            </header>
            <div class="desk-groups">
                <Show when=nothing>
                    <p class="hint">{t!(i18n, desk.empty)}</p>
                </Show>
                <h2>{t!(i18n, desk.waiting)} " " <span class="count-badge">{total_waiting}</span></h2>
                <ul aria-label=t!(i18n, desk.waiting)>{move || group(desk.get().waiting)}</ul>
                <Show when=move || !listed_all()>
                    <button class="button" type="button" on:click=show_more>
                        {t!(i18n, desk.more)}
                    </button>
                </Show>
                <h2>{t!(i18n, desk.own)} " " <span class="count-badge">{own}</span></h2>
                <ul aria-label=t!(i18n, desk.own)>{move || group(desk.get().own)}</ul>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Item(place: Place, item: DeskItem) -> impl IntoView {
    let i18n = use_i18n();
    let DeskItem { customer, name, channel, started_at, started, last, .. } = item;
    let current = move || (place.key.get() == Some(customer)).then_some("true");
    let (at, exact, text) = match last {
        Some(last) => (last.at, last.exact, Some(last.text)),
        None => (started_at, started, None),
    };
    view! {
        <li>
            <a class="desk-item" href=format!("/conversations/{customer}") aria-current=current>
                <strong dir="auto">{name}</strong>
                <Moment at exact />
                <span class="preview" dir="auto">
                    {text}
                </span>
                <small>{move || words::channel(i18n, channel)}</small>
            </a>
        </li>
    }
    .into_any()
}

/// Back to the list, where there is room for one of the two only.
#[component]
fn BackLink() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <a class="icon-button desk-back" href="/conversations" aria-label=t!(i18n, desk.back) aria-keyshortcuts="Escape">
            <Icon name="chevron-left" />
        </a>
    }
    .into_any()
}

/// `j`, `k` and the arrows go through the list, Escape leaves the conversation.
fn listen_for_keys(place: Place) {
    let navigate = leptos_router::hooks::use_navigate();
    Effect::new(move |_| {
        let navigate = navigate.clone();
        browser::on_key(move |key| match key {
            "j" | "ArrowDown" => browser::focus_beside(".desk-item", true),
            "k" | "ArrowUp" => browser::focus_beside(".desk-item", false),
            "Escape" if place.key.get_untracked().is_some() => {
                navigate("/conversations", Default::default());
                true
            }
            _ => false,
        });
    });
}
