use leptos::html::Dialog;
use leptos::prelude::*;

use super::{Icon, close_dialog, open_dialog, refuse_escape};
use crate::api::session::{Access, sign_in_again};
use crate::browser::{self, ElementRef};
use crate::error::AppError;
use crate::i18n::{t, use_i18n};
use crate::labels;
use crate::live::Change;
use crate::reactive::effect;
use crate::session::Session;

/// Callback that runs after the agent signed in again; a context of the frame.
#[derive(Clone, Copy)]
pub struct SignedInAgain(pub Callback<Access>);

/// Dialog that signs the agent in again after the session expired. The page stays open with
/// everything typed in it.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let i18n = use_i18n();
    let SignedInAgain(done) = expect_context();
    let login = Session::get().access.get_untracked().map(|access| access.agent.login).unwrap_or_default();
    let (dialog, field) = (NodeRef::<Dialog>::new(), ElementRef::default());
    let (login, password) = (RwSignal::new(login), RwSignal::new(String::new()));
    let (error, change) = (RwSignal::new(None::<AppError>), Change::new());
    effect(move || {
        if dialog.get().is_some() {
            open_dialog(dialog);
            field.focus();
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = sign_in_again(login.get_untracked(), password.get_untracked());
        change.send_or(request, move |answer| {
            password.try_set(String::new());
            match answer {
                Ok(access) => {
                    // Closing the dialog returns the focus to the element that had it before.
                    close_dialog(dialog);
                    done.try_run(access);
                }
                Err(failed) => {
                    error.try_set(Some(failed));
                    field.focus();
                }
            }
        });
    };
    let leave = move || {
        let next: String = form_urlencoded::byte_serialize(browser::current_path().as_bytes()).collect();
        browser::load_page(&format!("/sign-in?next={next}"));
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="again-title"
            on:keydown=|event| refuse_escape(&event)
            on:cancel=|event: leptos::ev::Event| event.prevent_default()
        >
            <form on:submit=submit>
                <header class="dialog-head">
                    <h2 id="again-title">{t!(i18n, sign_in.again)}</h2>
                </header>
                <div class="dialog-body">
                    <p>{t!(i18n, sign_in.kept)}</p>
                    <p class="field-error" role="alert">
                        {move || {
                            error.get().map(|error| view! { <Icon name="alert" /> {labels::failure(i18n, &error)} })
                        }}
                    </p>
                    <label for="again-login">{t!(i18n, sign_in.login)}</label>
                    <input
                        class="input"
                        id="again-login"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        prop:value=login
                        on:input=move |event| login.set(event_target_value(&event))
                    />
                    <label for="again-password">{t!(i18n, sign_in.password)}</label>
                    <input
                        class="input"
                        id="again-password"
                        node_ref=field
                        type="password"
                        autocomplete="current-password"
                        required
                        prop:value=password
                        on:input=move |event| password.set(event_target_value(&event))
                    />
                </div>
                <footer class="dialog-foot">
                    <button class="button" type="button" on:click=move |_| leave()>
                        {t!(i18n, sign_in.elsewhere)}
                    </button>
                    <button class="button is-primary" type="submit" disabled=move || change.busy.get()>
                        {t!(i18n, sign_in.submit)}
                    </button>
                </footer>
            </form>
        </dialog>
    }
    .into_any()
}
