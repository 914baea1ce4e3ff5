//! The list itself: a window of rows that moves over any number of customers.

use std::collections::BTreeMap;

use clientele::domain::{CustomerKey, Direction, SortBy, Start, Tag};
use leptos::either::Either;
use leptos::prelude::*;

use super::customer_row::CustomerRow;
use crate::access::{Link, Session};
use crate::api::customers::{FreshRows, ListPart, ListRow};
use crate::browser;
use crate::console::Console;
use crate::error::AppError;
use crate::i18n::{t, use_i18n};

mod scroll;

use scroll::{Geometry, Parts};

/// Rows kept in memory; those farthest from the window are forgotten and fetched again when they are needed.
const KEPT: usize = 1_000;
/// Rows in a part, as the server sends them.
const PART: u64 = 50;

/// Loads a part of the list that begins somewhere.
pub type LoadPart = Callback<Start, std::pin::Pin<Box<dyn Future<Output = Result<ListPart, AppError>>>>>;

/// Asks for rows as they are now.
pub type RefreshRows = Callback<Vec<CustomerKey>, std::pin::Pin<Box<dyn Future<Output = Result<FreshRows, AppError>>>>>;

/// What comes within so many milliseconds is asked for together.
const TOGETHER: u32 = 150;

/// A row, and how often it was replaced.
type Known = (u32, ListRow);

/// The rows that are known, by their place in the whole list.
#[derive(Clone, Copy)]
struct Rows {
    known: RwSignal<BTreeMap<u64, Known>>,
    total: RwSignal<u64>,
    loading: RwSignal<bool>,
}

/// The list of customers, from its first part on. A new filter makes a new list.
#[component]
pub fn CustomerList(
    /// The console.
    console: Console,
    /// The part the list begins with.
    part: ListPart,
    /// The place of that part's first row.
    first_place: u64,
    /// How the other parts are loaded.
    load: LoadPart,
    /// How rows that changed are asked for.
    refresh: RefreshRows,
    /// Calls a customer back.
    call: Callback<CustomerKey>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = Session::get();
    let tags = StoredValue::new(part.tags.iter().map(|counted| counted.tag.clone()).collect::<Vec<Tag>>());
    let all_rows = part.all_rows();
    let known: BTreeMap<u64, Known> = (first_place..).zip(part.rows.into_iter().map(|row| (0, row))).collect();
    let geometry = RwSignal::new(Geometry::of_first_part(first_place, known.len() as u64));
    let rows = Rows { known: RwSignal::new(known), total: RwSignal::new(all_rows), loading: RwSignal::new(false) };
    let parts = Parts { list: NodeRef::new(), table: NodeRef::new(), body: NodeRef::new() };

    scroll::follow(parts, geometry, rows.total);
    Effect::new(move |_| load_missing(rows, geometry.get().window(rows.total.get()), load));

    follow_news(rows, tags, refresh);
    let window = Memo::new(move |_| {
        let range = geometry.get().window(rows.total.get());
        rows.known.with(|known| {
            range.map(|place| (place, known.get(&place).map(|(times, row)| (row.row.key, *times)))).collect::<Vec<_>>()
        })
    });
    scroll::listen_for_keys(parts, geometry, rows.total, window);
    let row = move |(place, key): (u64, Option<(CustomerKey, u32)>)| match key
        .and_then(|_| rows.known.with_untracked(|known| known.get(&place).cloned()))
    {
        Some((_, row)) => Either::Left(view! { <CustomerRow console row place tags call /> }),
        None => Either::Right(view! { <EmptyRow /> }),
    };
    view! {
        <div class="list" class:is-stale=move || session.link.get() == Link::Lost node_ref=parts.list on:scroll=move |_| scroll::scrolled(parts, geometry)>
            <table
                class="customers list-spacer"
                role="table"
                aria-labelledby="title"
                aria-rowcount=move || (rows.total.get() + 1).to_string()
                node_ref=parts.table
            >
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">
                        <SortableHead console by=SortBy::Nickname class="col-name" label=Signal::derive(t!(i18n, field.nickname)) />
                        <th role="columnheader" scope="col" class="col-id">{t!(i18n, field.id)}</th>
                        <th role="columnheader" scope="col" class="col-tags">{t!(i18n, field.tags)}</th>
                        <th role="columnheader" scope="col" class="col-phone">{t!(i18n, field.phone)}</th>
                        <th role="columnheader" scope="col" class="col-email">{t!(i18n, field.email)}</th>
                        <th role="columnheader" scope="col" class="col-channel">{t!(i18n, field.channel)}</th>
                        <SortableHead console by=SortBy::Created class="col-created" label=Signal::derive(t!(i18n, field.created)) />
                        <SortableHead console by=SortBy::LatestConversation class="col-latest" label=Signal::derive(t!(i18n, field.latest)) />
                        <th role="columnheader" scope="col" class="col-action">
                            <span class="visually-hidden">{t!(i18n, callback.title)}</span>
                        </th>
                    </tr>
                </thead>
                <tbody class="list-window" role="rowgroup" node_ref=parts.body on:click=scroll::open_row>
                    <For each=move || window.get() key=|place| *place children=row />
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Keeps the rows as others change them: in place, so that nothing jumps. Those that would stand elsewhere now, or nowhere, stay
/// until the list is asked for again.
fn follow_news(rows: Rows, tags: StoredValue<Vec<Tag>>, refresh: RefreshRows) {
    let session = Session::get();
    let changed = StoredValue::new(Vec::<CustomerKey>::new());
    let ask = move || {
        // The list may have gone while this waited.
        let Some(asked) = changed.try_update_value(std::mem::take).and_then(|keys| refresh.try_run(keys)) else {
            return;
        };
        leptos::task::spawn_local(async move {
            if let Ok(fresh) = asked.await {
                tags.try_set_value(fresh.tags);
                replace(rows, fresh.rows);
            }
        });
    };
    let note = move |keys: Vec<CustomerKey>| {
        let first = changed.with_value(Vec::is_empty);
        changed.update_value(|changed| {
            changed.extend(keys.into_iter().filter(|key| !changed.contains(key)).collect::<Vec<_>>())
        });
        if first && changed.with_value(|changed| !changed.is_empty()) {
            browser::after(TOGETHER, ask);
        }
    };
    Effect::new(move |_| {
        let Some(news) = session.news.get() else { return };
        let shown = rows.known.with_untracked(|known| known.values().any(|(_, row)| row.row.key == news.customer));
        if shown {
            note(vec![news.customer]);
        }
    });
    Effect::new(move |before: Option<u32>| {
        let now = session.resync.get();
        if before.is_some_and(|before| before != now) {
            note(rows.known.with_untracked(|known| known.values().map(|(_, row)| row.row.key).collect()));
        }
        now
    });
}

fn replace(rows: Rows, fresh: Vec<ListRow>) {
    let focused = scroll::focused_row();
    // The list may have gone meanwhile.
    rows.known.try_update(|known| {
        for mut fresh in fresh {
            let Some((times, row)) = known.values_mut().find(|(_, row)| row.row.key == fresh.row.key) else { continue };
            fresh.row.cursor = row.row.cursor.clone();
            if *row != fresh {
                (*times, *row) = (*times + 1, fresh);
            }
        }
    });
    // A row that is made anew loses the keyboard's focus.
    if let Some(place) = focused {
        request_animation_frame(move || {
            browser::focus(&format!(".list-window tr[aria-rowindex=\"{}\"] a", place + 2));
        });
    }
}

/// Fetches what the window lacks: after a row that is known, before one, or by place after a jump.
fn load_missing(rows: Rows, window: std::ops::Range<u64>, load: LoadPart) {
    if rows.loading.get() {
        return;
    }
    let missing = rows.known.with_untracked(|known| {
        let first = window.clone().find(|place| !known.contains_key(place))?;
        let above = first.checked_sub(1).and_then(|place| known.get(&place));
        let below = window
            .clone()
            .rev()
            .find(|place| !known.contains_key(place))
            .and_then(|last| known.get(&(last + 1)).map(|row| (last, row)));
        Some(match (above, below) {
            (Some((_, row)), _) => (first, Start::After(row.row.cursor.clone())),
            (None, Some((last, (_, row)))) => ((last + 1).saturating_sub(PART), Start::Before(row.row.cursor.clone())),
            (None, None) => (first, Start::Row(first)),
        })
    });
    let Some((first, start)) = missing else { return };
    rows.loading.set(true);
    leptos::task::spawn_local(async move {
        let answer = load.run(start).await;
        // The list may have gone meanwhile, with all its signals: then the value comes back.
        if rows.loading.try_set(false).is_some() {
            return;
        }
        match answer {
            Ok(part) => {
                rows.total.set(part.all_rows());
                rows.known.update(|known| {
                    known.extend((first..).zip(part.rows.into_iter().map(|row| (0, row))));
                    forget_farthest(known, &window);
                });
            }
            Err(error) => Session::note(&error),
        }
    });
}

fn forget_farthest(known: &mut BTreeMap<u64, Known>, window: &std::ops::Range<u64>) {
    while known.len() > KEPT {
        let (Some(first), Some(last)) = (known.keys().next().copied(), known.keys().next_back().copied()) else {
            return;
        };
        let (above, below) = (window.start.saturating_sub(first), last.saturating_sub(window.end));
        known.remove(if above > below { &first } else { &last });
    }
}

/// The head of a column the list can be sorted by: a link to the same list in that order.
#[component]
fn SortableHead(console: Console, by: SortBy, class: &'static str, label: Signal<&'static str>) -> impl IntoView {
    let order = move || {
        let sort = console.view.with(|view| view.sort);
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

/// A row that is on its way.
#[component]
fn EmptyRow() -> impl IntoView {
    view! {
        <tr role="row" class="is-loading">
            <th role="rowheader" scope="row" class="col-name"></th>
        </tr>
    }
    .into_any()
}

/// The list while its first part is on its way.
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
