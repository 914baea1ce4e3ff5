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
use crate::i18n::{t, use_i18n};
use crate::live::{Heard, Live};
use crate::resource::ask;
use crate::words;

use thread::Thread;

/// Milliseconds that changes are waited for, so that many of them are one question.
const TOGETHER: u32 = 150;

/// The page, with or without a conversation.
#[component]
pub fn ConversationsPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.with(|params| params.get("key").and_then(|key| key.parse().ok())));
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
    listen_for_keys(key);
    view! {
        <PageTitle text=t!(use_i18n(), desk.page) />
        <div class="desk" class:has-thread=move || key.get().is_some()>
            <Transition>
                {move || Suspend::new(async move {
                    match desk.await {
                        Ok(first) => view! { <DeskList key first /> }.into_any(),
                        Err(error) => failure(&error, Callback::new(move |()| desk.refetch())),
                    }
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    match open.await {
                        Ok(Some(first)) => view! { <Thread first /> }.into_any(),
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
fn DeskList(
    /// The customer whose conversation is open.
    key: Memo<Option<CustomerKey>>,
    first: Desk,
) -> impl IntoView {
    let i18n = use_i18n();
    let desk = Live::new(first);
    let most = RwSignal::new(FEW_WAITING);
    let reload = move || desk.ask(read_desk(most.get_untracked()));
    let concerns = |heard: &Heard| matches!(heard, Heard::Desk | Heard::Customer(_) | Heard::Everything);
    Session::get().follow(TOGETHER, concerns, reload);
    let keys = |items: &[DeskItem]| items.iter().map(|item| item.customer).collect::<Vec<_>>();
    let waiting = Memo::new(move |_| desk.with(|desk| keys(&desk.waiting)));
    let own = Memo::new(move |_| desk.with(|desk| keys(&desk.own)));
    let item = move |customer: CustomerKey| view! { <Item desk open=key customer /> };
    let total_waiting = move || desk.with(|desk| words::number(desk.total_waiting.into()));
    let own_count = move || own.with(|own| words::number(own.len() as u64));
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
                <ul aria-label=t!(i18n, desk.waiting)>
                    <For each=move || waiting.get() key=|customer| *customer children=item />
                </ul>
                <Show when=move || !listed_all()>
                    <button class="button" type="button" on:click=show_more>
                        {t!(i18n, desk.more)}
                    </button>
                </Show>
                <h2>{t!(i18n, desk.own)} " " <span class="count-badge">{own_count}</span></h2>
                <ul aria-label=t!(i18n, desk.own)>
                    <For each=move || own.get() key=|customer| *customer children=item />
                </ul>
            </div>
        </section>
    }
    .into_any()
}

/// A conversation in the list. What it shows changes in place, so that the focus and the pointer stay on it.
#[component]
fn Item(
    desk: Live<Desk>,
    open: Memo<Option<CustomerKey>>,
    /// The customer.
    customer: CustomerKey,
) -> impl IntoView {
    let i18n = use_i18n();
    let item = Memo::new(move |before: Option<&Option<DeskItem>>| {
        let found =
            desk.with(|desk| desk.waiting.iter().chain(&desk.own).find(|item| item.customer == customer).cloned());
        // To the moment it goes it shows what it was.
        found.or_else(|| before.cloned().flatten())
    });
    let current = move || (open.get() == Some(customer)).then_some("true");
    let moment = move || {
        item.get().map(|item| {
            let (at, exact) = item.last.map_or((item.started_at, item.started), |last| (last.at, last.exact));
            view! { <Moment at exact /> }
        })
    };
    view! {
        <li>
            <a class="desk-item" href=format!("/conversations/{customer}") aria-current=current>
                <strong dir="auto">{move || item.get().map(|item| item.name)}</strong>
                {moment}
                <span class="preview" dir="auto">
                    {move || item.get().and_then(|item| item.last).map(|last| last.text)}
                </span>
                <small>{move || item.get().map(|item| words::channel(i18n, item.channel))}</small>
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
fn listen_for_keys(key: Memo<Option<CustomerKey>>) {
    let navigate = leptos_router::hooks::use_navigate();
    Effect::new(move |_| {
        let navigate = navigate.clone();
        browser::on_key(move |pressed| match pressed {
            "j" | "ArrowDown" => browser::focus_beside(".desk-item", true),
            "k" | "ArrowUp" => browser::focus_beside(".desk-item", false),
            "Escape" if key.get_untracked().is_some() => {
                navigate("/conversations", Default::default());
                true
            }
            _ => false,
        });
    });
}
