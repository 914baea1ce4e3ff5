//! Message reader across the borders of conversations, used by the Interaction tab and the
//! Conversations page.

mod source;
mod window;

use std::cell::Cell;

use clientele::domain::CustomerKey;
use leptos::prelude::*;

use crate::api::conversations::{ConversationInfo, MAX_MESSAGES, MessagePage};
use crate::browser::{self, ElementRef};
use crate::components::{BeginBorder, Day, Each, EndBorder, Icon, MessageItem};
use crate::error::AppError;
use crate::i18n::{t, use_i18n};
use crate::labels;
use crate::live::send;
use crate::reactive::{effect, memo};

pub use source::{Mark, Source};
use window::{Item, Window};

/// Messages per request.
pub const STEP: u32 = 50;

/// State of the reader: loaded messages and scroll position.
#[derive(Clone, Copy)]
pub struct ReaderState {
    source: Source,
    key: CustomerKey,
    mark: Mark,
    /// Scroll container.
    pub element: ElementRef,
    window: RwSignal<Window>,
    /// Number of the conversation being read.
    pub conversation: RwSignal<Option<u32>>,
    /// `true` while the newest message is visible.
    pub at_end: RwSignal<bool>,
    loading: RwSignal<bool>,
    /// Error of the last load; `true` if it was for earlier messages.
    failed: RwSignal<Option<(bool, AppError)>>,
}

impl ReaderState {
    /// Creates the state from a first page of messages.
    pub fn new(source: Source, key: CustomerKey, page: MessagePage, mark: Mark) -> Self {
        let window = Window::new(page);
        let conversation = match mark {
            Mark::End => window.conversation_of(None),
            Mark::Message(number) => window.conversation_of(Some(number)),
            Mark::Conversation(number) => Some(number),
        };
        Self {
            source,
            key,
            mark,
            element: ElementRef::default(),
            window: RwSignal::new(window),
            conversation: RwSignal::new(conversation),
            at_end: RwSignal::new(mark == Mark::End),
            loading: RwSignal::new(false),
            failed: RwSignal::new(None),
        }
    }

    /// Loads messages and inserts them; the visible messages stay in place.
    fn load(self, from: u32, to: u32, earlier: bool) {
        if self.loading.get_untracked() {
            return;
        }
        self.loading.set(true);
        send(self.source.read(self.key, from, to), move |answer| {
            // `try_set` returns the value if the page was left and its signals were disposed during
            // the request.
            if self.loading.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => {
                    self.failed.set(None);
                    self.element.keep_scroll_position(move || self.window.update(|window| window.add(page, earlier)));
                }
                Err(error) => self.failed.set(Some((earlier, error))),
            }
        });
    }

    fn earlier(self) {
        let (first, start) = self.window.with_untracked(|window| (window.first(), window.start()));
        if first > start {
            self.load(first.saturating_sub(STEP).max(start), first - 1, true);
        }
    }

    fn later(self) {
        let (next, last) = self.window.with_untracked(|window| (window.end() + 1, window.last()));
        if next <= last {
            self.load(next, next + STEP - 1, false);
        }
    }

    /// Returns the number of the first message of an update request. It is the last known message,
    /// because its conversation may have ended or been rated.
    pub fn update_from(self) -> u32 {
        let known = |window: &Window| if window.is_at_end() { window.end() } else { window.last() };
        self.window.try_with_untracked(known).unwrap_or_default().max(1)
    }

    /// Loads the messages that arrived since.
    pub fn catch_up(self) {
        let from = self.update_from();
        send(self.source.read(self.key, from, from + MAX_MESSAGES - 1), move |answer| {
            if let Ok(page) = answer {
                self.append(page);
            }
        });
    }

    /// Adds messages that arrived. At the end, the reader scrolls along; elsewhere nothing moves.
    pub fn append(self, page: MessagePage) {
        let Some(fits) = self.window.try_with_untracked(|window| window.has_room_for(page.messages.len())) else {
            return;
        };
        let (_, end_in_sight) = self.element.scrolled_to_edges();
        if end_in_sight {
            self.window.update(|window| window.add(page, false));
            self.element.scroll_to_end();
        } else if fits {
            self.element.keep_scroll_position(move || self.window.update(|window| window.add(page, false)));
        } else {
            // Adding them would drop messages that may be in the viewport. Record only that there
            // are newer ones, which load when the user scrolls to the end.
            self.refresh(&page.conversations);
            self.window.update(|window| window.extend_to(page.last));
        }
    }

    /// Updates the loaded conversations.
    pub fn refresh(self, conversations: &[ConversationInfo]) {
        let conversations = conversations.to_vec();
        self.element.keep_scroll_position(move || {
            let _ = self.window.try_update(|window| window.refresh(&conversations));
        });
    }

    /// Calls `read` with the conversation being read, and tracks it.
    pub fn with_conversation<T>(self, read: impl FnOnce(&ConversationInfo) -> Option<T>) -> Option<T> {
        let number = self.conversation.get()?;
        self.window.with(|window| read(window.conversation(number)?))
    }

    /// Records which conversation is visible, and whether the end is.
    fn update_visible(self, at_end: bool) {
        if self.at_end.get_untracked() != at_end {
            self.at_end.set(at_end);
        }
        let seen = self.element.conversation_in_sight(self.mark.selector().as_deref());
        if seen.is_some() && self.conversation.get_untracked() != seen {
            self.conversation.set(seen);
        }
    }

    fn scrolled(self) {
        let (top, bottom) = self.element.scrolled_to_edges();
        self.update_visible(bottom && self.window.with_untracked(Window::is_at_end));
        if top {
            self.earlier();
        } else if bottom {
            self.later();
        }
    }
}

/// Scrollable list of a customer's messages.
#[component]
pub fn Reader(
    /// State of the reader.
    reading: ReaderState,
    /// Search word to mark; empty for none.
    #[prop(optional)]
    word: String,
    /// Returns the link of a message by its number; `None` if messages have no links.
    #[prop(optional)]
    link: Option<Callback<u32, String>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let ReaderState { mark, element, window, .. } = reading;
    effect(move || match mark.selector() {
        None => element.scroll_to_end(),
        Some(marked) => element.scroll_into_center(marked),
    });
    let item = move |item: Item| match item {
        Item::Day(day, _) => view! { <h3 class="day"><Day date=day /></h3> }.into_any(),
        Item::Begin(conversation) => {
            let marked = mark == Mark::Conversation(conversation.number);
            view! { <BeginBorder conversation marked /> }.into_any()
        }
        Item::End(conversation) => view! { <EndBorder conversation /> }.into_any(),
        Item::Message(message) => {
            let number = message.number;
            let href = link.map(|link| link.run(number));
            view! { <MessageItem message href marked=mark == Mark::Message(number) word=word.clone() /> }.into_any()
        }
    };
    let more_above = memo(move || window.with(|window| window.first() > window.start()));
    let more_below = memo(move || window.with(|window| !window.is_at_end()));
    let load = move |earlier: bool| if earlier { reading.earlier() } else { reading.later() };
    let more = move |earlier: bool| {
        let label = if earlier { t!(i18n, interaction.more).into_any() } else { t!(i18n, interaction.next).into_any() };
        let busy = move || reading.loading.get().to_string();
        let Some(link) = link else {
            return view! {
                <button class="button" type="button" aria-busy=busy on:click=move |_| load(earlier)>
                    {label}
                </button>
            }
            .into_any();
        };
        // Without JavaScript the link leads to a message beyond the loaded ones.
        let beyond = move || {
            link.run(window.with(|window| match earlier {
                true => window.first().saturating_sub(STEP / 2).max(1),
                false => window.end() + STEP / 2,
            }))
        };
        view! {
            <a
                class="button"
                href=beyond
                aria-busy=busy
                on:click=move |event| {
                    event.prevent_default();
                    load(earlier);
                }
            >
                {label}
            </a>
        }
        .into_any()
    };
    // Show the error at the end that failed to load, with a retry button.
    let failure = move |earlier: bool| {
        move || {
            let retry = Callback::new(move |()| load(earlier));
            let failed = reading.failed.get().filter(|(own, _)| *own == earlier);
            failed.map(|(_, error)| view! { <FailedPart error retry /> })
        }
    };
    // A phone's keyboard or an open disclosure makes the reader smaller. Keep the newest message
    // visible.
    effect(move || {
        let Some(reader) = element.track() else { return };
        let first = Cell::new(true);
        browser::on_resize(&reader, move || {
            if !first.replace(false) && reading.at_end.get_untracked() {
                element.scroll_to_end();
            }
        });
    });
    view! {
        <div
            node_ref=element
            class="reader message-list"
            role="log"
            aria-live="off"
            aria-label=t!(i18n, interaction.messages)
            aria-busy=move || reading.loading.get().to_string()
            tabindex="0"
            on:scroll=move |_| reading.scrolled()
        >
            {failure(true)}
            <Show
                when=move || more_above.get()
                fallback=move || {
                    // For a waiting conversation, earlier messages may exist that the agent cannot
                    // read yet.
                    (window.with(Window::start) == 1)
                        .then(|| view! { <p class="reader-edge">{t!(i18n, interaction.beginning)}</p> })
                }
            >
                {more(true)}
            </Show>
            <Each each=move || window.with(Window::items) key=Item::key children=item />
            <Show
                when=move || more_below.get()
                fallback=move || view! { <p class="reader-edge">{t!(i18n, interaction.end)}</p> }
            >
                {more(false)}
            </Show>
            {failure(false)}
        </div>
    }
    .into_any()
}

/// One-line error for a part that failed to load; the loaded content stays visible.
#[component]
pub fn FailedPart(
    /// Error to show.
    error: AppError,
    /// Loads the part again.
    retry: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <p class="list-failure" role="alert">
            <Icon name="alert" />
            <span>{move || labels::failure(i18n, &error)}</span>
            <button class="button is-small" type="button" on:click=move |_| retry.run(())>
                {t!(i18n, failure.retry)}
            </button>
        </p>
    }
    .into_any()
}
