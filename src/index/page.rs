//! Rows of the requested page.
//!
//! If many documents are selected, the sort order is walked from the requested row until the page
//! is full. If few are selected, or a long walk finds none, the selected documents are sorted
//! instead. In both cases a page far down costs as much as the first one.

use std::cmp::Ordering;
use std::ops::Range;

use super::bits::Bits;
use super::query::{Found, Hit, Query};
use super::select::order_of;
use super::{Doc, Index};
use crate::domain::listing::SortValue;
use crate::domain::{Cursor, CustomerKey, Direction, PageRequest, Rank, SortBy, Start};

/// Cost of sorting one document into a page, in steps of a walk: by time, and by nickname.
const SORT_COST: usize = 3;
const SORT_COST_BY_NAME: usize = 60;
/// Number of walk steps with a negligible cost.
const CHEAP_STEPS: usize = 100_000;

/// Selected rows in list order: better ranks first, each rank in the chosen order. A part is the
/// rows of one rank.
pub(super) struct List<'a> {
    index: &'a Index,
    by: SortBy,
    direction: Direction,
    parts: [Part<'a>; Rank::ALL.len()],
    /// Range of the sort order that contains the rows. It is narrower than the whole order if the
    /// list is sorted by the field of the period.
    positions: Range<usize>,
}

struct Part<'a> {
    /// `None` if the rank has no rows.
    bits: Option<&'a Bits>,
    len: usize,
}

/// Direction of reading in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ScanDirection {
    Forward,
    Backward,
}

/// Start of reading: the end of the list that the direction comes from, or the row after a cursor.
#[derive(Clone, Copy)]
enum Anchor<'c> {
    Edge,
    Beyond(&'c SortValue, CustomerKey),
}

impl<'a> List<'a> {
    pub(super) fn new(index: &'a Index, query: &Query<'_>, parts: &'a [Option<Bits>; Rank::ALL.len()]) -> Self {
        let by = query.sort.by;
        let timed = !query.range.is_everything() && by == order_of(query.filter.on);
        let positions = if timed { index.positions(by, query.range) } else { 0..index.order(by).len() };
        let parts = parts.each_ref().map(|bits| Part { bits: bits.as_ref(), len: bits.as_ref().map_or(0, Bits::len) });
        Self { index, by, direction: query.sort.direction, parts, positions }
    }

    fn len(&self) -> usize {
        self.rows_before(self.parts.len())
    }

    /// Returns the number of rows in the parts before this one.
    fn rows_before(&self, part: usize) -> usize {
        self.parts[..part].iter().map(|part| part.len).sum()
    }

    /// Returns the result for a page, with all fields except facets and relaxations.
    pub(super) fn page(&self, request: &PageRequest) -> Found {
        let limit = request.limit as usize;
        let similar = Rank::Similar as usize;
        let (total, similar) = (self.rows_before(similar) as u64, self.parts[similar].len as u64);
        let mut found = Found { total, similar, ..Found::default() };
        let rows = match &request.start {
            Start::Row(row) => {
                let row = usize::try_from(*row).unwrap_or(usize::MAX);
                let rows = self.rows_at(row, limit);
                found.before = row > 0 && self.len() > 0;
                found.after = row.saturating_add(rows.len()) < self.len();
                found.first_row = Some(row as u64).filter(|_| !rows.is_empty());
                rows
            }
            Start::Before(cursor) if self.fits_sort_order(cursor) => {
                let mut rows = self.rows(Some(cursor), ScanDirection::Backward, limit.saturating_add(1));
                found.before = rows.len() > limit;
                rows.truncate(limit);
                rows.reverse();
                found.after = rows.last().map_or(self.len() > 0, |last| self.has_more(*last, ScanDirection::Forward));
                rows
            }
            start => {
                let cursor = match start {
                    Start::After(cursor) => Some(cursor).filter(|cursor| self.fits_sort_order(cursor)),
                    _ => None,
                };
                let mut rows = self.rows(cursor, ScanDirection::Forward, limit.saturating_add(1));
                found.after = rows.len() > limit;
                rows.truncate(limit);
                let more = |first: &(usize, Doc)| cursor.is_some() && self.has_more(*first, ScanDirection::Backward);
                found.before = rows.first().map_or(cursor.is_some() && self.len() > 0, more);
                rows
            }
        };
        found.first_row = found.first_row.or_else(|| rows.first().and_then(|(part, doc)| self.row_number(*part, *doc)));
        found.page = rows.into_iter().map(|(part, doc)| self.hit(part, doc)).collect();
        found
    }

    /// Returns the number of rows above the cursor of a page that ends before it, at most `most`.
    /// Returns 0 for other starts.
    pub(super) fn above_cursor(&self, start: &Start, most: usize) -> usize {
        match start {
            Start::Before(cursor) if self.fits_sort_order(cursor) => {
                self.rows(Some(cursor), ScanDirection::Backward, most).len()
            }
            _ => 0,
        }
    }

    /// Returns `true` if the sort value of the cursor has the type of this order. A cursor of the
    /// other type is ignored: the list starts at the top.
    fn fits_sort_order(&self, cursor: &Cursor) -> bool {
        matches!(cursor.sort_value, SortValue::Text(_)) == (self.by == SortBy::Nickname)
    }

    fn hit(&self, part: usize, doc: Doc) -> Hit {
        let key = self.index.columns.keys[doc as usize];
        Hit { key, cursor: Cursor { rank: Rank::ALL[part], sort_value: self.index.sort_value(self.by, doc), key } }
    }

    /// Returns up to `limit` rows (part and document) beyond the cursor, the nearest first.
    fn rows(&self, cursor: Option<&Cursor>, scan: ScanDirection, limit: usize) -> Vec<(usize, Doc)> {
        let first = match (cursor, scan) {
            (Some(cursor), _) => cursor.rank as usize,
            (None, ScanDirection::Forward) => 0,
            (None, ScanDirection::Backward) => self.parts.len() - 1,
        };
        let parts: Box<dyn Iterator<Item = usize>> = match scan {
            ScanDirection::Forward => Box::new(first..self.parts.len()),
            ScanDirection::Backward => Box::new((0..=first).rev()),
        };
        let mut anchor = cursor.map_or(Anchor::Edge, |cursor| Anchor::Beyond(&cursor.sort_value, cursor.key));
        let mut rows = Vec::new();
        for part in parts {
            let docs = self.docs_of_part(part, anchor, scan, limit - rows.len());
            rows.extend(docs.into_iter().map(|doc| (part, doc)));
            anchor = Anchor::Edge;
        }
        rows
    }

    fn has_more(&self, (part, doc): (usize, Doc), scan: ScanDirection) -> bool {
        let cursor = self.hit(part, doc).cursor;
        !self.rows(Some(&cursor), scan, 1).is_empty()
    }

    /// Returns the cost of sorting the part, in steps of a walk.
    fn sort_cost(&self, part: &Part<'_>) -> usize {
        part.len * if self.by == SortBy::Nickname { SORT_COST_BY_NAME } else { SORT_COST }
    }

    /// Returns `true` if a walk over `rows` rows of the part likely costs less than sorting it.
    fn prefers_walk(&self, part: &Part<'_>, rows: usize) -> bool {
        let steps = rows.saturating_mul(self.positions.len()) / part.len.max(1);
        !self.index.orders.stale && steps <= self.sort_cost(part)
    }

    /// Returns `true` if reading in this direction means ascending sort values.
    fn is_ascending(&self, scan: ScanDirection) -> bool {
        (scan == ScanDirection::Forward) == (self.direction == Direction::Ascending)
    }

    fn compare(&self, ascending: bool, a: Doc, b: Doc) -> Ordering {
        let order = self.index.compare(self.by, a, b);
        if ascending { order } else { order.reverse() }
    }

    /// Returns up to `limit` documents of one part, the nearest first.
    fn docs_of_part(&self, part: usize, anchor: Anchor<'_>, scan: ScanDirection, limit: usize) -> Vec<Doc> {
        let part = &self.parts[part];
        let Some(bits) = part.bits.filter(|_| part.len > 0 && limit > 0) else { return Vec::new() };
        let ascending = self.is_ascending(scan);
        if self.prefers_walk(part, limit)
            && let Some(docs) = self.walk(bits, anchor, ascending, limit, self.sort_cost(part) * 2)
        {
            return docs;
        }
        let wanted = if ascending { Ordering::Greater } else { Ordering::Less };
        let behind = |doc: &Doc| match anchor {
            Anchor::Edge => true,
            Anchor::Beyond(value, key) => self.index.compare_to(self.by, *doc, value, key) == wanted,
        };
        self.sorted_slice(bits.iter().filter(behind).collect(), ascending, 0..limit)
    }

    /// Returns the first `limit` documents from the start by walking the order, or `None` if that
    /// takes more than `most` steps.
    fn walk(&self, bits: &Bits, anchor: Anchor<'_>, ascending: bool, limit: usize, most: usize) -> Option<Vec<Doc>> {
        let order = &self.index.order(self.by)[self.positions.clone()];
        let at = |found: Ordering| match anchor {
            Anchor::Beyond(value, key) => {
                order.partition_point(|doc| self.index.compare_to(self.by, *doc, value, key) <= found)
            }
            Anchor::Edge if ascending => 0,
            Anchor::Edge => order.len(),
        };
        let selected = |doc: &&Doc| bits.contains(**doc);
        let (docs, ended): (Vec<Doc>, bool) = if ascending {
            let ahead = &order[at(Ordering::Equal)..];
            let near = &ahead[..ahead.len().min(most)];
            (near.iter().filter(selected).take(limit).copied().collect(), near.len() == ahead.len())
        } else {
            let ahead = &order[..at(Ordering::Less)];
            let near = &ahead[ahead.len() - ahead.len().min(most)..];
            (near.iter().rev().filter(selected).take(limit).copied().collect(), near.len() == ahead.len())
        };
        (ended || docs.len() == limit).then_some(docs)
    }

    /// Returns the documents at these rows of a selection. Sorts only as much as necessary.
    fn sorted_slice(&self, mut docs: Vec<Doc>, ascending: bool, rows: Range<usize>) -> Vec<Doc> {
        let rows = rows.start.min(docs.len())..rows.end.min(docs.len());
        let compare = |a: &Doc, b: &Doc| self.compare(ascending, *a, *b);
        if rows.end < docs.len() {
            docs.select_nth_unstable_by(rows.end, compare);
            docs.truncate(rows.end);
        }
        if rows.start > 0 && rows.start < docs.len() {
            docs.select_nth_unstable_by(rows.start, compare);
        }
        let mut page = docs.split_off(rows.start);
        page.sort_unstable_by(compare);
        page
    }

    /// Returns up to `limit` rows (part and document) from row number `row`, counted from the top.
    fn rows_at(&self, row: usize, limit: usize) -> Vec<(usize, Doc)> {
        let end = row.saturating_add(limit);
        let mut rows = Vec::new();
        for (part, Part { len, .. }) in self.parts.iter().enumerate() {
            let above = self.rows_before(part);
            let own = |row: usize| row.saturating_sub(above).min(*len);
            rows.extend(self.docs_at_rows(part, own(row)..own(end)).into_iter().map(|doc| (part, doc)));
        }
        rows
    }

    fn docs_at_rows(&self, part: usize, rows: Range<usize>) -> Vec<Doc> {
        let part = &self.parts[part];
        let Some(bits) = part.bits.filter(|_| !rows.is_empty()) else { return Vec::new() };
        let ascending = self.is_ascending(ScanDirection::Forward);
        // Count from the bottom if it is nearer.
        let from_bottom = rows.end > part.len / 2;
        let order = &self.index.order(self.by)[self.positions.clone()];
        let all = !self.index.orders.stale && part.len == order.len();
        if !all && !self.prefers_walk(part, if from_bottom { part.len - rows.start } else { rows.end }) {
            return self.sorted_slice(bits.iter().collect(), ascending, rows);
        }
        let skip = if from_bottom { part.len - rows.end } else { rows.start };
        let walk: Box<dyn Iterator<Item = &Doc>> = match (ascending != from_bottom, all) {
            (true, true) => Box::new(order.iter().skip(skip)),
            (false, true) => Box::new(order.iter().rev().skip(skip)),
            (true, false) => Box::new(order.iter().filter(|doc| bits.contains(**doc)).skip(skip)),
            (false, false) => Box::new(order.iter().rev().filter(|doc| bits.contains(**doc)).skip(skip)),
        };
        let mut docs: Vec<Doc> = walk.take(rows.len()).copied().collect();
        if from_bottom {
            docs.reverse();
        }
        docs
    }

    /// Returns the row number, counted from 0, or `None` if it requires a long walk.
    fn row_number(&self, part: usize, doc: Doc) -> Option<u64> {
        let (above, own) = (self.rows_before(part), &self.parts[part]);
        let ascending = self.is_ascending(ScanDirection::Forward);
        let order = &self.index.order(self.by)[self.positions.clone()];
        let number = if !self.index.orders.stale && own.len == order.len() {
            let position = order.partition_point(|other| self.index.compare(self.by, *other, doc).is_lt());
            if ascending { position } else { order.len() - 1 - position }
        } else if self.sort_cost(own) < CHEAP_STEPS {
            own.bits?.iter().filter(|other| self.compare(ascending, *other, doc).is_lt()).count()
        } else {
            return None;
        };
        Some((above + number) as u64)
    }
}
