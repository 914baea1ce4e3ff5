use clientele::domain::{Mode, Role};
use leptos::prelude::*;

use super::menus::plain_sign_out;
use super::shortcuts::HelpOpen;
use super::{Icon, ToastRegions, Toasts};
use crate::api::session::Access;
use crate::browser;
use crate::error::AppError;
use crate::focus::Focus;
use crate::i18n::{Text, t, texts, use_i18n};
use crate::keys::{Action, Keys};
use crate::parts::{self, Part};
use crate::reactive::{effect, memo};
use crate::resource::Json;
use crate::session::{Link, Session};
use crate::unread::UnreadBadge;

/// Frame of the console: navigation rail on the left, page on the right.
#[component]
pub fn Shell(
    /// Mode of the page.
    mode: Mode,
    /// Signed-in agent and permissions. The rail waits for it, the page does not.
    access: Resource<Result<Access, AppError>, Json>,
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let focus = Focus::get();
    let help = RwSignal::new(false);
    provide_context(HelpOpen(help));
    listen_for_keys(mode, focus, help);
    view! {
        <div class="shell" node_ref=focus.root>
            <a
                class="skip-link"
                href="#content"
                on:click=move |event| {
                    // Keep the router from navigating to this link.
                    event.prevent_default();
                    event.stop_propagation();
                    focus.main.focus();
                }
            >
                {t!(i18n, nav.skip)}
            </a>
            <nav class="rail" aria-label=t!(i18n, nav.main)>
                <Suspense>
                    {move || {
                        access
                            .get()
                            .map(|access| {
                                let admin = access.is_ok_and(|access| access.agent.role == Role::Admin);
                                view! { <Rail mode admin /> }
                            })
                    }}
                </Suspense>
            </nav>
            <main class="main" id="content" tabindex="-1" node_ref=focus.main>
                <OfflineBanner />
                {children()}
            </main>
            {move || help.get().then(|| parts::SHORTCUTS.show())}
            <ToastRegions />
        </div>
    }
    .into_any()
}

/// Notice that the displayed data may be stale, with a button to reconnect.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let (i18n, session) = (use_i18n(), Session::get());
    view! {
        <Show when=move || session.link.get() == Link::Lost>
            <div class="banner is-warning" role="status">
                <Icon name="offline" />
                <span>{t!(i18n, offline.text)}</span>
                <button class="button" type="button" on:click=move |_| session.retry.run(())>
                    {t!(i18n, offline.retry)}
                </button>
            </div>
        </Show>
    }
    .into_any()
}

/// Navigation links, mode switch and menus.
#[component]
fn Rail(mode: Mode, admin: bool) -> impl IntoView {
    let i18n = use_i18n();
    let session = Session::get();
    let has_customers =
        memo(move || mode == Mode::Admin || session.access.get().is_some_and(|access| access.customers_page));
    view! {
        <span class="rail-logo">
            <img src="/favicon.svg" alt="Clientele" width="24" height="24" />
        </span>
        <ul>
            <Show when=move || has_customers.get()>
                <RailLink
                    href=if mode == Mode::Admin { "/admin/customers" } else { "/customers" }
                    icon="customers"
                    label=Signal::derive(t!(i18n, nav.customers))
                />
            </Show>
            {(mode == Mode::Agent)
                .then(|| {
                    view! {
                        <RailLink
                            href="/conversations"
                            icon="conversations"
                            label=Signal::derive(t!(i18n, nav.conversations))
                        />
                    }
                })}
            {(mode == Mode::Admin)
                .then(|| {
                    view! {
                        <RailLink
                            href="/admin/settings"
                            icon="settings"
                            label=Signal::derive(t!(i18n, nav.settings))
                        />
                    }
                })}
        </ul>
        <ul class="rail-end">
            {admin.then(|| view! { <ModeSwitch mode /> })}
            <li>
                <Menu icon="sun" label=texts::theme::title content=parts::THEME_MENU />
            </li>
            <li>
                <Menu icon="language" label=texts::nav::language content=parts::LANGUAGE_MENU />
            </li>
            <li>
                <Menu icon="account" label=texts::nav::account content=parts::ACCOUNT_MENU plain=plain_sign_out() />
            </li>
        </ul>
    }
    .into_any()
}

#[component]
fn RailLink(href: &'static str, icon: &'static str, #[prop(into)] label: Signal<&'static str>) -> impl IntoView {
    let location = leptos_router::hooks::use_location();
    let current = move || location.pathname.with(|path| path.starts_with(href)).then_some("page");
    view! {
        <li>
            <a class="rail-item" href=href aria-current=current>
                <Icon name=icon />
                <span class="rail-label">{label}</span>
                {(href == "/conversations").then(|| view! { <UnreadBadge /> })}
            </a>
        </li>
    }
    .into_any()
}

#[component]
fn ModeSwitch(mode: Mode) -> impl IntoView {
    let i18n = use_i18n();
    let (href, label) = match mode {
        Mode::Agent => ("/admin/customers", Signal::derive(t!(i18n, nav.admin_mode))),
        Mode::Admin => ("/customers", Signal::derive(t!(i18n, nav.agent_mode))),
    };
    let icon = if mode == Mode::Agent { "admin-mode" } else { "agent-mode" };
    view! {
        <li>
            <a class="rail-item" href=href>
                <Icon name=icon />
                <span class="rail-label">{label}</span>
            </a>
        </li>
    }
    .into_any()
}

/// Menu of the rail. Its content is in the WASM chunk of the tools and rendered on first opening.
#[component]
fn Menu(
    icon: &'static str,
    label: Text,
    content: Part,
    /// HTML shown to browsers without JavaScript.
    #[prop(optional)]
    plain: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let opened = RwSignal::new(false);
    view! {
        <details class="rail-menu" name="rail" on:toggle=move |_| opened.set(true)>
            <summary class="rail-item">
                <Icon name=icon />
                <span class="rail-label">{i18n.text(label)}</span>
            </summary>
            <noscript inner_html=plain></noscript>
            {move || opened.get().then(|| content.show())}
        </details>
    }
    .into_any()
}

/// Selector of the open menu of the rail.
const OPEN_MENU: &str = ".rail-menu[open]";
/// Selector of the open elements that Esc closes before the page.
const OPEN_FOLD: &str = ".rail-menu[open], .interaction details[open]:focus-within";

/// Registers the keyboard shortcuts of every frame of a console, also that of the widget.
pub fn listen_in_frame(focus: Focus, help: RwSignal<bool>) {
    let (keys, toasts) = (Keys::get(), Toasts::get());
    keys.on(Action::CloseMenu, move || focus.root.close_details(OPEN_FOLD));
    keys.on(Action::Help, move || {
        help.set(true);
        true
    });
    keys.on(Action::Undo, move || toasts.undo_last());
    keys.on(Action::NextPane, move || focus.next_pane());
}

/// Registers the keyboard shortcuts that work on every page, and the listeners for the history and
/// for clicks outside a menu.
fn listen_for_keys(mode: Mode, focus: Focus, help: RwSignal<bool>) {
    let keys = Keys::get();
    let navigate = StoredValue::new(leptos_router::hooks::use_navigate());
    let go = move |path: &'static str| {
        // The focused element is removed with its page; `main` stays.
        focus.main.focus();
        navigate.try_with_value(|go| go(path, Default::default())).is_some()
    };
    listen_in_frame(focus, help);
    keys.on(Action::Customers, move || go(if mode == Mode::Admin { "/admin/customers" } else { "/customers" }));
    keys.on(Action::Conversations, move || mode == Mode::Agent && go("/conversations"));
    effect(move || {
        keys.listen(focus.root);
        // leptos_router 0.8.17 updates its path stack on Back only. After Forward it takes a link
        // to the previous page for a link to the current one and does not change the URL.
        // Navigating to the current address corrects the stack.
        let here = leptos_router::NavigateOptions { replace: true, scroll: false, ..Default::default() };
        browser::on_history(move || {
            navigate.try_with_value(|go| go(&browser::current_path(), here.clone()));
        });
        // A click outside a menu of the rail, or on one of its items, closes it.
        browser::on_click_outside(".rail-menu > summary", move || {
            focus.root.close_details(OPEN_MENU);
        });
    });
}
