use clientele::domain::EventKind;
use leptos::prelude::*;

use super::{HelpOpen, OfflineBanner, SignedInAgain, ToastRegions, listen_in_frame};
#[cfg(feature = "hydrate")]
use crate::browser;
use crate::console::Console;
use crate::events::ServerEvent;
use crate::focus::Focus;
use crate::host::Widget;
use crate::i18n::{t, use_i18n};
use crate::keys::Keys;
use crate::parts;
use crate::reactive::{effect, effect_from_first};
use crate::session::Session;
use crate::widget::Control;

/// Frame of the widget: the page without navigation.
#[component]
pub fn WidgetFrame(children: Children) -> impl IntoView {
    let (i18n, focus, console) = (use_i18n(), Focus::get(), expect_context::<Console>());
    let help = RwSignal::new(false);
    provide_context(HelpOpen(help));
    listen_in_frame(focus, help);
    report_events(console);
    if let Some(control) = use_context::<Control>() {
        control.connect(Session::get(), expect_context::<SignedInAgain>());
    }
    let keys = Keys::get();
    effect(move || {
        keys.listen(focus.root);
        follow_links(console, focus);
    });
    view! {
        <div class="widget" part="root" node_ref=focus.root>
            <main class="main" tabindex="-1" node_ref=focus.main aria-label=t!(i18n, customers.title)>
                <OfflineBanner />
                {children()}
            </main>
            {move || help.get().then(|| parts::SHORTCUTS.show())}
            <ToastRegions />
        </div>
    }
    .into_any()
}

/// Handles clicks on links and submitted forms, as the router and the browser do on our own page. The
/// page around the widget must not be left.
fn follow_links(console: Console, focus: Focus) {
    #[cfg(feature = "hydrate")]
    if let Some(root) = focus.root.get() {
        browser::listen(&root, "submit", |event: leptos::ev::SubmitEvent| {
            // Submitting a form of this method closes its dialog and loads nothing.
            let form = browser::target_of(&event);
            if form.is_none_or(|form| form.get_attribute("method").as_deref() != Some("dialog")) {
                event.prevent_default();
            }
        });
        browser::listen(&root, "click", move |event: leptos::ev::MouseEvent| {
            let with_key = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
            if event.default_prevented() || event.button() != 0 || with_key {
                return;
            }
            let link = browser::target_of(&event).and_then(|target| target.closest("a[href]").ok().flatten());
            let Some(href) =
                link.filter(|link| !link.has_attribute("target")).and_then(|link| link.get_attribute("href"))
            else {
                return;
            };
            event.prevent_default();
            if !console.follow(&href) {
                let _ = window().open_with_url_and_target_and_features(&href, "_blank", "noreferrer");
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (console, focus);
}

/// Sends the events of the widget to the page around it.
fn report_events(console: Console) {
    let Some(widget) = Widget::get() else { return };
    effect_from_first(move |first| {
        let selected = console.selected.get();
        if !first {
            let customer = selected.map_or_else(|| "null".to_owned(), |key| key.to_string());
            widget.emit("customer-selected", &format!(r#"{{"customer":{customer}}}"#));
        }
    });
    Session::get().subscribe(move |event| {
        let ServerEvent::Customer(event) = event else { return };
        let key = event.customer;
        match event.kind {
            EventKind::Blacklisted => {
                widget.emit("blacklist-changed", &format!(r#"{{"customer":{key},"blacklisted":true}}"#));
            }
            EventKind::Unblacklisted => {
                widget.emit("blacklist-changed", &format!(r#"{{"customer":{key},"blacklisted":false}}"#));
            }
            EventKind::ProfileEdited | EventKind::TagsChanged => {
                widget.emit("customer-updated", &format!(r#"{{"customer":{key}}}"#));
            }
            _ => {}
        }
    });
}
