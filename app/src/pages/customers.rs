use clientele::domain::{CustomerKey, EventKind, Mode, Start};
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::api::customers::{ListPart, TagCount, count_customers, list_customers, refresh_rows, size_of_list};
use crate::browser;
use crate::calling::{Calling, use_callback};
use crate::components::{
    Chips, CustomerList, Failure, Icon, NotListed, PageTitle, RefreshRows, SearchBox, Skeleton, SortPanel,
};
use crate::console::{Console, View};
use crate::error::{AppError, Code};
use crate::events::ServerEvent;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::{Action, Keys};
use crate::parts;
use crate::reactive::{effect, effect_from_first, memo};
use crate::resource::ask;
use crate::session::{Link, Session};
use crate::words;

/// First part of the list, or the error.
type Answer = Result<ListPart, AppError>;

/// Milliseconds during which change events are collected into one request.
const TOGETHER: u32 = 400;

/// Customers page: the list with its filter, and the selected customer beside it.
#[component]
pub fn CustomersPage(mode: Mode) -> impl IntoView {
    let console = Console::of_url(mode);
    provide_context(console);
    // The resource loads once, for the first rendering. Later responses replace the data without
    // rebuilding the page, because a rebuilt page would replace the search box while the user types
    // in it.
    let first = ask(
        || (),
        move |()| {
            let view = console.view.get_untracked();
            list_customers(mode, view.query(), view.start, None, None)
        },
    );
    let allowed = allowed(mode);
    view! {
        <PageTitle text=t!(use_i18n(), customers.page) />
        <div class="workspace" class:has-detail=move || console.view.with(|view| view.selected.is_some())>
            <Transition fallback=Skeleton>
                {move || first.get().map(|first| view! { <Page console first allowed /> })}
            </Transition>
            <Show when=move || allowed.get()>
                <Outlet />
            </Show>
        </div>
    }
    .into_any()
}

/// Returns a memo that is `true` if the mode has access to the page, or while that is unknown.
fn allowed(mode: Mode) -> Memo<bool> {
    let session = Session::get();
    memo(move || mode == Mode::Admin || session.current.get().is_none_or(|access| access.customers_page))
}

#[component]
fn Page(console: Console, first: Answer, allowed: Memo<bool>) -> impl IntoView {
    let listing = Listing::new(console, first);
    listing.follow(allowed);
    move || match listing.locked.get() {
        Some(error) => Either::Left(view! { <div class="page"><Failure error /></div> }),
        None => Either::Right(view! { <Workspace listing /> }),
    }
}

/// State of the displayed list: its first part, its size and the changes since.
#[derive(Clone, Copy)]
struct Listing {
    console: Console,
    /// First part, with the view that it belongs to. After a failure the previous one stays.
    answer: RwSignal<(View, Answer)>,
    /// Error that denies access to the whole page.
    locked: Memo<Option<AppError>>,
    /// Error of the last request, while the previous list stays displayed.
    failed: RwSignal<Option<AppError>>,
    /// Number of customers and of similar customers, as reported last.
    size: RwSignal<Option<(u64, u64)>>,
    /// Tags of the tenant, each with its number of customers.
    tags: RwSignal<Vec<TagCount>>,
    /// Number of customers that arrived above the first row since the list was loaded.
    arrived: RwSignal<u64>,
    asking: RwSignal<bool>,
    latest: StoredValue<u64>,
}

impl Listing {
    fn new(console: Console, first: Answer) -> Self {
        let size = first.as_ref().ok().map(|part| (part.total, part.similar));
        let tags = first.as_ref().ok().map(|part| part.tags.clone()).unwrap_or_default();
        let answer = RwSignal::new((console.view.get_untracked(), first));
        let failed = RwSignal::new(None);
        let locked = memo(move || {
            let is_lock = |error: &&AppError| matches!(error.code, Code::PageOff | Code::Forbidden);
            failed
                .with(|failed: &Option<AppError>| failed.as_ref().filter(is_lock).cloned())
                .or_else(|| answer.with(|(_, answer): &(View, Answer)| answer.as_ref().err().filter(is_lock).cloned()))
        });
        Self {
            console,
            answer,
            locked,
            failed,
            size: RwSignal::new(size),
            tags: RwSignal::new(tags),
            arrived: RwSignal::new(0),
            asking: RwSignal::new(false),
            latest: StoredValue::new(0),
        }
    }

    /// Loads the list for the current URL.
    fn ask(self) {
        let Some(view) = self.console.view.try_get_untracked() else { return };
        self.latest.update_value(|number| *number += 1);
        let number = self.latest.get_value();
        self.asking.set(true);
        leptos::task::spawn_local(async move {
            let fresh = list_customers(self.console.mode, view.query(), view.start.clone(), view.selected, None).await;
            // Ignore the response unless it belongs to the newest request; the page may also have
            // been left.
            if self.latest.try_get_value() != Some(number) {
                return;
            }
            self.asking.set(false);
            match fresh {
                Ok(part) => self.show(view, part),
                Err(error) => {
                    Session::handle_signed_out(&error);
                    self.failed.set(Some(error));
                }
            }
        });
    }

    fn show(self, view: View, part: ListPart) {
        self.failed.set(None);
        self.size.set(Some((part.total, part.similar)));
        self.arrived.set(0);
        self.tags.set(part.tags.clone());
        // Close a selected customer that is not in the new list.
        let leaves = part.beside == Some(false);
        self.answer.set((view.clone(), Ok(part)));
        // The previous list may have been scrolled.
        browser::scroll_to_top(".list");
        let now = self.console.view.get_untracked();
        if leaves && now.selected == view.selected {
            self.console.replace(&now.selecting(None));
        }
    }

    /// Reloads the list when the URL changes to another one, and updates its size and tags when
    /// events report a change.
    fn follow(self, allowed: Memo<bool>) {
        let view = self.console.view;
        // Selecting a customer does not reload the list.
        let asked = memo(move || (view.with(|view| (view.query(), view.start.clone())), allowed.get()));
        effect_from_first(move |first| {
            // Read the memo; tracking alone is not enough, because a memo that was never read has
            // no sources.
            asked.with(|_| ());
            if !first {
                self.ask();
            }
        });
        let concerns = |heard: &ServerEvent| match heard {
            // An agent's message changes no list. A customer's message may begin a conversation.
            ServerEvent::Customer(news) => !matches!(news.kind, EventKind::MessageSent),
            heard => matches!(heard, ServerEvent::Everything),
        };
        let session = Session::get();
        session.subscribe_debounced(TOGETHER, concerns, move || self.measure());
        session.subscribe_debounced(
            TOGETHER,
            |heard| matches!(heard, ServerEvent::Tags | ServerEvent::Everything),
            move || self.count_tags(),
        );
        // The limits of days and weeks depend on the time zone.
        session.subscribe(move |heard| {
            if heard == ServerEvent::Zone {
                self.ask();
            }
        });
        // Reload a list that failed to load when the connection is back.
        effect(move || {
            if session.link.get() == Link::Up && self.failed.with_untracked(Option::is_some) {
                self.ask();
            }
        });
    }

    /// Reloads the tags and their numbers of customers in the list.
    fn count_tags(self) {
        let Some(query) = self.answer.try_with_untracked(|(view, _)| view.query()) else { return };
        let number = self.latest.get_value();
        leptos::task::spawn_local(async move {
            if let Ok(count) = count_customers(self.console.mode, query).await
                && self.latest.try_get_value() == Some(number)
            {
                self.tags.set(count.tags);
            }
        });
    }

    /// Reloads the size of the list.
    fn measure(self) {
        let Some((query, top, at)) = self.answer.try_with_untracked(|(view, answer)| {
            let top = answer.as_ref().ok().and_then(|part| part.rows.first()).map(|row| row.row.cursor.to_string());
            (view.query(), top.unwrap_or_default(), answer.as_ref().ok().map(|part| part.at))
        }) else {
            return;
        };
        let number = self.latest.get_value();
        leptos::task::spawn_local(async move {
            let size = size_of_list(self.console.mode, query, top.clone(), at).await;
            // Ignore a size that belongs to an earlier list.
            if let Ok(size) = size
                && self.latest.try_get_value() == Some(number)
            {
                self.size.set(Some((size.total, size.similar)));
                let arrived = if top.is_empty() { size.total + size.similar } else { size.above };
                self.arrived.set(arrived);
            }
        });
    }
}

#[component]
fn Workspace(listing: Listing) -> impl IntoView {
    let i18n = use_i18n();
    let Listing { console, answer, failed, size, tags, arrived, asking, .. } = listing;
    let mode = console.mode;
    let total = Signal::derive(move || size.get().map(|(total, _)| total));
    let similar = move || size.get().map_or(0, |(_, similar)| similar);
    let count = Callback::new(move |query: String| -> std::pin::Pin<Box<dyn Future<Output = _>>> {
        Box::pin(async move { count_customers(mode, query).await.ok() })
    });
    let counted = move || match total.get() {
        Some(total) => words::customers(i18n, total),
        None => "–".to_owned(),
    };
    let calling = use_callback(console);
    let show_arrived = move || {
        listing.ask();
        browser::focus("#search");
    };
    listen_for_keys(listing);
    view! {
            <section class="list-pane" aria-labelledby="title" aria-busy=move || asking.get().to_string()>
                <header class="toolbar">
                    <div class="toolbar-row">
                        <h1 class="page-title" id="title">
                            {t!(i18n, customers.title)}
                        </h1>
                        <SearchBox console />
                    </div>
                    <div class="toolbar-row">
                        <SortPanel console tags=tags total count />
                        <Chips console tags=tags />
                        <p class="count" role="status">
                            <span>{counted}</span>
                            {move || {
                                (arrived.get() > 0)
                                    .then(|| {
                                        view! {
                                            <button
                                                class="new-pill"
                                                type="button"
                                                aria-keyshortcuts=Action::Arrived.key()
                                                on:click=move |_| show_arrived()
                                            >
                                                {t!(i18n, list.fresh, count = arrived.get())}
                                                <Icon name="arrow-up" />
                                            </button>
                                        }
                                    })
                            }}
                            {move || {
                                (similar() > 0)
                                    .then(|| t_string!(i18n, list.similar, count = similar()))
                                    .map(|words| view! { <small class="hint">{words}</small> })
                            }}
                        </p>
                    </div>
                </header>
                <p class="list-failure" role="alert">
                    {move || {
                        failed
                            .get()
                            .map(|error| {
                                view! {
                                    <Icon name="alert" />
                                    <span>{t!(i18n, list.not_this)} " " {words::failure(i18n, &error)}</span>
                                    <button class="button is-small" type="button" on:click=move |_| listing.ask()>
                                        {t!(i18n, failure.retry)}
                                    </button>
                                }
                            })
                    }}
                </p>
                {move || answer.with(|(view, answer)| list_or_else(listing, view, answer.clone(), calling))}
            </section>
    }
    .into_any()
}

fn list_or_else(listing: Listing, view: &View, answer: Answer, calling: Calling) -> AnyView {
    let console = listing.console;
    let mode = console.mode;
    match answer {
        Err(error) => {
            let retry = Callback::new(move |()| listing.ask());
            view! { <div class="list"><Failure error retry /></div> }.into_any()
        }
        Ok(part) if part.all_rows() == 0 => {
            provide_context(NotListed(console, part));
            view! { <div class="list">{parts::EMPTY_LIST.show()}</div> }.into_any()
        }
        Ok(part) => {
            let (query, at) = (view.query(), Some(part.at));
            let load = Callback::new(move |start: Start| -> std::pin::Pin<Box<dyn Future<Output = Answer>>> {
                Box::pin(list_customers(mode, query.clone(), start.to_string(), None, at))
            });
            let query = view.query();
            let refresh: RefreshRows =
                Callback::new(move |keys: Vec<CustomerKey>| -> std::pin::Pin<Box<dyn Future<Output = _>>> {
                    let keys = keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                    Box::pin(refresh_rows(mode, query.clone(), keys))
                });
            let first_place = match view.start.parse() {
                Ok(Start::Row(place)) => place,
                _ => 0,
            };
            // The search text is the complete ID of a customer who is not listed.
            let why = part.why.is_some().then(|| {
                provide_context(NotListed(console, part.clone()));
                view! {
                    <section class="why-bar" role="status">
                        {parts::WHY_NOT_LISTED.show()}
                    </section>
                }
            });
            let sized = Callback::new(move |size| listing.size.set(Some(size)));
            view! {
                {why}
                <Pages console view=view.clone() first_place part=part.clone() />
                <CustomerList console part first_place load refresh sized calling />
            }
            .into_any()
        }
    }
}

/// Links to the previous and the next part of the list, for use without JavaScript.
#[component]
fn Pages(console: Console, view: View, first_place: u64, part: ListPart) -> impl IntoView {
    let i18n = use_i18n();
    let (rows, total) = (part.rows.len() as u64, part.all_rows());
    let href = move |place: u64| {
        let start = if place == 0 { Start::Top } else { Start::Row(place) };
        console.href(&view.starting(start.to_string()))
    };
    let previous = (first_place > 0).then(|| href(first_place.saturating_sub(50)));
    let next = (first_place + rows < total).then(|| href(first_place + rows));
    let range =
        format!("{}–{} / {}", words::number(first_place + 1), words::number(first_place + rows), words::number(total));
    view! {
        <noscript>
            <nav class="pager" aria-label=t_string!(i18n, list.pages)>
                {previous.map(|href| view! { <a class="button" href=href>{t!(i18n, list.previous)}</a> })}
                <span>{range}</span>
                {next
                    .map(|href| {
                        view! {
                            <a class="button" href=href>
                                {t!(i18n, list.next)}
                                <Icon name="chevron-right" />
                            </a>
                        }
                    })}
            </nav>
        </noscript>
    }
    .into_any()
}

fn listen_for_keys(listing: Listing) {
    let keys = Keys::get();
    keys.on(Action::Search, || browser::focus("#search"));
    keys.on(Action::Arrived, move || {
        let some = listing.arrived.get_untracked() > 0;
        if some {
            listing.ask();
        }
        some
    });
}
