//! HTML document around the app.

use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::server::state::AppState;
use crate::{App, i18n};

/// Script that applies the stored theme before the first paint.
const THEME_SCRIPT: &str =
    "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}";

/// Renders the HTML document. Scripts, module and style sheet have content-hashed URLs.
#[must_use]
pub fn html_document(_: LeptosOptions) -> impl IntoView {
    let assets = expect_context::<AppState>().assets;
    let nonce = use_nonce();
    let start = format!(
        "import init,{{hydrate}} from '{}';init({{module_or_path:'{}'}}).then(hydrate)",
        assets.script, assets.wasm
    );
    view! {
        <!DOCTYPE html>
        <html lang=i18n::of_request().tag()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <script nonce=nonce.clone() inner_html=THEME_SCRIPT></script>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="license" href="/licences.txt" />
                <link rel="stylesheet" href=assets.style />
                <link rel="modulepreload" href=assets.script.clone() crossorigin="anonymous" />
                <link rel="modulepreload" href=assets.parts crossorigin="anonymous" />
                <link
                    rel="preload"
                    href=assets.wasm.clone()
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                />
                <script type="module" nonce=nonce inner_html=start></script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
