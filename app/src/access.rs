//! The signed-in agent and the entries of the navigation. One value for the whole console, kept
//! current by server events, so that an open page follows the admin's switch without a reload.

use std::cell::Cell;

use clientele::domain::Mode;
use leptos::prelude::*;

use crate::api::session::{Access, read_access};
use crate::browser::{self, Soon};
use crate::components::{Shell, SignedInAgain, Toasts};
use crate::drafts::Drafts;
use crate::error::{AppError, Code};
use crate::keys::Keys;
use crate::live::{Heard, stream};
use crate::parts;
use crate::reactive::{effect, memo};
use crate::resource::ask;
use crate::seen::Seen;

/// Interval in milliseconds between page refreshes while the event stream is down.
const WITHOUT_STREAM: u32 = 12_000;

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
    /// Flag of the current [`SignedIn`], set to `true` when the session ends. It is a thread-local
    /// because responses may arrive when no reactive context is available. Never set on the server.
    static ENDED: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
}

/// Context of everything inside [`SignedIn`].
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
    listeners: StoredValue<Vec<(u32, Callback<Heard>)>>,
}

impl Session {
    /// Returns the session from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Subscribes `act` to the server's events until the calling component is disposed.
    pub fn listen(self, act: impl Fn(Heard) + Send + Sync + 'static) {
        let act = Callback::new(act);
        self.listeners.update_value(|listeners| {
            let number = listeners.last().map_or(0, |(last, _)| last + 1);
            listeners.push((number, act));
        });
    }

    /// Calls `act` `moment` milliseconds after an event for which `concerns` returns `true`.
    /// Further events within that time do not add calls.
    pub fn follow(
        self,
        moment: u32,
        concerns: impl Fn(&Heard) -> bool + Send + Sync + 'static,
        act: impl Fn() + Copy + Send + Sync + 'static,
    ) {
        let soon = Soon::new(moment, act);
        self.listen(move |heard| {
            if concerns(&heard) {
                soon.call();
            }
        });
    }

    fn tell(self, heard: &Heard) {
        let Some(listeners) = self.listeners.try_get_value() else { return };
        // The callback of a disposed component returns `None`: unsubscribe it.
        let gone: Vec<u32> = listeners
            .into_iter()
            .filter(|(_, act)| act.try_run(heard.clone()).is_none())
            .map(|(number, _)| number)
            .collect();
        if !gone.is_empty() {
            self.listeners.try_update_value(|listeners| listeners.retain(|(number, _)| !gone.contains(number)));
        }
    }

    /// Opens the sign-in dialog if the error is `SignedOut`; ignores all other errors.
    pub fn note(error: &AppError) {
        if error.code == Code::SignedOut {
            ENDED.with(|ended| ended.get().map(|ended| ended.try_set(true)));
        }
    }
}

/// Layout and contexts of all pages that require a signed-in agent.
///
/// The pages do not wait for the access. A page's resources must not be created inside a `Suspense`
/// that waits for another resource: they would be fetched again on each retry, and hydration would
/// mix up the responses.
#[component]
pub fn SignedIn(
    /// Mode of the pages.
    mode: Mode,
    /// The pages.
    children: Children,
) -> impl IntoView {
    let access = ask(|| (), |()| read_access());
    let (link, set_link) = signal(Link::default());
    let known = RwSignal::new(None::<Access>);
    let current = Signal::derive(move || known.get().or_else(|| access.get().and_then(Result::ok)));
    // Replace the value only when the response arrives, so that the layout does not flicker.
    let refresh = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            match read_access().await {
                Ok(fresh) => known.set(Some(fresh)),
                Err(error) => Session::note(&error),
            }
        });
    });
    let current_access = known.read_only();
    let reopen = StoredValue::new(None::<Callback<()>>);
    let retry = Callback::new(move |()| {
        if let Some(reopen) = reopen.get_value() {
            reopen.run(());
        }
        refresh.run(());
    });
    let listeners = StoredValue::default();
    let session = Session { access: current, current: current_access, link, retry, refresh, listeners };
    provide_context(session);
    provide_context(Toasts::default());
    provide_context(Keys::default());
    session.listen(move |heard| match heard {
        Heard::Settings | Heard::Agents => refresh.run(()),
        Heard::SignedOut => Session::note(&Code::SignedOut.into()),
        _ => {}
    });
    // Start from the position that was read before the page was rendered, so that the stream first
    // delivers the changes since then.
    let start = memo(move || access.get().and_then(Result::ok).map(|access| (access.agent.id, access.position)));
    effect(move || {
        let Some((agent, position)) = start.get() else { return };
        if browser::remember_zone() {
            session.tell(&Heard::Zone);
        }
        let mode = match mode {
            Mode::Agent => "agent",
            Mode::Admin => "admin",
        };
        let hear = move |name: &str, data: &str| match name {
            "lost" => set_link.set(Link::Lost),
            "open" => {
                if link.get_untracked() == Link::Lost {
                    refresh.run(());
                }
                set_link.set(Link::Up);
            }
            _ => {
                if let Some(heard) = Heard::parse(name, data) {
                    session.tell(&heard);
                }
            }
        };
        reopen.set_value(Some(stream::connect(
            &format!("/events?mode={mode}"),
            &format!("{agent} {mode}"),
            &position,
            hear,
        )));
    });
    // While the event stream is down for any reason, refresh the pages periodically.
    effect(move || {
        if link.get() == Link::Up {
            return;
        }
        browser::each(WITHOUT_STREAM, move || {
            leptos::task::spawn_local(async move {
                match read_access().await {
                    Ok(fresh) => {
                        known.try_set(Some(fresh));
                        session.tell(&Heard::Everything);
                    }
                    Err(error) => Session::note(&error),
                }
            });
        });
    });
    effect(move || {
        if let Some(Err(error)) = access.get() {
            Session::note(&error);
        }
    });
    let ended = RwSignal::new(false);
    effect(move || ENDED.with(|own| own.set(Some(ended))));
    let signed_in = Callback::new(move |fresh: Access| {
        let before = current.get_untracked().map(|access| access.agent.id);
        if before.is_some_and(|before| before != fresh.agent.id) {
            // Reload, so that no data of the previous agent stays on the page.
            browser::load_page(&browser::here());
            return;
        }
        ended.set(false);
        known.set(Some(fresh));
        retry.run(());
        session.tell(&Heard::Everything);
    });
    provide_context(SignedInAgain(signed_in));
    let agent = Signal::derive(move || current.get().map(|access| access.agent.id));
    provide_context(Drafts::of(agent));
    provide_context(Seen::of(agent));
    view! {
        <Shell mode access>
            {children()}
        </Shell>
        {move || ended.get().then(|| parts::SIGN_IN_AGAIN.show())}
    }
    .into_any()
}
