//! Keys that are the page's, and keys of input methods.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
#[cfg(feature = "hydrate")]
use leptos::web_sys::HtmlElement;

/// The choice to do without keys that are a single letter or sign, as WCAG 2.1.4 asks for: for who speaks to the browser, or
/// presses keys by accident.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
const SINGLE_KEYS: &str = "single-keys";

/// Returns `true` if single letters and signs are keys.
pub fn single_keys() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let storage = window().local_storage().ok().flatten();
        storage.and_then(|storage| storage.get_item(SINGLE_KEYS).ok().flatten()).as_deref() != Some("off")
    }
    #[cfg(not(feature = "hydrate"))]
    true
}

/// Chooses whether single letters and signs are keys.
pub fn set_single_keys(on: bool) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = if on { storage.remove_item(SINGLE_KEYS) } else { storage.set_item(SINGLE_KEYS, "off") };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = on;
}

/// Calls `act` for each key that is the page's, with the key's name. `act` returns `true` if the key was for it. Ends with the
/// component that asked.
///
/// Not the page's are keys of an open dialog, of an IME, and of the control that has the focus: letters of a field, Escape
/// that leaves a field, arrows of anything but the lists.
pub fn on_key(act: impl Fn(&str) -> bool + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if is_pages(&event) && act(&event.key()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

#[cfg(feature = "hydrate")]
fn is_pages(event: &web_sys::KeyboardEvent) -> bool {
    let key = event.key();
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() || is_composing(event) {
        return false;
    }
    if document().query_selector("dialog:modal").ok().flatten().is_some() {
        return false;
    }
    if key.chars().count() == 1 && !single_keys() {
        return false;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return true;
    };
    let within = |selector: &str| target.closest(selector).ok().flatten();
    // Types nothing anywhere.
    if key == "F6" {
        return true;
    }
    let field = within("input, textarea, select, [contenteditable]")
        .filter(|field| !matches!(field.get_attribute("type").as_deref(), Some("checkbox" | "radio")));
    if let Some(field) = field {
        if key == "Escape" {
            leave(&field);
        }
        return false;
    }
    !key.starts_with("Arrow") || within(".list, .desk-list").is_some() || target.tag_name() == "BODY"
}

/// The first Escape in a field leaves it, or clears a search, which is the browser's; what is behind it closes with the next.
#[cfg(feature = "hydrate")]
fn leave(field: &web_sys::Element) {
    let searched = field
        .dyn_ref::<web_sys::HtmlInputElement>()
        .is_some_and(|input| input.type_() == "search" && !input.value().is_empty());
    let Some(field) = field.dyn_ref::<HtmlElement>().filter(|_| !searched) else { return };
    // To the pane around it, where Tab goes on.
    let pane = field.closest(".detail, .desk-thread").ok().flatten();
    let _ = match pane.and_then(|pane| pane.dyn_into::<HtmlElement>().ok()) {
        Some(pane) => pane.focus(),
        None => field.blur(),
    };
}

/// Returns `true` for an Enter that is no part of an IME's composition. Safari ends the composition before the Enter that
/// confirms it, which only the key code 229 tells.
pub fn is_enter(event: &leptos::ev::KeyboardEvent) -> bool {
    event.key() == "Enter" && !is_composing(event)
}

/// Returns `true` for a key that belongs to an IME's composition.
pub fn is_composing(event: &leptos::ev::KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}
