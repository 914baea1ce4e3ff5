//! Keyboard focus, and disclosure elements that open and close.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
#[cfg(feature = "hydrate")]
use leptos::web_sys::HtmlElement;

/// Focuses the first element that matches a selector. Returns `false` if there is none.
pub fn focus(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let element = document().query_selector(selector).ok().flatten();
        element
            .and_then(|element| element.dyn_into::<HtmlElement>().ok())
            .is_some_and(|element| element.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Focuses an input and selects its text, so that typing replaces it.
pub fn select(selector: &str) {
    #[cfg(feature = "hydrate")]
    {
        let field = document().query_selector(selector).ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            let _ = field.focus();
            field.select();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// Closes the first element that matches a selector; if the focus was inside, moves it to the
/// element's summary. Returns `false` if none matches.
pub fn close_details(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let Some(open) = document().query_selector(selector).ok().flatten() else { return false };
        let held = open.contains(document().active_element().as_deref());
        let _ = open.remove_attribute("open");
        if held && let Ok(Some(summary)) = open.query_selector("summary") {
            let _ = summary.dyn_into::<HtmlElement>().map(|summary| summary.focus());
        }
        true
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Calls `act` after each click outside the elements that match a selector. The listener is removed
/// with the calling component or effect.
pub fn on_click_outside(selector: &'static str, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::click, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            if target.is_none_or(|target| matches!(target.closest(selector), Ok(None))) {
                act();
            }
        });
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        drop(act);
    }
}

/// Panes of the pages with their focus targets; the first existing target gets the focus.
#[cfg(feature = "hydrate")]
const PANES: [(&str, [&str; 2]); 4] = [
    (".list-pane", [".list-window a:not([tabindex=\"-1\"])", "#search"]),
    (".detail", [".detail .field-editor > .input", ".detail"]),
    (".desk-list", [".desk-item[aria-current]", ".desk-item"]),
    (".desk-thread", ["#reply", ".desk-thread"]),
];

/// Focuses the pane after the focused one, cyclically. Returns `false` if there is no pane.
pub fn focus_next_pane() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let document = document();
        let shown = |selector: &str| document.query_selector(selector).ok().flatten().filter(is_seen);
        let panes: Vec<_> =
            PANES.iter().filter_map(|(pane, first)| shown(pane).map(|element| (element, *first))).collect();
        let focused = document.active_element();
        let own = panes.iter().position(|(pane, _)| pane.contains(focused.as_deref()));
        (1..=panes.len()).any(|step| {
            let (_, first) = &panes[(own.map_or(0, |own| own + step)) % panes.len()];
            first.iter().any(|first| focus(first))
        })
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Returns `true` if an element matches a selector.
pub fn is_there(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    return document().query_selector(selector).ok().flatten().is_some();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Returns `true` if the first element that matches a selector is visible.
pub fn is_shown(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    return document().query_selector(selector).ok().flatten().as_ref().is_some_and(is_seen);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

#[cfg(feature = "hydrate")]
fn is_seen(element: &web_sys::Element) -> bool {
    let style = window().get_computed_style(element).ok().flatten();
    element.get_bounding_client_rect().width() > 0.0
        && style.is_none_or(|style| style.get_property_value("visibility").is_ok_and(|value| value != "hidden"))
}

/// Focuses the matching element after (or before) the focused one, or the first one if none has the
/// focus. Returns `false` if there is no such element.
pub fn focus_beside(selector: &str, after: bool) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let Ok(all) = document().query_selector_all(selector) else { return false };
        let focused = document().active_element();
        let own = (0..all.length()).find(|place| {
            all.item(*place)
                .is_some_and(|node| focused.as_ref().is_some_and(|focused| focused.is_same_node(Some(&node))))
        });
        let place = match (own, after) {
            (Some(own), true) => own + 1,
            (Some(own), false) => own.saturating_sub(1),
            (None, _) => 0,
        };
        let element = all.item(place).and_then(|node| node.dyn_into::<HtmlElement>().ok());
        element.is_some_and(|element| element.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (selector, after);
        false
    }
}

/// Returns the text that the user typed into a server-rendered field before hydration, if any.
pub fn typed_already(selector: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        let field = document().query_selector(selector).ok()??.dyn_into::<web_sys::HtmlInputElement>().ok()?;
        (field.value() != field.default_value()).then(|| field.value())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        None
    }
}

/// Focuses an element if the focus is on the page itself or on an element that matches `from`.
pub fn focus_unless_elsewhere(selector: &str, from: &str) {
    #[cfg(feature = "hydrate")]
    {
        let focused = document().active_element();
        if focused.is_none_or(|own| own.tag_name() == "BODY" || own.matches(from).unwrap_or(false)) {
            focus(selector);
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (selector, from);
}

/// Focuses the focused element again if it loses the focus by being moved in the document before the
/// current task ends. An element that is removed is not focused again.
pub fn keep_focus() {
    #[cfg(feature = "hydrate")]
    {
        let focused = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let Some(focused) = focused.filter(|_| !is_focus_lost()) else { return };
        queue_microtask(move || {
            if is_focus_lost() && focused.is_connected() {
                focus_in_place(&focused);
            }
        });
    }
}

/// Focuses the first element that matches a selector if the focus is lost, that is, on the page
/// itself. Scrolls nothing.
pub fn focus_if_lost(selector: &str) {
    #[cfg(feature = "hydrate")]
    if is_focus_lost() {
        let element = document().query_selector(selector).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            focus_in_place(&element);
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

#[cfg(feature = "hydrate")]
fn is_focus_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

#[cfg(feature = "hydrate")]
fn focus_in_place(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}
