use leptos::prelude::*;

use crate::components::PageTitle;
use crate::i18n::{t, use_i18n};

/// Page for unknown routes, with status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let i18n = use_i18n();
    #[cfg(feature = "ssr")]
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>() {
        options.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <PageTitle text=t!(i18n, not_found.page) />
        <main class="page">
            <section class="empty">
                <h1 class="page-title">{t!(i18n, not_found.title)}</h1>
                <p>{t!(i18n, not_found.text)}</p>
                <div class="actions">
                    <a class="button" href="/customers">
                        {t!(i18n, nav.customers)}
                    </a>
                </div>
            </section>
        </main>
    }
    .into_any()
}
