//! Columns of one number per document: keys, timestamps and versions.

use std::hash::BuildHasher;

use super::Doc;
use super::numbers::NumberMap;
use crate::domain::{Customer, CustomerKey};

/// Value of the latest conversation for customers without one. Sorts before all timestamps.
pub(super) const NEVER: i64 = i64::MIN;

const PAGE: usize = 64;
const NO_DOC: Doc = Doc::MAX;

/// Values by document. All vectors have the same length.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) keys: Vec<CustomerKey>,
    pub(super) versions: Vec<u32>,
    pub(super) created: Vec<i64>,
    /// Time of the latest conversation, [`NEVER`] if there was none.
    pub(super) latest: Vec<i64>,
    /// Hash of the fields that [`Index::insert_into_sets`](super::Index) reads. Most changes leave it
    /// unchanged, so that the sets need no update.
    pub(super) sets_hash: Vec<u64>,
    /// Documents of 64 consecutive keys by page. Keys are dense, so this takes a fifth of the
    /// memory of a plain map.
    docs: NumberMap<Box<[Doc; PAGE]>>,
}

const fn split(key: CustomerKey) -> (u64, usize) {
    (key.0 / PAGE as u64, (key.0 % PAGE as u64) as usize)
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns the document of a customer.
    pub(super) fn doc(&self, key: CustomerKey) -> Option<Doc> {
        let (page, at) = split(key);
        self.docs.get(&page).map(|docs| docs[at]).filter(|doc| *doc != NO_DOC)
    }

    /// Adds a new customer and returns its document.
    pub(super) fn add(&mut self, customer: &Customer) -> Doc {
        let doc = self.len() as Doc;
        let (page, at) = split(customer.key);
        self.docs.entry(page).or_insert_with(|| Box::new([NO_DOC; PAGE]))[at] = doc;
        self.keys.push(customer.key);
        self.versions.push(customer.version);
        self.created.push(customer.created_at.0);
        self.latest.push(latest(customer));
        self.sets_hash.push(sets_hash(customer));
        doc
    }

    /// Updates the values of a document.
    pub(super) fn change(&mut self, doc: Doc, customer: &Customer) {
        let doc = doc as usize;
        self.versions[doc] = customer.version;
        self.created[doc] = customer.created_at.0;
        self.latest[doc] = latest(customer);
        self.sets_hash[doc] = sets_hash(customer);
    }

    /// Returns the number of bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let page = size_of::<[Doc; PAGE]>() + size_of::<(u64, usize)>() * 3 / 2;
        self.keys.capacity() * size_of::<CustomerKey>()
            + self.versions.capacity() * size_of::<u32>()
            + (self.created.capacity() + self.latest.capacity() + self.sets_hash.capacity()) * size_of::<i64>()
            + self.docs.len() * page
    }

    /// Releases spare capacity except for a sixteenth. Without it the next customer would double
    /// all columns.
    pub(super) fn shrink(&mut self) {
        let length = with_headroom(self.len());
        self.keys.shrink_to(length);
        self.versions.shrink_to(length);
        self.created.shrink_to(length);
        self.latest.shrink_to(length);
        self.sets_hash.shrink_to(length);
    }
}

/// Returns the length plus a sixteenth.
pub(super) const fn with_headroom(length: usize) -> usize {
    length + length / 16
}

/// Returns a hash of the customer's tags, agents, channel and blacklist state.
pub(super) fn sets_hash(customer: &Customer) -> u64 {
    let all = (&customer.tags, &customer.served_by, customer.channel as usize, customer.blacklisted.is_some());
    foldhash::fast::FixedState::default().hash_one(all)
}

/// Returns the time of the customer's latest conversation, or [`NEVER`].
pub(super) fn latest(customer: &Customer) -> i64 {
    customer.latest_conversation_at.map_or(NEVER, |at| at.0)
}
