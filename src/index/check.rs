//! Comparison of the index with the customers it should hold.

use super::columns::latest;
use super::fields::Fields;
use super::vocabulary::Vocabulary;
use super::{Doc, Index};
use crate::domain::{Customer, SortBy};

impl Index {
    /// Compares what is here with the customer as it is now. That a document is in sets of texts that it does not have is
    /// not seen here but by [`Index::check_surplus`].
    ///
    /// # Errors
    /// The names of the fields that differ, without the customer's data, so that it can be logged.
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
            ("id", self.ids.candidates(&fields.id).any(|own| own == doc)),
            ("channel", channels.into_iter().all(|(at, docs)| docs.contains(doc) == (at == customer.channel as usize))),
            ("blacklisted", self.blacklisted.contains(doc) == customer.blacklisted.is_some()),
            ("tags", all_tags && tags.all(|equal| equal)),
            ("served_by", all_agents && agents.all(|equal| equal)),
            ("orders", self.orders.stale || SortBy::ALL.into_iter().all(|by| self.is_in_order(by, doc))),
        ];
        let wrong: Vec<&str> = equal.iter().filter(|(_, equal)| !equal).map(|(name, _)| *name).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
    }

    /// Checks that sets of texts have no document that does not belong there, by their sizes: where every customer passes
    /// [`Index::check`], sets that are too large are surplus. It reads all texts.
    ///
    /// # Errors
    /// The names of the parts that have too many or too few.
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
