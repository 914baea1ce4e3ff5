//! The session of the signed-in agent, as a context.

use std::cell::RefCell;

use leptos::prelude::*;

use crate::api::session::Access;
use crate::browser::Throttled;
use crate::error::{AppError, Code};
use crate::events::ServerEvent;

/// State of the connection to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not known yet; always the case on the server.
    #[default]
    Unknown,
    /// Connected.
    Up,
    /// Disconnected; the displayed data may be stale.
    Lost,
}

thread_local! {
    /// Flags of the mounted [`SignedIn`](crate::signed_in::SignedIn) components, set to `true` when the session ends:
    /// one, or one for each widget of a page. They are in a thread-local because responses may arrive when no
    /// reactive context is available. Never set on the server.
    static ENDED: RefCell<Vec<RwSignal<bool>>> = const { RefCell::new(Vec::new()) };
}

/// The signed-in agent and the entries of the navigation; a context of everything inside
/// [`SignedIn`](crate::signed_in::SignedIn).
#[derive(Clone, Copy)]
pub struct Session {
    /// The signed-in agent and the navigation entries. Read it only where the initial response is
    /// awaited.
    pub access: Signal<Option<Access>>,
    /// The same value, but `None` until the first refresh. Safe to read anywhere.
    pub current: ReadSignal<Option<Access>>,
    /// State of the event stream.
    pub link: ReadSignal<Link>,
    /// Reconnects the event stream immediately and refreshes the access.
    pub retry: Callback<()>,
    /// Fetches the signed-in agent and the navigation entries again.
    pub refresh: Callback<()>,
    listeners: StoredValue<Vec<(u32, Callback<ServerEvent>)>>,
}

impl Session {
    /// Creates the session of a [`SignedIn`](crate::signed_in::SignedIn).
    pub fn new(
        access: Signal<Option<Access>>,
        current: ReadSignal<Option<Access>>,
        link: ReadSignal<Link>,
        retry: Callback<()>,
        refresh: Callback<()>,
    ) -> Self {
        Self { access, current, link, retry, refresh, listeners: StoredValue::default() }
    }

    /// Sets `ended` to `true` when the session ends, until the flag is disposed.
    pub fn on_end(ended: RwSignal<bool>) {
        ENDED.with_borrow_mut(|flags| {
            flags.retain(|flag| !flag.is_disposed());
            flags.push(ended);
        });
    }

    /// Returns the session from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Subscribes `act` to the server's events until the calling component is disposed.
    pub fn subscribe(self, act: impl Fn(ServerEvent) + Send + Sync + 'static) {
        let act = Callback::new(act);
        self.listeners.update_value(|listeners| {
            let number = listeners.last().map_or(0, |(last, _)| last + 1);
            listeners.push((number, act));
        });
    }

    /// Calls `act` `moment` milliseconds after an event for which `concerns` returns `true`.
    /// Further events within that time do not add calls.
    pub fn subscribe_throttled(
        self,
        moment: u32,
        concerns: impl Fn(&ServerEvent) -> bool + Send + Sync + 'static,
        act: impl Fn() + Copy + Send + Sync + 'static,
    ) {
        let soon = Throttled::new(moment, act);
        self.subscribe(move |event| {
            if concerns(&event) {
                soon.call();
            }
        });
    }

    /// Passes an event to all subscribers.
    pub fn publish(self, event: &ServerEvent) {
        let Some(listeners) = self.listeners.try_get_value() else { return };
        // The callback of a disposed component returns `None`: unsubscribe it.
        let gone: Vec<u32> = listeners
            .into_iter()
            .filter(|(_, act)| act.try_run(event.clone()).is_none())
            .map(|(number, _)| number)
            .collect();
        if !gone.is_empty() {
            self.listeners.try_update_value(|listeners| listeners.retain(|(number, _)| !gone.contains(number)));
        }
    }

    /// Opens the sign-in dialog if the error is `SignedOut`; ignores all other errors.
    pub fn handle_signed_out(error: &AppError) {
        if error.code == Code::SignedOut {
            // Setting a flag may mount or remove components, which change the list.
            for ended in ENDED.with_borrow(Clone::clone) {
                ended.try_set(true);
            }
        }
    }
}
