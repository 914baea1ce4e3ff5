//! Wrappers of browser-only APIs. Each has one signature for both targets; on the server it does
//! nothing.

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
use leptos::web_sys::{HtmlElement, HtmlFormElement};

pub use focus::*;
pub use keys::*;
pub use letters::*;
pub use memory::*;
pub use scroll::*;
pub use time::*;

/// Attribute of the document element once the page is hydrated.
#[cfg(feature = "hydrate")]
const HYDRATED: &str = "data-hydrated";

/// Returns `true` while a server-rendered page is being hydrated.
pub fn is_hydrating() -> bool {
    #[cfg(feature = "hydrate")]
    return !crate::host::is_embedded()
        && document().document_element().is_some_and(|root| !root.has_attribute(HYDRATED));
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Sets `data-hydrated` on the document element once the page is hydrated, for tests and styles.
pub fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(HYDRATED, "");
    }
}

/// Navigates by a full page load, which discards all client state. Does nothing in the widget, where the
/// page is not ours.
pub fn load_page(path: &str) {
    #[cfg(feature = "hydrate")]
    if !crate::host::is_embedded() {
        let _ = window().location().set_href(path);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// Returns the path and query of the current URL.
pub fn current_path() -> String {
    #[cfg(feature = "hydrate")]
    {
        let location = window().location();
        format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Returns `true` if the server responds with 404 for a file of the page's version, which means
/// that it runs another version now.
#[cfg_attr(
    feature = "hydrate",
    allow(clippy::disallowed_methods, reason = "the link is in the head of the page, not in the console")
)]
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

/// Copies a text to the clipboard when a button is clicked. Pages loaded over plain HTTP from
/// another machine have no clipboard API; for them it uses the deprecated `copy` command.
pub fn copy(click: &leptos::ev::MouseEvent, text: &str) {
    #[cfg(feature = "hydrate")]
    {
        if window().is_secure_context() {
            let _ = window().navigator().clipboard().write_text(text);
            return;
        }
        let document = document();
        let button = click.current_target().and_then(|button| button.dyn_into::<HtmlElement>().ok());
        let field = document.create_element("textarea").ok();
        let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) else { return };
        field.set_value(text);
        field.set_class_name("visually-hidden");
        // Place the field beside the button: while a modal dialog is open, text outside it cannot
        // be selected.
        let place = button.as_ref().and_then(|button| button.parent_element());
        if place.and_then(|place| place.append_child(&field).ok()).is_none() {
            return;
        }
        field.select();
        if let Ok(document) = document.dyn_into::<web_sys::HtmlDocument>() {
            let _ = document.exec_command("copy");
        }
        field.remove();
        focus(button);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (click, text);
}

/// Returns the value of a form field.
pub fn field(form: Option<&HtmlFormElement>, name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return web_sys::FormData::new_with_form(form?).ok()?.get(name).as_string();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (form, name);
        None
    }
}

/// Returns `true` if an input contains text that the browser cannot convert to a value, such as a
/// half-typed date. The value of such an input is empty.
pub fn is_half_typed(input: Option<HtmlElement>) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let input = input.and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok());
        input.is_some_and(|input| input.validity().bad_input())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = input;
        false
    }
}

/// Calls `act` with each event of an element. The listener is removed together with the element.
#[cfg(feature = "hydrate")]
pub fn listen<E: JsCast>(element: &HtmlElement, name: &str, act: impl Fn(E) + 'static) {
    let act = leptos::wasm_bindgen::closure::Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        act(event.unchecked_into());
    });
    let _ = element.add_event_listener_with_callback(name, act.into_js_value().unchecked_ref());
}

/// Calls `act` after each Back or Forward navigation, until the calling component or effect is
/// disposed.
pub fn on_history(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::popstate, move |_| act());
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// Returns a new idempotency key: 128 random bits in hexadecimal. Empty on the server.
pub fn request_key() -> String {
    #[cfg(feature = "hydrate")]
    {
        // Not `randomUUID`: it is missing on pages loaded over plain HTTP from another machine.
        let mut bytes = [0; 16];
        if window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)).is_err() {
            bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Returns `true` if the primary pointing device is coarse, such as a touch screen.
pub fn has_coarse_pointer() -> bool {
    #[cfg(feature = "hydrate")]
    return window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches());
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Returns `true` if the tab is visible.
pub fn is_visible() -> bool {
    #[cfg(feature = "hydrate")]
    return !document().hidden();
    #[cfg(not(feature = "hydrate"))]
    false
}
