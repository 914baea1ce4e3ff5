//! Viewport of the customer list: computes the rendered rows and handles scrolling, keys and
//! resizing.

use clientele::domain::CustomerKey;
use leptos::html::{Div, Table, Tbody};
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys;

use super::geometry::Geometry;
use super::rows::Rows;
use crate::browser;
use crate::console::Console;
use crate::keys::{Action, Keys};
use crate::reactive::{effect, memo};

/// Elements of the list.
#[derive(Clone, Copy)]
pub(super) struct ListElements {
    /// Scroll container.
    pub list: NodeRef<Div>,
    /// Table, as high as all rows together.
    pub table: NodeRef<Table>,
    /// Table body with the rendered rows.
    pub body: NodeRef<Tbody>,
}

/// Measures the list at once and on each resize, and keeps the rendered rows in position.
pub(super) fn follow(parts: ListElements, geometry: RwSignal<Geometry>, total: Memo<u64>) {
    effect(move || {
        let Some(list) = parts.list.get() else { return };
        measure(parts, geometry);
        let (now, total) = (geometry.get_untracked(), total.get_untracked());
        if now.rendered.0 > 0 {
            request_animation_frame(move || scroll_to(parts, now.top_of(now.rendered.0, total)));
        }
        // The row height depends on the width of the list.
        browser::on_resize(&list, move || measure(parts, geometry));
    });
    effect(move || place(parts, geometry.get(), total.get()));
}

/// Scrolls along when all rows move by a number of positions, so that the same rows stay visible.
pub(super) fn shift(parts: ListElements, geometry: RwSignal<Geometry>, places: i64) {
    if places != 0 {
        let Some(now) = geometry.try_get_untracked() else { return };
        let top = (now.top + places as f64 * now.row).max(0.0);
        geometry.update(|geometry| geometry.top = top);
        request_animation_frame(move || scroll_to(parts, top));
    }
}

/// Records the scroll offset of the list.
pub(super) fn scrolled(parts: ListElements, geometry: RwSignal<Geometry>, total: u64) {
    #[cfg(feature = "hydrate")]
    if let Some(list) = parts.list.get_untracked() {
        geometry.update(|geometry| geometry.scroll(f64::from(list.scroll_top()), total));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (parts, geometry, total);
}

/// Handles a click anywhere in a row: opens its customer, or opens a new tab with Ctrl, Cmd or the
/// middle button, as a link does.
pub(super) fn open_row(console: Console, event: leptos::ev::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        let Some(target) = browser::target_of(&event) else { return };
        let elsewhere = event.ctrl_key() || event.meta_key() || event.button() == 1;
        let within = |selector: &str| !matches!(target.closest(selector), Ok(None));
        if within("button") {
            return;
        }
        if within("a") {
            if !elsewhere && !event.shift_key() {
                console.opened.set(Some(event.detail() == 0));
            }
            return;
        }
        let selecting = window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed());
        let link = target.closest("tr").ok().flatten().and_then(|row| row.query_selector("a").ok().flatten());
        let link = link.and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
        if let Some(link) = link.filter(|_| !selecting) {
            if elsewhere {
                let _ = window().open_with_url_and_target(&link.href(), "_blank");
                return;
            }
            let _ = link.focus();
            // Run after this click event, because the same listener would handle the nested click.
            browser::run_after(0, move || {
                link.click();
                // A scripted click has no pointer and would count as a keyboard action.
                console.opened.try_set(Some(false));
            });
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (console, event);
}

/// Returns the position of the row that is the tab stop: the row focused last or else the open one,
/// if it is rendered; otherwise the first fully visible row. `None` before hydration, when every
/// row is a tab stop.
pub(super) fn tab_stop(
    console: Console,
    geometry: RwSignal<Geometry>,
    rows: RwSignal<Rows>,
    focused: RwSignal<Option<u64>>,
) -> Memo<Option<u64>> {
    memo(move || {
        let (now, total) = (geometry.get(), rows.with(Rows::len));
        now.height?;
        let window = now.window(total);
        let open = || rows.with(|rows| rows.place_of(console.selected.get()?));
        let own = focused.get().or_else(open).filter(|place| window.contains(place));
        Some(own.unwrap_or_else(|| now.first_whole_row(total)))
    })
}

/// Registers the keys that move between rows, into and out of a row's button, and to the next or
/// previous customer. `shown` changes whenever the rendered rows do.
pub(super) fn listen_for_keys<T: Send + Sync + 'static>(
    console: Console,
    parts: ListElements,
    geometry: RwSignal<Geometry>,
    rows: RwSignal<Rows>,
    shown: Memo<T>,
) {
    // Positions to focus and to open. The row may be rendered, or even loaded, only later.
    let goal = RwSignal::new(None::<u64>);
    let opening = RwSignal::new(None::<u64>);
    let selected = console.selected;
    effect(move || {
        shown.with(|_| ());
        if let Some(place) = goal.get() {
            request_animation_frame(move || {
                if focus_in_row(parts, place, "a") {
                    goal.try_set(None);
                }
            });
        }
        let key =
            opening.get().and_then(|place| rows.with_untracked(|rows| rows.at(place).map(|(_, row)| row.row.key)));
        if let Some(key) = key {
            opening.set(None);
            // Replace the history entry: a walk through the list is one step for Back.
            console.replace(&console.view.get_untracked().beside(key));
        }
    });
    let own_place = move || {
        let key = selected.get_untracked()?;
        rows.with_untracked(|rows| rows.place_of(key))
    };
    let step = move |from: Option<u64>, step: i64| -> Option<u64> {
        let total = rows.with_untracked(Rows::len);
        let last = total.checked_sub(1)?;
        let first_in_sight = geometry.get_untracked().first_whole_row(total).min(last);
        let place = from.map_or(first_in_sight, |place| place.saturating_add_signed(step).min(last));
        bring_into_sight(parts, geometry, place, total);
        Some(place)
    };
    let open_beside = Callback::new(move |after: bool| {
        // A customer opened by a link may be far from the viewport, or not in the list.
        let place = match opening.get_untracked().or_else(own_place) {
            None => step(None, 0),
            from => step(from, if after { 1 } else { -1 }),
        };
        opening.set(place);
    });
    console.walk.set_value(Some(open_beside));
    let walk = move |by: i64| {
        let from = goal.get_untracked().or_else(|| focused_row(parts));
        let place = match from {
            None => own_place().and_then(|place| step(Some(place), 0)).or_else(|| step(None, 0)),
            from => step(from, by),
        };
        let Some(place) = place else { return false };
        // Focus a rendered row at once: Enter may follow before the next frame.
        let focused = focus_in_row(parts, place, "a");
        goal.set((!focused).then_some(place));
        true
    };
    let keys = Keys::get();
    keys.on(Action::NextRow, move || walk(1));
    keys.on(Action::PreviousRow, move || walk(-1));
    // If no row has the focus, these keys scroll the page as usual in a browser.
    let jump = move |by: i64| focused_row(parts).is_some() && walk(by);
    let screen = move || (geometry.get_untracked().rows_in_sight() as i64 - 1).max(1);
    keys.on(Action::NextScreen, move || jump(screen()));
    keys.on(Action::PreviousScreen, move || jump(-screen()));
    keys.on(Action::FirstRow, move || jump(i64::MIN));
    keys.on(Action::LastRow, move || jump(i64::MAX));
    let focus_part = move |selector| focused_row(parts).is_some_and(|place| focus_in_row(parts, place, selector));
    keys.on(Action::IntoRow, move || focus_part("button"));
    keys.on(Action::OutOfRow, move || focus_part("a"));
}

/// Focuses an element in the row at a position. Returns `false` if the row is not rendered.
pub(super) fn focus_in_row(parts: ListElements, place: u64, selector: &str) -> bool {
    browser::focus(find(parts, &in_row(place, selector)))
}

/// Returns the selector of an element in the row at a position.
fn in_row(place: u64, selector: &str) -> String {
    ["tr[aria-rowindex=\"", &(place + 2).to_string(), "\"] ", selector].concat()
}

/// Focuses the name in the row at a position after the next rendering, if the focus is lost by then
/// because the row was rebuilt.
pub(super) fn focus_again(parts: ListElements, place: Option<u64>) {
    if let Some(place) = place {
        request_animation_frame(move || {
            if let Some(name) = find(parts, &in_row(place, "a")) {
                browser::focus_if_lost(&name);
            }
        });
    }
}

/// Focuses the name in the row of a customer, or else in the row that is the tab stop. Returns
/// `false` if there is no row.
pub(super) fn focus_customer(parts: ListElements, customer: Option<CustomerKey>) -> bool {
    let row = customer.and_then(|key| find(parts, &format!("tr[data-key=\"{key}\"] a")));
    browser::focus(row.or_else(|| find(parts, "a:not([tabindex=\"-1\"])")))
}

/// Returns the first matching element in the rendered rows.
fn find(parts: ListElements, selector: &str) -> Option<web_sys::HtmlElement> {
    browser::find(&*parts.body.try_get_untracked().flatten()?, selector)
}

fn bring_into_sight(parts: ListElements, geometry: RwSignal<Geometry>, place: u64, total: u64) {
    let now = geometry.get_untracked();
    let height = now.height.unwrap_or(0.0);
    let (first, whole_rows) = (now.first_in_sight(total, height), now.rows_in_sight());
    if (place as f64) < first {
        bring_to_top(parts, geometry, place, total);
    } else if place as f64 + 1.0 > first + whole_rows as f64 {
        bring_to_top(parts, geometry, (place + 1).saturating_sub(whole_rows), total);
    }
}

/// Scrolls a row to the top edge.
fn bring_to_top(parts: ListElements, geometry: RwSignal<Geometry>, place: u64, total: u64) {
    let top = geometry.get_untracked().top_of(place, total).ceil();
    scroll_to(parts, top);
    // Store the exact offset now, so that the browser's scroll event changes nothing.
    geometry.update(|geometry| (geometry.top, geometry.fine) = (top, 0.0));
    scrolled(parts, geometry, total);
}

#[cfg(feature = "hydrate")]
fn measure(parts: ListElements, geometry: RwSignal<Geometry>) {
    let (Some(list), Some(table)) = (parts.list.get_untracked(), parts.table.get_untracked()) else { return };
    let Some(body) = parts.body.get_untracked() else { return };
    let row = body.query_selector("tr").ok().flatten().map(|row| row.get_bounding_client_rect().height());
    let head = f64::from(body.offset_top() - table.offset_top());
    geometry.update(|geometry| {
        geometry.top = f64::from(list.scroll_top());
        geometry.height = Some((f64::from(list.client_height()) - head).max(0.0));
        geometry.row = row.filter(|row| *row > 0.0).unwrap_or(geometry.row);
    });
}

#[cfg(not(feature = "hydrate"))]
fn measure(_: ListElements, _: RwSignal<Geometry>) {}

/// Positions the rendered rows. Sizes are set through the style object, because the content
/// security policy forbids style attributes.
fn place(parts: ListElements, geometry: Geometry, total: u64) {
    #[cfg(feature = "hydrate")]
    {
        let (Some(table), Some(body)) = (parts.table.get(), parts.body.get()) else { return };
        if geometry.height.is_none() {
            return;
        }
        let head = f64::from(body.offset_top() - table.offset_top());
        let style = |element: &web_sys::HtmlElement, name: &str, value: String| {
            let _ = web_sys::HtmlElement::style(element).set_property(name, &value);
        };
        // Use whole pixels: formatting fractions adds more code than the rest of this function.
        style(&table, "height", format!("{}px", (geometry.spacer(total) + head).ceil() as i64));
        style(&body, "transform", format!("translateY({}px)", geometry.offset(total).round() as i64));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (parts, geometry, total);
}

fn scroll_to(parts: ListElements, top: f64) {
    #[cfg(feature = "hydrate")]
    if let Some(list) = parts.list.get_untracked() {
        list.set_scroll_top(top.ceil() as i32);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (parts, top);
}

/// Returns the position of the row that has the keyboard focus.
pub(super) fn focused_row(parts: ListElements) -> Option<u64> {
    let row = find(parts, "tr:focus-within")?;
    row.get_attribute("aria-rowindex")?.parse::<u64>().ok()?.checked_sub(2)
}
