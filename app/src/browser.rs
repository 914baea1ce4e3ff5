//! The few things that only a browser has. Each has one signature for both sides; on the server it does nothing.

mod focus;
mod keys;
mod letters;
mod memory;
mod scroll;
mod time;

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
#[cfg(feature = "hydrate")]
use leptos::web_sys::HtmlElement;
use leptos::web_sys::HtmlFormElement;

pub use focus::*;
pub use keys::*;
pub use letters::*;
pub use memory::*;
pub use scroll::*;
pub use time::*;

/// Says on the document that the script has taken over: tests and styles may wait for it.
pub fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "");
    }
}

/// Goes to another page by loading it: what the session was is forgotten.
pub fn load_page(path: &str) {
    #[cfg(feature = "hydrate")]
    let _ = window().location().set_href(path);
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// The path and query of the page.
pub fn here() -> String {
    #[cfg(feature = "hydrate")]
    {
        let location = window().location();
        format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Returns `true` if the server answers and has a file of the page's version no more: another version runs there now.
pub async fn is_gone(file: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        const BESIDE: &str = "__wasm_split.js";
        let link = document().query_selector(&format!("link[href$='{BESIDE}']")).ok().flatten();
        let Some(address) = link.and_then(|link| link.get_attribute("href")) else { return false };
        let request = window().fetch_with_str(&address.replace(BESIDE, file));
        let answer = js_sys::futures::JsFuture::from(request).await;
        let status = answer.and_then(|answer| js_sys::Reflect::get(&answer, &"status".into()));
        status.is_ok_and(|status| status == 404)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = file;
        false
    }
}

/// Copies a text. Pages that came by plain http from another machine have no clipboard, but an older way to it.
pub fn copy(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        if window().is_secure_context() {
            let _ = window().navigator().clipboard().write_text(text);
            return;
        }
        let document = document();
        let focused = document.active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let field = document.create_element("textarea").ok();
        let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) else { return };
        field.set_value(text);
        field.set_class_name("visually-hidden");
        // Inside the dialog that is open, if one is: elsewhere nothing can be selected then.
        let place = focused.as_ref().and_then(|element| element.parent_element());
        if place.and_then(|place| place.append_child(&field).ok()).is_none() {
            return;
        }
        field.select();
        if let Ok(document) = document.dyn_into::<web_sys::HtmlDocument>() {
            let _ = document.exec_command("copy");
        }
        field.remove();
        focused.map(|element| element.focus());
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

/// What stands in a form's field.
pub fn field(form: Option<&HtmlFormElement>, name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return web_sys::FormData::new_with_form(form?).ok()?.get(name).as_string();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (form, name);
        None
    }
}

/// Calls `act` after each step back or forward through the history. Ends with the component or the effect that asked.
pub fn on_history(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::popstate, move |_| act());
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// A key for a request that is to be carried out once, however often it is sent.
pub fn request_key() -> String {
    #[cfg(feature = "hydrate")]
    {
        // Not `randomUUID`, which pages that came by plain http from another machine do not have.
        let mut bytes = [0; 16];
        if window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)).is_err() {
            bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Returns `true` if fingers are what the page is used with.
pub fn has_coarse_pointer() -> bool {
    #[cfg(feature = "hydrate")]
    return window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches());
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Returns `true` if the tab can be seen.
pub fn is_visible() -> bool {
    #[cfg(feature = "hydrate")]
    return !document().hidden();
    #[cfg(not(feature = "hydrate"))]
    false
}
