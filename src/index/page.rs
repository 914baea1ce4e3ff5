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
use crate::domain::listing::Place;
use crate::domain::{Cursor, CustomerKey, Direction, PageRequest, Rank, SortBy, Start};

/// Cost of sorting one document into a page, in steps of a walk: by time, and by nickname.
const SORTING: usize = 3;
const SORTING_BY_NAME: usize = 60;
/// Number of walk steps with a negligible cost.
const CHEAP: usize = 100_000;

/// Selected rows in list order: better ranks first, each rank in the chosen order. A part is the
/// rows of one rank.
pub(super) struct List<'a> {
    index: &'a Index,
    by: SortBy,
    direction: Direction,
    parts: [Part<'a>; Rank::ALL.len()],
    /// Range of the sort order that contains the rows. It is narrower than the whole order if the
    /// list is sorted by the field of the period.
    places: Range<usize>,
}

struct Part<'a> {
    /// `None` if the rank has no rows.
    bits: Option<&'a Bits>,
    len: usize,
}

/// Direction of reading in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Down,
    Up,
}

/// Start of reading: the end of the list that the direction comes from, or the row after a cursor.
#[derive(Clone, Copy)]
enum Begin<'c> {
    End,
    Behind(&'c Place, CustomerKey),
}

impl<'a> List<'a> {
    pub(super) fn new(index: &'a Index, query: &Query<'_>, parts: &'a [Option<Bits>; Rank::ALL.len()]) -> Self {
        let by = query.sort.by;
        let timed = !query.range.is_everything() && by == order_of(query.filter.on);
        let places = if timed { index.places(by, query.range) } else { 0..index.order(by).len() };
        let parts = parts.each_ref().map(|bits| Part { bits: bits.as_ref(), len: bits.as_ref().map_or(0, Bits::len) });
        Self { index, by, direction: query.sort.direction, parts, places }
    }

    fn len(&self) -> usize {
        self.above(self.parts.len())
    }

    /// Returns the number of rows in the parts before this one.
    fn above(&self, part: usize) -> usize {
        self.parts[..part].iter().map(|part| part.len).sum()
    }

    /// Returns the result for a page, with all fields except facets and rescue.
    pub(super) fn page(&self, request: &PageRequest) -> Found {
        let limit = request.limit as usize;
        let similar = Rank::Similar as usize;
        let (total, similar) = (self.above(similar) as u64, self.parts[similar].len as u64);
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
            Start::Before(cursor) if self.is_of_order(cursor) => {
                let mut rows = self.rows(Some(cursor), Way::Up, limit.saturating_add(1));
                found.before = rows.len() > limit;
                rows.truncate(limit);
                rows.reverse();
                found.after = rows.last().map_or(self.len() > 0, |last| self.has_more(*last, Way::Down));
                rows
            }
            start => {
                let cursor = match start {
                    Start::After(cursor) => Some(cursor).filter(|cursor| self.is_of_order(cursor)),
                    _ => None,
                };
                let mut rows = self.rows(cursor, Way::Down, limit.saturating_add(1));
                found.after = rows.len() > limit;
                rows.truncate(limit);
                let more = |first: &(usize, Doc)| cursor.is_some() && self.has_more(*first, Way::Up);
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
            Start::Before(cursor) if self.is_of_order(cursor) => self.rows(Some(cursor), Way::Up, most).len(),
            _ => 0,
        }
    }

    /// Returns `true` if the sort value of the cursor has the type of this order. A cursor of the
    /// other type is ignored: the list starts at the top.
    fn is_of_order(&self, cursor: &Cursor) -> bool {
        matches!(cursor.place, Place::Text(_)) == (self.by == SortBy::Nickname)
    }

    fn hit(&self, part: usize, doc: Doc) -> Hit {
        let key = self.index.columns.keys[doc as usize];
        Hit { key, cursor: Cursor { rank: Rank::ALL[part], place: self.index.place(self.by, doc), key } }
    }

    /// Returns up to `limit` rows (part and document) beyond the cursor, the nearest first.
    fn rows(&self, cursor: Option<&Cursor>, way: Way, limit: usize) -> Vec<(usize, Doc)> {
        let first = match (cursor, way) {
            (Some(cursor), _) => cursor.rank as usize,
            (None, Way::Down) => 0,
            (None, Way::Up) => self.parts.len() - 1,
        };
        let parts: Box<dyn Iterator<Item = usize>> = match way {
            Way::Down => Box::new(first..self.parts.len()),
            Way::Up => Box::new((0..=first).rev()),
        };
        let mut begin = cursor.map_or(Begin::End, |cursor| Begin::Behind(&cursor.place, cursor.key));
        let mut rows = Vec::new();
        for part in parts {
            let docs = self.take(part, begin, way, limit - rows.len());
            rows.extend(docs.into_iter().map(|doc| (part, doc)));
            begin = Begin::End;
        }
        rows
    }

    fn has_more(&self, (part, doc): (usize, Doc), way: Way) -> bool {
        let cursor = self.hit(part, doc).cursor;
        !self.rows(Some(&cursor), way, 1).is_empty()
    }

    /// Returns the cost of sorting the part, in steps of a walk.
    fn sorting(&self, part: &Part<'_>) -> usize {
        part.len * if self.by == SortBy::Nickname { SORTING_BY_NAME } else { SORTING }
    }

    /// Returns `true` if a walk over `rows` rows of the part likely costs less than sorting it.
    fn walks(&self, part: &Part<'_>, rows: usize) -> bool {
        let steps = rows.saturating_mul(self.places.len()) / part.len.max(1);
        !self.index.orders.stale && steps <= self.sorting(part)
    }

    /// Returns `true` if reading in this direction means ascending sort values.
    fn rises(&self, way: Way) -> bool {
        (way == Way::Down) == (self.direction == Direction::Ascending)
    }

    fn compare(&self, rising: bool, a: Doc, b: Doc) -> Ordering {
        let order = self.index.compare(self.by, a, b);
        if rising { order } else { order.reverse() }
    }

    /// Returns up to `limit` documents of one part, the nearest first.
    fn take(&self, part: usize, from: Begin<'_>, way: Way, limit: usize) -> Vec<Doc> {
        let part = &self.parts[part];
        let Some(bits) = part.bits.filter(|_| part.len > 0 && limit > 0) else { return Vec::new() };
        let rising = self.rises(way);
        if self.walks(part, limit)
            && let Some(docs) = self.walk(bits, from, rising, limit, self.sorting(part) * 2)
        {
            return docs;
        }
        let wanted = if rising { Ordering::Greater } else { Ordering::Less };
        let behind = |doc: &Doc| match from {
            Begin::End => true,
            Begin::Behind(place, key) => self.index.compare_to(self.by, *doc, place, key) == wanted,
        };
        self.first_of(bits.iter().filter(behind).collect(), rising, 0..limit)
    }

    /// Returns the first `limit` documents from the start by walking the order, or `None` if that
    /// takes more than `most` steps.
    fn walk(&self, bits: &Bits, from: Begin<'_>, rising: bool, limit: usize, most: usize) -> Option<Vec<Doc>> {
        let order = &self.index.order(self.by)[self.places.clone()];
        let at = |found: Ordering| match from {
            Begin::Behind(place, key) => {
                order.partition_point(|doc| self.index.compare_to(self.by, *doc, place, key) <= found)
            }
            Begin::End if rising => 0,
            Begin::End => order.len(),
        };
        let selected = |doc: &&Doc| bits.contains(**doc);
        let (docs, ended): (Vec<Doc>, bool) = if rising {
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
    fn first_of(&self, mut docs: Vec<Doc>, rising: bool, rows: Range<usize>) -> Vec<Doc> {
        let rows = rows.start.min(docs.len())..rows.end.min(docs.len());
        let compare = |a: &Doc, b: &Doc| self.compare(rising, *a, *b);
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
            let above = self.above(part);
            let own = |row: usize| row.saturating_sub(above).min(*len);
            rows.extend(self.numbered(part, own(row)..own(end)).into_iter().map(|doc| (part, doc)));
        }
        rows
    }

    fn numbered(&self, part: usize, rows: Range<usize>) -> Vec<Doc> {
        let part = &self.parts[part];
        let Some(bits) = part.bits.filter(|_| !rows.is_empty()) else { return Vec::new() };
        let rising = self.rises(Way::Down);
        // Count from the bottom if it is nearer.
        let from_bottom = rows.end > part.len / 2;
        let order = &self.index.order(self.by)[self.places.clone()];
        let all = !self.index.orders.stale && part.len == order.len();
        if !all && !self.walks(part, if from_bottom { part.len - rows.start } else { rows.end }) {
            return self.first_of(bits.iter().collect(), rising, rows);
        }
        let skip = if from_bottom { part.len - rows.end } else { rows.start };
        let walk: Box<dyn Iterator<Item = &Doc>> = match (rising != from_bottom, all) {
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
        let (above, own) = (self.above(part), &self.parts[part]);
        let rising = self.rises(Way::Down);
        let order = &self.index.order(self.by)[self.places.clone()];
        let number = if !self.index.orders.stale && own.len == order.len() {
            let place = order.partition_point(|other| self.index.compare(self.by, *other, doc).is_lt());
            if rising { place } else { order.len() - 1 - place }
        } else if self.sorting(own) < CHEAP {
            own.bits?.iter().filter(|other| self.compare(rising, *other, doc).is_lt()).count()
        } else {
            return None;
        };
        Some((above + number) as u64)
    }
}
