//! All documents in each sort order of the list, ascending.

use std::cmp::Ordering;
use std::ops::Range;

use super::columns::{NEVER, with_headroom};
use super::pinyin::sort_key;
use super::{Doc, Index};
use crate::domain::listing::SortValue;
use crate::domain::{CustomerKey, SortBy, TimeRange};

/// Documents sorted by each [`SortBy`], then by key. A change moves one number within an array,
/// which takes a tenth of a millisecond at a million documents. In return, a page is a slice.
#[derive(Debug, Default)]
pub(super) struct SortOrders {
    by: [Vec<Doc>; SortBy::ALL.len()],
    /// `true` if the orders lack documents that were added while loading.
    pub(super) stale: bool,
}

impl SortOrders {
    pub(super) fn heap_bytes(&self) -> usize {
        self.by.iter().map(Vec::capacity).sum::<usize>() * size_of::<Doc>()
    }
}

impl Index {
    /// Returns the documents in a sort order, ascending. While loading, some documents are missing.
    pub(super) fn order(&self, by: SortBy) -> &[Doc] {
        &self.orders.by[by as usize]
    }

    /// Returns the sort value of a document.
    pub(super) fn sort_value(&self, by: SortBy, doc: Doc) -> SortValue {
        match by {
            SortBy::Created => SortValue::Time(self.columns.created[doc as usize]),
            SortBy::LatestConversation => SortValue::Time(self.columns.latest[doc as usize]),
            SortBy::Nickname => SortValue::Text(sort_key(self.texts.nickname.get(doc)).collect()),
        }
    }

    /// Compares a document with a sort value and key. The sort value must have the type of the
    /// order.
    pub(super) fn compare_to(&self, by: SortBy, doc: Doc, sort_value: &SortValue, key: CustomerKey) -> Ordering {
        let at = doc as usize;
        let value = match (by, sort_value) {
            (SortBy::Created, SortValue::Time(time)) => self.columns.created[at].cmp(time),
            (SortBy::LatestConversation, SortValue::Time(time)) => self.columns.latest[at].cmp(time),
            (SortBy::Nickname, SortValue::Text(text)) => sort_key(self.texts.nickname.get(doc)).cmp(text.chars()),
            _ => Ordering::Equal,
        };
        value.then_with(|| self.columns.keys[at].cmp(&key))
    }

    /// Compares two documents in a sort order.
    pub(super) fn compare(&self, by: SortBy, a: Doc, b: Doc) -> Ordering {
        let columns = &self.columns;
        let value = match by {
            SortBy::Created => columns.created[a as usize].cmp(&columns.created[b as usize]),
            SortBy::LatestConversation => columns.latest[a as usize].cmp(&columns.latest[b as usize]),
            SortBy::Nickname => {
                let (a, b) = (self.texts.nickname.get(a), self.texts.nickname.get(b));
                if a == b { Ordering::Equal } else { sort_key(a).cmp(sort_key(b)) }
            }
        };
        value.then_with(|| columns.keys[a as usize].cmp(&columns.keys[b as usize]))
    }

    /// Returns the slice of a sort order that lies in a time range. Documents without a timestamp
    /// are never included.
    pub(super) fn positions(&self, by: SortBy, range: TimeRange) -> Range<usize> {
        let column = if by == SortBy::Created { &self.columns.created } else { &self.columns.latest };
        let order = self.order(by);
        let before = |time: i64| order.partition_point(|doc| column[*doc as usize] < time);
        let first = if by == SortBy::Created { i64::MIN } else { NEVER + 1 };
        let from = before(range.from.map_or(first, |from| from.0.max(first)));
        from..range.until.map_or(order.len(), |until| before(until.0)).max(from)
    }

    /// Returns `true` if the document is at its correct position in the order.
    pub(super) fn is_in_order(&self, by: SortBy, doc: Doc) -> bool {
        let position = self.order(by).partition_point(|other| self.compare(by, *other, doc).is_lt());
        self.order(by).get(position) == Some(&doc)
    }

    /// Inserts a document into the given orders, which must not contain it.
    pub(super) fn insert_into_orders(&mut self, doc: Doc, by: &[SortBy]) {
        for by in by {
            let position = self.order(*by).partition_point(|other| self.compare(*by, *other, doc).is_lt());
            let order = &mut self.orders.by[*by as usize];
            if order.len() == order.capacity() {
                order.reserve_exact(with_headroom(order.len()) - order.len() + 16);
            }
            order.insert(position, doc);
        }
    }

    /// Removes a document from the given orders. Must be called before its sort value changes.
    pub(super) fn remove_from_orders(&mut self, doc: Doc, by: &[SortBy]) {
        for by in by {
            let position = self.order(*by).partition_point(|other| self.compare(*by, *other, doc).is_lt());
            if self.order(*by).get(position) == Some(&doc) {
                self.orders.by[*by as usize].remove(position);
            }
        }
    }

    /// Rebuilds all orders.
    pub(super) fn rebuild_orders(&mut self) {
        for by in SortBy::ALL {
            let mut docs = std::mem::take(&mut self.orders.by[by as usize]);
            docs.clear();
            docs.shrink_to(with_headroom(self.len()));
            docs.reserve_exact(with_headroom(self.len()));
            docs.extend(0..self.len() as Doc);
            match by {
                SortBy::Nickname => self.sort_by_nickname(&mut docs),
                _ => docs.sort_unstable_by(|a, b| self.compare(by, *a, *b)),
            }
            self.orders.by[by as usize] = docs;
        }
        self.orders.stale = false;
    }

    /// Sorts like [`Index::compare`]. Compares the first 16 bytes of the sort keys, stored next to
    /// the documents, first; nearly all comparisons end there.
    fn sort_by_nickname(&self, docs: &mut [Doc]) {
        let mut buffer = String::new();
        let mut prefixed: Vec<(u128, Doc)> = Vec::with_capacity(docs.len());
        for doc in docs.iter() {
            buffer.clear();
            buffer.extend(sort_key(self.texts.nickname.get(*doc)).take(16));
            let mut prefix = [0; 16];
            let length = buffer.len().min(16);
            prefix[..length].copy_from_slice(&buffer.as_bytes()[..length]);
            prefixed.push((u128::from_be_bytes(prefix), *doc));
        }
        let compare =
            |a: &(u128, Doc), b: &(u128, Doc)| a.0.cmp(&b.0).then_with(|| self.compare(SortBy::Nickname, a.1, b.1));
        prefixed.sort_unstable_by(compare);
        docs.iter_mut().zip(prefixed).for_each(|(doc, (_, sorted))| *doc = sorted);
    }
}
