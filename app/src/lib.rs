//! The user interface of Clientele and its server functions.
//!
//! # Layout
//!
//! - [`App`]: the routes.
//! - `api`: server functions, one file per resource. Each authorises the caller, loads, decides,
//!   and responds.
//! - `pages`: one file per route. `components`: props in, callbacks out, no server calls. `parts`:
//!   code that browsers load on demand.
//! - `session`: the signed-in agent and the navigation entries. `signed_in`: the layout that provides
//!   it and keeps it current. `events`: events from the server. `unread`: unread messages.
//! - `console`: filter, sort order and selection of the Customers page, bound to the URL. `keys`:
//!   keyboard shortcuts. `focus`: elements that other components focus.
//! - `resource`: initial data of pages. `live`: data kept current by server events. `drafts`:
//!   unsent texts.
//! - `i18n`: languages. `labels`: domain values in the user's language. [`dates`]: timestamps and
//!   the clock.
//! - [`error`]: errors as sent to browsers. `browser`: wrappers of browser-only APIs.
//! - [`widget`]: the Customers page in a page of another application. [`host`]: that page.
//! - `server`: code that runs only on the server: the state it provides, cookies, the HTML document.

// Leptos view types nest as deeply as the page.
#![recursion_limit = "512"]

pub mod api;
mod browser;
mod calling;
pub mod client;
mod components;
mod console;
pub mod dates;
mod drafts;
pub mod error;
mod events;
mod focus;
pub mod host;
mod i18n;
mod keys;
mod labels;
mod live;
mod pages;
pub mod parts;
mod reactive;
mod resource;
#[cfg(feature = "ssr")]
pub mod server;
mod session;
pub mod signed_in;
mod unread;
pub mod widget;

pub use i18n::Locale;

use clientele::domain::Mode;
use leptos::prelude::*;
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::console::Console;
use crate::pages::{CustomersPage, NoCustomer, NotFoundPage};
use crate::reactive::effect;

/// The console as a standalone app, with a URL for each page.
#[component]
pub fn App() -> impl IntoView {
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    i18n::provide_i18n();
    dates::provide_clock();
    components::provide_title();
    effect(|| {
        browser::mark_hydrated();
        parts::load_rest();
    });
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=|| parts::SIGN_IN.show() ssr=SsrMode::Async />
                <ParentRoute
                    path=path!("")
                    view=|| view! { <signed_in::SignedIn mode=Mode::Agent><Outlet /></signed_in::SignedIn> }
                    ssr=SsrMode::Async
                >
                    <ParentRoute path=path!("/customers") view=|| view! { <CustomersOfUrl mode=Mode::Agent /> }>
                        <Route path=path!("") view=NoCustomer />
                        <Route path=path!(":key") view=|| parts::CUSTOMER.show() />
                    </ParentRoute>
                    <Route path=path!("/conversations/:key?") view=|| parts::CONVERSATIONS.show() />
                </ParentRoute>
                <ParentRoute
                    path=path!("/admin")
                    view=|| view! { <signed_in::SignedIn mode=Mode::Admin><Outlet /></signed_in::SignedIn> }
                    ssr=SsrMode::Async
                >
                    <ParentRoute path=path!("/customers") view=|| view! { <CustomersOfUrl mode=Mode::Admin /> }>
                        <Route path=path!("") view=NoCustomer />
                        <Route path=path!(":key") view=|| parts::CUSTOMER.show() />
                    </ParentRoute>
                    <Route path=path!("/settings") view=|| parts::SETTINGS.show() />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// Customers page that is bound to the URL. The route inside of it is the selected customer.
#[component]
fn CustomersOfUrl(mode: Mode) -> impl IntoView {
    view! { <CustomersPage console=Console::of_url(mode) pane=|| view! { <Outlet /> } /> }.into_any()
}
