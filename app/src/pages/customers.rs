//! The Customers page.

mod listing;

use clientele::domain::{CustomerKey, Mode, Start};
use leptos::either::Either;
use leptos::prelude::*;

use crate::api::customers::{ListPart, count_customers, list_customers, refresh_rows};
use crate::calling::{Calling, use_callback};
use crate::components::{
    Chips, CustomerList, Failure, Icon, NotListed, PageTitle, RefreshRows, SearchBox, Skeleton, SortPanel,
};
use crate::console::{Console, View};
use crate::focus::Focus;
use crate::host::Widget;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::{Action, Keys};
use crate::labels;
use crate::parts;
use crate::reactive::{effect, memo};
use crate::resource::resource;
use crate::session::Session;

use listing::{ListResult, Listing};

/// Customers page: the list with its filter, and the selected customer beside it.
#[component]
pub fn CustomersPage(
    /// State of the page.
    console: Console,
    /// Pane of the selected customer; nothing if none is selected.
    #[prop(into)]
    pane: ViewFn,
) -> impl IntoView {
    let mode = console.mode;
    provide_context(console);
    // The resource loads once, for the first rendering. Later responses replace the data without
    // rebuilding the page, because a rebuilt page would replace the search box while the user types
    // in it.
    let first = resource(
        || (),
        move |()| {
            let view = console.view.get_untracked();
            list_customers(mode, view.query(), view.start, None, None)
        },
    );
    let allowed = allowed(mode);
    view! {
        <PageTitle text=t!(use_i18n(), customers.page) />
        <div class="workspace" class:has-detail=move || console.selected.get().is_some()>
            <Transition fallback=Skeleton>
                {move || first.get().map(|first| view! { <Page console first allowed /> })}
            </Transition>
            {move || allowed.get().then(|| pane.run())}
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
fn Page(console: Console, first: ListResult, allowed: Memo<bool>) -> impl IntoView {
    if let Some(widget) = Widget::get() {
        let failed = first.as_ref().err().map(|error| error.code);
        // After the list is drawn.
        effect(move || widget.report_loaded(failed));
    }
    let listing = Listing::new(console, first);
    listing.follow(allowed);
    move || match listing.locked.get() {
        Some(error) => Either::Left(view! { <div class="page"><Failure error /></div> }),
        None => Either::Right(view! { <Workspace listing /> }),
    }
}

#[component]
fn Workspace(listing: Listing) -> impl IntoView {
    let i18n = use_i18n();
    let Listing { console, answer, failed, size, tags, arrived, asking, .. } = listing;
    let (mode, focus) = (console.mode, Focus::get());
    let total = Signal::derive(move || size.get().map(|(total, _)| total));
    let similar = move || size.get().map_or(0, |(_, similar)| similar);
    let count = Callback::new(move |query: String| -> std::pin::Pin<Box<dyn Future<Output = _>>> {
        Box::pin(count_customers(mode, query))
    });
    let counted = move || match total.get() {
        Some(total) => labels::customers(i18n, total),
        None => "–".to_owned(),
    };
    let calling = use_callback(console);
    let show_arrived = move || {
        listing.reload();
        focus.search.focus();
    };
    listen_for_keys(listing, focus);
    view! {
            <section
                class="list-pane"
                node_ref=focus.customers
                aria-labelledby="title"
                aria-busy=move || asking.get().to_string()
            >
                <header class="toolbar" part="toolbar">
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
                                    <span>{t!(i18n, list.not_this)} " " {labels::failure(i18n, &error)}</span>
                                    <button class="button is-small" type="button" on:click=move |_| listing.reload()>
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

fn list_or_else(listing: Listing, view: &View, answer: ListResult, calling: Calling) -> AnyView {
    let console = listing.console;
    let mode = console.mode;
    match answer {
        Err(error) => {
            let retry = Callback::new(move |()| listing.reload());
            view! { <div class="list"><Failure error retry /></div> }.into_any()
        }
        Ok(part) if part.all_rows() == 0 => {
            provide_context(NotListed(console, part));
            view! { <div class="list">{parts::EMPTY_LIST.show()}</div> }.into_any()
        }
        Ok(part) => {
            let (query, at) = (view.query(), Some(part.at));
            let load = Callback::new(move |start: Start| -> std::pin::Pin<Box<dyn Future<Output = ListResult>>> {
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
    let range = format!(
        "{}–{} / {}",
        labels::number(first_place + 1),
        labels::number(first_place + rows),
        labels::number(total)
    );
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

fn listen_for_keys(listing: Listing, focus: Focus) {
    let keys = Keys::get();
    keys.on(Action::Search, move || focus.search.focus());
    keys.on(Action::Arrived, move || {
        let some = listing.arrived.get_untracked() > 0;
        if some {
            listing.reload();
        }
        some
    });
}
