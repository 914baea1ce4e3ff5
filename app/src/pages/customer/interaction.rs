//! Interaction tab: all messages exchanged with a customer, across the borders of conversations.

mod finder;
mod history;
mod list;

use clientele::domain::CustomerKey;
use leptos::prelude::*;

use crate::api::conversations::{MessagePage, read_messages};
use crate::api::customer::CustomerDetails;
use crate::components::{Failure, VisitorFacts, visitor_of};
use crate::console::{Console, Tab};
use crate::error::AppError;
use crate::live::Live;
use crate::pages::reader::{Mark, Reader, ReaderState, STEP, Source};
use crate::reactive::{effect, memo};
use crate::resource::{Json, resource};
use crate::session::Session;

use finder::Finder;
use history::History;
use list::ConversationList;

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 100;

/// Resource with the first messages and their customer: around the message that the URL names, or
/// the newest.
pub type FirstMessages = Resource<Result<(CustomerKey, MessagePage), AppError>, Json>;

/// Creates the resource of the first messages. It loads nothing while another tab is open.
pub fn first_window(console: Console, key: Memo<Option<CustomerKey>>) -> FirstMessages {
    let wanted = move || {
        let (open, place) = console.view.with(|view| (view.tab == Tab::Interaction, (view.message, view.conversation)));
        (key.get().filter(|_| open).unwrap_or(CustomerKey(0)), place)
    };
    resource(wanted, move |(key, (message, _))| async move {
        let page = match message {
            _ if key == CustomerKey(0) => MessagePage::default(),
            None => read_messages(console.mode, key, 0, 0).await?,
            Some(message) => {
                let from = message.saturating_sub(STEP / 2).max(1);
                read_messages(console.mode, key, from, from + STEP - 1).await?
            }
        };
        Ok((key, page))
    })
}

/// View of the Interaction tab.
#[component]
pub fn Interaction(console: Console, details: Live<CustomerDetails>, messages: FirstMessages) -> impl IntoView {
    let key = details.with_untracked(|details| details.key);
    let word = RwSignal::new(String::new());
    let history = History::new(console.mode, key);
    history.follow(THROTTLE_MILLIS);
    view! {
        <div class="interaction">
            <ConversationList console details history />
            <Finder console details word />
            <Transition fallback=|| view! { <Loading /> }>
                {move || Suspend::new(async move {
                    match messages.await {
                        Ok((whose, page)) if whose == key => {
                            view! { <Messages console key page word history /> }.into_any()
                        }
                        // The messages belong to the previous customer; those of this one are
                        // loading.
                        Ok(_) => view! { <Loading /> }.into_any(),
                        Err(error) => {
                            let retry = Callback::new(move |()| messages.refetch());
                            view! { <div class="reader"><Failure error retry /></div> }.into_any()
                        }
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Placeholder while the messages load.
#[component]
fn Loading() -> impl IntoView {
    view! { <div class="reader is-loading" aria-busy="true"></div> }.into_any()
}

/// Messages, and the visitor details of the conversation being read.
#[component]
fn Messages(
    console: Console,
    key: CustomerKey,
    page: MessagePage,
    word: RwSignal<String>,
    history: History,
) -> impl IntoView {
    let mark = console.view.with_untracked(|view| match (view.conversation, view.message) {
        (Some(conversation), _) => Mark::Conversation(conversation),
        (None, Some(message)) => Mark::Message(message),
        (None, None) => Mark::End,
    });
    let reading = ReaderState::new(Source::Customers(console.mode), key, page, mark);
    Session::get().subscribe_throttled(THROTTLE_MILLIS, move |heard| heard.is_about(key), move || reading.catch_up());
    Effect::new(move |before: Option<()>| {
        let fresh = history.fresh.get();
        if before.is_some() {
            reading.refresh(&fresh);
        }
    });
    effect(move || history.read.set(reading.conversation.get()));
    // After a choice from the conversation list, which is closed now, move the focus to the
    // messages.
    if matches!(mark, Mark::Conversation(_)) {
        effect(move || reading.element.focus_unless_elsewhere(".conversation-list *"));
    }
    let visitor = memo(move || reading.with_conversation(visitor_of));
    let facts = move || visitor.get().map(|(number, visitor)| view! { <VisitorFacts number visitor /> });
    let link = Callback::new(move |message| console.href(&console.view.get_untracked().at_message(message)));
    view! {
        {facts}
        <Reader reading word=word.get_untracked() link />
    }
    .into_any()
}
