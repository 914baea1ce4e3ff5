//! Elements of the console that the focus moves to from elsewhere.

use clientele::domain::CustomerKey;
use leptos::prelude::*;

use crate::browser::{self, ElementRef};

/// Focus targets of one mounted console; a context of `SignedIn`. Each console in a document has
/// its own.
#[derive(Clone, Copy, Default)]
pub struct Focus {
    /// Root element of the console.
    pub root: ElementRef,
    /// Page beside the navigation rail.
    pub main: ElementRef,
    /// Pane with the list of customers.
    pub customers: ElementRef,
    /// Search box of the list.
    pub search: ElementRef,
    /// Button that opens the Sort panel.
    pub sort: ElementRef,
    /// Pane of the selected customer.
    pub customer: ElementRef,
    /// Both panes of the Conversations page.
    pub desk: ElementRef,
    /// Field for the reply to the open conversation.
    pub reply: ElementRef,
    /// Focuses the row of a customer, or else the row that is the tab stop. Set while a list is
    /// mounted.
    pub row: StoredValue<Option<Callback<Option<CustomerKey>, bool>>>,
}

impl Focus {
    /// Returns the focus targets from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Focuses the row of a customer, or else the row that is the tab stop. Returns `false` if no
    /// list is mounted.
    pub fn enter_list(self, customer: Option<CustomerKey>) -> bool {
        self.row.try_get_value().flatten().and_then(|row| row.try_run(customer)).unwrap_or(false)
    }

    /// Focuses the pane after the focused one, cyclically. Returns `false` if there is no pane.
    pub fn next_pane(self) -> bool {
        let panes = [
            (self.customers.get(), Self::enter_customers as fn(Self) -> bool),
            (self.customer.get(), Self::enter_customer),
            (self.desk.find(".desk-list"), Self::enter_desk),
            (self.desk.find(".desk-conversation"), Self::enter_conversation),
        ];
        let shown: Vec<_> = panes
            .into_iter()
            .filter_map(|(pane, enter)| Some((pane.filter(|pane| browser::is_shown(pane))?, enter)))
            .collect();
        let own = shown.iter().position(|(pane, _)| browser::holds_focus(pane));
        (1..=shown.len()).any(|step| shown[(own.map_or(step - 1, |own| own + step)) % shown.len()].1(self))
    }

    fn enter_customers(self) -> bool {
        self.enter_list(None) || self.search.focus()
    }

    fn enter_customer(self) -> bool {
        self.customer.focus_first(".field-editor > .input") || self.customer.focus()
    }

    fn enter_desk(self) -> bool {
        self.desk.focus_first(".desk-item[aria-current]") || self.desk.focus_first(".desk-item")
    }

    fn enter_conversation(self) -> bool {
        self.reply.focus() || self.desk.focus_first(".desk-conversation")
    }
}
