//! The Interaction tab: all that was ever said with a customer, read across the borders of conversations.

mod finder;
mod list;
mod window;

use clientele::domain::CustomerKey;
use leptos::prelude::*;

use crate::access::Session;
use crate::api::conversations::{MOST_MESSAGES, MessagePage, read_messages};
use crate::api::customer::CustomerDetails;
use crate::browser;
use crate::components::{BeginBorder, Day, EndBorder, Failure, MessageItem, VisitorFacts};
use crate::console::{Console, Tab};
use crate::error::AppError;
use crate::i18n::{t, use_i18n};
use crate::live::{Heard, Live, News};
use crate::resource::{Json, ask};

use finder::Finder;
use list::ConversationList;
use window::{Item, Window};

/// Messages loaded at a time.
const STEP: u32 = 50;
/// What scrolls.
const READER: &str = ".reader";

/// What is shown first: around the message that the URL names, or the newest messages.
pub type Said = Resource<Result<MessagePage, AppError>, Json>;

/// Asks for it, while the tab is open.
pub fn first_window(console: Console, key: Memo<Option<CustomerKey>>) -> Said {
    let wanted = move || {
        let (open, message) = console.view.with(|view| (view.tab == Tab::Interaction, view.message));
        key.get().filter(|_| open).map(|key| (key, message))
    };
    ask(wanted, move |wanted| async move {
        match wanted {
            Some((key, None)) => read_messages(console.mode, key, 0, 0).await,
            Some((key, Some(message))) => {
                let from = message.saturating_sub(STEP / 2).max(1);
                read_messages(console.mode, key, from, from + STEP - 1).await
            }
            None => Ok(MessagePage { messages: Vec::new(), conversations: Vec::new(), last: 0 }),
        }
    })
}

/// The Interaction tab.
#[component]
pub fn Interaction(console: Console, details: Live<CustomerDetails>, said: Said) -> impl IntoView {
    let word = RwSignal::new(String::new());
    view! {
        <div class="interaction">
            <Finder console details word />
            <ConversationList console details />
            <Transition>
                {move || Suspend::new(async move {
                    match said.await {
                        Ok(page) => view! { <Reader console details page word /> }.into_any(),
                        Err(error) => {
                            Session::note(&error);
                            view! { <Failure error retry=Callback::new(move |()| said.refetch()) /> }.into_any()
                        }
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// The messages, as far as they are loaded.
#[derive(Clone, Copy)]
struct Reading {
    console: Console,
    key: CustomerKey,
    window: RwSignal<Window>,
    loading: RwSignal<bool>,
    /// The failure of the last load; `true` if it was of earlier messages.
    failed: RwSignal<Option<(bool, AppError)>>,
}

impl Reading {
    /// Loads messages and puts them where they belong; what is in sight stays where it is.
    fn load(self, from: u32, to: u32, earlier: bool) {
        if self.loading.get_untracked() {
            return;
        }
        self.loading.set(true);
        leptos::task::spawn_local(async move {
            let answer = read_messages(self.console.mode, self.key, from, to).await;
            // The tab may have gone meanwhile: then the value comes back.
            if self.loading.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => {
                    self.failed.set(None);
                    browser::hold_place(READER, move || self.window.update(|window| window.add(page, earlier)));
                }
                Err(error) => {
                    Session::note(&error);
                    self.failed.set(Some((earlier, error)));
                }
            }
        });
    }

    fn earlier(self) {
        let first = self.window.with_untracked(Window::first);
        if first > 1 {
            self.load(first.saturating_sub(STEP).max(1), first - 1, true);
        }
    }

    fn later(self) {
        let (next, last) = self.window.with_untracked(|window| (window.end() + 1, window.last()));
        if next <= last {
            self.load(next, next + STEP - 1, false);
        }
    }

    /// What others add: at the end it appears, elsewhere it is known of.
    fn follow(self) {
        Session::get().listen(move |heard| {
            if !heard.is_about(self.key) {
                return;
            }
            let (end, at_end) = self.window.with_untracked(|window| (window.end().max(1), window.is_at_end()));
            if at_end {
                let mode = self.console.mode;
                leptos::task::spawn_local(async move {
                    // The last one again: its conversation may have ended, or been rated.
                    if let Ok(page) = read_messages(mode, self.key, end, end + MOST_MESSAGES - 1).await {
                        let _ = self.window.try_update(|window| window.add(page, false));
                        browser::keep_end(READER, false);
                    }
                });
            } else if let Heard::Customer(News { message: Some(newest), .. }) = heard {
                self.window.update(|window| window.know_of(newest));
            }
        });
    }
}

#[component]
fn Reader(
    console: Console,
    details: Live<CustomerDetails>,
    page: MessagePage,
    word: RwSignal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let key = details.with_untracked(|details| details.key);
    let marked = console.view.with_untracked(|view| view.message);
    let reading = Reading {
        console,
        key,
        window: RwSignal::new(Window::new(page)),
        loading: RwSignal::new(false),
        failed: RwSignal::new(None),
    };
    reading.follow();
    Effect::new(move |_| match marked {
        Some(message) => browser::bring_into_middle(READER, &format!("m-{message}")),
        None => browser::keep_end(READER, true),
    });
    let marked_word = word.get_untracked();
    let link = move |message: u32| console.href(&console.view.get_untracked().at_message(message));
    let item = move |item: Item| match item {
        Item::Day(day) => view! { <p class="day"><Day date=day /></p> }.into_any(),
        Item::Begin(conversation) => view! { <BeginBorder conversation /> }.into_any(),
        Item::End(conversation) => view! { <EndBorder conversation /> }.into_any(),
        Item::Message(message) => {
            let number = message.number;
            view! {
                <MessageItem message href=Some(link(number)) marked=marked == Some(number) word=marked_word.clone() />
            }
            .into_any()
        }
    };
    let window = reading.window;
    let more_above = Memo::new(move |_| window.with(|window| window.first() > 1));
    let more_below = Memo::new(move |_| window.with(|window| !window.is_at_end()));
    let first = move || window.with(Window::first);
    let end = move || window.with(Window::end);
    // At the end that could not be loaded, where it is tried again.
    let failure = move |earlier: bool| {
        move || {
            let retry = Callback::new(move |()| if earlier { reading.earlier() } else { reading.later() });
            let failed = reading.failed.get().filter(|(own, _)| *own == earlier);
            failed.map(|(_, error)| view! { <Failure error retry /> })
        }
    };
    let facts = move || {
        let visitor = window.with(|window| window.conversation_of(marked)?.visitor.clone());
        visitor.map(|visitor| view! { <VisitorFacts visitor /> })
    };
    view! {
        {facts}
        <div
            class="reader thread"
            role="log"
            aria-live="off"
            aria-label=t!(i18n, interaction.messages)
            aria-busy=move || reading.loading.get().to_string()
            tabindex="0"
            on:scroll=move |_| match browser::scrolled_to_edge(READER) {
                Some(true) => reading.earlier(),
                Some(false) => reading.later(),
                None => {}
            }
        >
            {failure(true)}
            <Show
                when=move || more_above.get()
                fallback=move || view! { <p class="reader-edge">{t!(i18n, interaction.beginning)}</p> }
            >
                <a
                    class="button"
                    href=move || link(first().saturating_sub(STEP / 2).max(1))
                    on:click=move |event| {
                        event.prevent_default();
                        reading.earlier();
                    }
                >
                    {t!(i18n, interaction.more)}
                </a>
            </Show>
            <For each=move || window.with(Window::items) key=Item::key children=item />
            <Show
                when=move || more_below.get()
                fallback=move || view! { <p class="reader-edge">{t!(i18n, interaction.end)}</p> }
            >
                <a
                    class="button"
                    href=move || link(end() + STEP / 2)
                    on:click=move |event| {
                        event.prevent_default();
                        reading.later();
                    }
                >
                    {t!(i18n, interaction.next)}
                </a>
            </Show>
            {failure(false)}
        </div>
    }
    .into_any()
}
