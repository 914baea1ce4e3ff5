//! Virtual-scrolling customer list: renders only the rows in the viewport, for any number of
//! customers.

use clientele::domain::{CustomerKey, Direction, SortBy, Start, Tag};
use leptos::either::Either;
use leptos::prelude::*;

use super::customer_row::CustomerRow;
use super::{Each, Icon};
use crate::api::customers::{FreshRows, ListPart};
use crate::browser::{self, Throttled};
use crate::calling::Calling;
use crate::console::Console;
use crate::error::AppError;
use crate::events::ServerEvent;
use crate::focus::Focus;
use crate::i18n::{t, use_i18n};
use crate::labels;
use crate::live::send;
use crate::reactive::{effect, memo};
use crate::session::{Link, Session};

mod geometry;
mod rows;
mod scroll;

use geometry::Geometry;
use rows::Rows;
use scroll::ListElements;

/// Callback that loads the part of the list that begins at the given start.
pub type LoadPart = Callback<Start, std::pin::Pin<Box<dyn Future<Output = Result<ListPart, AppError>>>>>;

/// Callback that loads the current rows of the given customers.
pub type RefreshRows = Callback<Vec<CustomerKey>, std::pin::Pin<Box<dyn Future<Output = Result<FreshRows, AppError>>>>>;

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 150;
/// Milliseconds before a failed load is retried: after the first, the second and every later
/// failure.
const RETRY_DELAYS: [u32; 3] = [1_000, 2_000, 5_000];

/// State of the displayed list and of its pending request.
#[derive(Clone, Copy)]
struct List {
    rows: RwSignal<Rows>,
    geometry: RwSignal<Geometry>,
    parts: ListElements,
    load: LoadPart,
    /// Called with the total and the number of similar customers that each loaded part reports.
    sized: Callback<(u64, u64)>,
    loading: StoredValue<bool>,
    /// Error of the last load; `None` after a success or once a retry starts.
    failed: RwSignal<Option<AppError>>,
    failures: StoredValue<usize>,
}

/// Table of customers that loads its rows on demand. A new filter needs a new instance.
#[component]
pub fn CustomerList(
    /// Console that opens customers and builds the links.
    console: Console,
    /// First part of the list.
    part: ListPart,
    /// Position of the first row of `part` in the whole list, from 0.
    first_place: u64,
    /// Loads the other parts.
    load: LoadPart,
    /// Reloads rows that changed.
    refresh: RefreshRows,
    /// Called with the total and the number of similar customers that each loaded part reports.
    sized: Callback<(u64, u64)>,
    /// Performs the callback of a row's button.
    calling: Calling,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = Session::get();
    let tags = StoredValue::new(part.tags.iter().map(|counted| counted.tag.clone()).collect::<Vec<Tag>>());
    let first_rows = part.rows.len() as u64;
    let list = List {
        rows: RwSignal::new(Rows::new(first_place, part)),
        geometry: RwSignal::new(Geometry::of_first_part(first_place, first_rows)),
        parts: ListElements { list: NodeRef::new(), table: NodeRef::new(), body: NodeRef::new() },
        load,
        sized,
        loading: StoredValue::new(false),
        failed: RwSignal::new(None),
        failures: StoredValue::new(0),
    };
    let List { rows, geometry, parts, failed, .. } = list;
    let total = memo(move || rows.with(Rows::len));

    scroll::follow(parts, geometry, total);
    effect(move || {
        geometry.track();
        rows.track();
        list.load_missing();
    });
    // Retry a failed load at once when the connection is back.
    effect(move || {
        if session.link.get() == Link::Up {
            list.retry();
        }
    });
    list.follow(tags, refresh);
    let window = memo(move || {
        let range = geometry.get().window(total.get());
        rows.with(|rows| {
            range.map(|place| (place, rows.at(place).map(|(times, row)| (row.row.key, *times)))).collect::<Vec<_>>()
        })
    });
    scroll::listen_for_keys(console, parts, geometry, rows, window);
    Focus::get().row.set_value(Some(Callback::new(move |key| scroll::focus_customer(parts, key))));
    let focused = RwSignal::new(None::<u64>);
    // Opening a customer, by whatever means, makes its row the target of Tab and F6.
    effect(move || {
        // Read the memo; tracking alone is not enough, because a memo that was never read has no
        // sources.
        let _ = console.selected.get();
        focused.set(None);
    });
    let stop = scroll::tab_stop(console, geometry, rows, focused);
    let row = move |(place, known): (u64, Option<(CustomerKey, u32)>)| match known
        .and_then(|_| rows.with_untracked(|rows| rows.at(place).cloned()))
    {
        Some((_, row)) => Either::Left(view! { <CustomerRow console row place tags stop calling /> }),
        None => Either::Right(view! { <EmptyRow /> }),
    };
    view! {
        <div
            class="list"
            part="list"
            class:is-stale=move || session.link.get() == Link::Lost
            node_ref=parts.list
            on:scroll=move |_| scroll::scrolled(parts, geometry, total.get_untracked())
        >
            <table
                class="customers"
                class:is-by-created=move || console.list.with(|view| view.sort.by == SortBy::Created)
                role="table"
                aria-labelledby="title"
                aria-rowcount=move || (total.get() + 1).to_string()
                node_ref=parts.table
            >
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">
                        <SortableHead
                            console
                            by=SortBy::Nickname
                            class="col-name"
                            label=Signal::derive(t!(i18n, field.nickname))
                        />
                        <th role="columnheader" scope="col" class="col-id">{t!(i18n, field.id)}</th>
                        <th role="columnheader" scope="col" class="col-tags">{t!(i18n, field.tags)}</th>
                        <th role="columnheader" scope="col" class="col-phone">{t!(i18n, field.phone)}</th>
                        <th role="columnheader" scope="col" class="col-email">{t!(i18n, field.email)}</th>
                        <th role="columnheader" scope="col" class="col-channel">{t!(i18n, field.channel)}</th>
                        <SortableHead
                            console
                            by=SortBy::Created
                            class="col-created"
                            label=Signal::derive(t!(i18n, field.created))
                        />
                        <SortableHead
                            console
                            by=SortBy::LatestConversation
                            class="col-latest"
                            label=Signal::derive(t!(i18n, field.latest))
                        />
                        <th role="columnheader" scope="col" class="col-action">
                            <span class="visually-hidden">{t!(i18n, callback.title)}</span>
                        </th>
                    </tr>
                </thead>
                <tbody
                    class="list-window"
                    role="rowgroup"
                    node_ref=parts.body
                    on:click=move |event| scroll::open_row(console, event)
                    on:auxclick=move |event| scroll::open_row(console, event)
                    on:focusin=move |_| focused.set(scroll::focused_row(parts))
                >
                    <Each each=move || window.get() key=|place| *place children=row />
                </tbody>
            </table>
        </div>
        <p class="list-failure" role="alert">
            {move || {
                failed
                    .get()
                    .map(|error| {
                        view! {
                            <Icon name="alert" />
                            <span>{t!(i18n, list.part_failed)} " " {labels::failure(i18n, &error)}</span>
                            <button class="button is-small" type="button" on:click=move |_| list.retry()>
                                {t!(i18n, failure.retry)}
                            </button>
                        }
                    })
            }}
        </p>
    }
    .into_any()
}

impl List {
    /// Loads the rows missing from the window: after a known row, before one, or by position after
    /// a jump. Runs one request at a time, and none while a failed one waits for its retry.
    fn load_missing(self) {
        if self.loading.get_value() || self.failed.with_untracked(Option::is_some) {
            return;
        }
        let window = self.geometry.get_untracked().window(self.rows.with_untracked(Rows::len));
        let Some((anchor, start)) = self.rows.with_untracked(|rows| rows.missing(window.clone())) else { return };
        self.loading.set_value(true);
        send(self.load.run(start), move |answer| {
            // `try_set_value` returns the value if the list and its signals were disposed during
            // the request.
            if self.loading.try_set_value(false).is_some() {
                return;
            }
            match answer {
                Ok(part) => {
                    self.failures.set_value(0);
                    self.sized.try_run((part.total, part.similar));
                    let focused = scroll::focused_row(self.parts);
                    let shift = self.rows.try_update(|rows| rows.add(anchor, part, &window)).unwrap_or_default();
                    scroll::shift(self.parts, self.geometry, shift);
                    scroll::focus_again(self.parts, focused.and_then(|place| place.checked_add_signed(shift)));
                }
                Err(error) => {
                    let failures = self.failures.get_value();
                    self.failures.set_value(failures + 1);
                    self.failed.set(Some(error));
                    browser::run_after(RETRY_DELAYS[failures.min(RETRY_DELAYS.len() - 1)], move || self.retry());
                }
            }
        });
    }

    /// Retries the failed load, if there is one.
    fn retry(self) {
        if self.failed.try_with_untracked(Option::is_some) == Some(true) {
            self.failed.set(None);
            self.load_missing();
        }
    }

    /// Updates rows in place as events report changes, so that nothing jumps. Rows that would now
    /// be elsewhere or outside the list stay where they are until the list is reloaded.
    fn follow(self, tags: StoredValue<Vec<Tag>>, refresh: RefreshRows) {
        let changed = StoredValue::new(Vec::<CustomerKey>::new());
        let refresh_soon = Throttled::new(THROTTLE_MILLIS, move || {
            let Some(keys) = changed.try_update_value(std::mem::take) else { return };
            let Some(asked) = refresh.try_run(keys.clone()) else { return };
            send(asked, move |answer| match answer {
                Ok(fresh) => {
                    tags.try_set_value(fresh.tags);
                    self.replace(fresh.rows);
                }
                // Retry these keys together with the next changes.
                Err(_) => drop(changed.try_update_value(|changed| changed.extend(keys))),
            });
        });
        Session::get().subscribe(move |heard| {
            let window = || self.geometry.get_untracked().window(self.rows.with_untracked(Rows::len));
            let keys = match heard {
                ServerEvent::Customer(news)
                    if self.rows.with_untracked(|rows| rows.place_of(news.customer).is_some()) =>
                {
                    vec![news.customer]
                }
                // Refresh only the rows in the window. Other known rows stay as they are.
                ServerEvent::Everything => self.rows.with_untracked(|rows| rows.keys(window())),
                _ => return,
            };
            changed.update_value(|changed| {
                let new: Vec<CustomerKey> = keys.into_iter().filter(|key| !changed.contains(key)).collect();
                changed.extend(new);
            });
            refresh_soon.call();
        });
    }

    fn replace(self, fresh: Vec<crate::api::customers::ListRow>) {
        let focused = scroll::focused_row(self.parts);
        if self.rows.try_update(|rows| rows.replace(fresh)) == Some(true) {
            scroll::focus_again(self.parts, focused);
        }
    }
}

/// Header of a sortable column: a link to the same list in that order; on the current sort column
/// the link reverses the direction.
#[component]
fn SortableHead(console: Console, by: SortBy, class: &'static str, label: Signal<&'static str>) -> impl IntoView {
    let order = move || {
        let sort = console.list.with(|view| view.sort);
        (sort.by == by).then_some(if sort.direction == Direction::Ascending { "ascending" } else { "descending" })
    };
    let href = move || console.href(&console.view.get().sorted(by));
    view! {
        <th role="columnheader" scope="col" class=class aria-sort=order>
            <a href=href>{label}</a>
        </th>
    }
    .into_any()
}

/// Placeholder for a row that is still loading.
#[component]
fn EmptyRow() -> impl IntoView {
    view! {
        <tr role="row" class="is-loading">
            <th role="rowheader" scope="row" class="col-name"></th>
        </tr>
    }
    .into_any()
}

/// Placeholder for the list while its first part loads.
#[component]
pub fn Skeleton() -> impl IntoView {
    const CELLS: [&str; 9] = [
        "col-name",
        "col-id",
        "col-tags",
        "col-phone",
        "col-email",
        "col-channel",
        "col-created",
        "col-latest",
        "col-action",
    ];
    let cells = || CELLS.into_iter().map(|class| view! { <td class=class></td> }).collect_view();
    let rows = (0..12).map(|_| view! { <tr>{cells()}</tr> }).collect_view();
    view! {
        <div class="list" aria-busy="true">
            <table class="customers">
                <tbody class="skeleton" aria-hidden="true">
                    {rows}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
