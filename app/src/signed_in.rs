//! Layout and contexts of all pages that require a signed-in agent. The agent and the navigation are
//! kept current by server events, so that an open page follows the admin's switch without a reload.

use clientele::domain::Mode;
use leptos::prelude::*;

use crate::api::session::{Access, read_access};
use crate::browser;
use crate::components::{Shell, SignedInAgain, Toasts, WidgetFrame};
use crate::drafts::Drafts;
use crate::error::Code;
use crate::events::{ServerEvent, stream};
use crate::focus::Focus;
use crate::host;
use crate::keys::Keys;
use crate::live::send;
use crate::parts;
use crate::reactive::{effect, memo};
use crate::resource::resource;
use crate::session::{Link, Session};
use crate::unread::UnreadMarks;

/// Interval in milliseconds between page refreshes while the event stream is down.
const WITHOUT_STREAM: u32 = 12_000;

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
    let access = resource(|| (), |()| read_access());
    let (link, set_link) = signal(Link::default());
    let known = RwSignal::new(None::<Access>);
    let current = Signal::derive(move || known.get().or_else(|| access.get().and_then(Result::ok)));
    // Replace the value only when the response arrives, so that the layout does not flicker.
    let refresh = Callback::new(move |()| {
        send(read_access(), move |answer| drop(answer.map(|fresh| known.try_set(Some(fresh)))));
    });
    let current_access = known.read_only();
    let reopen = StoredValue::new(None::<Callback<()>>);
    let retry = Callback::new(move |()| {
        if let Some(reopen) = reopen.get_value() {
            reopen.run(());
        }
        refresh.run(());
    });
    let session = Session::new(current, current_access, link, retry, refresh);
    provide_context(session);
    provide_context(Toasts::default());
    provide_context(Keys::default());
    provide_context(Focus::default());
    session.subscribe(move |event| match event {
        ServerEvent::Settings | ServerEvent::Agents => refresh.run(()),
        ServerEvent::SignedOut => Session::handle_signed_out(&Code::SignedOut.into()),
        _ => {}
    });
    // Start from the position that was read before the page was rendered, so that the stream first
    // delivers the changes since then.
    // A first attempt that failed may be followed by another one that succeeds, but later positions open no other
    // stream.
    let agent = memo(move || current.get().map(|access| access.agent.id));
    effect(move || {
        let Some(agent) = agent.get() else { return };
        let Some(position) = current.get_untracked().map(|access| access.position) else { return };
        if browser::remember_zone() {
            session.publish(&ServerEvent::Zone);
        }
        let hear = move |name: &str, data: &str| match name {
            "lost" => set_link.set(Link::Lost),
            "open" => {
                if link.get_untracked() == Link::Lost {
                    refresh.run(());
                }
                set_link.set(Link::Up);
            }
            _ => {
                if let Some(event) = ServerEvent::parse(name, data) {
                    session.publish(&event);
                }
            }
        };
        reopen.set_value(Some(stream::connect(agent, mode, &position, hear)));
    });
    // While the event stream is down for any reason, refresh the pages periodically.
    let ended = RwSignal::new(false);
    effect(move || {
        if link.get() == Link::Up || ended.get() {
            return;
        }
        browser::run_every(WITHOUT_STREAM, move || {
            send(read_access(), move |answer| {
                if let Ok(fresh) = answer {
                    known.try_set(Some(fresh));
                    session.publish(&ServerEvent::Everything);
                }
            });
        });
    });
    effect(move || {
        if let Some(Err(error)) = access.get() {
            Session::handle_signed_out(&error);
        }
    });
    effect(move || Session::on_end(ended));
    let signed_in = Callback::new(move |fresh: Access| {
        let before = current.get_untracked().map(|access| access.agent.id);
        if before.is_some_and(|before| before != fresh.agent.id) {
            // Reload, so that no data of the previous agent stays on the page.
            browser::load_page(&browser::current_path());
            return;
        }
        ended.set(false);
        known.set(Some(fresh));
        retry.run(());
        session.publish(&ServerEvent::Everything);
    });
    provide_context(SignedInAgain(signed_in));
    provide_context(Drafts::of(agent.into()));
    provide_context(UnreadMarks::of(agent.into()));
    let (frame, sign_in) = match host::is_embedded() {
        true => (view! { <WidgetFrame>{children()}</WidgetFrame> }.into_any(), parts::SESSION_OVER),
        false => (view! { <Shell mode access>{children()}</Shell> }.into_any(), parts::SIGN_IN_AGAIN),
    };
    view! {
        {frame}
        {move || ended.get().then(|| sign_in.show())}
    }
    .into_any()
}
