//! References to elements, and the keyboard focus.

use leptos::html::Section;
use leptos::prelude::*;
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::node_ref::NodeRefContainer;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Document, Element, HtmlElement};

/// Reference to an element of any type, used like a [`NodeRef`].
///
/// The page does not look for its elements in the document: it may be mounted several times, and a
/// shadow root hides its elements from the document. With one type for all elements, the code is
/// compiled once.
#[derive(Clone, Copy, Default)]
pub struct ElementRef(NodeRef<Section>);

impl<E: ElementType> NodeRefContainer<E> for ElementRef {
    fn load(self, element: &Element) {
        NodeRefContainer::<Section>::load(self.0, element);
    }
}

impl ElementRef {
    /// Returns the element; `None` on the server, until it is mounted, and after it is removed.
    pub fn get(self) -> Option<HtmlElement> {
        self.0.try_get_untracked().flatten().filter(|element| element.is_connected())
    }

    /// Returns the element and tracks the reference. The element may not be mounted yet.
    pub fn track(self) -> Option<HtmlElement> {
        self.0.get()
    }

    /// Returns the first matching element inside the element.
    pub fn find(self, selector: &str) -> Option<HtmlElement> {
        let element = self.get()?;
        find(&element, selector)
    }

    /// Focuses the element. Returns `false` if it is not mounted.
    pub fn focus(self) -> bool {
        focus(self.get())
    }

    /// Focuses the first matching element inside the element. Returns `false` if there is none.
    pub fn focus_first(self, selector: &str) -> bool {
        focus(self.find(selector))
    }

    /// Focuses the element if the focus is nowhere, or on an element that matches `from`.
    pub fn focus_unless_elsewhere(self, from: &str) {
        if let Some(element) = self.get()
            && may_move_focus(|focused| focused.matches(from).unwrap_or(false))
        {
            focus(Some(element));
        }
    }

    /// Focuses the matching element after (or before) the focused one, or the first one if none has
    /// the focus. Returns `false` if there is no such element.
    pub fn focus_beside(self, selector: &str, after: bool) -> bool {
        #[cfg(feature = "hydrate")]
        {
            let Some(all) = self.get().and_then(|element| element.query_selector_all(selector).ok()) else {
                return false;
            };
            let at = |place| all.item(place).and_then(|node| node.dyn_into::<HtmlElement>().ok());
            let own = (0..all.length()).find(|place| at(*place).is_some_and(|element| holds_focus(&element)));
            focus(at(match (own, after) {
                (Some(own), true) => own + 1,
                (Some(own), false) => own.saturating_sub(1),
                (None, _) => 0,
            }))
        }
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = (selector, after);
            false
        }
    }

    /// Closes the first matching disclosure element inside the element; if the focus was inside,
    /// moves it to the summary. Returns `false` if none matches.
    pub fn close_details(self, selector: &str) -> bool {
        let Some(open) = self.find(selector) else { return false };
        let held = holds_focus(&open);
        let _ = open.remove_attribute("open");
        if held {
            focus(find(&open, "summary"));
        }
        true
    }

    /// Returns the element inside the element that has the focus.
    pub fn focused_inside(self) -> Option<HtmlElement> {
        let own = self.get().filter(|element| holds_focus(element))?;
        innermost_focused().filter(|focused| own.contains(Some(focused)))?.dyn_into().ok()
    }

    /// Takes everything inside the element from the reach of pointer, keyboard and screen readers, or gives it back.
    pub fn set_inert(self, inert: bool) {
        if let Some(element) = self.get() {
            let _ = element.toggle_attribute_with_force("inert", inert);
        }
    }

    /// Returns `true` if a modal dialog is open in the tree of the element.
    pub fn is_below_modal(self) -> bool {
        #[cfg(feature = "hydrate")]
        return self.get().is_some_and(|element| is_modal_open(&element));
        #[cfg(not(feature = "hydrate"))]
        false
    }

    /// Returns `true` if the element is visible.
    pub fn is_shown(self) -> bool {
        self.get().is_some_and(|element| is_shown(&element))
    }

    /// Focuses the element, an input, and selects its text, so that typing replaces it.
    pub fn select(self) {
        #[cfg(feature = "hydrate")]
        if let Some(field) = self.get().and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            let _ = field.focus();
            field.select();
        }
    }

    /// Replaces the text of the element, an input.
    pub fn write(self, text: &str) {
        #[cfg(feature = "hydrate")]
        if let Some(field) = self.get().and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok())
            && field.value() != text
        {
            field.set_value(text);
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = text;
    }

    /// Returns the text that the user typed into the element, a server-rendered input, before
    /// hydration, if any.
    pub fn text_before_hydration(self) -> Option<String> {
        #[cfg(feature = "hydrate")]
        {
            let field = self.get()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
            (field.value() != field.default_value()).then(|| field.value())
        }
        #[cfg(not(feature = "hydrate"))]
        None
    }
}

/// Returns the first matching element inside an element.
pub fn find(within: &Element, selector: &str) -> Option<HtmlElement> {
    within.query_selector(selector).ok()??.dyn_into().ok()
}

/// Focuses an element. Returns `false` if there is none.
pub fn focus(element: Option<HtmlElement>) -> bool {
    element.is_some_and(|element| element.focus().is_ok())
}

/// Returns `true` if an element or one inside it has the focus.
pub fn holds_focus(element: &Element) -> bool {
    element.matches(":focus-within").unwrap_or(false)
}

/// Returns `true` if nothing has the focus, or an element that `own` accepts. This is the condition for
/// moving the focus without an action of the user: the user may be typing elsewhere.
pub fn may_move_focus(own: impl Fn(&Element) -> bool) -> bool {
    innermost_focused().is_none_or(|focused| focused.tag_name() == "BODY" || own(&focused))
}

/// Returns `true` if an element is visible.
pub fn is_shown(element: &Element) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let style = window().get_computed_style(element).ok().flatten();
        element.get_bounding_client_rect().width() > 0.0
            && style.is_none_or(|style| style.get_property_value("visibility").is_ok_and(|value| value != "hidden"))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = element;
        false
    }
}

/// Returns `true` if a modal dialog is open in the tree of an element.
#[cfg(feature = "hydrate")]
#[allow(clippy::disallowed_methods, reason = "the root may be a shadow root")]
pub(super) fn is_modal_open(beside: &Element) -> bool {
    root_of(beside).query_selector("dialog:modal").is_ok_and(|dialog| dialog.is_some())
}

/// Returns the document or the shadow root that contains an element. Both have `activeElement` and
/// `querySelector`, but web-sys has no common type with them, so a shadow root is cast to a
/// document.
#[cfg(feature = "hydrate")]
fn root_of(element: &Element) -> Document {
    element.get_root_node().unchecked_into()
}

/// Calls `act` after each click outside the elements that match a selector. The listener is removed
/// with the calling component or effect.
pub fn on_click_outside(selector: &'static str, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::click, move |event| {
            if target_of(&event).is_none_or(|target| matches!(target.closest(selector), Ok(None))) {
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

/// Returns the element that an event happened on. `target` is not used: at the window it is the
/// host of a shadow root instead of the element inside.
#[cfg(feature = "hydrate")]
pub fn target_of(event: &web_sys::Event) -> Option<Element> {
    event.composed_path().get(0).dyn_into().ok()
}

/// Returns `true` if an element of the server-rendered document matches a selector. For use before
/// hydration, when there are no references yet.
#[allow(clippy::disallowed_methods, reason = "there is one server-rendered page in a document")]
pub fn is_rendered(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    return document().query_selector(selector).is_ok_and(|found| found.is_some());
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Focuses the focused element again if it loses the focus by being moved in the document before the
/// current task ends. An element that is removed is not focused again.
pub fn keep_focus() {
    #[cfg(feature = "hydrate")]
    {
        let Some(focused) = innermost_focused().and_then(|focused| focused.dyn_into().ok()) else { return };
        queue_microtask(move || focus_if_lost(&focused));
    }
}

/// Focuses an element of the page if nothing has the focus. Scrolls nothing.
pub fn focus_if_lost(element: &HtmlElement) {
    #[cfg(feature = "hydrate")]
    if element.is_connected() && may_move_focus(|_| false) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = element;
}

/// Returns the focused element, which may be in a shadow tree. If nothing has the focus, it is the
/// body or none.
#[allow(clippy::disallowed_methods, reason = "the way into the shadow trees begins at the document")]
fn innermost_focused() -> Option<Element> {
    let mut focused = document().active_element()?;
    while let Some(inner) = focused.shadow_root().and_then(|root| root.unchecked_into::<Document>().active_element()) {
        focused = inner;
    }
    Some(focused)
}
