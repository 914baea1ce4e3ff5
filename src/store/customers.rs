//! Loads, creates and changes single customers.

use super::change::{ChangeContext, CustomerWrite};
use super::database::read;
use super::rows::customer::{CustomerRow, load, record};
use super::transaction::ATTEMPTS;
use super::{Result, Store, StoreError};
use crate::domain::{
    self, Action, Actor, Channel, Customer, CustomerId, CustomerKey, Editable, EventKind, PendingWrites, Profile,
    Timestamp, Viewer, Visible,
};

/// Data of a customer to create.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// Identity in the channel. No two customers have the same ID, even in different channels.
    pub id: CustomerId,
    /// Channel through which the customer came.
    pub channel: Channel,
    /// Initial profile; unknown fields are empty.
    pub profile: Profile,
}

impl Store {
    /// Returns the customer with this key.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer.
    pub async fn customer(&self, key: CustomerKey) -> Result<Customer> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", record(key)))).await?;
        found.take::<Option<CustomerRow>>(0)?.ok_or(StoreError::NotFound)?.try_into()
    }

    /// Returns the customer with this ID, the one that users see.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer.
    pub async fn customer_by_id(&self, id: &CustomerId) -> Result<Customer> {
        let query = self.db.query("SELECT * FROM customer WHERE customer_id = $id").bind(("id", id.to_string()));
        let found: Vec<CustomerRow> = read(query).await?.take(0)?;
        found.into_iter().next().ok_or(StoreError::NotFound)?.try_into()
    }

    /// Returns the customer with this key if the viewer may see it.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer or the viewer may not see it: the
    /// existence of a customer must not be revealed.
    pub async fn visible(&self, viewer: &Viewer, key: CustomerKey) -> Result<Visible> {
        viewer.see(self.customer(key).await?).ok_or(StoreError::NotFound)
    }

    /// Returns the viewer's permission to change the customer with this key by an action.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer, or the viewer may not see or change it.
    pub async fn editable(&self, viewer: &Viewer, key: CustomerKey, action: Action) -> Result<Editable> {
        viewer.edit(&self.visible(viewer, key).await?, action).ok_or(StoreError::NotFound)
    }

    /// Returns several customers, in the order of the keys. Keys without a customer are skipped.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn customers(&self, keys: &[CustomerKey]) -> Result<Vec<Customer>> {
        load(&self.db, keys).await
    }

    /// Creates a customer and logs the event.
    ///
    /// # Errors
    /// Returns [`StoreError::AlreadyExists`] if another customer has this ID.
    pub async fn create_customer(&self, new: NewCustomer, actor: Actor, now: Timestamp) -> Result<Customer> {
        let key = self.next_key().await?;
        let customer = Customer::new(key, new.id, new.channel, new.profile, now);
        self.retry(ATTEMPTS, || async {
            let changed = CustomerWrite {
                before: None,
                after: customer.clone(),
                pending: PendingWrites::default(),
                claim: None,
                opened: None,
            };
            self.write_change(ChangeContext { actor, kind: EventKind::CustomerCreated, now }, changed).await
        })
        .await
    }

    /// Loads a customer, applies `edit`, and writes customer and event in one transaction if anything
    /// changed. After a conflicting write it reloads the customer and applies `edit` again.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer, [`StoreError::Refused`] if `edit`
    /// returns an error, and [`StoreError::Conflict`] if every attempt met a conflicting write.
    pub async fn change_customer(
        &self,
        customer: Editable,
        kind: EventKind,
        now: Timestamp,
        edit: impl Fn(&mut Customer) -> std::result::Result<(), domain::Error>,
    ) -> Result<Customer> {
        let (key, actor) = (customer.key(), customer.actor());
        let _lock = self.lock_customer(key).await;
        self.retry(ATTEMPTS, || async {
            let before = self.customer(key).await?;
            let mut after = before.clone();
            edit(&mut after)?;
            let changed = CustomerWrite::from(&before, after);
            self.write_change(ChangeContext { actor, kind, now }, changed).await
        })
        .await
    }
}
