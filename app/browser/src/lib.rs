//! Where the browser enters: hydrates the page the server rendered.

// Views are types as deep as the page.
#![recursion_limit = "512"]

use clientele_app::{App, parts};
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the document, as soon as all the code is there that it shows.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = leptos::prelude::window().location().pathname().unwrap_or_default();
    // The document can be read all the same; the browser's console says what could not be loaded.
    if parts::load_for(&path).await.is_ok() {
        leptos::mount::hydrate_body(App);
    }
}
