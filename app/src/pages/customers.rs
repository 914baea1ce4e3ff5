use clientele::domain::{CustomerKey, Mode, Start};
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::access::Session;
use crate::api::customers::{ListPart, TagCount, count_customers, list_customers, refresh_rows};
use crate::browser;
use crate::components::{
    Chips, CustomerList, EmptyList, Failure, Icon, PageTitle, RefreshRows, SearchBox, Skeleton, SortPanel, WhyNotListed,
};
use crate::console::{Console, View};
use crate::error::{AppError, Code};
use crate::i18n::{t, t_string, texts, use_i18n};
use crate::pages::callback::use_callback;
use crate::resource::ask;
use crate::words;

/// What the server said of the list.
type Answer = Result<ListPart, AppError>;

/// The Customers page: the list, its filter, and a customer beside it.
#[component]
pub fn CustomersPage(mode: Mode) -> impl IntoView {
    let console = Console::of_url(mode);
    provide_context(console);
    // Asked once, for the first rendering. What follows replaces the answer and leaves the page where it is: a page
    // that is made anew with each answer would take the search box away from whoever types in it.
    let first = ask(
        || (),
        move |()| {
            let view = console.view.get_untracked();
            list_customers(mode, view.query(), view.start)
        },
    );
    let allowed = allowed(mode);
    view! {
        <PageTitle text=texts::customers::page />
        <div class="workspace" class:has-detail=move || console.view.with(|view| view.selected.is_some())>
            <Transition fallback=Skeleton>
                {move || Suspend::new(async move {
                    let first = first.await;
                    view! { <Page console first allowed /> }
                })}
            </Transition>
            <Show when=move || allowed.get()>
                <Outlet />
            </Show>
        </div>
    }
    .into_any()
}

/// Whether the mode has the page, as far as is known.
fn allowed(mode: Mode) -> Memo<bool> {
    let session = Session::get();
    Memo::new(move |_| mode == Mode::Admin || session.current.get().is_none_or(|access| access.customers_page))
}

#[component]
fn Page(console: Console, first: Answer, allowed: Memo<bool>) -> impl IntoView {
    let (answer, asking, ask) = follow(console, first, allowed);
    let locked = Memo::new(move |_| {
        answer.with(|(_, answer)| {
            answer.as_ref().err().filter(|error| matches!(error.code, Code::PageOff | Code::Forbidden)).cloned()
        })
    });
    move || match locked.get() {
        Some(error) => Either::Left(view! { <div class="page"><Failure error /></div> }),
        None => Either::Right(view! { <Workspace console answer asking ask /> }),
    }
}

/// Keeps the answer to what the URL asks for. The answer comes with the view it answers.
fn follow(
    console: Console,
    first: Answer,
    allowed: Memo<bool>,
) -> (RwSignal<(View, Answer)>, RwSignal<bool>, Callback<()>) {
    let mode = console.mode;
    let answer = RwSignal::new((console.view.get_untracked(), first));
    let asking = RwSignal::new(false);
    let latest = StoredValue::new(0u64);
    let ask = Callback::new(move |()| {
        let view = console.view.get_untracked();
        latest.update_value(|number| *number += 1);
        let number = latest.get_value();
        asking.set(true);
        leptos::task::spawn_local(async move {
            let fresh = list_customers(mode, view.query(), view.start.clone()).await;
            // Only the newest question counts; the page may have gone meanwhile.
            if latest.try_get_value() == Some(number) {
                asking.set(false);
                if let Err(error) = &fresh {
                    Session::note(error);
                }
                answer.set((view, fresh));
            }
        });
    });
    // Selecting a customer does not ask for the list again.
    let asked = Memo::new(move |_| (console.view.with(|view| (view.query(), view.start.clone())), allowed.get()));
    Effect::new(move |before: Option<()>| {
        // Read, not only tracked: a memo that nobody has read knows nothing of its sources.
        asked.with(|_| ());
        if before.is_some() {
            ask.run(());
        }
    });
    (answer, asking, ask)
}

#[component]
fn Workspace(
    console: Console,
    answer: RwSignal<(View, Answer)>,
    asking: RwSignal<bool>,
    ask: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let mode = console.mode;
    // While a failure is shown, what was known of the tags still is.
    let tags = Memo::new(move |before: Option<&Vec<TagCount>>| {
        answer.with(|(_, answer)| match answer {
            Ok(part) => part.tags.clone(),
            Err(_) => before.cloned().unwrap_or_default(),
        })
    });
    let total = Signal::derive(move || answer.with(|(_, answer)| answer.as_ref().ok().map(|part| part.total)));
    let similar = move || answer.with(|(_, answer)| answer.as_ref().map_or(0, |part| part.similar));
    let count = Callback::new(move |query: String| -> std::pin::Pin<Box<dyn Future<Output = _>>> {
        Box::pin(async move { count_customers(mode, query).await.ok() })
    });
    let counted = move || match total.get() {
        Some(total) => words::customers(i18n, total),
        None => "–".to_owned(),
    };
    listen_for_keys();
    let fresh = follow_news(console, total);
    let call = use_callback(mode);
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
                                (fresh.get() > 0)
                                    .then(|| {
                                        view! {
                                            <button class="new-pill" type="button" on:click=move |_| ask.run(())>
                                                {t!(i18n, list.fresh, count = words::number(fresh.get()))}
                                                <Icon name="arrow-up" />
                                            </button>
                                        }
                                    })
                            }}
                            {move || {
                                (similar() > 0)
                                    .then(|| t_string!(i18n, list.similar, count = words::number(similar())))
                                    .map(|words| view! { <small class="hint">{words}</small> })
                            }}
                        </p>
                    </div>
                </header>
                {move || answer.with(|(view, answer)| list_or_else(console, view, answer.clone(), ask, call))}
            </section>
    }
    .into_any()
}

fn list_or_else(
    console: Console,
    view: &View,
    answer: Answer,
    ask: Callback<()>,
    call: Callback<CustomerKey>,
) -> AnyView {
    let mode = console.mode;
    match answer {
        Err(error) => view! { <div class="list"><Failure error retry=ask /></div> }.into_any(),
        Ok(part) if part.all_rows() == 0 => view! { <div class="list"><EmptyList console part /></div> }.into_any(),
        Ok(part) => {
            let query = view.query();
            let load = Callback::new(move |start: Start| -> std::pin::Pin<Box<dyn Future<Output = Answer>>> {
                Box::pin(list_customers(mode, query.clone(), start.to_string()))
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
            // Somebody's whole ID, who is not among those listed.
            let why = part.why.clone().map(|why| {
                let tags = part.tags.clone();
                view! {
                    <section class="why-bar" role="status">
                        <WhyNotListed console why tags />
                    </section>
                }
            });
            view! {
                {why}
                <Pages console view=view.clone() first_place part=part.clone() />
                <CustomerList console part first_place load refresh call />
            }
            .into_any()
        }
    }
}

/// How many more customers than are shown would be found now: asked again a moment after something changed.
fn follow_news(console: Console, total: Signal<Option<u64>>) -> Signal<u64> {
    /// Milliseconds that changes are waited for, so that many of them are one question.
    const TOGETHER: u32 = 400;
    let session = Session::get();
    let now = RwSignal::new(None::<u64>);
    let waiting = StoredValue::new(false);
    let count = move || {
        waiting.try_set_value(false);
        let Some(query) = console.view.try_with_untracked(View::query) else { return };
        leptos::task::spawn_local(async move {
            if let Ok(count) = count_customers(console.mode, query).await {
                now.try_set(Some(count.total));
            }
        });
    };
    Effect::new(move |before: Option<()>| {
        session.news.track();
        session.resync.track();
        session.tags.track();
        if before.is_some() && !waiting.get_value() {
            waiting.set_value(true);
            browser::after(TOGETHER, count);
        }
    });
    // What is counted anew belongs to the list that is shown: another answer begins anew.
    Effect::new(move |_| {
        total.track();
        now.set(None);
    });
    Signal::derive(move || now.get().unwrap_or(0).saturating_sub(total.get().unwrap_or(0)))
}

/// Links to the parts before and after, for reading without JavaScript.
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

/// `/` goes to the search box.
fn listen_for_keys() {
    Effect::new(move |_| browser::on_key(|key| key == "/" && browser::focus("#search")));
}
