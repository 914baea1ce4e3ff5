use std::sync::Arc;

use leptos::prelude::*;
use leptos::text_prop::TextProp;

use super::{Each, Icon};
use crate::browser;
use crate::focus::Focus;
use crate::i18n::{t, use_i18n};
use crate::keys::Action;
use crate::parts;
use crate::reactive::memo;

/// Milliseconds that a toast stays: long enough to read it and to use Undo.
const DURATION: u32 = 8_000;
/// Milliseconds that an expired toast stays after it was last hovered or focused.
const DURATION_AFTER_FOCUS: u32 = 3_000;
/// Most toasts at a time. Another one removes the oldest, and its Undo with it.
const MAX_TOASTS: usize = 4;

/// Action that undoes a change. It can run after the page that created it is gone, so it holds no
/// view of that page.
#[derive(Clone)]
pub struct Undo(Arc<dyn Fn() + Send + Sync>);

impl Undo {
    /// Wraps a function that undoes a change.
    pub fn new(undo: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(undo))
    }
}

/// Short message at the edge of the page.
#[derive(Clone)]
struct Toast {
    number: u32,
    text: TextProp,
    failed: bool,
    undo: Option<Undo>,
    /// Link to what prevents the change.
    link: Option<String>,
    /// `true` if the time is over but the toast stays because it is hovered or focused.
    expired: bool,
}

/// Toasts of the console; a context of the frame.
#[derive(Clone, Copy, Default)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
    /// `true` while the pointer is over the toasts, and `true` while the focus is in them.
    held: RwSignal<(bool, bool)>,
}

impl Toasts {
    /// Returns the toasts of the frame.
    pub fn get() -> Self {
        expect_context()
    }

    /// Shows a success toast, with an Undo button if `undo` is given. A text given as a function
    /// follows the language and may be called after the page that created it is gone.
    pub fn done(self, text: impl Into<TextProp>, undo: Option<Undo>) {
        self.show(text.into(), false, undo, None);
    }

    /// Shows an error toast.
    pub fn failed(self, text: impl Into<TextProp>) {
        self.show(text.into(), true, None, None);
    }

    /// Shows an error toast with a link to what prevents the change.
    pub fn refused(self, text: impl Into<TextProp>, link: Option<String>) {
        self.show(text.into(), true, None, link);
    }

    /// Undoes the newest change that has an Undo. Returns `false` if there is none.
    pub fn undo_last(self) -> bool {
        let last = self.shown.with_untracked(|shown| {
            shown.iter().rev().find_map(|toast| toast.undo.clone().map(|undo| (toast.number, undo)))
        });
        let Some((number, undo)) = last else { return false };
        self.close(number);
        (undo.0)();
        true
    }

    fn show(self, text: TextProp, failed: bool, undo: Option<Undo>, link: Option<String>) {
        // The response to a change may arrive after the frame is gone.
        let Some(number) = self.last.try_update_value(|number| {
            *number += 1;
            *number
        }) else {
            return;
        };
        self.shown.try_update(|shown| {
            if shown.len() == MAX_TOASTS {
                shown.remove(0);
            }
            shown.push(Toast { number, text, failed, undo, link, expired: false });
        });
        browser::run_after(DURATION, move || {
            if self.is_held() {
                self.shown.try_update(|shown| {
                    shown.iter_mut().filter(|toast| toast.number == number).for_each(|toast| toast.expired = true);
                });
            } else {
                self.close(number);
            }
        });
    }

    fn close(self, number: u32) {
        self.keep(|toast| toast.number != number);
    }

    fn keep(self, stays: impl Fn(&Toast) -> bool) {
        let left = self.shown.try_update(|shown| {
            shown.retain(stays);
            shown.len()
        });
        // Removed elements send neither `mouseleave` nor `focusout`.
        if left == Some(0) {
            self.held.try_set((false, false));
        }
    }

    fn is_held(self) -> bool {
        self.held.try_get_untracked().is_some_and(|(pointer, focus)| pointer || focus)
    }

    fn hold(self, change: impl FnOnce(&mut (bool, bool))) {
        self.held.update(change);
        browser::run_after(DURATION_AFTER_FOCUS, move || {
            if !self.is_held() {
                self.keep(|toast| !toast.expired);
            }
        });
    }
}

/// Live regions that announce toasts, and the list of toasts.
#[component]
pub fn ToastRegions() -> impl IntoView {
    let toasts = Toasts::get();
    // Screen readers announce changes only in a region that already exists.
    let newest = move |failed: bool| {
        // An identical text would be no change and not be announced. A zero-width space in every
        // other toast makes it different.
        let text =
            |toast: &Toast| [&*toast.text.get(), if toast.number.is_multiple_of(2) { "" } else { "\u{200B}" }].concat();
        toasts.shown.with(|shown| shown.last().filter(|toast| toast.failed == failed).map(text))
    };
    // The list of toasts is in the WASM chunk of the tools, which browsers load after the page.
    let some = memo(move || toasts.shown.with(|shown| !shown.is_empty()));
    view! {
        <p class="visually-hidden" role="status">
            {move || newest(false)}
        </p>
        <p class="visually-hidden" role="alert">
            {move || newest(true)}
        </p>
        {move || some.get().then(|| parts::TOASTS.show())}
    }
    .into_any()
}

/// List of the visible toasts.
#[component]
pub fn ToastList() -> impl IntoView {
    let i18n = use_i18n();
    let (toasts, focus) = (Toasts::get(), Focus::get());
    // Closing a toast by one of its buttons moves the focus back to the page.
    let dismiss = move |number| {
        toasts.close(number);
        focus.main.focus();
    };
    let toast = move |toast: Toast| {
        let number = toast.number;
        let undo = toast.undo.map(|undo| {
            view! {
                <button
                    class="button"
                    type="button"
                    aria-keyshortcuts=Action::Undo.key()
                    on:click=move |_| {
                        dismiss(number);
                        (undo.0)();
                    }
                >
                    {t!(i18n, toast.undo)}
                </button>
            }
        });
        let link = toast.link.map(|link| {
            view! {
                <a class="button" href=link on:click=move |_| toasts.close(number)>
                    {t!(i18n, toast.open)}
                </a>
            }
        });
        view! {
            <div class="toast" part="toast" class:is-danger=toast.failed>
                <Icon name=if toast.failed { "alert" } else { "check" } />
                <span dir="auto">{move || toast.text.get()}</span>
                {undo}
                {link}
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!(i18n, toast.close)
                    on:click=move |_| dismiss(number)
                >
                    <Icon name="close" />
                </button>
            </div>
        }
    };
    view! {
        <section
            class="toasts"
            aria-label=t!(i18n, toast.list)
            on:mouseenter=move |_| toasts.hold(|held| held.0 = true)
            on:mouseleave=move |_| toasts.hold(|held| held.0 = false)
            on:focusin=move |_| toasts.hold(|held| held.1 = true)
            on:focusout=move |_| toasts.hold(|held| held.1 = false)
        >
            <Each each=move || toasts.shown.get() key=|toast| toast.number children=toast />
        </section>
    }
    .into_any()
}
