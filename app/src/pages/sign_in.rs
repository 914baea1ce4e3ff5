use leptos::html::Form;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

use crate::api::session::SignIn;
use crate::browser::{self, ElementRef};
use crate::components::{Icon, PageTitle};
use crate::i18n::{Locale, t, use_i18n};
use crate::labels;
use crate::reactive::effect;

/// Sign-in page. Its form works without JavaScript and before hydration.
#[component]
pub fn SignInPage() -> impl IntoView {
    let i18n = use_i18n();
    let sign_in = ServerAction::<SignIn>::new();
    let query = use_query_map();
    let next = move || query.with(|query| query.get("next")).unwrap_or_else(|| "/customers".to_owned());
    let (form, password) = (NodeRef::<Form>::new(), ElementRef::default());
    let submit = move |event: leptos::ev::SubmitEvent| {
        if sign_in.pending().get_untracked() {
            return event.prevent_default();
        }
        let read = |name: &str| browser::field(form.get_untracked().as_ref(), name);
        if let (Some(login), Some(password)) = (read("login"), read("password")) {
            event.prevent_default();
            sign_in.dispatch(SignIn { login, password, next: next() });
        }
    };
    let refused = move || sign_in.value().get().and_then(Result::err);
    effect(move || {
        browser::remember_zone();
    });
    effect(move || {
        if refused().is_some() {
            password.select();
        }
    });
    let languages = Locale::ALL
        .into_iter()
        .map(|locale| {
            view! {
                <button class="button is-quiet" type="button" lang=locale.tag() on:click=move |_| i18n.choose(locale)>
                    {locale.own_name()}
                </button>
            }
        })
        .collect_view();
    view! {
        <PageTitle text=t!(i18n, sign_in.page) />
        <main class="signin">
            <form class="signin-card" method="post" action=SignIn::url() node_ref=form on:submit=submit>
                <div class="signin-head">
                    <img src="/favicon.svg" alt="" width="32" height="32" />
                    <h1>{t!(i18n, sign_in.title)}</h1>
                </div>
                {move || {
                    refused()
                        .map(|error| {
                            view! {
                                <div class="notice" role="alert">
                                    <Icon name="alert" />
                                    <span>{labels::failure(i18n, &error)}</span>
                                </div>
                            }
                        })
                }}
                <input type="hidden" name="next" value=next />
                <div class="field">
                    <label for="login">{t!(i18n, sign_in.login)}</label>
                    <input
                        class="input"
                        id="login"
                        name="login"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        autofocus
                    />
                </div>
                <div class="field">
                    <label for="password">{t!(i18n, sign_in.password)}</label>
                    <input
                        class="input"
                        id="password"
                        node_ref=password
                        type="password"
                        name="password"
                        autocomplete="current-password"
                        required
                    />
                </div>
                <button class="button is-primary" type="submit" aria-busy=move || sign_in.pending().get().to_string()>
                    {t!(i18n, sign_in.submit)}
                </button>
            </form>
            <div class="signin-foot">{languages}</div>
        </main>
    }
    .into_any()
}
