use clientele::domain::ConversationState;
use leptos::prelude::*;

use super::composer::{self, Composer};
use super::{BackLink, THROTTLE_MILLIS, item_of};
use crate::api::desk::{ConversationDetails, accept_conversation, end_conversation, read_open_conversation};
use crate::browser;
use crate::components::{Icon, PageTitle, Toasts, VisitorFacts, visitor_of};
use crate::error::{AppError, Code};
use crate::events::ServerEvent;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::{Action, Keys};
use crate::live::{Change, Live};
use crate::pages::reader::{Mark, Reader, ReaderState, Source};
use crate::reactive::{effect, memo};
use crate::session::Session;
use crate::unread::UnreadMarks;

/// Milliseconds within which a second click belongs to a double click.
const DOUBLE_CLICK: u32 = 400;
/// Milliseconds during which *End* can be confirmed.
const CONFIRM: u32 = 5_000;

/// Open conversation: its messages, the earlier ones, and the agent's actions.
#[component]
pub fn ConversationPane(
    first: ConversationDetails,
    /// Closes the conversation and focuses the element in the list that the selector matches.
    leave: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = Session::get();
    let key = first.customer;
    let reading = ReaderState::new(Source::Desk, key, first.page.clone(), Mark::End);
    let details = Live::new(first);
    // `true` if the conversation has ended or was assigned to another agent while open.
    let gone = memo(move || details.error.with(|error| error.as_ref().is_some_and(is_over)));
    let reload = move || details.fetch(read_open_conversation(key, reading.update_from()));
    // A waiting conversation is assigned to no agent, so its changes may be reported as desk events
    // only.
    session.subscribe_throttled(
        THROTTLE_MILLIS,
        move |heard| heard.is_about(key) || *heard == ServerEvent::Desk,
        reload,
    );
    Effect::new(move |before: Option<()>| {
        let page = details.with(|details| details.page.clone());
        if before.is_some() {
            reading.append(page);
        }
    });
    let own = memo(move || details.with(|details| details.own) && !gone.get());
    let waiting =
        memo(move || details.with(|details| details.conversation.state == ConversationState::Waiting) && !gone.get());
    let received = memo(move || details.with(|details| details.received));
    see(own, reading.at_end, move || UnreadMarks::get().mark_seen(key, received.get()));
    let change = Change::new();
    let accept = move || {
        if change.busy.get_untracked() || !waiting.get_untracked() {
            return false;
        }
        change.send_or(accept_conversation(key), move |answer| match answer {
            Ok(fresh) => details.set(fresh),
            Err(error) => {
                change.show_error(&error);
                reload();
            }
        });
        true
    };
    let toasts = Toasts::get();
    let end = Callback::new(move |()| {
        change.send_or(end_conversation(key), move |answer| match answer {
            Ok(()) => {
                toasts.done(t!(i18n, desk.ended), None);
                // The entry of this conversation is about to be removed.
                leave.try_run(format!(".desk-item:not({})", item_of(key)));
            }
            Err(error) => {
                change.show_error(&error);
                reload();
            }
        });
    });
    Keys::get().on(Action::Accept, accept);
    let name = move || details.with(|details| details.name.clone());
    let id = move || details.with(|details| details.id.clone());
    let shows_customer = memo(move || own.get() && session.access.get().is_some_and(|access| access.customers_page));
    let visitor = memo(move || reading.with_conversation(visitor_of));
    let draft = composer::draft(key);
    let unsent = Signal::derive(move || draft.text.with(|text| !text.trim().is_empty()));
    view! {
        <PageTitle text=t!(i18n, desk.page_of, name = name()) />
        <section class="desk-conversation" tabindex="-1" aria-label=name>
            <header class="conversation-head">
                <BackLink />
                <h2 dir="auto" title=name>
                    {name}
                </h2>
                // A customer without a name is shown by the ID, which is then not repeated.
                <Show when=move || name() != id() fallback=|| view! { <span class="mono"></span> }>
                    <span class="mono" title=id>
                        {id}
                    </span>
                </Show>
                <Show when=move || shows_customer.get()>
                    <a class="button" href=format!("/customers/{key}?period=all")>
                        {t!(i18n, desk.customer)}
                    </a>
                </Show>
                <Show when=move || waiting.get()>
                    <button
                        class="button is-primary"
                        type="button"
                        aria-keyshortcuts=Action::Accept.key()
                        disabled=move || change.busy.get()
                        on:click=move |_| {
                            accept();
                        }
                    >
                        {t!(i18n, desk.accept)}
                    </button>
                </Show>
                <Show when=move || own.get()>
                    <EndButton busy=change.busy unsent end />
                </Show>
            </header>
            {move || visitor.get().map(|(number, visitor)| view! { <VisitorFacts number visitor /> })}
            <Reader reading />
            <Show when=move || gone.get()>
                <p class="banner is-warning" role="status">
                    <Icon name="info" />
                    <span>{t!(i18n, desk.gone)}</span>
                </p>
            </Show>
            <Composer key draft own gone sent=Callback::new(move |()| reload()) />
        </section>
    }
    .into_any()
}

/// Button that ends the conversation on a second, confirming click. The customer is notified at
/// once, so there is no Undo.
#[component]
fn EndButton(
    busy: RwSignal<bool>,
    /// `true` if there is an unsent reply.
    unsent: Signal<bool>,
    end: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    // Confirmation state: `None` if not requested, otherwise `true` once it may be confirmed.
    // `times` numbers the requests.
    let asked = RwSignal::new(None::<bool>);
    let times = StoredValue::new(0u32);
    let click = move |_| match asked.get_untracked() {
        _ if busy.get_untracked() => {}
        None => {
            asked.set(Some(false));
            times.update_value(|times| *times += 1);
            let this = times.get_value();
            let later = move |millis, then| {
                browser::run_after(millis, move || {
                    if times.try_get_value() == Some(this) && asked.get_untracked().is_some() {
                        asked.set(then);
                    }
                });
            };
            later(DOUBLE_CLICK, Some(true));
            later(CONFIRM, None);
        }
        Some(false) => {}
        Some(true) => {
            asked.set(None);
            end.run(());
        }
    };
    // The first Escape cancels the confirmation.
    Keys::get().on(Action::CloseConversation, move || {
        let open = asked.get_untracked().is_some();
        asked.set(None);
        open
    });
    view! {
        <button
            class="button"
            class:is-danger=move || asked.get().is_some()
            type="button"
            aria-disabled=move || (busy.get() || asked.get() == Some(false)).to_string()
            on:click=click
        >
            {move || match (asked.get(), unsent.get()) {
                (None, _) => t_string!(i18n, desk.end),
                (Some(_), false) => t_string!(i18n, desk.end_now),
                (Some(_), true) => t_string!(i18n, desk.end_unsent),
            }}
        </button>
    }
    .into_any()
}

/// Calls `see` when the agent can see the end of an own conversation, and again whenever a message
/// arrives there.
fn see(own: Memo<bool>, at_end: RwSignal<bool>, see: impl Fn() + 'static) {
    let visible = RwSignal::new(false);
    effect(move || {
        visible.set(browser::is_visible());
        let handle = window_event_listener(leptos::ev::visibilitychange, move |_| visible.set(browser::is_visible()));
        on_cleanup(move || handle.remove());
    });
    effect(move || {
        if own.get() && at_end.get() && visible.get() {
            see();
        }
    });
}

/// Returns `true` if the error means that the conversation has ended or is assigned to another
/// agent.
pub(super) fn is_over(error: &AppError) -> bool {
    error.code == Code::NotFound
}
