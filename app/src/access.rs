//! Who is signed in and what the navigation offers. One value for the whole console, kept current by server events: an
//! open page follows the admin's switch without being reloaded.

use clientele::domain::Mode;
use leptos::prelude::*;

use crate::api::session::{Access, read_access};
use crate::browser;
use crate::components::Shell;
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

/// Provided to everything inside [`SignedIn`].
#[derive(Clone, Copy)]
pub struct Session {
    /// Who is signed in and what is offered; to be read where the first answer is waited for.
    pub access: Signal<Option<Access>>,
    /// The same from the first change on, and nothing before: to be read anywhere.
    pub current: ReadSignal<Option<Access>>,
    /// The connection.
    pub link: ReadSignal<Link>,
    /// Asks again.
    pub refresh: Callback<()>,
}

impl Session {
    /// The session the page is in.
    pub fn get() -> Self {
        expect_context()
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
    provide_context(Session { access: current, current: known.read_only(), link, refresh });
    Effect::new(move |_| {
        browser::remember_zone();
        browser::on_server_event(&["settings", "signed_out"], move |name| match name {
            "lost" => set_link.set(Link::Lost),
            "open" => {
                // Events that came while the connection was lost are made up for.
                if link.get_untracked() == Link::Lost {
                    refresh.run(());
                }
                set_link.set(Link::Up);
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
