//! The parts of the console that browsers load when they are wanted, so that the list is there first.
//!
//! The build cuts the code that only a part needs out of the main module, into a file of its own (`make site`). Before a page is
//! taken over, the parts it shows are loaded ([`load_for`]); when it has been, the others follow, so that whoever opens one
//! waits for nothing. On the server all of them are there.
#![allow(unsafe_code, reason = "what `wasm_split` makes declares functions that are linked later")]

use std::pin::Pin;

use futures::FutureExt;
use leptos::either::Either;
use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::browser;
use crate::components::{
    AccountMenu, EmptyList, Failure, LanguageMenu, Shortcuts, SignInAgain, SortForm, ThemeMenu, ToastList, WhyNotListed,
};
use crate::error::Code;
use crate::pages::{ConversationsPage, CustomerPane, SettingsPage, SignInPage};

/// The customer beside the list.
#[wasm_split(customer, preload(load_customer), fallible)]
fn customer() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <CustomerPane /> }.into_any())
}

/// Agent Mode > Conversations.
#[wasm_split(conversations, preload(load_conversations), fallible)]
fn conversations() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <ConversationsPage /> }.into_any())
}

/// Admin Mode > Settings.
#[wasm_split(settings, preload(load_settings), fallible)]
fn settings() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <SettingsPage /> }.into_any())
}

/// Tools that are there when somebody asks for them: hardly any page shows them at first.
#[wasm_split(tools, preload(load_tools), fallible)]
fn tools(which: Tool) -> Result<AnyView, SplitLoaderError> {
    Ok(match which {
        Tool::SortForm => view! { <SortForm /> }.into_any(),
        Tool::Shortcuts => view! { <Shortcuts /> }.into_any(),
        Tool::SignInAgain => view! { <SignInAgain /> }.into_any(),
        Tool::ThemeMenu => view! { <ThemeMenu /> }.into_any(),
        Tool::LanguageMenu => view! { <LanguageMenu /> }.into_any(),
        Tool::AccountMenu => view! { <AccountMenu /> }.into_any(),
        Tool::Toasts => view! { <ToastList /> }.into_any(),
        Tool::EmptyList => view! { <EmptyList /> }.into_any(),
        Tool::WhyNotListed => view! { <WhyNotListed /> }.into_any(),
    })
}

/// The parts of one file.
enum Tool {
    SortForm,
    Shortcuts,
    SignInAgain,
    ThemeMenu,
    LanguageMenu,
    AccountMenu,
    Toasts,
    EmptyList,
    WhyNotListed,
}

/// Sign-in.
#[wasm_split(sign_in, preload(load_sign_in), fallible)]
fn sign_in() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <SignInPage /> }.into_any())
}

type Loading<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A part of the console.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Loads the code, once.
    load: fn() -> Loading<()>,
    /// The file that the build cut out for it.
    file: &'static str,
    /// Shows the part, now if its code is there.
    view: fn() -> Loading<AnyView>,
    /// Piece of the addresses of the pages that show it at once.
    within: Option<&'static str>,
    /// Selector of what it is at once in a page that the server rendered.
    shown: Option<&'static str>,
}

pub(crate) const CUSTOMER: Part = Part {
    load: || Box::pin(load_customer()),
    file: "split_customer.wasm",
    view: || Box::pin(customer()),
    within: Some("/customers/"),
    shown: None,
};
pub(crate) const CONVERSATIONS: Part = Part {
    load: || Box::pin(load_conversations()),
    file: "split_conversations.wasm",
    view: || Box::pin(conversations()),
    within: Some("/conversations"),
    shown: None,
};
pub(crate) const SETTINGS: Part = Part {
    load: || Box::pin(load_settings()),
    file: "split_settings.wasm",
    view: || Box::pin(settings()),
    within: Some("/settings"),
    shown: None,
};
pub(crate) const SIGN_IN: Part = Part {
    load: || Box::pin(load_sign_in()),
    file: "split_sign_in.wasm",
    view: || Box::pin(sign_in()),
    within: Some("/sign-in"),
    shown: None,
};
/// The form of the Sort panel.
pub(crate) const SORT_FORM: Part = tool(|| Box::pin(tools(Tool::SortForm)));
/// The list of shortcuts.
pub(crate) const SHORTCUTS: Part = tool(|| Box::pin(tools(Tool::Shortcuts)));
/// Signing in again.
pub(crate) const SIGN_IN_AGAIN: Part = tool(|| Box::pin(tools(Tool::SignInAgain)));
/// The choice between light and dark.
pub(crate) const THEME_MENU: Part = tool(|| Box::pin(tools(Tool::ThemeMenu)));
/// The choice of the language.
pub(crate) const LANGUAGE_MENU: Part = tool(|| Box::pin(tools(Tool::LanguageMenu)));
/// The account.
pub(crate) const ACCOUNT_MENU: Part = tool(|| Box::pin(tools(Tool::AccountMenu)));
/// The messages at the edge of the page.
pub(crate) const TOASTS: Part = tool(|| Box::pin(tools(Tool::Toasts)));
/// What an empty list says.
pub(crate) const EMPTY_LIST: Part = tool(|| Box::pin(tools(Tool::EmptyList)));
/// Why a customer is not in the list.
pub(crate) const WHY_NOT_LISTED: Part = tool(|| Box::pin(tools(Tool::WhyNotListed)));

const fn tool(view: fn() -> Loading<AnyView>) -> Part {
    Part {
        load: || Box::pin(load_tools()),
        file: "split_tools.wasm",
        view,
        within: None,
        shown: Some(".list .empty, .why-bar"),
    }
}

/// In the order in which they are loaded. Sign-in comes last: whoever has signed in has seen it.
const ALL: [Part; 5] = [SORT_FORM, CUSTOMER, CONVERSATIONS, SETTINGS, SIGN_IN];

impl Part {
    fn view_now(self) -> Option<AnyView> {
        (self.view)().now_or_never().and_then(Result::ok)
    }

    /// The part; while its code is on the way, a sign of that.
    pub(crate) fn show(self) -> AnyView {
        // What the server rendered can only be taken over on the spot.
        if let Some(view) = self.view_now() {
            return view;
        }
        let arrived = RwSignal::new(None::<Result<(), Code>>);
        let load = move || {
            arrived.set(None);
            leptos::task::spawn_local(async move {
                let loaded = match (self.load)().await {
                    Ok(()) => Ok(()),
                    Err(_) if browser::is_gone(self.file).await => Err(Code::Outdated),
                    Err(_) => Err(Code::Offline),
                };
                arrived.try_set(Some(loaded));
            });
        };
        load();
        (move || match arrived.get() {
            None => Some(Either::Right(Either::Left(view! { <div class="is-loading" aria-busy="true"></div> }))),
            Some(Ok(())) => self.view_now().map(Either::Left),
            Some(Err(code)) => {
                let retry = Callback::new(move |()| load());
                Some(Either::Right(Either::Right(view! { <Failure error=code.into() retry /> })))
            }
        })
        .into_any()
    }
}

/// Loads the parts that the page at this path shows.
///
/// # Errors
/// When one of them cannot be loaded: the page stays as the server rendered it.
pub async fn load_for(path: &str) -> Result<(), SplitLoaderError> {
    let is_shown = |part: &Part| {
        part.within.is_some_and(|within| path.contains(within)) || part.shown.is_some_and(browser::is_there)
    };
    for part in ALL.into_iter().filter(is_shown) {
        (part.load)().await?;
    }
    Ok(())
}

/// Loads what is not there yet, one after the other, while the page is used already.
pub(crate) fn load_rest() {
    /// Milliseconds for which the page has the connection for itself.
    const LATER: u32 = 300;
    browser::after(LATER, || {
        leptos::task::spawn_local(async {
            for part in ALL {
                // Whoever opens it tries again, and is told.
                let _ = (part.load)().await;
            }
        });
    });
}
