//! A page of customers: the index decides which, the database has the rows.

use std::collections::HashMap;
use std::time::Instant;

use jiff::tz::TimeZone;

use super::memory::in_place;
use super::{Result, Store, StoreError};
use crate::domain::listing::{Facet, ListSize, Place};
use crate::domain::{
    AgentId, Cursor, Customer, CustomerKey, Exclusion, Filter, PageRequest, Rank, Rescue, Row, Sort, Timestamp,
};
use crate::index::{self, Query};

/// What is asked of the list.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// Only customers this agent served; all when there is none.
    pub scope: Option<AgentId>,
    /// The conditions.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
    /// The part of it.
    pub page: PageRequest,
    /// The agent's time zone: "today" is there.
    pub zone: TimeZone,
    /// The moment that "today" is about.
    pub now: Timestamp,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct CustomerList {
    /// How many customers meet all conditions, without those that are only similar.
    pub total: u64,
    /// How many more meet them when a typo is allowed; they come last.
    pub similar: u64,
    /// The rows of the page.
    pub rows: Vec<Row>,
    /// Place of the first row in the whole list, where it is known without a long search.
    pub first: Option<u64>,
    /// Whether there are rows before the page.
    pub before: bool,
    /// Whether there are rows after the page.
    pub after: bool,
    /// For each tag, how many customers have it under the other conditions.
    pub facets: Vec<Facet>,
    /// When the list is empty: the conditions without any one of which it is not, with the totals then.
    pub rescue: Vec<Rescue>,
}

impl Store {
    /// A page of the list.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a custom period that ends before it starts, [`StoreError::Unavailable`] while the
    /// index is not warm.
    pub async fn list(&self, request: &ListRequest) -> Result<CustomerList> {
        if !self.is_warm() {
            return Err(StoreError::Unavailable);
        }
        let started = Instant::now();
        let query = self.index_query(request)?;
        let found = {
            // As many at a time as there are cores: the other threads are for everybody who does not search.
            let _permit = self.memory.searches.acquire().await.map_err(StoreError::internal)?;
            in_place(|| self.memory.index_read().search(&query))
        };
        let searched = started.elapsed();
        let keys: Vec<CustomerKey> = found.page.iter().map(|hit| hit.key).collect();
        let mut customers: HashMap<CustomerKey, Customer> =
            self.customers(&keys).await?.into_iter().map(|customer| (customer.key, customer)).collect();
        let rows = found
            .page
            .into_iter()
            .filter_map(|hit| {
                let customer = customers.remove(&hit.key)?;
                Some(row(customer, &request.filter, hit.cursor, request.now))
            })
            .collect();
        let (search_us, total_us) = (searched.as_micros() as u64, started.elapsed().as_micros() as u64);
        tracing::debug!(search_us, total_us, total = found.total, "store: listed customers");
        Ok(CustomerList {
            total: found.total,
            similar: found.similar,
            rows,
            first: found.first_row,
            before: found.before,
            after: found.after,
            facets: found.facets,
            rescue: found.rescue,
        })
    }

    /// Rows of customers as they are now, for a list that shows them already: wherever they stood in it, their cursors are
    /// those of the default order. Those out of scope are left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rows(
        &self,
        scope: Option<AgentId>,
        filter: &Filter,
        keys: &[CustomerKey],
        now: Timestamp,
    ) -> Result<Vec<Row>> {
        let keys = &keys[..keys.len().min(PageRequest::MAX_ROWS as usize)];
        let as_row = |customer: Customer| {
            let cursor = Cursor { rank: Rank::default(), place: Place::Time(customer.created_at.0), key: customer.key };
            row(customer, filter, cursor, now)
        };
        // The customers themselves say who served them: the index may not be complete yet.
        let in_scope = |customer: &Customer| scope.is_none_or(|agent| customer.served_by.binary_search(&agent).is_ok());
        Ok(self.customers(keys).await?.into_iter().filter(in_scope).map(as_row).collect())
    }

    /// Returns the size of a list, and how many rows came above the one that the request's page ends before.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub async fn size(&self, request: &ListRequest) -> Result<ListSize> {
        if !self.is_warm() {
            return Err(StoreError::Unavailable);
        }
        let query = self.index_query(request)?;
        let _permit = self.memory.searches.acquire().await.map_err(StoreError::internal)?;
        Ok(in_place(|| self.memory.index_read().size(&query)))
    }

    /// Returns `true` if the list has the customer, wherever in it.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn lists(&self, request: &ListRequest, customer: CustomerKey) -> Result<bool> {
        if !self.is_warm() {
            return Err(StoreError::Unavailable);
        }
        Ok(self.memory.index_read().lists(&self.index_query(request)?, customer))
    }

    /// Why the customer with exactly this ID is not in the list.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn why_not(&self, request: &ListRequest, id: &str) -> Result<Exclusion> {
        if !self.is_warm() {
            return Err(StoreError::Unavailable);
        }
        Ok(self.memory.index_read().why_not(&self.index_query(request)?, id))
    }

    fn index_query<'a>(&self, request: &'a ListRequest) -> Result<Query<'a>> {
        let mut page = request.page.clone();
        page.limit = page.limit.clamp(1, PageRequest::MAX_ROWS);
        Ok(Query {
            scope: request.scope,
            filter: &request.filter,
            range: request.filter.period.range(request.now, &request.zone, self.settings().week_start)?,
            sort: request.sort,
            page,
        })
    }
}

fn row(customer: Customer, filter: &Filter, cursor: Cursor, now: Timestamp) -> Row {
    let (matches, blacklisted) = (index::matches(filter, &customer), customer.is_blacklisted(now));
    Row {
        key: customer.key,
        id: customer.id,
        nickname: customer.profile.nickname,
        real_name: customer.profile.real_name,
        tags: customer.tags,
        phone: customer.profile.phone,
        email: customer.profile.email,
        channel: customer.channel,
        created_at: customer.created_at,
        latest_conversation_at: customer.latest_conversation_at,
        blacklisted,
        open: customer.open,
        matches,
        cursor,
    }
}
