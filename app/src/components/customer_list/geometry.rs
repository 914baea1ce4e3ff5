//! Measurements of the list, and the rows to render from them.

use std::ops::Range;

/// Rows rendered above and below the viewport.
const BEYOND: u64 = 4;
/// Greatest height of the spacer in pixels. Browsers position elements inexactly beyond about ten
/// million pixels, so longer lists scroll in proportion.
const MAX_PIXELS: f64 = 8_000_000.0;

/// Measurements of the rendered list, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Geometry {
    /// Scroll offset.
    pub(super) top: f64,
    /// Height of the viewport without the table header; `None` until measured.
    pub(super) height: Option<f64>,
    /// Height of a row; 44 until measured.
    pub(super) row: f64,
    /// Positions (start, end) of the rows that the server rendered; used until the list is
    /// measured.
    pub(super) rendered: (u64, u64),
    /// Offset in rows from the position that the scroll bar indicates, in a list that scrolls in
    /// proportion. It lets small steps move row by row.
    pub(super) fine: f64,
}

impl Geometry {
    pub(super) const fn of_first_part(first: u64, rows: u64) -> Self {
        Self { top: 0.0, height: None, row: 44.0, rendered: (first, first + rows), fine: 0.0 }
    }

    /// Returns the positions of the rows to render, in a list of `total` rows.
    pub(super) fn window(&self, total: u64) -> Range<u64> {
        let Some(height) = self.height else { return self.rendered.0..self.rendered.1.min(total) };
        let first = self.first_in_sight(total, height) as u64;
        let in_sight = (height / self.row).ceil() as u64 + 1;
        first.saturating_sub(BEYOND)..(first + in_sight + BEYOND).min(total)
    }

    /// Returns the height of all rows together, limited to `MAX_PIXELS`.
    pub(super) fn spacer(&self, total: u64) -> f64 {
        (total as f64 * self.row).min(MAX_PIXELS)
    }

    /// Returns the position of the row at the top edge; the fraction is the part of it that is
    /// scrolled out.
    pub(super) fn first_in_sight(&self, total: u64, height: f64) -> f64 {
        let (all, spacer) = (total as f64 * self.row, self.spacer(total));
        if all <= spacer {
            return self.top / self.row;
        }
        let share = (self.top / (spacer - height).max(1.0)).clamp(0.0, 1.0);
        let last = (all - height).max(0.0) / self.row;
        (share * last + self.fine).clamp(0.0, last)
    }

    /// Records a new scroll offset. A step smaller than the viewport moves the rows by the same
    /// number of pixels, even if one pixel of the scroll bar stands for several.
    #[cfg_attr(not(any(feature = "hydrate", test)), allow(dead_code, reason = "only a browser scrolls"))]
    pub(super) fn scroll(&mut self, top: f64, total: u64) {
        let (height, step) = (self.height.unwrap_or(0.0), top - self.top);
        let (all, spacer) = (total as f64 * self.row, self.spacer(total));
        let at_edge = top <= 0.0 || top >= spacer - height;
        self.fine = match all > spacer && step.abs() < height && !at_edge {
            true => self.fine + step / self.row * (1.0 - (all - height) / (spacer - height)),
            false => 0.0,
        };
        self.top = top;
    }

    /// Returns the number of whole rows that fit into the viewport.
    pub(super) fn rows_in_sight(&self) -> u64 {
        (self.height.unwrap_or(0.0) / self.row) as u64
    }

    /// Returns the position of the first row that is fully visible.
    pub(super) fn first_whole_row(&self, total: u64) -> u64 {
        self.first_in_sight(total, self.height.unwrap_or(0.0)).ceil() as u64
    }

    /// Returns the vertical offset of the first rendered row, in pixels.
    #[cfg_attr(not(any(feature = "hydrate", test)), allow(dead_code, reason = "only a browser places rows"))]
    pub(super) fn offset(&self, total: u64) -> f64 {
        let (window, height) = (self.window(total), self.height.unwrap_or(0.0));
        self.top - (self.first_in_sight(total, height) - window.start as f64) * self.row
    }

    /// Returns the scroll offset that brings a row to the top edge.
    pub(super) fn top_of(&self, place: u64, total: u64) -> f64 {
        let height = self.height.unwrap_or(0.0);
        let (all, spacer) = (total as f64 * self.row, self.spacer(total));
        if all <= spacer {
            return place as f64 * self.row;
        }
        place as f64 * self.row / (all - height).max(1.0) * (spacer - height).max(0.0)
    }
}

#[cfg(test)]
mod tests;
