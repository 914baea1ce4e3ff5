use clientele::domain::{ConversationState, CustomerKey};
use leptos::prelude::*;

use super::composer::Composer;
use super::{BackLink, Place, TOGETHER};
use crate::access::Session;
use crate::api::conversations::VisitorDetails;
use crate::api::desk::{OpenThread, accept_conversation, end_conversation, read_open_conversation};
use crate::browser;
use crate::components::{Icon, MessageItem, Toasts, VisitorFacts};
use crate::error::Code;
use crate::i18n::{t, use_i18n};
use crate::words;

/// An open conversation: its messages, and what the agent can do with it.
#[component]
pub fn Thread(place: Place, first: OpenThread) -> impl IntoView {
    let i18n = use_i18n();
    let (session, toasts) = (Session::get(), Toasts::get());
    let key = first.customer;
    let thread = RwSignal::new(first);
    // It was open, and is over now or another agent's.
    let gone = RwSignal::new(false);
    let reload = move || reload(key, thread, gone);
    follow(key, reload);
    keep_the_end_in_sight(thread);
    let own = Memo::new(move |_| thread.with(|thread| thread.own) && !gone.get());
    let waiting = Memo::new(move |_| {
        thread.with(|thread| thread.conversation.state == ConversationState::Waiting) && !gone.get()
    });
    let busy = RwSignal::new(false);
    let accept = move || {
        if busy.get_untracked() || !waiting.get_untracked() {
            return false;
        }
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = accept_conversation(key).await;
            busy.try_set(false);
            match answer {
                Ok(fresh) => drop(thread.try_set(fresh)),
                Err(error) => {
                    Session::note(&error);
                    toasts.failed(words::failure(i18n, &error));
                    reload();
                }
            }
        });
        true
    };
    let end = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = end_conversation(key).await;
            busy.try_set(false);
            match answer {
                Ok(()) => drop(gone.try_set(true)),
                Err(error) => {
                    Session::note(&error);
                    toasts.failed(words::failure(i18n, &error));
                    reload();
                }
            }
        });
    };
    Effect::new(move |_| browser::on_key(move |key| key == "a" && accept()));
    let name = move || thread.with(|thread| thread.name.clone());
    let id = move || thread.with(|thread| thread.id.clone());
    let shows_customer =
        Memo::new(move |_| own.get() && session.access.get().is_some_and(|access| access.customers_page));
    let facts = move || thread.with(|thread| thread.conversation.visitor.clone());
    view! {
        <section class="desk-thread" aria-label=name>
            <header class="thread-head">
                <BackLink />
                <h2 dir="auto">{name}</h2>
                <span class="mono">{id}</span>
                <Show when=move || shows_customer.get()>
                    <a class="button" href=format!("/customers/{key}?period=all")>
                        {t!(i18n, desk.customer)}
                    </a>
                </Show>
                <Show when=move || waiting.get()>
                    <button
                        class="button is-primary"
                        type="button"
                        aria-keyshortcuts="a"
                        disabled=move || busy.get()
                        on:click=move |_| {
                            accept();
                        }
                    >
                        {t!(i18n, desk.accept)}
                    </button>
                </Show>
                <Show when=move || own.get()>
                    <button class="button" type="button" disabled=move || busy.get() on:click=end>
                        {t!(i18n, desk.end)}
                    </button>
                </Show>
            </header>
            {move || facts().map(|visitor: VisitorDetails| view! { <VisitorFacts visitor /> })}
            <div class="thread" role="log" aria-label=t!(i18n, desk.messages) tabindex="0">
                <For
                    each=move || thread.get().messages
                    key=|message| message.number
                    children=|message| view! { <MessageItem message href=None /> }
                />
            </div>
            <Show when=move || gone.get()>
                <p class="banner is-warning" role="status">
                    <Icon name="info" />
                    <span>{t!(i18n, desk.gone)}</span>
                </p>
            </Show>
            <Composer place key own gone sent=Callback::new(move |()| reload()) />
        </section>
    }
    .into_any()
}

fn reload(key: CustomerKey, thread: RwSignal<OpenThread>, gone: RwSignal<bool>) {
    leptos::task::spawn_local(async move {
        match read_open_conversation(key).await {
            Ok(fresh) => {
                gone.try_set(false);
                thread.try_set(fresh);
            }
            Err(error) if error.code == Code::NotFound => drop(gone.try_set(true)),
            Err(error) => Session::note(&error),
        }
    });
}

/// Reads the conversation again when something changed about it. What waits is nobody's yet, so that only the desk tells of it.
fn follow(key: CustomerKey, reload: impl Fn() + Copy + 'static) {
    let session = Session::get();
    let waiting = StoredValue::new(false);
    session.on_change_of(key, true, move |_| {
        if !waiting.get_value() {
            waiting.set_value(true);
            browser::after(TOGETHER, move || {
                if waiting.try_set_value(false).is_none() {
                    reload();
                }
            });
        }
    });
}

/// The newest message stays in sight, unless somebody reads further up.
fn keep_the_end_in_sight(thread: RwSignal<OpenThread>) {
    let messages = Memo::new(move |_| thread.with(|thread| thread.conversation.messages));
    Effect::new(move |before: Option<u32>| {
        let now = messages.get();
        if before != Some(now) {
            let first = before.is_none();
            browser::keep_end(".desk-thread > .thread", first);
        }
        now
    });
}
