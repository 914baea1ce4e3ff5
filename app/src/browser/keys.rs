//! Keyboard events, and the setting of the single-key shortcuts.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use super::ElementRef;
#[cfg(feature = "hydrate")]
use super::focus::{is_modal_open, target_of};
#[cfg(feature = "hydrate")]
use super::listen;
use super::memory::{local_item, set_local_item};

/// Returns the name in the local storage of the choice to turn single-key shortcuts off. WCAG 2.1.4
/// requires it, for users who dictate or press keys by accident.
fn single_keys_item() -> &'static str {
    // The storage of a widget belongs to the page around it.
    if crate::host::is_embedded() { "clientele single-keys" } else { "single-keys" }
}

/// Returns `true` if single-key shortcuts are on.
pub fn single_keys() -> bool {
    local_item(single_keys_item()).as_deref() != Some("off")
}

/// Turns single-key shortcuts on or off in this browser.
pub fn set_single_keys(on: bool) {
    set_local_item(single_keys_item(), if on { "on" } else { "off" });
}

/// Key that was pressed, and what it would do where the focus is.
pub struct KeyPress {
    /// Name of the key, as in `KeyboardEvent.key`.
    pub key: String,
    /// Field with the focus, in which keys type text.
    pub field: Option<HtmlElement>,
    /// `true` if arrow keys move between the entries of a list, or scroll the page.
    pub in_list: bool,
}

/// Calls `act` with each pressed key that no element has used: on our own page with those pressed
/// anywhere, in the widget with those pressed inside `root`. `act` returns `true` if it used the
/// key. Keys with Ctrl, Alt or Cmd, keys of an IME and keys while a modal dialog is open are left
/// to the browser. The listener is removed with the calling component or effect.
pub fn on_key(root: ElementRef, act: impl Fn(&KeyPress) -> bool + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let hear = move |event: leptos::ev::KeyboardEvent| {
            let left = event.default_prevented()
                || event.ctrl_key()
                || event.meta_key()
                || event.alt_key()
                || is_composing(&event)
                || root.get().is_some_and(|root| is_modal_open(&root));
            if !left && act(&read(&event)) {
                event.prevent_default();
            }
        };
        match root.get().filter(|_| crate::host::is_embedded()) {
            Some(root) => listen(&root, "keydown", hear),
            None => {
                let handle = window_event_listener(leptos::ev::keydown, hear);
                on_cleanup(move || handle.remove());
            }
        }
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = root;
        drop(act);
    }
}

#[cfg(feature = "hydrate")]
fn read(event: &leptos::ev::KeyboardEvent) -> KeyPress {
    let target = target_of(event);
    let within = |selector: &str| target.as_ref().and_then(|target| target.closest(selector).ok().flatten());
    let field = within("input, textarea, select, [contenteditable]")
        .filter(|field| !matches!(field.get_attribute("type").as_deref(), Some("checkbox" | "radio")))
        .and_then(|field| field.dyn_into().ok());
    let nowhere = target.as_ref().is_none_or(|target| target.tag_name() == "BODY");
    KeyPress { key: event.key(), field, in_list: nowhere || within(".list, .desk-list").is_some() }
}

/// Moves the focus from a field to the surrounding pane, so that Tab continues from there. A search
/// field with text keeps the focus, because the browser clears the text on the same key.
pub fn leave_field(field: &HtmlElement) {
    #[cfg(feature = "hydrate")]
    {
        let searched = field
            .dyn_ref::<web_sys::HtmlInputElement>()
            .is_some_and(|input| input.type_() == "search" && !input.value().is_empty());
        if searched {
            return;
        }
        let pane = field.closest(".detail, .desk-conversation").ok().flatten();
        let _ = match pane.and_then(|pane| pane.dyn_into::<HtmlElement>().ok()) {
            Some(pane) => pane.focus(),
            None => field.blur(),
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = field;
}

/// Returns `true` for a key that belongs to an IME composition. Safari ends the composition before
/// the Enter that confirms it; only the key code 229 reveals that Enter.
pub fn is_composing(event: &leptos::ev::KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}
