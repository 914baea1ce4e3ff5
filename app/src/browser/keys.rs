//! Keyboard events: shortcuts of the page, and keys of input methods.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
#[cfg(feature = "hydrate")]
use leptos::web_sys::HtmlElement;

/// Name in the local storage of the choice to turn single-key shortcuts off. WCAG 2.1.4 requires
/// it, for users who dictate or press keys by accident.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
const SINGLE_KEYS: &str = "single-keys";

/// Returns `true` if single-key shortcuts are on.
pub fn single_keys() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let storage = window().local_storage().ok().flatten();
        storage.and_then(|storage| storage.get_item(SINGLE_KEYS).ok().flatten()).as_deref() != Some("off")
    }
    #[cfg(not(feature = "hydrate"))]
    true
}

/// Turns single-key shortcuts on or off in this browser.
pub fn set_single_keys(on: bool) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = if on { storage.remove_item(SINGLE_KEYS) } else { storage.set_item(SINGLE_KEYS, "off") };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = on;
}

/// Calls `act` with the name of each key that is free for shortcuts. `act` returns `true` if it
/// used the key. The listener is removed with the calling component.
///
/// Not free are keys in an open modal dialog, keys of an IME, keys with Ctrl, Alt or Cmd, single
/// keys if those are turned off, keys in a field except F6, and arrow keys on a focused element
/// outside the lists.
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
    // F6 types nothing in any field.
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

/// Leaves a field on Escape. In a search field with text, Escape clears the text, which the browser
/// does. What is behind the field closes with the next Escape.
#[cfg(feature = "hydrate")]
fn leave(field: &web_sys::Element) {
    let searched = field
        .dyn_ref::<web_sys::HtmlInputElement>()
        .is_some_and(|input| input.type_() == "search" && !input.value().is_empty());
    let Some(field) = field.dyn_ref::<HtmlElement>().filter(|_| !searched) else { return };
    // Focus the surrounding pane, so that Tab continues from there.
    let pane = field.closest(".detail, .desk-thread").ok().flatten();
    let _ = match pane.and_then(|pane| pane.dyn_into::<HtmlElement>().ok()) {
        Some(pane) => pane.focus(),
        None => field.blur(),
    };
}

/// Returns `true` for an Enter outside an IME composition. Safari ends the composition before the
/// Enter that confirms it; only the key code 229 reveals that Enter.
pub fn is_enter(event: &leptos::ev::KeyboardEvent) -> bool {
    event.key() == "Enter" && !is_composing(event)
}

/// Returns `true` for a key that belongs to an IME composition.
pub fn is_composing(event: &leptos::ev::KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}
