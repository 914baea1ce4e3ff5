//! Which rows are in sight, and how scrolling, keys and the size of the window change that.

use std::ops::Range;

use leptos::html::{Div, Table, Tbody};
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;

use super::rows::Rows;
use crate::browser;
use crate::console::Console;
use crate::keys::{Action, Keys};
use crate::reactive::{effect, memo};

/// Rows rendered beyond each end of what is in sight.
const BEYOND: u64 = 4;
/// Browsers place nothing exactly beyond some ten million pixels: longer lists are scrolled in proportion.
const MOST_PIXELS: f64 = 8_000_000.0;

/// The measures of the list on the screen, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Geometry {
    /// How far it is scrolled.
    top: f64,
    /// How high the part in sight is; nothing until it is measured.
    height: Option<f64>,
    /// How high a row is.
    row: f64,
    /// What is shown until it is measured: the part the server rendered.
    rendered: (u64, u64),
    /// Rows by which a list that is scrolled in proportion is away from where its scroll bar says: small steps go row by row.
    fine: f64,
}

impl Geometry {
    pub(super) const fn of_first_part(first: u64, rows: u64) -> Self {
        Self { top: 0.0, height: None, row: 44.0, rendered: (first, first + rows), fine: 0.0 }
    }

    /// The places of the rows to render, of `total`.
    pub(super) fn window(&self, total: u64) -> Range<u64> {
        let Some(height) = self.height else { return self.rendered.0..self.rendered.1.min(total) };
        let first = self.first_in_sight(total, height) as u64;
        let in_sight = (height / self.row).ceil() as u64 + 1;
        first.saturating_sub(BEYOND)..(first + in_sight + BEYOND).min(total)
    }

    /// How high all rows are together, as far as a browser can tell.
    fn spacer(&self, total: u64) -> f64 {
        (total as f64 * self.row).min(MOST_PIXELS)
    }

    /// The row at the top edge, with its fraction that is out of sight.
    fn first_in_sight(&self, total: u64, height: f64) -> f64 {
        let (all, spacer) = (total as f64 * self.row, self.spacer(total));
        if all <= spacer {
            return self.top / self.row;
        }
        let share = (self.top / (spacer - height).max(1.0)).clamp(0.0, 1.0);
        let last = (all - height).max(0.0) / self.row;
        (share * last + self.fine).clamp(0.0, last)
    }

    /// Notes how far the list is scrolled now. A step that is no higher than what is in sight moves the rows by as many pixels,
    /// also where a pixel of the scroll bar stands for several.
    #[cfg_attr(not(any(feature = "hydrate", test)), allow(dead_code, reason = "only a browser scrolls"))]
    fn scroll(&mut self, top: f64, total: u64) {
        let (height, step) = (self.height.unwrap_or(0.0), top - self.top);
        let (all, spacer) = (total as f64 * self.row, self.spacer(total));
        let at_edge = top <= 0.0 || top >= spacer - height;
        self.fine = match all > spacer && step.abs() < height && !at_edge {
            true => self.fine + step / self.row * (1.0 - (all - height) / (spacer - height)),
            false => 0.0,
        };
        self.top = top;
    }

    /// Returns the number of whole rows in sight.
    fn rows_in_sight(&self) -> u64 {
        (self.height.unwrap_or(0.0) / self.row) as u64
    }

    /// The first row that is in sight as a whole.
    fn first_whole_row(&self, total: u64) -> u64 {
        self.first_in_sight(total, self.height.unwrap_or(0.0)).ceil() as u64
    }

    /// Where the first rendered row belongs.
    #[cfg_attr(not(any(feature = "hydrate", test)), allow(dead_code, reason = "only a browser places rows"))]
    fn offset(&self, total: u64) -> f64 {
        let (window, height) = (self.window(total), self.height.unwrap_or(0.0));
        self.top - (self.first_in_sight(total, height) - window.start as f64) * self.row
    }

    /// How far to scroll so that a row comes to the top edge.
    fn top_of(&self, place: u64, total: u64) -> f64 {
        let height = self.height.unwrap_or(0.0);
        let (all, spacer) = (total as f64 * self.row, self.spacer(total));
        if all <= spacer {
            return place as f64 * self.row;
        }
        place as f64 * self.row / (all - height).max(1.0) * (spacer - height).max(0.0)
    }
}

/// The parts of the list on the screen.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// What scrolls.
    pub list: NodeRef<Div>,
    /// As high as all rows together.
    pub table: NodeRef<Table>,
    /// Holds the rows in sight.
    pub body: NodeRef<Tbody>,
}

/// Measures the list now and whenever its size changes, and keeps the rows where they belong.
pub(super) fn follow(parts: Parts, geometry: RwSignal<Geometry>, total: Memo<u64>) {
    effect(move || {
        let Some(list) = parts.list.get() else { return };
        measure(parts, geometry);
        let (now, total) = (geometry.get_untracked(), total.get_untracked());
        if now.rendered.0 > 0 {
            request_animation_frame(move || scroll_to(parts, now.top_of(now.rendered.0, total)));
        }
        // Its width decides how high a row is.
        browser::on_resize(&list, move || measure(parts, geometry));
    });
    effect(move || place(parts, geometry.get(), total.get()));
}

/// Moves what is in sight along with rows that moved by so many places.
pub(super) fn shift(parts: Parts, geometry: RwSignal<Geometry>, places: i64) {
    if places != 0 {
        let Some(now) = geometry.try_get_untracked() else { return };
        let top = (now.top + places as f64 * now.row).max(0.0);
        geometry.update(|geometry| geometry.top = top);
        request_animation_frame(move || scroll_to(parts, top));
    }
}

/// Notes how far the list is scrolled.
pub(super) fn scrolled(parts: Parts, geometry: RwSignal<Geometry>, total: u64) {
    #[cfg(feature = "hydrate")]
    if let Some(list) = parts.list.get_untracked() {
        geometry.update(|geometry| geometry.scroll(f64::from(list.scroll_top()), total));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (parts, geometry, total);
}

/// Opens the customer of the row that was clicked, wherever in the row; with Ctrl or the middle button in another tab, as links
/// do.
pub(super) fn open_row(console: Console, event: leptos::ev::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
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
            // Not within this click, which is heard by the same listener.
            browser::after(0, move || {
                link.click();
                // The script's own click tells of no pointer.
                console.opened.try_set(Some(false));
            });
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (console, event);
}

/// Returns the row that Tab comes to: the one that had the focus last, or is open, while it is rendered, else the first in sight.
/// `None` before the script has taken the list over: until then every row is a tab stop.
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
        let open = || rows.with(|rows| rows.place_of(console.view.with(|view| view.selected)?));
        let own = focused.get().or_else(open).filter(|place| window.contains(place));
        Some(own.unwrap_or_else(|| now.first_whole_row(total)))
    })
}

/// Goes from row to row and to a row's button, and opens the customers beside the open one. `shown` changes with the rows on the
/// screen.
pub(super) fn listen_for_keys<T: Send + Sync + 'static>(
    console: Console,
    parts: Parts,
    geometry: RwSignal<Geometry>,
    rows: RwSignal<Rows>,
    shown: Memo<T>,
) {
    // Where the focus, or the customer beside the list, is to go; the row may be rendered, or even fetched, only later.
    let goal = RwSignal::new(None::<u64>);
    let opening = RwSignal::new(None::<u64>);
    let selected = memo(move || console.view.with(|view| view.selected));
    effect(move || {
        shown.with(|_| ());
        if let Some(place) = goal.get() {
            request_animation_frame(move || {
                if focus_row(place) {
                    goal.try_set(None);
                }
            });
        }
        let key =
            opening.get().and_then(|place| rows.with_untracked(|rows| rows.at(place).map(|(_, row)| row.row.key)));
        if let Some(key) = key {
            opening.set(None);
            // In place of the one before: a walk through the list is one step of the history.
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
        // The customer may have been opened by a link, and stand far from what is in sight or not in the list at all.
        let place = match opening.get_untracked().or_else(own_place) {
            None => step(None, 0),
            from => step(from, if after { 1 } else { -1 }),
        };
        opening.set(place);
    });
    console.walk.set_value(Some(open_beside));
    let walk = move |by: i64| {
        let from = goal.get_untracked().or_else(focused_row);
        let place = match from {
            None => own_place().and_then(|place| step(Some(place), 0)).or_else(|| step(None, 0)),
            from => step(from, by),
        };
        goal.set(place);
        place.is_some()
    };
    let keys = Keys::get();
    keys.on(Action::NextRow, move || walk(1));
    keys.on(Action::PreviousRow, move || walk(-1));
    // Where no row has the focus, these keys scroll and are the browser's.
    let jump = move |by: i64| focused_row().is_some() && walk(by);
    let screen = move || (geometry.get_untracked().rows_in_sight() as i64 - 1).max(1);
    keys.on(Action::NextScreen, move || jump(screen()));
    keys.on(Action::PreviousScreen, move || jump(-screen()));
    keys.on(Action::FirstRow, move || jump(i64::MIN));
    keys.on(Action::LastRow, move || jump(i64::MAX));
    keys.on(Action::IntoRow, || focus_in_row("button"));
    keys.on(Action::OutOfRow, || focus_in_row("a"));
}

/// Moves the focus to the name in the row at a place; `false` if the row is not rendered.
pub(super) fn focus_row(place: u64) -> bool {
    browser::focus(&["tr[aria-rowindex=\"", &(place + 2).to_string(), "\"] a"].concat())
}

fn focus_in_row(selector: &str) -> bool {
    focused_row().is_some_and(|place| {
        browser::focus(&["tr[aria-rowindex=\"", &(place + 2).to_string(), "\"] ", selector].concat())
    })
}

fn bring_into_sight(parts: Parts, geometry: RwSignal<Geometry>, place: u64, total: u64) {
    let now = geometry.get_untracked();
    let height = now.height.unwrap_or(0.0);
    let (first, whole_rows) = (now.first_in_sight(total, height), now.rows_in_sight());
    if (place as f64) < first {
        bring_to_top(parts, geometry, place, total);
    } else if place as f64 + 1.0 > first + whole_rows as f64 {
        bring_to_top(parts, geometry, (place + 1).saturating_sub(whole_rows), total);
    }
}

/// Scrolls so that a row comes to the top edge.
fn bring_to_top(parts: Parts, geometry: RwSignal<Geometry>, place: u64, total: u64) {
    let top = geometry.get_untracked().top_of(place, total).ceil();
    scroll_to(parts, top);
    // Where it is exactly; the browser's own event tells nothing new then.
    geometry.update(|geometry| (geometry.top, geometry.fine) = (top, 0.0));
    scrolled(parts, geometry, total);
}

#[cfg(feature = "hydrate")]
fn measure(parts: Parts, geometry: RwSignal<Geometry>) {
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
fn measure(_: Parts, _: RwSignal<Geometry>) {}

/// Sizes go through the style object: the page's policy forbids style attributes.
fn place(parts: Parts, geometry: Geometry, total: u64) {
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
        // Whole pixels: writing fractions takes more code than all else here.
        style(&table, "height", format!("{}px", (geometry.spacer(total) + head).ceil() as i64));
        style(&body, "transform", format!("translateY({}px)", geometry.offset(total).round() as i64));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (parts, geometry, total);
}

fn scroll_to(parts: Parts, top: f64) {
    #[cfg(feature = "hydrate")]
    if let Some(list) = parts.list.get_untracked() {
        list.set_scroll_top(top.ceil() as i32);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (parts, top);
}

/// The place of the row that has the keyboard's focus.
pub(super) fn focused_row() -> Option<u64> {
    #[cfg(feature = "hydrate")]
    {
        let row = document().active_element()?.closest(".list-window tr").ok()??;
        row.get_attribute("aria-rowindex")?.parse::<u64>().ok()?.checked_sub(2)
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(top: f64) -> Geometry {
        Geometry { top, height: Some(440.0), row: 44.0, rendered: (0, 50), fine: 0.0 }
    }

    #[test]
    fn the_window_is_what_is_in_sight_and_a_little_more() {
        assert_eq!(measured(0.0).window(1000), 0..15);
        assert_eq!(measured(4400.0).window(1000), 96..115);
        assert_eq!(measured(4400.0).window(103), 96..103);
    }

    #[test]
    fn before_it_is_measured_it_is_what_the_server_rendered() {
        assert_eq!(Geometry::of_first_part(100, 50).window(1000), 100..150);
    }

    #[test]
    fn the_last_row_of_a_million_can_be_reached() {
        let total = 1_000_000;
        let end = measured(MOST_PIXELS - 440.0);
        assert_eq!(end.window(total).end, total);
        assert!((end.first_in_sight(total, 440.0) - (total as f64 - 10.0)).abs() < 0.01);
    }

    #[test]
    fn small_steps_go_pixel_by_pixel_in_a_list_of_any_length() {
        for total in [1_000, 1_000_000] {
            let mut list = measured(0.0);
            list.scroll(list.top_of(total / 2, total), total);
            let before = list.first_in_sight(total, 440.0);
            for _ in 0..50 {
                list.scroll(list.top + 3.0, total);
            }
            let moved = list.first_in_sight(total, 440.0) - before;
            assert!((moved - 150.0 / 44.0).abs() < 0.01, "{total}: {moved}");
            list.scroll(0.0, total);
            assert!(list.first_in_sight(total, 440.0) < 0.01);
        }
    }

    #[test]
    fn scrolling_to_a_row_brings_it_to_the_top_edge() {
        for total in [1_000, 1_000_000] {
            for place in [0, 7, 500, total / 2, total - 10] {
                let there = measured(measured(0.0).top_of(place, total));
                let first = there.first_in_sight(total, 440.0);
                assert!((first - place as f64).abs() < 0.01, "{place} of {total}: {first}");
                // The rendered rows stand where they are seen.
                let shown = there.offset(total) + (place - there.window(total).start) as f64 * 44.0;
                assert!((shown - there.top).abs() < 1.0);
            }
        }
    }
}
