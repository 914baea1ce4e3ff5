//! Agent Mode > Conversations: the waiting conversations, the agent's own, and an open one to read
//! and answer.

mod composer;
mod pane;

use clientele::domain::CustomerKey;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api::customer::Author;
use crate::api::desk::{Desk, DeskItem, FEW_WAITING, OwnConversation, read_desk, read_open_conversation};
use crate::browser::{self, ElementRef};
use crate::components::{Each, Failure, Icon, Moment, PageTitle};
use crate::events::ServerEvent;
use crate::focus::Focus;
use crate::i18n::{t, use_i18n};
use crate::keys::{Action, Keys};
use crate::labels;
use crate::live::Live;
use crate::reactive::{effect, memo};
use crate::resource::resource;
use crate::session::Session;
use crate::unread::UnreadMarks;

use pane::{ConversationPane, is_over};

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 150;

/// Conversations page, with or without an open conversation.
#[component]
pub fn ConversationsPage() -> impl IntoView {
    let params = use_params_map();
    let key = memo(move || params.with(|params| params.get("key").and_then(|key| key.parse().ok())));
    let desk = resource(|| (), |()| read_desk(FEW_WAITING, false));
    let open = resource(
        move || key.get(),
        |key| async move {
            match key {
                Some(key) => read_open_conversation(key, 0).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let focus = Focus::get();
    let leave = leaving(key, focus);
    listen_for_keys(key, focus, leave);
    view! {
        <PageTitle text=t!(use_i18n(), desk.page) />
        <div class="desk" node_ref=focus.desk class:has-conversation=move || key.get().is_some()>
            <Transition fallback=|| view! { <section class="desk-list is-loading" aria-busy="true"></section> }>
                {move || Suspend::new(async move {
                    match desk.await {
                        Ok(first) => view! { <DeskList key first /> }.into_any(),
                        Err(error) => {
                            let retry = Callback::new(move |()| desk.refetch());
                            view! { <section class="desk-list"><Failure error retry /></section> }.into_any()
                        }
                    }
                })}
            </Transition>
            <Transition fallback=|| {
                view! { <section class="desk-conversation is-loading" tabindex="-1" aria-busy="true"></section> }
            }>
                {move || Suspend::new(async move {
                    match open.await {
                        Ok(Some(first)) => view! { <ConversationPane first leave /> }.into_any(),
                        Ok(None) => view! { <Nobody /> }.into_any(),
                        Err(error) if is_over(&error) => view! { <Over /> }.into_any(),
                        Err(error) => {
                            let retry = Callback::new(move |()| open.refetch());
                            view! {
                                <section class="desk-conversation" tabindex="-1">
                                    <header class="conversation-head is-bare"><BackLink /></header>
                                    <Failure error retry />
                                </section>
                            }
                            .into_any()
                        }
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Nobody() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="desk-conversation is-empty" tabindex="-1">
            <p class="hint">{t!(i18n, desk.nobody)}</p>
        </section>
    }
    .into_any()
}

/// Message for a link to a conversation that has ended or is assigned to another agent.
#[component]
fn Over() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="desk-conversation" tabindex="-1">
            <header class="conversation-head is-bare">
                <BackLink />
            </header>
            <div class="empty" role="status">
                <Icon name="info" />
                <h2>{t!(i18n, desk.gone)}</h2>
                <p>{t!(i18n, desk.gone_hint)}</p>
                <div class="actions">
                    <a class="button" href="/conversations">
                        {t!(i18n, desk.back)}
                    </a>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// Lists of the agent's own and of the waiting conversations, updated live.
#[component]
fn DeskList(
    /// Customer whose conversation is open.
    key: Memo<Option<CustomerKey>>,
    first: Desk,
) -> impl IntoView {
    let i18n = use_i18n();
    let (desk, groups) = (Live::new(first), ElementRef::default());
    let most = RwSignal::new(FEW_WAITING);
    let newest_first = RwSignal::new(false);
    let reload = move || desk.fetch(read_desk(most.get_untracked(), newest_first.get_untracked()));
    let concerns =
        |heard: &ServerEvent| matches!(heard, ServerEvent::Desk | ServerEvent::Customer(_) | ServerEvent::Everything);
    Session::get().subscribe_throttled(THROTTLE_MILLIS, concerns, reload);
    let keys = |items: &[DeskItem]| items.iter().map(|item| item.customer).collect::<Vec<_>>();
    let waiting = memo(move || desk.with(|desk| keys(&desk.waiting)));
    let own = memo(move || desk.with(|desk| keys(&desk.own)));
    // Share the list with the unread badge in the navigation.
    let seen = UnreadMarks::get();
    effect(move || seen.own.set(desk.with(|desk| desk.own.iter().map(as_own).collect())));
    let item = move |customer: CustomerKey| view! { <Item desk open=key customer /> };
    let total_waiting = move || desk.with(|desk| labels::number(desk.total_waiting.into()));
    let own_count = move || own.with(|own| labels::number(own.len() as u64));
    let listed_all = move || desk.with(|desk| desk.waiting.len() as u32 >= desk.total_waiting);
    let show_more = move || {
        if !listed_all() && !desk.pending.get_untracked() {
            most.update(|most| *most += FEW_WAITING);
            reload();
        }
    };
    let turn = move |_| {
        newest_first.update(|newest| *newest = !*newest);
        most.set(FEW_WAITING);
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
            // The agent's own conversations come first, because hundreds may be waiting.
            <div
                class="desk-groups"
                node_ref=groups
                on:scroll=move |_| {
                    if groups.scrolled_to_edges().1 {
                        show_more();
                    }
                }
            >
                <Show when=nothing>
                    <p class="hint">{t!(i18n, desk.empty)}</p>
                </Show>
                <h2>
                    <span>{t!(i18n, desk.own)} " " <span class="count-badge">{own_count}</span></span>
                </h2>
                <ul aria-label=t!(i18n, desk.own)>
                    <Each each=move || own.get() key=|customer| *customer children=item />
                </ul>
                <h2>
                    <span>{t!(i18n, desk.waiting)} " " <span class="count-badge">{total_waiting}</span></span>
                    <button
                        class="button is-quiet is-small"
                        type="button"
                        aria-pressed=move || newest_first.get().to_string()
                        on:click=turn
                    >
                        {t!(i18n, desk.newest_first)}
                    </button>
                </h2>
                <ul aria-label=t!(i18n, desk.waiting)>
                    <Each each=move || waiting.get() key=|customer| *customer children=item />
                </ul>
                <Show when=move || !listed_all()>
                    <button
                        class="button"
                        type="button"
                        aria-busy=move || desk.pending.get().to_string()
                        on:click=move |_| show_more()
                    >
                        {t!(i18n, desk.more)}
                    </button>
                </Show>
            </div>
        </section>
    }
    .into_any()
}

/// Returns the values that unread messages are counted from.
fn as_own(item: &DeskItem) -> OwnConversation {
    let unanswered = item.last.as_ref().is_some_and(|last| last.by == Author::Customer);
    OwnConversation { customer: item.customer, received: item.received, unanswered }
}

/// Entry of a conversation. Its content is updated in place, so that the focus and the pointer stay
/// on it.
#[component]
fn Item(
    desk: Live<Desk>,
    open: Memo<Option<CustomerKey>>,
    /// Customer of the conversation.
    customer: CustomerKey,
) -> impl IntoView {
    let i18n = use_i18n();
    let item = Memo::new(move |before: Option<&Option<DeskItem>>| {
        let found =
            desk.with(|desk| desk.waiting.iter().chain(&desk.own).find(|item| item.customer == customer).cloned());
        // Keep the last content until the entry is removed.
        found.or_else(|| before.cloned().flatten())
    });
    let (seen, focus) = (UnreadMarks::get(), Focus::get());
    let unread = memo(move || {
        let own = desk.with(|desk| desk.own.iter().find(|item| item.customer == customer).map(as_own));
        own.map_or(0, |own| seen.unread(own))
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
            <a
                class="desk-item"
                class:is-unread=move || unread.get() != 0
                href=format!("/conversations/{customer}")
                aria-current=current
                on:click=move |_| {
                    if current().is_some() {
                        focus.reply.focus();
                    }
                }
            >
                <strong dir="auto" title=move || item.get().map(|item| item.name)>
                    {move || item.get().map(|item| item.name)}
                </strong>
                {moment}
                <span class="preview" dir="auto">
                    {move || item.get().and_then(|item| item.last).map(|last| last.text)}
                </span>
                <small>
                    {move || item.get().map(|item| labels::channel(i18n, item.channel))}
                    <Show when=move || unread.get() != 0>
                        <span class="unread">
                            {move || unread.get()} <span class="visually-hidden">{t!(i18n, desk.unread)}</span>
                        </span>
                    </Show>
                </small>
            </a>
        </li>
    }
    .into_any()
}

/// Link back to the list, shown on screens with room for only one pane.
#[component]
fn BackLink() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <a
            class="icon-button desk-back"
            href="/conversations"
            aria-label=t!(i18n, desk.back)
            aria-keyshortcuts=Action::CloseConversation.key()
        >
            <Icon name="chevron-left" />
        </a>
    }
    .into_any()
}

fn listen_for_keys(key: Memo<Option<CustomerKey>>, focus: Focus, leave: Callback<String>) {
    let keys = Keys::get();
    keys.on(Action::NextRow, move || focus.desk.focus_beside(".desk-item", true));
    keys.on(Action::PreviousRow, move || focus.desk.focus_beside(".desk-item", false));
    keys.on(Action::CloseConversation, move || key.get_untracked().map(|key| leave.run(item_of(key))).is_some());
}

/// Returns the selector of a conversation's entry in the list.
fn item_of(key: CustomerKey) -> String {
    format!(".desk-item[href=\"/conversations/{key}\"]")
}

/// Returns a callback that closes the conversation and focuses the element in the list that its
/// selector argument matches.
fn leaving(key: Memo<Option<CustomerKey>>, focus: Focus) -> Callback<String> {
    let navigate = StoredValue::new(leptos_router::hooks::use_navigate());
    let next = StoredValue::new(String::new());
    // On a phone the list is hidden until the conversation is closed.
    effect(move || {
        if key.get().is_none() && next.with_value(|next| !next.is_empty()) {
            browser::run_after(0, move || {
                let next = next.try_update_value(std::mem::take).unwrap_or_default();
                let desk = focus.desk;
                let _ =
                    desk.focus_first(&next) || desk.focus_first(".desk-item") || desk.focus_first(".desk-conversation");
            });
        }
    });
    Callback::new(move |selector| {
        next.set_value(selector);
        navigate.with_value(|go| go("/conversations", Default::default()));
    })
}
