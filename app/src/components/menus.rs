//! Menus of the navigation rail: theme, language, account.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Icon;
use super::shortcuts::HelpOpen;
use crate::api::session::SignOut;
use crate::browser;
use crate::i18n::{I18n, Locale, t, use_i18n};
use crate::keys::Action;
use crate::reactive::{effect, memo};
use crate::session::Session;

/// Menu of the colour themes: system, light, dark.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let i18n = use_i18n();
    let theme = RwSignal::new(String::new());
    effect(move || theme.set(browser::theme()));
    let choice = move |value: &'static str, icon: &'static str, label: AnyView| {
        view! {
            <button
                class="menu-item"
                type="button"
                aria-pressed=move || (theme.get() == value).to_string()
                on:click=move |_| {
                    browser::set_theme(value);
                    theme.set(value.to_owned());
                }
            >
                <Icon name=icon />
                {label}
            </button>
        }
    };
    view! {
        <div class="menu">
            {choice("", "system", t!(i18n, theme.system).into_any())}
            {choice("light", "sun", t!(i18n, theme.light).into_any())}
            {choice("dark", "moon", t!(i18n, theme.dark).into_any())}
        </div>
    }
    .into_any()
}

/// Menu of the interface languages.
#[component]
pub fn LanguageMenu() -> impl IntoView {
    let i18n = use_i18n();
    let choices = Locale::ALL
        .into_iter()
        .map(|locale| {
            view! {
                <button
                    class="menu-item"
                    type="button"
                    lang=locale.tag()
                    aria-pressed=move || (i18n.locale() == locale).to_string()
                    on:click=move |_| i18n.choose(locale)
                >
                    {locale.own_name()}
                </button>
            }
        })
        .collect_view();
    view! { <div class="menu">{choices}</div> }.into_any()
}

/// Account menu: name and login of the agent, keyboard shortcuts, sign-out.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let i18n = use_i18n();
    let HelpOpen(help) = expect_context();
    let session = Session::get();
    let agent = memo(move || session.access.get().map(|access| access.agent));
    let name = move || agent.get().map(|agent| agent.name);
    let login = move || agent.get().map(|agent| agent.login);
    view! {
        <div class="menu">
            <p class="menu-head">
                <strong>{name}</strong>
                <small>{login}</small>
            </p>
            <hr />
            <button class="menu-item" type="button" on:click=move |_| help.set(true)>
                <Icon name="keyboard" />
                {t!(i18n, keys.title)}
                <kbd>{Action::Help.key()}</kbd>
            </button>
            {sign_out(i18n)}
        </div>
    }
    .into_any()
}

fn sign_out(i18n: I18n) -> impl IntoView {
    view! {
        <form method="post" action=SignOut::url()>
            <button class="menu-item" type="submit">
                <Icon name="sign-out" />
                {t!(i18n, nav.sign_out)}
            </button>
        </form>
    }
}

/// Returns the sign-out form as HTML, for browsers without JavaScript. Empty in the browser build.
pub fn plain_sign_out() -> String {
    #[cfg(feature = "ssr")]
    return RenderHtml::to_html(view! { <div class="menu">{sign_out(use_i18n())}</div> });
    #[cfg(not(feature = "ssr"))]
    String::new()
}
