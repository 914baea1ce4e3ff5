//! Parts of the console whose code browsers load on demand, so that the list loads first.
//!
//! The build moves code that only one part needs out of the main module into a file of its own
//! (`make site`). Before hydration, the parts on the current page are loaded ([`load_for`]). The
//! others follow after it, so that opening one needs no wait. On the server all parts are
//! available.
#![allow(unsafe_code, reason = "what `wasm_split` makes declares functions that are linked later")]

use std::pin::Pin;

use futures::FutureExt;
use leptos::either::Either;
use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::browser;
use crate::components::{
    AccountMenu, EmptyList, Failure, LanguageMenu, SessionOver, Shortcuts, SignInAgain, SortForm, ThemeMenu, ToastList,
    WhyNotListed,
};
use crate::error::Code;
use crate::host;
use crate::pages::{ConversationsPage, CustomerPane, SettingsPage, SignInPage};

/// The customer pane.
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

/// Tools that open on demand; few pages show one initially.
#[wasm_split(tools, preload(load_tools), fallible)]
fn tools(which: Tool) -> Result<AnyView, SplitLoaderError> {
    Ok(match which {
        Tool::SortForm => view! { <SortForm /> }.into_any(),
        Tool::Shortcuts => view! { <Shortcuts /> }.into_any(),
        Tool::SignInAgain => view! { <SignInAgain /> }.into_any(),
        Tool::SessionOver => view! { <SessionOver /> }.into_any(),
        Tool::ThemeMenu => view! { <ThemeMenu /> }.into_any(),
        Tool::LanguageMenu => view! { <LanguageMenu /> }.into_any(),
        Tool::AccountMenu => view! { <AccountMenu /> }.into_any(),
        Tool::Toasts => view! { <ToastList /> }.into_any(),
        Tool::EmptyList => view! { <EmptyList /> }.into_any(),
        Tool::WhyNotListed => view! { <WhyNotListed /> }.into_any(),
    })
}

/// The parts in the tools chunk.
enum Tool {
    SortForm,
    Shortcuts,
    SignInAgain,
    SessionOver,
    ThemeMenu,
    LanguageMenu,
    AccountMenu,
    Toasts,
    EmptyList,
    WhyNotListed,
}

/// The sign-in page.
#[wasm_split(sign_in, preload(load_sign_in), fallible)]
fn sign_in() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <SignInPage /> }.into_any())
}

type Loading<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A part of the console that is loaded on demand.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Loads the code, unless it is loaded already.
    load: fn() -> Loading<()>,
    /// Chunk file that contains the code.
    file: &'static str,
    /// Renders the part; ready at once if its code is loaded.
    view: fn() -> Loading<AnyView>,
    /// Paths of the pages that are this part, as in the routes of [`App`](crate::App).
    pages: &'static [&'static str],
    /// Selector of elements that need the part in a server-rendered page.
    shown: Option<&'static str>,
}

pub(crate) const CUSTOMER: Part = Part {
    load: || Box::pin(load_customer()),
    file: "split_customer.wasm",
    view: || Box::pin(customer()),
    pages: &["/customers/:key", "/admin/customers/:key"],
    shown: None,
};
pub(crate) const CONVERSATIONS: Part = Part {
    load: || Box::pin(load_conversations()),
    file: "split_conversations.wasm",
    view: || Box::pin(conversations()),
    pages: &["/conversations/:key?"],
    shown: None,
};
pub(crate) const SETTINGS: Part = Part {
    load: || Box::pin(load_settings()),
    file: "split_settings.wasm",
    view: || Box::pin(settings()),
    pages: &["/admin/settings"],
    shown: None,
};
pub(crate) const SIGN_IN: Part = Part {
    load: || Box::pin(load_sign_in()),
    file: "split_sign_in.wasm",
    view: || Box::pin(sign_in()),
    pages: &["/sign-in"],
    shown: None,
};
/// Form of the Sort panel.
pub(crate) const SORT_FORM: Part = tool(|| Box::pin(tools(Tool::SortForm)));
/// List of shortcuts.
pub(crate) const SHORTCUTS: Part = tool(|| Box::pin(tools(Tool::Shortcuts)));
/// Sign-in dialog after the session has ended.
pub(crate) const SIGN_IN_AGAIN: Part = tool(|| Box::pin(tools(Tool::SignInAgain)));
/// Dialog of the widget after the session has ended.
pub(crate) const SESSION_OVER: Part = tool(|| Box::pin(tools(Tool::SessionOver)));
/// Choice between the light and the dark theme.
pub(crate) const THEME_MENU: Part = tool(|| Box::pin(tools(Tool::ThemeMenu)));
/// Choice of the language.
pub(crate) const LANGUAGE_MENU: Part = tool(|| Box::pin(tools(Tool::LanguageMenu)));
/// Account menu.
pub(crate) const ACCOUNT_MENU: Part = tool(|| Box::pin(tools(Tool::AccountMenu)));
/// Toasts at the edge of the page.
pub(crate) const TOASTS: Part = tool(|| Box::pin(tools(Tool::Toasts)));
/// Explanation of an empty list.
pub(crate) const EMPTY_LIST: Part = tool(|| Box::pin(tools(Tool::EmptyList)));
/// Reason why the customer with the entered ID is not in the list.
pub(crate) const WHY_NOT_LISTED: Part = tool(|| Box::pin(tools(Tool::WhyNotListed)));

const fn tool(view: fn() -> Loading<AnyView>) -> Part {
    Part {
        load: || Box::pin(load_tools()),
        file: "split_tools.wasm",
        view,
        pages: &[],
        shown: Some(".list .empty:not([role=\"alert\"]), .why-bar"),
    }
}

/// One part per chunk, in loading order. Sign-in comes last: a signed-in agent has loaded it
/// already.
const ALL: [Part; 5] = [SORT_FORM, CUSTOMER, CONVERSATIONS, SETTINGS, SIGN_IN];

impl Part {
    /// Returns `true` if the page at a path is this part.
    fn is_page(&self, path: &str) -> bool {
        self.pages.iter().any(|page| matches_path(page, path))
    }

    fn view_now(self) -> Option<AnyView> {
        (self.view)().now_or_never().and_then(Result::ok)
    }

    /// Renders the part, or a loading indicator until its code is loaded.
    pub(crate) fn show(self) -> AnyView {
        // Server-rendered HTML can only be hydrated synchronously.
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
/// Returns an error if a chunk cannot be loaded. The page then stays as the server rendered it.
pub async fn load_for(path: &str) -> Result<(), SplitLoaderError> {
    let is_shown = |part: &Part| part.is_page(path) || part.shown.is_some_and(browser::is_rendered);
    for part in ALL.into_iter().filter(is_shown) {
        (part.load)().await?;
    }
    Ok(())
}

/// Loads the remaining chunks one after another, while the page is in use.
pub(crate) fn load_rest() {
    /// Delay in milliseconds during which the page has the connection to itself.
    const LATER: u32 = 300;
    browser::run_after(LATER, || {
        leptos::task::spawn_local(async {
            // The widget has no other pages.
            let wanted = if host::is_embedded() { &ALL[..2] } else { &ALL[..] };
            for part in wanted {
                // Ignore errors: opening the part loads it again and shows the error.
                let _ = (part.load)().await;
            }
        });
    });
}

/// Returns `true` if a path matches the path of a route: `:key` stands for any segment, `:key?` for
/// one or none.
fn matches_path(route: &str, path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let matches = route.split('/').filter(|part| !part.is_empty()).all(|part| match segments.next() {
        Some(segment) => part.starts_with(':') || part == segment,
        None => part.ends_with('?'),
    });
    matches && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages whose code is in the main module.
    #[cfg(feature = "ssr")]
    const AT_ONCE: [&str; 2] = ["/customers", "/admin/customers"];

    #[cfg(feature = "ssr")]
    #[test]
    fn every_page_is_in_one_part_or_loaded_at_once() {
        // An optional parameter gives two routes.
        let routes = leptos_axum::generate_route_list(crate::App);
        let paths: Vec<String> = routes.iter().map(|route| route.path().replace("{key}", "7")).collect();
        assert!(paths.len() > AT_ONCE.len());
        for path in &paths {
            let parts = ALL.iter().filter(|part| part.is_page(path)).count();
            let at_once = AT_ONCE.iter().filter(|page| matches_path(page, path)).count();
            assert_eq!(parts + at_once, 1, "{path}");
        }
        for page in ALL.iter().flat_map(|part| part.pages).chain(&AT_ONCE) {
            assert!(paths.iter().any(|path| matches_path(page, path)), "{page}");
        }
    }

    #[test]
    fn the_page_at_a_path_is_found() {
        let found = |path: &str| ALL.iter().filter(|part| part.is_page(path)).map(|part| part.file).collect::<Vec<_>>();
        for (path, file) in [
            ("/customers/7", "split_customer.wasm"),
            ("/admin/customers/7/", "split_customer.wasm"),
            ("/conversations", "split_conversations.wasm"),
            ("/conversations/7", "split_conversations.wasm"),
            ("/admin/settings", "split_settings.wasm"),
            ("/sign-in", "split_sign_in.wasm"),
        ] {
            assert_eq!(found(path), [file], "{path}");
        }
        for path in ["/customers", "/admin/customers", "/settings", "/customers/7/8", "/"] {
            assert!(found(path).is_empty(), "{path}");
        }
    }
}
