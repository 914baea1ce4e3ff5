//! Consistency checks of the index against the customers in the store.

use super::columns::latest;
use super::fields::Fields;
use super::vocabulary::Vocabulary;
use super::{Doc, Index};
use crate::domain::{Customer, SortBy};

impl Index {
    /// Compares the entry of a customer with the customer's current state. Does not detect that a
    /// document is in the set of a text that it does not contain; [`Index::check_surplus`] does.
    ///
    /// # Errors
    /// Returns the names of the parts that differ, without the customer's data, so that they can be
    /// logged.
    pub fn check(&self, customer: &Customer) -> Result<(), String> {
        let Some(doc) = self.columns.doc(customer.key) else { return Err("missing".into()) };
        let at = doc as usize;
        let fields = Fields::of(customer);
        let channels = self.channels.iter().enumerate();
        let mut tags = self.tags.iter().map(|(tag, docs)| docs.contains(doc) == customer.tags.contains(tag));
        let mut agents =
            self.agents.iter().map(|(agent, docs)| docs.contains(doc) == customer.served_by.contains(agent));
        let all_tags = customer.tags.iter().all(|tag| self.tags.contains_key(tag));
        let all_agents = customer.served_by.iter().all(|agent| self.agents.contains_key(agent));
        let equal = [
            ("version", self.columns.versions[at] == customer.version),
            ("created_at", self.columns.created[at] == customer.created_at.0),
            ("latest_conversation_at", self.columns.latest[at] == latest(customer)),
            ("texts", self.texts.get(doc) == fields.as_ref()),
            ("grams", self.grams.has(doc, &fields)),
            ("words", self.vocabulary.has(doc, &fields.as_ref())),
            ("id", self.ids.candidates(&fields.id).any(|candidate| candidate == doc)),
            ("channel", channels.into_iter().all(|(at, docs)| docs.contains(doc) == (at == customer.channel as usize))),
            ("blacklisted", self.blacklisted.contains(doc) == customer.blacklisted.is_some()),
            ("tags", all_tags && tags.all(|equal| equal)),
            ("served_by", all_agents && agents.all(|equal| equal)),
            ("orders", self.orders.stale || SortBy::ALL.into_iter().all(|by| self.is_in_order(by, doc))),
        ];
        let wrong: Vec<&str> = equal.iter().filter(|(_, equal)| !equal).map(|(name, _)| *name).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
    }

    /// Checks by size that the sets of grams and words contain no surplus documents. If every
    /// customer passes [`Index::check`], a set that is too large has surplus documents. Reads all
    /// texts.
    ///
    /// # Errors
    /// Returns the names of the parts that contain too many or too few documents.
    pub fn check_surplus(&self) -> Result<(), String> {
        let (mut grams, mut words) = (0, 0);
        for doc in 0..self.len() as Doc {
            let fields = self.texts.get(doc);
            grams += self.grams.expected(&fields);
            words += Vocabulary::expected(&fields);
        }
        let equal = [("grams", self.grams.total() == grams), ("words", self.vocabulary.total() == words)];
        let wrong: Vec<&str> = equal.iter().filter(|(_, equal)| !equal).map(|(name, _)| *name).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
    }
}
