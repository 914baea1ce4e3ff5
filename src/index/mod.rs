//! The customer index: every list query of the console, answered in memory.
//!
//! It is derived from the store and holds what the list filters, counts, sorts and finds by, and nothing that is shown.
//! An answer has the exact total, the page's customers, how many customers each tag would leave, and the ways out of an
//! empty result. A query is a handful of set operations over one bit per customer, and a look at some thousand texts at most
//! where sets do not suffice.
//!
//! # Layout
//!
//! The meaning of a query:
//! - `normalize`, `fold`: texts without case, accents and width. `fields`: those of a customer.
//! - `pinyin`, `syllables`: how Chinese names are read. `phone`: phone numbers. `typo`: words with one.
//! - `needle`: what it means that a text is found. The one definition. `highlight`: where ([`matches()`]).
//!
//! The data:
//! - `bits`: sets of documents, to compute with. `postings`, `chunks`: to keep.
//! - `columns`: keys, moments and versions, one number per document.
//! - `texts`: the normalised texts.
//! - `grams`, `stage`, `pieces`: which documents have a piece of text. `vocabulary`: which have a word. `ids`: which has an ID.
//! - `numbers`: maps from numbers.
//! - `orders`: all documents in each order of the list.
//! - `update`: how a customer comes in and changes. `check`: whether it is in as it should be.
//!
//! The way to an answer:
//! - `query`: the query, the answer, and the way from the one to the other.
//! - `search`, `similar`: the documents that have a text, and those that have it with a typo. `select`: those under all
//!   conditions. `page`: the rows that are asked for.
//!
//! A customer is a *document* here: a number counted from 0 in the order of arrival, so that sets of customers are bits.

mod bits;
mod check;
mod chunks;
mod columns;
mod fields;
mod fold;
mod grams;
mod highlight;
mod ids;
mod needle;
mod normalize;
mod numbers;
mod orders;
mod page;
mod phone;
mod pieces;
mod pinyin;
mod postings;
mod query;
mod search;
mod select;
mod similar;
mod stage;
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
use orders::Orders;
use postings::Postings;
use texts::Column;
use vocabulary::Vocabulary;

pub use highlight::matches;
pub use query::{Found, Hit, Query};

/// A document's number.
type Doc = u32;

/// The index. See the [module's documentation](self).
#[derive(Debug, Default)]
pub struct Index {
    columns: Columns,
    texts: Fields<Column>,
    grams: Grams,
    vocabulary: Vocabulary,
    ids: Ids,
    channels: [Postings; Channel::ALL.len()],
    blacklisted: Postings,
    /// Tags that nobody has any more stay, empty.
    tags: BTreeMap<TagId, Postings>,
    agents: BTreeMap<AgentId, Postings>,
    orders: Orders,
}

impl Index {
    /// An empty index.
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

    /// Returns the version of the customer that the index holds, `None` if it has no such customer. A scrubber compares
    /// it with the store's.
    #[must_use]
    pub fn version_of(&self, key: CustomerKey) -> Option<u32> {
        Some(self.columns.versions[self.columns.doc(key)? as usize])
    }

    /// The bytes it takes, estimated.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.memory_by_part().iter().map(|(_, bytes)| bytes).sum()
    }

    /// The bytes each part takes, estimated: for the log.
    #[must_use]
    pub fn memory_by_part(&self) -> [(&'static str, usize); 6] {
        let sets =
            self.channels.iter().chain([&self.blacklisted]).chain(self.tags.values()).chain(self.agents.values());
        [
            ("columns", self.columns.heap() + self.ids.heap()),
            ("texts", self.texts.heap()),
            ("grams", self.grams.heap()),
            ("words", self.vocabulary.heap()),
            ("sets", sets.map(|set| set.heap() + size_of::<Postings>()).sum()),
            ("orders", self.orders.heap()),
        ]
    }

    fn channel(&self, channel: Channel) -> &Postings {
        &self.channels[channel as usize]
    }
}
