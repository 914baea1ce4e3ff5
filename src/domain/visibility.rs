//! Permission on a single customer, as a value. The scope check of a [`Viewer`] makes it, and the
//! store's writes take it, so that a handler without the check does not compile.

use std::ops::Deref;

use super::agent::{Action, Mode, Viewer};
use super::customer::Customer;
use super::event::Actor;
use super::ids::CustomerKey;

/// Customer that a viewer may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible(Customer);

impl Visible {
    /// Returns the customer without the proof.
    #[must_use]
    pub fn into_inner(self) -> Customer {
        self.0
    }
}

impl Deref for Visible {
    type Target = Customer;

    fn deref(&self) -> &Customer {
        &self.0
    }
}

/// Permission of an actor to change one customer.
///
/// # Examples
/// ```
/// use clientele::domain::{
///     Action, Agent, AgentId, Channel, Customer, CustomerId, CustomerKey, Mode, Profile, Role, Settings, Timestamp,
///     Viewer,
/// };
///
/// let agent = Agent { id: AgentId(1), login: "li".into(), name: "Li".into(), role: Role::Admin, disabled: false };
/// let mut viewer = Viewer { agent, mode: Mode::Admin, features: None, settings: Settings::default() };
/// let id = CustomerId::new("wx_1")?;
/// let customer = Customer::new(CustomerKey(7), id, Channel::Wechat, Profile::default(), Timestamp(0));
///
/// let visible = viewer.see(customer.clone()).expect("an admin sees all customers");
/// assert!(viewer.edit(&visible, Action::EditTags).is_some());
/// // In Agent Mode the same person sees only customers that it has served.
/// viewer.mode = Mode::Agent;
/// assert!(viewer.see(customer).is_none());
/// # Ok::<(), clientele::domain::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Editable {
    key: CustomerKey,
    actor: Actor,
}

impl Editable {
    /// Grants the permission without a check, for changes that no viewer requests: those of the system,
    /// of the command line, and of tests.
    #[must_use]
    pub const fn unchecked(key: CustomerKey, actor: Actor) -> Self {
        Self { key, actor }
    }

    /// Returns the key of the customer.
    #[must_use]
    pub const fn key(self) -> CustomerKey {
        self.key
    }

    /// Returns the author of the changes.
    #[must_use]
    pub const fn actor(self) -> Actor {
        self.actor
    }
}

impl Viewer {
    /// Returns the customer if the viewer may see it. In Agent Mode these are the customers that the
    /// agent has served.
    #[must_use]
    pub fn see(&self, customer: Customer) -> Option<Visible> {
        let in_scope = self.mode == Mode::Admin || self.has_served(&customer);
        (in_scope && self.may(Action::ListCustomers)).then_some(Visible(customer))
    }

    /// Returns `true` if the agent has served the customer.
    #[must_use]
    pub fn has_served(&self, customer: &Customer) -> bool {
        customer.served_by.contains(&self.agent.id)
    }

    /// Returns the permission to change a customer that the viewer sees, if the action that changes it is
    /// permitted.
    #[must_use]
    pub fn edit(&self, customer: &Visible, action: Action) -> Option<Editable> {
        let actor = Actor::Agent(self.agent.id);
        self.may(action).then_some(Editable { key: customer.key, actor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Agent, AgentId, Channel, CustomerId, Feature, Profile, Role, Settings, Timestamp};

    fn viewer(mode: Mode, page_on: bool) -> Viewer {
        let agent = Agent { id: AgentId(1), login: "li".into(), name: "Li".into(), role: Role::Admin, disabled: false };
        let settings = Settings { customers_page_in_agent_mode: page_on, ..Settings::default() };
        Viewer { agent, mode, features: None, settings }
    }

    fn customer(served_by: &[u32]) -> Customer {
        let id = CustomerId::new("wx_1").unwrap();
        let mut customer = Customer::new(CustomerKey(7), id, Channel::Wechat, Profile::default(), Timestamp(1));
        customer.fields.served_by = served_by.iter().copied().map(AgentId).collect();
        customer
    }

    #[test]
    fn an_agent_sees_and_edits_only_customers_it_has_served() {
        let agent = viewer(Mode::Agent, true);
        assert!(agent.see(customer(&[2])).is_none());
        let seen = agent.see(customer(&[1, 2])).unwrap();
        let permitted = agent.edit(&seen, Action::EditProfiles);
        assert_eq!(permitted, Some(Editable::unchecked(CustomerKey(7), Actor::Agent(AgentId(1)))));
    }

    #[test]
    fn nothing_is_visible_while_the_page_is_off() {
        assert!(viewer(Mode::Agent, false).see(customer(&[1])).is_none());
        assert!(viewer(Mode::Admin, false).see(customer(&[])).is_some());
    }

    #[test]
    fn a_permission_is_checked_again_when_it_is_made() {
        let seen = viewer(Mode::Admin, true).see(customer(&[])).unwrap();
        assert!(viewer(Mode::Agent, false).edit(&seen, Action::EditTags).is_none());
    }

    #[test]
    fn a_token_changes_what_its_features_name() {
        let features = Some([Feature::List, Feature::Tags].into_iter().collect());
        let token = Viewer { features, ..viewer(Mode::Agent, true) };
        let seen = token.see(customer(&[1])).unwrap();
        assert!(token.edit(&seen, Action::EditTags).is_some());
        assert!(token.edit(&seen, Action::Blacklist).is_none());
        let blind = Viewer { features: Some([Feature::Tags].into_iter().collect()), ..token };
        assert!(blind.see(customer(&[1])).is_none());
    }
}
