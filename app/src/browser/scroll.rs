//! Scrolling and element sizes.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use super::ElementRef;
#[cfg(feature = "hydrate")]
use super::find;

/// Calls `act` when the size of an element changes, and once at the start. Observation ends with
/// the calling component or effect.
pub fn on_resize(element: &HtmlElement, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::prelude::Closure;
        let act = Closure::<dyn Fn()>::new(act);
        let Ok(observer) = web_sys::ResizeObserver::new(act.as_ref().unchecked_ref()) else { return };
        observer.observe(element);
        let ending = send_wrapper::SendWrapper::new((observer, act));
        on_cleanup(move || ending.0.disconnect());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = element;
        drop(act);
    }
}

impl ElementRef {
    /// Scrolls the element to its end in the next frame, when added content is rendered.
    pub fn scroll_to_end(self) {
        in_next_frame(move || {
            if let Some(element) = self.get() {
                element.set_scroll_top(element.scroll_height());
            }
        });
    }

    /// Scrolls the element to its top in the next frame.
    pub fn scroll_to_top(self) {
        in_next_frame(move || {
            if let Some(element) = self.get() {
                element.set_scroll_top(0);
            }
        });
    }

    /// Returns the number of the conversation being read in the element, a scroll container: that
    /// of the marked element while it is visible, otherwise that of the item at a line that moves
    /// from the upper to the lower edge as the user scrolls from the first to the last message.
    pub fn conversation_in_sight(self, marked: Option<&str>) -> Option<u32> {
        #[cfg(feature = "hydrate")]
        {
            let around = self.get()?;
            let edges = around.get_bounding_client_rect();
            let number = |element: HtmlElement| element.get_attribute("data-conversation")?.parse().ok();
            let marked = marked.and_then(|marked| find(&around, marked)).filter(|marked| {
                let own = marked.get_bounding_client_rect();
                own.bottom() > edges.top() && own.top() < edges.bottom()
            });
            if marked.is_some() {
                return number(marked?);
            }
            let hidden = around.scroll_height() - around.client_height();
            let share = if hidden > 0 { f64::from(around.scroll_top()) / f64::from(hidden) } else { 1.0 };
            let line = edges.top() + edges.height() * share.clamp(0.0, 1.0);
            let items = around.query_selector_all("[data-conversation]").ok()?;
            let at = |place| items.item(place)?.dyn_into::<HtmlElement>().ok();
            let (mut low, mut high) = (0, items.length());
            while low < high {
                let middle = (low + high) / 2;
                if at(middle)?.get_bounding_client_rect().top() <= line { low = middle + 1 } else { high = middle }
            }
            number(at(low.saturating_sub(1))?)
        }
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = marked;
            None
        }
    }

    /// Applies a change to the content of the element, a scroll container, and keeps the topmost
    /// visible message in place.
    pub fn keep_scroll_position(self, change: impl FnOnce() + 'static) {
        #[cfg(feature = "hydrate")]
        {
            let top = |element: &HtmlElement| element.get_bounding_client_rect().top();
            let held = self.get().and_then(|element| {
                let edge = top(&element);
                let messages = element.query_selector_all("[data-message]").ok()?;
                let mut all =
                    (0..messages.length()).filter_map(|place| messages.item(place)?.dyn_into::<HtmlElement>().ok());
                let first = all.find(|message| message.get_bounding_client_rect().bottom() > edge)?;
                Some((first.get_attribute("data-message")?, top(&first)))
            });
            change();
            let Some((number, before)) = held else { return };
            in_next_frame(move || {
                let message = self.find(&["[data-message=\"", &number, "\"]"].concat());
                if let (Some(element), Some(message)) = (self.get(), message) {
                    // `scrollTop` cannot be used here, because it is read in whole pixels only.
                    element.scroll_by_with_x_and_y(0.0, top(&message) - before);
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        change();
    }

    /// Scrolls the element so that the first matching element inside is in its middle, without
    /// scrolling any outer container.
    pub fn scroll_into_center(self, selector: String) {
        #[cfg(feature = "hydrate")]
        {
            in_next_frame(move || {
                if let (Some(around), Some(element)) = (self.get(), self.find(&selector)) {
                    let (outer, inner) = (around.get_bounding_client_rect(), element.get_bounding_client_rect());
                    let middle = inner.top() + inner.height() / 2.0 - outer.top() - outer.height() / 2.0;
                    around.set_scroll_top(around.scroll_top() + middle.round() as i32);
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        drop(selector);
    }

    /// Returns two flags: `true` if the element is scrolled to within 120 pixels of its upper edge,
    /// and of its lower edge. Both are `true` for an element that is not mounted.
    pub fn scrolled_to_edges(self) -> (bool, bool) {
        const NEAR: i32 = 120;
        let Some(element) = self.get() else { return (true, true) };
        let below = element.scroll_height() - element.scroll_top() - element.client_height();
        (element.scroll_top() < NEAR, below < NEAR)
    }
}

/// Calls `act` in the next frame.
pub fn in_next_frame(act: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(act);
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}
