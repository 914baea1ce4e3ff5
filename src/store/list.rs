//! The customer list. The index selects and orders the customers; the database supplies the rows.

use std::collections::HashMap;
use std::time::Instant;

use jiff::tz::TimeZone;

use super::memory::in_place;
use super::{Result, Store, StoreError};
use crate::domain::listing::{Facet, ListSize, SortValue};
use crate::domain::{
    AgentId, Cursor, Customer, CustomerKey, Exclusion, Filter, PageRequest, Rank, Relaxation, Row, Sort, Timestamp,
};
use crate::index::{self, Query};

/// Request for one page of the customer list.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// Limits the list to customers this agent has served; `None` lists all.
    pub scope: Option<AgentId>,
    /// Conditions that the customers must meet.
    pub filter: Filter,
    /// Sort order.
    pub sort: Sort,
    /// Start row and row limit. The limit is clamped to 1..=[`PageRequest::MAX_ROWS`].
    pub page: PageRequest,
    /// Time zone of the agent, which defines the days of the filter's period ("today").
    pub zone: TimeZone,
    /// Current time, to which the filter's period is relative.
    pub now: Timestamp,
}

/// One page of the customer list.
#[derive(Clone, Debug)]
pub struct CustomerList {
    /// Number of customers that meet all conditions, without similar matches.
    pub total: u64,
    /// Number of further customers that match only if a typo is allowed. They come last in the list.
    pub similar: u64,
    /// Rows of the page, in list order.
    pub rows: Vec<Row>,
    /// Row number of the first row in the whole list, from 0; `None` if finding it would need a long
    /// search.
    pub first: Option<u64>,
    /// `true` if rows precede the page.
    pub before: bool,
    /// `true` if rows follow the page.
    pub after: bool,
    /// Number of customers with each tag, under all conditions except the tags.
    pub facets: Vec<Facet>,
    /// For an empty list: the single conditions whose removal yields rows, each with the resulting total.
    pub relaxations: Vec<Relaxation>,
}

impl Store {
    /// Returns one page of the list.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] for a custom period that ends before it starts,
    /// [`StoreError::Unavailable`] if the index is not warm or the database does not answer.
    pub async fn list(&self, request: &ListRequest) -> Result<CustomerList> {
        self.check_warm()?;
        let started = Instant::now();
        let query = self.index_query(request)?;
        let found = {
            // One search per core at a time, so that the other threads stay free for other requests.
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
            relaxations: found.relaxations,
        })
    }

    /// Returns the current rows of customers that a list already shows, at most
    /// [`PageRequest::MAX_ROWS`]. Omits customers out of scope. The cursors are those of the default
    /// order, whatever order the list has.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn rows(
        &self,
        scope: Option<AgentId>,
        filter: &Filter,
        keys: &[CustomerKey],
        now: Timestamp,
    ) -> Result<Vec<Row>> {
        let keys = &keys[..keys.len().min(PageRequest::MAX_ROWS as usize)];
        let as_row = |customer: Customer| {
            let cursor =
                Cursor { rank: Rank::default(), sort_value: SortValue::Time(customer.created_at.0), key: customer.key };
            row(customer, filter, cursor, now)
        };
        // Uses `served_by` of the loaded customers, because the index may not be complete yet.
        let in_scope = |customer: &Customer| scope.is_none_or(|agent| customer.served_by.binary_search(&agent).is_ok());
        Ok(self.customers(keys).await?.into_iter().filter(in_scope).map(as_row).collect())
    }

    /// Returns the size of a list, and the number of rows above the cursor that the requested page
    /// ends before.
    ///
    /// # Errors
    /// Fails like [`Store::list`].
    pub async fn size(&self, request: &ListRequest) -> Result<ListSize> {
        self.check_warm()?;
        let query = self.index_query(request)?;
        let _permit = self.memory.searches.acquire().await.map_err(StoreError::internal)?;
        Ok(in_place(|| self.memory.index_read().size(&query)))
    }

    /// Returns `true` if the customer is in the list, on any page.
    ///
    /// # Errors
    /// Fails like [`Store::list`].
    pub fn is_listed(&self, request: &ListRequest, customer: CustomerKey) -> Result<bool> {
        self.check_warm()?;
        Ok(self.memory.index_read().is_listed(&self.index_query(request)?, customer))
    }

    /// Returns the reason why the customer with exactly this ID is not in the list.
    ///
    /// # Errors
    /// Fails like [`Store::list`].
    pub fn exclusion_of(&self, request: &ListRequest, id: &str) -> Result<Exclusion> {
        self.check_warm()?;
        Ok(self.memory.index_read().exclusion_of(&self.index_query(request)?, id))
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
    let customer = customer.into_fields();
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
