//! Where the browser enters: hydrates the page the server rendered.

// Views are types as deep as the page.
#![recursion_limit = "512"]

use clientele_app::{App, parts};
use leptos::prelude::window;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    type Navigation;
    /// The address that the document was loaded from.
    #[wasm_bindgen(method, getter, js_name = name)]
    fn loaded_from(this: &Navigation) -> String;
    #[wasm_bindgen(js_namespace = performance, js_name = getEntriesByType)]
    fn entries(kind: &str) -> Vec<Navigation>;
}

/// Takes over the document, as soon as all the code is there that it shows.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = window().location().pathname().unwrap_or_default();
    // The document can be read all the same; the browser's console says what could not be loaded.
    if parts::load_for(&path).await.is_err() {
        return;
    }
    // Back, right after a reload, changes the address and not the document: what would be taken over is another page.
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
