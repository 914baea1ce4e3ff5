use leptos::prelude::*;

use super::Icon;
use crate::browser;
use crate::i18n::{t, use_i18n};

/// How long a message stays: long enough to read it and to undo what it tells of.
const STAYS: u32 = 8_000;

/// What happened, told at the edge of the page for a while.
#[derive(Clone)]
struct Toast {
    number: u32,
    text: String,
    failed: bool,
    undo: Option<Callback<()>>,
}

/// The messages at the edge of the page; a context of the frame.
#[derive(Clone, Copy, Default)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
}

impl Toasts {
    /// The frame's.
    pub fn get() -> Self {
        expect_context()
    }

    /// Tells what was done, with a way to undo it where there is one.
    pub fn done(self, text: String, undo: Option<Callback<()>>) {
        self.show(text, false, undo);
    }

    /// Tells what could not be done.
    pub fn failed(self, text: String) {
        self.show(text, true, None);
    }

    fn show(self, text: String, failed: bool, undo: Option<Callback<()>>) {
        self.last.update_value(|number| *number += 1);
        let number = self.last.get_value();
        self.shown.update(|shown| {
            // Two are enough to read at a time.
            if shown.len() > 1 {
                shown.remove(0);
            }
            shown.push(Toast { number, text, failed, undo });
        });
        browser::after(STAYS, move || self.close(number));
    }

    fn close(self, number: u32) {
        // The page may have gone meanwhile.
        let _ = self.shown.try_update(|shown| shown.retain(|toast| toast.number != number));
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
                    on:click=move |_| {
                        toasts.close(number);
                        undo.run(());
                    }
                >
                    {t!(i18n, toast.undo)}
                </button>
            }
        });
        view! {
            <div class="toast" class:is-danger=toast.failed role=if toast.failed { "alert" } else { "status" }>
                <Icon name=if toast.failed { "alert" } else { "check" } />
                <span>{toast.text}</span>
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
    view! {
        <div class="toasts">
            <For each=move || toasts.shown.get() key=|toast| toast.number children=toast />
        </div>
    }
    .into_any()
}
