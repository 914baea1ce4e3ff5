//! Pages, one file per route.

mod conversations;
mod customer;
mod customers;
mod not_found;
mod reader;
mod settings;
mod sign_in;

pub use conversations::ConversationsPage;
pub use customer::{CustomerPane, NoCustomer};
pub use customers::CustomersPage;
pub use not_found::NotFoundPage;
pub use settings::SettingsPage;
pub use sign_in::SignInPage;
