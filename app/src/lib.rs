//! The user interface of Clientele and its server functions.
//!
//! # Layout
//!
//! - [`App`]: the routes. [`shell`]: the HTML document (server only).
//! - `api`: server functions, one file per resource; each authorises, loads, decides, answers.
//! - `parts`: what browsers load when it is wanted. `pages`: one route, one file. `components`: props in, callbacks out, no server calls.
//! - `console`: what the page is looking at, as one plain value that lives in the URL.
//! - `seen`: unread messages. `access`: who is signed in and what the navigation offers, kept current by server events.
//! - `browser`: the few things that only a browser has. `keys`: the actions that have a key. `i18n`: the languages. `words`: domain values in the user's.
//!   [`dates`]: moments, and the clock.
//! - `resource`: what a page asks the server first. [`error`]: what a browser may know of a failure. `state`, `cookies`, `limits`: what the server gives the app, and what it
//!   shares with it (server only).

// Views are types as deep as the page.
#![recursion_limit = "512"]

pub mod access;
pub mod api;
mod browser;
mod calling;
#[cfg(feature = "ssr")]
pub mod chat;
pub mod client;
mod components;
mod console;
#[cfg(feature = "ssr")]
pub mod cookies;
pub mod dates;
mod drafts;
pub mod error;
mod i18n;
mod keys;
#[cfg(feature = "ssr")]
pub mod limits;
mod live;
mod pages;
pub mod parts;
mod reactive;
#[cfg(feature = "ssr")]
pub mod refusals;
mod resource;
mod seen;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod visitor;
mod words;

use clientele::domain::Mode;
use leptos::prelude::*;
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::{CustomersPage, NoCustomer, NotFoundPage};
use crate::reactive::effect;

/// The console as an application of its own: every page at its URL.
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
                <ParentRoute path=path!("") view=|| view! { <access::SignedIn mode=Mode::Agent><Outlet /></access::SignedIn> } ssr=SsrMode::Async>
                    <ParentRoute path=path!("/customers") view=|| view! { <CustomersPage mode=Mode::Agent /> }>
                        <Route path=path!("") view=NoCustomer />
                        <Route path=path!(":key") view=|| parts::CUSTOMER.show() />
                    </ParentRoute>
                    <Route path=path!("/conversations/:key?") view=|| parts::CONVERSATIONS.show() />
                </ParentRoute>
                <ParentRoute path=path!("/admin") view=|| view! { <access::SignedIn mode=Mode::Admin><Outlet /></access::SignedIn> } ssr=SsrMode::Async>
                    <ParentRoute path=path!("/customers") view=|| view! { <CustomersPage mode=Mode::Admin /> }>
                        <Route path=path!("") view=NoCustomer />
                        <Route path=path!(":key") view=|| parts::CUSTOMER.show() />
                    </ParentRoute>
                    <Route path=path!("/settings") view=|| parts::SETTINGS.show() />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
