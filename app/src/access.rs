//! Who is signed in and what the navigation offers. One value for the whole console, kept current by server events: an
//! open page follows the admin's switch without being reloaded.

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

/// Milliseconds after which pages are read anew while there is no stream.
const WITHOUT_STREAM: u32 = 12_000;

/// What is known of the connection to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not asked yet, as on the server.
    #[default]
    Unknown,
    /// It answers.
    Up,
    /// It does not; what is shown may be old.
    Lost,
}

thread_local! {
    /// Set to `true` when the session has ended; the frame's. Answers come when there is no context any more to find it by. On
    /// the server nobody sets it.
    static ENDED: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
}

/// Provided to everything inside [`SignedIn`].
#[derive(Clone, Copy)]
pub struct Session {
    /// Who is signed in and what is offered; to be read where the first answer is waited for.
    pub access: Signal<Option<Access>>,
    /// The same from the first change on, and nothing before: to be read anywhere.
    pub current: ReadSignal<Option<Access>>,
    /// The connection.
    pub link: ReadSignal<Link>,
    /// Opens a lost connection at once, and asks again who is signed in.
    pub retry: Callback<()>,
    /// Asks again who is signed in and what is offered.
    pub refresh: Callback<()>,
    listeners: StoredValue<Vec<(u32, Callback<Heard>)>>,
}

impl Session {
    /// The session the page is in.
    pub fn get() -> Self {
        expect_context()
    }

    /// Calls `act` with each event that the server tells, as long as the component that asks is there.
    pub fn listen(self, act: impl Fn(Heard) + Send + Sync + 'static) {
        let act = Callback::new(act);
        self.listeners.update_value(|listeners| {
            let number = listeners.last().map_or(0, |(last, _)| last + 1);
            listeners.push((number, act));
        });
    }

    /// Calls `act` a moment after an event that `concerns` it, once for all that come within the moment.
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
        // Those whose component is gone do not answer any more.
        let gone: Vec<u32> = listeners
            .into_iter()
            .filter(|(_, act)| act.try_run(heard.clone()).is_none())
            .map(|(number, _)| number)
            .collect();
        if !gone.is_empty() {
            self.listeners.try_update_value(|listeners| listeners.retain(|(number, _)| !gone.contains(number)));
        }
    }

    /// Deals with a failure that is not the page's own: when nobody is signed in any more, the frame asks to sign in again.
    pub fn note(error: &AppError) {
        if error.code == Code::SignedOut {
            ENDED.with(|ended| ended.get().map(|ended| ended.try_set(true)));
        }
    }
}

/// The frame around all pages that need somebody signed in.
///
/// The pages wait for nothing here: a page's own questions to the server must not be asked from inside of what waits for
/// another answer, or they are asked again with each try, and the browser mixes up the answers.
#[component]
pub fn SignedIn(
    /// The mode the pages are in.
    mode: Mode,
    /// The pages.
    children: Children,
) -> impl IntoView {
    let access = ask(|| (), |()| read_access());
    let (link, set_link) = signal(Link::default());
    let known = RwSignal::new(None::<Access>);
    let current = Signal::derive(move || known.get().or_else(|| access.get().and_then(Result::ok)));
    // A refresh replaces what is known only when it has arrived: the frame never blinks.
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
    // From the position that was taken before the page was rendered: what changed since then is told first.
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
    // While there is no stream, whatever keeps it away, pages are read anew now and then.
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
            // Nothing of what the one before saw may stay.
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
