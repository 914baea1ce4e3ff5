//! One number per document and column: keys, moments and versions.

use std::hash::BuildHasher;

use super::Doc;
use super::numbers::NumberMap;
use crate::domain::{Customer, CustomerKey};

/// In the place of a latest conversation: there was none. It sorts before all moments.
pub(super) const NEVER: i64 = i64::MIN;

const PAGE: usize = 64;
const NO_DOC: Doc = Doc::MAX;

/// The columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) keys: Vec<CustomerKey>,
    pub(super) versions: Vec<u32>,
    pub(super) created: Vec<i64>,
    /// [`NEVER`] when there was no conversation.
    pub(super) latest: Vec<i64>,
    /// Hashes of all that [`Index::enter_sets`](super::Index) depends on: most changes do not touch it.
    pub(super) sets: Vec<u64>,
    /// The documents of 64 keys in a row: keys are dense, so that this takes a fifth of a plain map.
    docs: NumberMap<Box<[Doc; PAGE]>>,
}

const fn split(key: CustomerKey) -> (u64, usize) {
    (key.0 / PAGE as u64, (key.0 % PAGE as u64) as usize)
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The customer's document.
    pub(super) fn doc(&self, key: CustomerKey) -> Option<Doc> {
        let (page, at) = split(key);
        self.docs.get(&page).map(|docs| docs[at]).filter(|doc| *doc != NO_DOC)
    }

    /// Gives a new customer its document.
    pub(super) fn add(&mut self, customer: &Customer) -> Doc {
        let doc = self.len() as Doc;
        let (page, at) = split(customer.key);
        self.docs.entry(page).or_insert_with(|| Box::new([NO_DOC; PAGE]))[at] = doc;
        self.keys.push(customer.key);
        self.versions.push(customer.version);
        self.created.push(customer.created_at.0);
        self.latest.push(latest(customer));
        self.sets.push(sets(customer));
        doc
    }

    /// Takes over what changed.
    pub(super) fn change(&mut self, doc: Doc, customer: &Customer) {
        let doc = doc as usize;
        self.versions[doc] = customer.version;
        self.created[doc] = customer.created_at.0;
        self.latest[doc] = latest(customer);
        self.sets[doc] = sets(customer);
    }

    /// The bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        let page = size_of::<[Doc; PAGE]>() + size_of::<(u64, usize)>() * 3 / 2;
        self.keys.capacity() * size_of::<CustomerKey>()
            + self.versions.capacity() * size_of::<u32>()
            + (self.created.capacity() + self.latest.capacity() + self.sets.capacity()) * size_of::<i64>()
            + self.docs.len() * page
    }

    /// Gives back what growing reserved ahead, but for some room: the next customer would double all columns.
    pub(super) fn shrink(&mut self) {
        let length = with_room(self.len());
        self.keys.shrink_to(length);
        self.versions.shrink_to(length);
        self.created.shrink_to(length);
        self.latest.shrink_to(length);
        self.sets.shrink_to(length);
    }
}

/// A length and a sixteenth more.
pub(super) const fn with_room(length: usize) -> usize {
    length + length / 16
}

/// A hash of the customer's tags and agents, channel and place on the blacklist.
pub(super) fn sets(customer: &Customer) -> u64 {
    let all = (&customer.tags, &customer.served_by, customer.channel as usize, customer.blacklisted.is_some());
    foldhash::fast::FixedState::default().hash_one(all)
}

/// The latest conversation as a column has it.
pub(super) fn latest(customer: &Customer) -> i64 {
    customer.latest_conversation_at.map_or(NEVER, |at| at.0)
}
