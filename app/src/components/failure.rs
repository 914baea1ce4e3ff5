use leptos::prelude::*;

use super::Icon;
use crate::browser;
use crate::error::{AppError, Code};
use crate::i18n::{t, t_string, use_i18n};
use crate::labels;
use crate::session::Session;

/// Error message for a page or a section: the cause, a remedy and the request ID to report. If the
/// session has ended, it opens the sign-in dialog.
#[component]
pub fn Failure(
    /// Error to show.
    error: AppError,
    /// Callback of the retry button. Ignored for errors that a retry cannot fix.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let i18n = use_i18n();
    Session::handle_signed_out(&error);
    let locked = matches!(error.code, Code::PageOff | Code::Forbidden);
    let title = move || match error.code {
        Code::PageOff => t_string!(i18n, failure.page_off),
        Code::Forbidden => t_string!(i18n, failure.forbidden),
        Code::NotFound => t_string!(i18n, failure.not_found),
        Code::Outdated => t_string!(i18n, failure.outdated),
        _ => t_string!(i18n, failure.title),
    };
    let request = error.request.clone().filter(|_| !locked && error.code != Code::NotFound);
    let outdated = error.code == Code::Outdated;
    let retry = match outdated {
        // A retry fails again until the page is reloaded in the new version.
        true => Some(Callback::new(|()| browser::load_page(&browser::current_path()))),
        false => retry.filter(|_| !locked && error.code != Code::NotFound),
    };
    let again = move || if outdated { t_string!(i18n, failure.reload) } else { t_string!(i18n, failure.retry) };
    view! {
        <section class="empty" class:is-danger=!locked role="alert">
            <Icon name=if locked { "lock" } else { "alert" } />
            <h2>{title}</h2>
            <p>{move || labels::failure(i18n, &error)}</p>
            {retry
                .map(|retry| {
                    view! {
                        <div class="actions">
                            <button class="button" type="button" on:click=move |_| retry.run(())>
                                <Icon name="refresh" />
                                {again}
                            </button>
                        </div>
                    }
                })}
            {request
                .map(|request| {
                    let copied = request.clone();
                    view! {
                        <p class="request-id">
                            {t!(i18n, failure.request)} " " <span class="mono">{request}</span>
                            <button
                                class="icon-button"
                                type="button"
                                aria-label=t!(i18n, failure.copy)
                                on:click=move |event| browser::copy(&event, &copied)
                            >
                                <Icon name="copy" />
                            </button>
                        </p>
                    }
                })}
        </section>
    }
    .into_any()
}
