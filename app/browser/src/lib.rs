//! WebAssembly entry points: [`hydrate`] for the page that the server rendered, and [`widget::mount`].

// Leptos view types nest as deeply as the page.
#![recursion_limit = "512"]

mod widget;

use clientele_app::{App, parts};
use leptos::prelude::window;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    type Navigation;
    /// URL that the document was loaded from.
    #[wasm_bindgen(method, getter, js_name = name)]
    fn loaded_from(this: &Navigation) -> String;
    #[wasm_bindgen(js_namespace = performance, js_name = getEntriesByType)]
    fn entries(kind: &str) -> Vec<Navigation>;
}

/// Hydrates the document once all chunks of the current route have loaded.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = window().location().pathname().unwrap_or_default();
    // The page stays readable without hydration; the browser logs the failed request to its
    // console.
    if parts::load_for(&path).await.is_err() {
        return;
    }
    // Going back right after a reload changes the URL but not the document. Hydration would then
    // run on the HTML of another page, so reload instead.
    let loaded_from = entries("navigation").first().map(Navigation::loaded_from);
    match window().location().href() {
        Ok(here) if loaded_from.is_some_and(|from| without_hash(&from) != without_hash(&here)) => {
            let _ = window().location().reload();
        }
        _ => leptos::mount::hydrate_body(App),
    }
}

fn without_hash(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}
