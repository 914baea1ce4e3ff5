use clientele::domain::ConversationState;
use leptos::prelude::*;

use super::composer::Composer;
use super::{BackLink, TOGETHER};
use crate::access::Session;
use crate::api::conversations::VisitorDetails;
use crate::api::desk::{OpenThread, accept_conversation, end_conversation, read_open_conversation};
use crate::browser;
use crate::components::{Icon, MessageItem, PageTitle, VisitorFacts};
use crate::error::{AppError, Code};
use crate::i18n::{t, use_i18n};
use crate::live::{Change, Heard, Live};

/// An open conversation: its messages, and what the agent can do with it.
#[component]
pub fn Thread(first: OpenThread) -> impl IntoView {
    let i18n = use_i18n();
    let session = Session::get();
    let key = first.customer;
    let thread = Live::new(first);
    // It was open, and is over now or another agent's.
    let gone = Memo::new(move |_| thread.error.with(|error| is_gone(error.as_ref())));
    let reload = move || thread.ask(read_open_conversation(key));
    // What waits is nobody's yet, so that only the desk tells of it.
    session.follow(TOGETHER, move |heard| heard.is_about(key) || *heard == Heard::Desk, reload);
    keep_the_end_in_sight(thread);
    let own = Memo::new(move |_| thread.with(|thread| thread.own) && !gone.get());
    let waiting = Memo::new(move |_| {
        thread.with(|thread| thread.conversation.state == ConversationState::Waiting) && !gone.get()
    });
    let change = Change::new();
    let accept = move || {
        if change.busy.get_untracked() || !waiting.get_untracked() {
            return false;
        }
        change.send_or(accept_conversation(key), move |answer| match answer {
            Ok(fresh) => thread.take(fresh),
            Err(error) => {
                change.tell(&error);
                reload();
            }
        });
        true
    };
    let end = move |_| {
        change.send_or(end_conversation(key), move |answer| {
            if let Err(error) = answer {
                change.tell(&error);
            }
            reload();
        });
    };
    Effect::new(move |_| browser::on_key(move |key| key == "a" && accept()));
    let name = move || thread.with(|thread| thread.name.clone());
    let id = move || thread.with(|thread| thread.id.clone());
    let shows_customer =
        Memo::new(move |_| own.get() && session.access.get().is_some_and(|access| access.customers_page));
    let facts = move || thread.with(|thread| thread.conversation.visitor.clone());
    view! {
        <PageTitle text=t!(i18n, desk.page_of, name = name()) />
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
                        disabled=move || change.busy.get()
                        on:click=move |_| {
                            accept();
                        }
                    >
                        {t!(i18n, desk.accept)}
                    </button>
                </Show>
                <Show when=move || own.get()>
                    <button class="button" type="button" disabled=move || change.busy.get() on:click=end>
                        {t!(i18n, desk.end)}
                    </button>
                </Show>
            </header>
            {move || facts().map(|visitor: VisitorDetails| view! { <VisitorFacts visitor /> })}
            <div class="thread" role="log" aria-label=t!(i18n, desk.messages) tabindex="0">
                <For
                    each=move || thread.with(|thread| thread.messages.clone())
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
            <Composer key own gone sent=Callback::new(move |()| reload()) />
        </section>
    }
    .into_any()
}

/// A conversation that cannot be read any more has ended, or another agent has it.
fn is_gone(error: Option<&AppError>) -> bool {
    error.is_some_and(|error| error.code == Code::NotFound)
}

/// The newest message stays in sight, unless somebody reads further up.
fn keep_the_end_in_sight(thread: Live<OpenThread>) {
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
