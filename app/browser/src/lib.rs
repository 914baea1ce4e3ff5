//! Where the browser enters: hydrates the page the server rendered.

// Views are types as deep as the page.
#![recursion_limit = "512"]

use clientele_app::App;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the document.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
