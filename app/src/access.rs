//! Who is signed in and what the navigation offers. One value for the whole console, kept current by server events: an
//! open page follows the admin's switch without being reloaded.

use clientele::domain::{CustomerKey, EventKind, Mode};
use leptos::prelude::*;
use serde::Deserialize;

use crate::api::session::{Access, read_access};
use crate::browser;
use crate::components::{Shell, Toasts};
use crate::error::{AppError, Code};
use crate::resource::ask;

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

/// What changed about a customer, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct News {
    /// Whose.
    pub customer: CustomerKey,
    /// What happened.
    pub kind: EventKind,
    /// In which conversation.
    pub conversation: Option<u32>,
    /// The customer's newest message.
    pub message: Option<u32>,
}

/// Data of the event `held`.
#[derive(Deserialize)]
struct Held {
    customer: CustomerKey,
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
    /// The newest change of a customer; an effect that reads it is run for each.
    pub news: ReadSignal<Option<News>>,
    /// Rises whenever other conversations are open, or other agents have them.
    pub desk: ReadSignal<u32>,
    /// The customer that wrote last while on the blacklist.
    pub held: ReadSignal<Option<CustomerKey>>,
    /// Rises whenever tags were made.
    pub tags: ReadSignal<u32>,
    /// Rises whenever channel keys were made or revoked.
    pub keys: ReadSignal<u32>,
    /// Rises when so much was missed that what is shown should be asked for again.
    pub resync: ReadSignal<u32>,
    /// Asks again.
    pub refresh: Callback<()>,
}

impl Session {
    /// The session the page is in.
    pub fn get() -> Self {
        expect_context()
    }

    /// Calls `act` whenever something changed about a customer, with what it was, and with nothing when everything is to be read
    /// anew. With `desk`, that the open conversations changed counts too: of one that waits only the desk tells.
    pub fn on_change_of(self, key: CustomerKey, desk: bool, act: impl Fn(Option<News>) + 'static) {
        Effect::new(move |before: Option<(u32, u32)>| {
            let everything = (self.resync.get(), if desk { self.desk.get() } else { 0 });
            let news = self.news.get();
            let held = self.held.get();
            match before {
                None => {}
                // What happened last may be about somebody else: that everything changed comes first.
                Some(before) if before != everything => act(None),
                Some(_) if news.as_ref().is_some_and(|news| news.customer == key) => act(news),
                Some(_) if held == Some(key) => act(None),
                Some(_) => {}
            }
            everything
        });
    }

    /// Deals with a failure that is not the page's own: when nobody is signed in any more, goes to sign in.
    pub fn note(error: &AppError) {
        if error.code == Code::SignedOut {
            let here = browser::here();
            let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
            browser::load_page(&format!("/sign-in?next={next}"));
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
    let (news, set_news) = signal(None::<News>);
    let (desk, set_desk) = signal(0u32);
    let (resync, set_resync) = signal(0u32);
    let (held, set_held) = signal(None::<CustomerKey>);
    let (tags, set_tags) = signal(0u32);
    let (keys, set_keys) = signal(0u32);
    let current_access = known.read_only();
    provide_context(Session {
        access: current,
        current: current_access,
        link,
        news,
        desk,
        held,
        tags,
        keys,
        resync,
        refresh,
    });
    provide_context(Toasts::default());
    // From the position that was taken before the page was rendered: what changed since then is told first.
    let position = Memo::new(move |_| access.get().and_then(Result::ok).map(|access| access.position));
    Effect::new(move |_| {
        let Some(position) = position.get() else { return };
        browser::remember_zone();
        let mode = match mode {
            Mode::Agent => "agent",
            Mode::Admin => "admin",
        };
        let names = &["customer", "held", "desk", "tags", "keys", "resync", "settings", "signed_out"];
        let address = format!("/events?mode={mode}&after={position}");
        browser::on_server_event(&address, names, move |name, data| match name {
            "lost" => set_link.set(Link::Lost),
            "open" => {
                // Events that came while the connection was lost are made up for.
                if link.get_untracked() == Link::Lost {
                    refresh.run(());
                }
                set_link.set(Link::Up);
            }
            "customer" => set_news.set(serde_json::from_slice(data.as_bytes()).ok()),
            "held" => set_held.set(serde_json::from_slice::<Held>(data.as_bytes()).ok().map(|held| held.customer)),
            "tags" => set_tags.update(|number| *number += 1),
            "keys" => set_keys.update(|number| *number += 1),
            "desk" => set_desk.update(|number| *number += 1),
            "resync" => {
                set_desk.update(|number| *number += 1);
                set_resync.update(|number| *number += 1);
            }
            _ => refresh.run(()),
        });
    });
    Effect::new(move |_| {
        if let Some(Err(error)) = access.get() {
            Session::note(&error);
        }
    });
    view! {
        <Shell mode access>
            {children()}
        </Shell>
    }
    .into_any()
}
