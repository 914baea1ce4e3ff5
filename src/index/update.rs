//! Insertion and update of customers.

use super::columns::{latest, sets_hash};
use super::fields::Fields;
use super::postings::Postings;
use super::{Doc, Index};
use crate::domain::{Customer, SortBy};

impl Index {
    /// Adds or updates many customers at startup. Until [`Index::finish_loading`], query results
    /// are correct but slow. Ascending keys are fastest.
    pub fn load<'a>(&mut self, customers: impl IntoIterator<Item = &'a Customer>) {
        self.orders.stale = true;
        for customer in customers {
            if self.columns.doc(customer.key).is_some() {
                self.flush();
                self.put(customer);
            } else {
                let fields = Fields::of(customer);
                let doc = self.add(customer, &fields);
                self.grams.stage(doc, &fields);
                self.vocabulary.stage(doc, &fields.as_ref());
                self.insert_into_sets(doc, customer);
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        self.grams.flush();
        self.vocabulary.flush();
    }

    /// Completes loading: builds n-grams, sorts the orders and releases spare capacity.
    pub fn finish_loading(&mut self) {
        let texts = &self.texts;
        self.grams.ngrams.build(self.columns.len(), |doc| texts.get(doc));
        self.rebuild_orders();
        self.columns.shrink();
        self.grams.shrink();
        self.vocabulary.shrink();
        self.tags.values_mut().for_each(Postings::promote);
    }

    /// Adds or updates a customer. Ignores a version that is not newer than the one in the index,
    /// so events may arrive repeatedly and in any order.
    pub fn upsert(&mut self, customer: &Customer) {
        self.put(customer);
        let texts = &self.texts;
        self.grams.ngrams.advance(self.columns.len(), |doc| texts.get(doc));
    }

    fn put(&mut self, customer: &Customer) {
        let doc = match self.columns.doc(customer.key) {
            None => {
                let fields = Fields::of(customer);
                let doc = self.add(customer, &fields);
                self.grams.insert(doc, &fields);
                self.vocabulary.insert(doc, &fields.as_ref());
                if !self.orders.stale {
                    self.insert_into_orders(doc, &SortBy::ALL);
                }
                doc
            }
            Some(doc) if customer.version > self.columns.versions[doc as usize] => {
                let sets_changed = self.columns.sets_hash[doc as usize] != sets_hash(customer);
                if sets_changed {
                    self.remove_from_sets(doc, customer);
                }
                self.change(doc, customer);
                if !sets_changed {
                    return;
                }
                doc
            }
            Some(_) => return,
        };
        self.insert_into_sets(doc, customer);
    }

    fn insert_into_sets(&mut self, doc: Doc, customer: &Customer) {
        self.channels[customer.channel as usize].insert(doc);
        if customer.blacklisted.is_some() {
            self.blacklisted.insert(doc);
        }
        customer.tags.iter().for_each(|tag| self.tags.entry(*tag).or_default().insert(doc));
        customer.served_by.iter().for_each(|agent| self.agents.entry(*agent).or_default().insert(doc));
    }

    /// Adds a new customer to columns, texts and IDs. The caller adds grams, words, sets and
    /// orders.
    fn add(&mut self, customer: &Customer, fields: &Fields<String>) -> Doc {
        let doc = self.columns.add(customer);
        self.texts.set(doc, fields);
        let texts = &self.texts.id;
        self.ids.insert(doc, &fields.id, |doc| texts.get(doc));
        doc
    }

    fn change(&mut self, doc: Doc, customer: &Customer) {
        let fields = Fields::of(customer);
        let old = self.texts.get(doc);
        let moves = |by: &SortBy| match by {
            SortBy::Created => self.columns.created[doc as usize] != customer.created_at.0,
            SortBy::LatestConversation => self.columns.latest[doc as usize] != latest(customer),
            SortBy::Nickname => old.nickname != fields.nickname,
        };
        let moves: Vec<SortBy> = SortBy::ALL.into_iter().filter(|by| !self.orders.stale && moves(by)).collect();
        let (texts_changed, id_changed) = (old != fields.as_ref(), old.id != fields.id);
        if texts_changed {
            self.grams.change(doc, &old, &fields);
            self.vocabulary.remove(doc, &old);
            self.vocabulary.insert(doc, &fields.as_ref());
            if id_changed {
                self.ids.remove(doc, old.id);
            }
        }
        self.remove_from_orders(doc, &moves);
        self.texts.set(doc, &fields);
        if id_changed {
            let texts = &self.texts.id;
            self.ids.insert(doc, &fields.id, |doc| texts.get(doc));
        }
        self.columns.change(doc, customer);
        self.insert_into_orders(doc, &moves);
    }

    /// Removes a document from the channel, blacklist, tag and agent sets that the customer has
    /// left.
    fn remove_from_sets(&mut self, doc: Doc, customer: &Customer) {
        let channels = self.channels.iter_mut().enumerate();
        let left_channels = channels.filter(|(at, _)| *at != customer.channel as usize).map(|(_, set)| set);
        let left_blacklist = Some(&mut self.blacklisted).filter(|_| customer.blacklisted.is_none());
        let left_tags = self.tags.iter_mut().filter(|(tag, _)| !customer.tags.contains(tag)).map(|(_, set)| set);
        let agents = self.agents.iter_mut().filter(|(agent, _)| !customer.served_by.contains(agent));
        let left_agents = agents.map(|(_, set)| set);
        left_channels.chain(left_blacklist).chain(left_tags).chain(left_agents).for_each(|set| set.remove(doc));
    }
}
