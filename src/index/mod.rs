//! In-memory customer index that answers every list query of the console.
//!
//! The index is derived from the store. It holds the values that the list filters, counts, sorts
//! and searches by, and nothing that is only displayed. A result has the exact total, the customers
//! of the page, the number of customers per tag, and the conditions to drop if nothing was found. A
//! query takes a few set operations with one bit per customer, and checks a few thousand texts at
//! most where sets do not suffice.
//!
//! # Layout
//!
//! Matching rules:
//! - `normalize`, `fold`: normalise case, accents and width of texts. `fields`: the normalised
//!   texts of a customer.
//! - `pinyin`, `syllables`: readings of Chinese names. `phone`: phone numbers. `typo`: words with
//!   one typo.
//! - `needle`: the single definition of a match. `highlight`: the matched ranges ([`matches()`]).
//!
//! Data:
//! - `bits`: uncompressed sets of documents, for computing. `postings`, `containers`: compressed sets,
//!   for storage.
//! - `columns`: keys, timestamps and versions, one number per document.
//! - `texts`: the normalised texts.
//! - `groups`: kinds of texts. `grams`, `staging`, `ngrams`: documents by substring. `vocabulary`:
//!   documents by word. `ids`: documents by customer ID.
//! - `numbers`: hash maps with numeric keys.
//! - `sort_orders`: all documents in each sort order of the list.
//! - `update`: adds and changes customers. `check`: compares the index with the store's customers.
//!
//! Query execution:
//! - `query`: the query and its result. `list`: evaluates it.
//! - `search`, `similar`: the documents that contain a text, exactly or with a typo. `select`: the
//!   documents that meet all conditions. `page`: the rows of the requested page.
//!
//! A customer is a *document* here: a number assigned from 0 in the order of arrival, so that a set
//! of customers is a bitmap.

mod bits;
mod check;
mod columns;
mod containers;
mod fields;
mod fold;
mod grams;
mod groups;
mod highlight;
mod ids;
mod list;
mod needle;
mod ngrams;
mod normalize;
mod numbers;
mod page;
mod phone;
mod pinyin;
mod postings;
mod query;
mod search;
mod select;
mod similar;
mod sort_orders;
mod staging;
mod syllables;
mod texts;
mod typo;
mod update;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::domain::{AgentId, Channel, CustomerKey, TagId};
use columns::Columns;
use fields::Fields;
use grams::Grams;
use ids::Ids;
use postings::Postings;
use sort_orders::SortOrders;
use texts::Column;
use vocabulary::Vocabulary;

pub use highlight::matches;
pub use query::{Found, Hit, Query};

/// Number of a document, assigned from 0 in the order of arrival.
type Doc = u32;

/// Customer index. See the [module's documentation](self).
#[derive(Debug, Default)]
pub struct Index {
    columns: Columns,
    texts: Fields<Column>,
    grams: Grams,
    vocabulary: Vocabulary,
    ids: Ids,
    channels: [Postings; Channel::ALL.len()],
    blacklisted: Postings,
    /// Customers per tag. Tags without customers keep an empty entry.
    tags: BTreeMap<TagId, Postings>,
    agents: BTreeMap<AgentId, Postings>,
    orders: SortOrders,
}

impl Index {
    /// Creates an empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns `true` if there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the version of the customer in the index, or `None` if the index does not contain
    /// it. The scrubber compares it with the version in the store.
    #[must_use]
    pub fn version_of(&self, key: CustomerKey) -> Option<u32> {
        Some(self.columns.versions[self.columns.doc(key)? as usize])
    }

    /// Returns the estimated size of the index in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.memory_by_part().iter().map(|(_, bytes)| bytes).sum()
    }

    /// Returns the estimated size of each part in bytes, for the log.
    #[must_use]
    pub fn memory_by_part(&self) -> [(&'static str, usize); 6] {
        let sets =
            self.channels.iter().chain([&self.blacklisted]).chain(self.tags.values()).chain(self.agents.values());
        [
            ("columns", self.columns.heap_bytes() + self.ids.heap_bytes()),
            ("texts", self.texts.heap_bytes()),
            ("grams", self.grams.heap_bytes()),
            ("words", self.vocabulary.heap_bytes()),
            ("sets", sets.map(|set| set.heap_bytes() + size_of::<Postings>()).sum()),
            ("orders", self.orders.heap_bytes()),
        ]
    }

    fn channel(&self, channel: Channel) -> &Postings {
        &self.channels[channel as usize]
    }
}
