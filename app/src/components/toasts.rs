use std::sync::Arc;

use leptos::prelude::*;
use leptos::text_prop::TextProp;

use super::Icon;
use crate::browser;
use crate::i18n::{t, use_i18n};
use crate::keys::Action;

/// Milliseconds that a message stays: long enough to read it and to undo what it tells of.
const STAYS: u32 = 8_000;
/// Milliseconds that a message stays after it was hovered or focused.
const STAYS_AFTER: u32 = 3_000;
/// Messages at a time. An older one goes when there are more, and its Undo with it.
const MOST: usize = 4;

/// A way to undo what was done. It may be used when the page that did it is gone, and holds nothing of it.
#[derive(Clone)]
pub struct Undo(Arc<dyn Fn() + Send + Sync>);

impl Undo {
    /// Makes a way to undo.
    pub fn new(undo: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(undo))
    }
}

/// A message at the edge of the page.
#[derive(Clone)]
struct Toast {
    number: u32,
    text: TextProp,
    failed: bool,
    undo: Option<Undo>,
    /// Its time is up; it stays because somebody looks at it.
    due: bool,
}

/// The messages at the edge of the page; a context of the frame.
#[derive(Clone, Copy, Default)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
    /// `true` while the pointer or the focus is on them.
    held: RwSignal<bool>,
}

impl Toasts {
    /// The frame's.
    pub fn get() -> Self {
        expect_context()
    }

    /// Tells what was done, with a way to undo it where there is one. A text that is a function follows the language; it may be
    /// called when the page that did it is gone.
    pub fn done(self, text: impl Into<TextProp>, undo: Option<Undo>) {
        self.show(text.into(), false, undo);
    }

    /// Tells what could not be done.
    pub fn failed(self, text: impl Into<TextProp>) {
        self.show(text.into(), true, None);
    }

    /// Undoes what was done last; `false` if there is nothing to undo.
    pub fn undo_last(self) -> bool {
        let last = self.shown.with_untracked(|shown| {
            shown.iter().rev().find_map(|toast| toast.undo.clone().map(|undo| (toast.number, undo)))
        });
        let Some((number, undo)) = last else { return false };
        self.close(number);
        (undo.0)();
        true
    }

    fn show(self, text: TextProp, failed: bool, undo: Option<Undo>) {
        // A change may be answered when the frame is gone.
        let Some(number) = self.last.try_update_value(|number| {
            *number += 1;
            *number
        }) else {
            return;
        };
        self.shown.try_update(|shown| {
            if shown.len() == MOST {
                shown.remove(0);
            }
            shown.push(Toast { number, text, failed, undo, due: false });
        });
        browser::after(STAYS, move || {
            if self.held.try_get_untracked() == Some(true) {
                self.shown.try_update(|shown| {
                    shown.iter_mut().filter(|toast| toast.number == number).for_each(|toast| toast.due = true);
                });
            } else {
                self.close(number);
            }
        });
    }

    fn close(self, number: u32) {
        let _ = self.shown.try_update(|shown| shown.retain(|toast| toast.number != number));
    }

    fn release(self) {
        self.held.set(false);
        browser::after(STAYS_AFTER, move || {
            if self.held.try_get_untracked() == Some(false) {
                self.shown.try_update(|shown| shown.retain(|toast| !toast.due));
            }
        });
    }
}

/// Where the messages stand.
#[component]
pub fn ToastList() -> impl IntoView {
    let i18n = use_i18n();
    let toasts = Toasts::get();
    let toast = move |toast: Toast| {
        let number = toast.number;
        let undo = toast.undo.map(|undo| {
            view! {
                <button
                    class="button"
                    type="button"
                    aria-keyshortcuts=Action::Undo.key()
                    on:click=move |_| {
                        toasts.close(number);
                        (undo.0)();
                    }
                >
                    {t!(i18n, toast.undo)}
                </button>
            }
        });
        view! {
            <div class="toast" class:is-danger=toast.failed>
                <Icon name=if toast.failed { "alert" } else { "check" } />
                <span dir="auto">{move || toast.text.get()}</span>
                {undo}
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!(i18n, toast.close)
                    on:click=move |_| toasts.close(number)
                >
                    <Icon name="close" />
                </button>
            </div>
        }
    };
    // Screen readers announce what appears in a region that was there before.
    let newest = move |failed: bool| {
        toasts.shown.with(|shown| shown.last().filter(|toast| toast.failed == failed).map(|toast| toast.text.get()))
    };
    view! {
        <p class="visually-hidden" role="status">
            {move || newest(false)}
        </p>
        <p class="visually-hidden" role="alert">
            {move || newest(true)}
        </p>
        <section
            class="toasts"
            aria-label=t!(i18n, toast.list)
            on:mouseenter=move |_| toasts.held.set(true)
            on:mouseleave=move |_| toasts.release()
            on:focusin=move |_| toasts.held.set(true)
            on:focusout=move |_| toasts.release()
        >
            <For each=move || toasts.shown.get() key=|toast| toast.number children=toast />
        </section>
    }
    .into_any()
}
