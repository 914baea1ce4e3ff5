//! Customer pane beside the list: a header and one of three tabs.

mod blacklist;
mod editing;
mod field;
mod field_labels;
mod head;
mod interaction;
mod profile;
mod tags;

use clientele::domain::{CustomerKey, EventKind, Feature, ProfileField};
use leptos::either::Either;
use leptos::prelude::*;

use crate::api::customer::{CustomerDetails, read_customer};
use crate::browser::{self, ElementRef};
use crate::calling::use_callback;
use crate::components::{Failure, PageTitle};
use crate::console::{Console, Tab};
use crate::error::Code;
use crate::events::ServerEvent;
use crate::focus::Focus;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::{Action, Keys};
use crate::live::Live;
use crate::reactive::{effect, effect_from_first};
use crate::resource::resource;
use crate::session::Session;
use crate::widget::offers;

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 50;

use editing::Editing;
use head::{CloseLink, Head, close, shown_name};
use interaction::Interaction;
use profile::ProfileTab;
use tags::TagsTab;

/// Empty view of the list's route without a customer.
#[component]
pub fn NoCustomer() -> impl IntoView {}

/// Pane of the selected customer.
#[component]
pub fn CustomerPane() -> impl IntoView {
    let i18n = use_i18n();
    let console = expect_context::<Console>();
    // While the pane animates out, nothing is selected any more; keep showing the last customer.
    let key = Memo::new(move |last: Option<&Option<CustomerKey>>| console.selected.get().or(last.copied().flatten()));
    let customer = resource(move || key.get(), move |key| read_customer(console.mode, key.unwrap_or(CustomerKey(0))));
    // Start this request together with the customer's, so that a link to a message needs one round
    // trip.
    let messages = interaction::first_window(console, key);
    let focus = Focus::get();
    listen_for_keys(console, focus);
    // Focus the pane if the customer was opened by keyboard, or if the pane covers the list.
    effect(move || {
        if let Some(by_key) = console.opened.get() {
            console.opened.set(None);
            browser::run_after(0, move || {
                if by_key || !focus.customers.is_shown() {
                    focus.customer.focus();
                }
            });
        }
    });
    let (pending, set_pending) = signal(false);
    view! {
        <aside
            class="detail"
            part="pane"
            tabindex="-1"
            node_ref=focus.customer
            aria-label=t!(i18n, customer.label)
            aria-busy=move || pending.get().to_string()
        >
            <Transition set_pending>
                {move || Suspend::new(async move {
                    match customer.await {
                        Ok(customer) => Either::Left(view! { <Details console first=customer messages /> }),
                        // The list already reports that the page is not available.
                        Err(error) if matches!(error.code, Code::PageOff | Code::Forbidden) => Either::Right(None),
                        Err(error) => {
                            let retry = Callback::new(move |()| customer.refetch());
                            Either::Right(Some(view! {
                                <header class="detail-head is-bare">
                                    <CloseLink console />
                                </header>
                                <Failure error retry />
                            }))
                        }
                    }
                })}
            </Transition>
        </aside>
    }
    .into_any()
}

#[component]
fn Details(console: Console, first: CustomerDetails, messages: interaction::FirstMessages) -> impl IntoView {
    let i18n = use_i18n();
    let (key, focus) = (first.key, Focus::get());
    let details = Live::new(first);
    // Keep the edited fields as long as the customer is open, so that switching tabs loses nothing.
    let (body, tag_search) = (ElementRef::default(), ElementRef::default());
    let editing = Editing::new(console.mode, details, body);
    let blacklisting = RwSignal::new(false);
    follow(console, details);
    // While the pane is being closed, the tab stays: no other one may be built in an owner that is going.
    let tab = Memo::new(move |last: Option<&Tab>| match (console.selected.get(), last) {
        (None, Some(last)) => *last,
        _ => console.tab.get(),
    });
    effect_from_first(move |first| {
        tab.track();
        // A new panel is already at its top, and setting `scrollTop` forces a layout.
        if !first {
            body.scroll_to_top();
            // The focused control may have been removed with its tab.
            browser::run_after(0, move || focus.customer.focus_unless_elsewhere("body"));
        }
    });
    let link = move |of: Tab| {
        let label = move || match of {
            Tab::Profile => t_string!(i18n, tabs.profile),
            Tab::Tags => t_string!(i18n, tabs.tags),
            Tab::Interaction => t_string!(i18n, tabs.interaction),
        };
        view! {
            <a
                href=move || console.href(&console.view.get().showing(of))
                aria-current=move || (tab.get() == of).then_some("page")
            >
                {label}
            </a>
        }
    };
    let calling = use_callback(console);
    let keys = Keys::get();
    // While another customer loads, a key would act on the previous one.
    let on = move |action: Action, act: Box<dyn Fn() + Send + Sync>| {
        keys.on(action, move || {
            let own = console.view.with_untracked(|view| view.selected) == Some(key);
            if own {
                act();
            }
            own
        });
    };
    let show = move |tab: Tab| console.go(&console.view.get_untracked().showing(tab));
    for (action, tab) in [Action::Profile, Action::Tags, Action::Interaction].into_iter().zip(Tab::ALL) {
        on(action, Box::new(move || show(tab)));
    }
    let find_tag = move || {
        show(Tab::Tags);
        browser::run_after(0, move || {
            tag_search.focus();
        });
    };
    let (may_edit, may_blacklist) = (offers(Feature::Edit), offers(Feature::Blacklist));
    let edit = move || {
        show(Tab::Profile);
        if may_edit {
            editing.begin(ProfileField::Nickname);
        }
    };
    let blacklist = move || {
        show(Tab::Profile);
        blacklisting.set(may_blacklist);
    };
    let call = move || {
        if calling.offered {
            calling.call(key, details.with_untracked(|details| details.callback_blocker));
        }
    };
    on(Action::FindTag, Box::new(find_tag));
    on(Action::Edit, Box::new(edit));
    on(Action::Blacklist, Box::new(blacklist));
    on(Action::Callback, Box::new(call));
    view! {
        <PageTitle text=t!(i18n, customer.page, name = shown_name(details)) />
        <Head console details calling />
        <nav class="tabs" part="tabs" aria-label=t!(i18n, tabs.label)>
            {Tab::ALL.map(link).collect_view()}
        </nav>
        <div class="detail-body" node_ref=body>
            {move || match tab.get() {
                Tab::Profile => view! { <ProfileTab console details editing blacklisting /> }.into_any(),
                Tab::Tags => view! { <TagsTab console details search_field=tag_search /> }.into_any(),
                Tab::Interaction => view! { <Interaction console details messages /> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// Reloads the customer when events report a change. A field being edited keeps its draft.
fn follow(console: Console, details: Live<CustomerDetails>) {
    let key = details.with_untracked(|details| details.key);
    let concerns = move |heard: &ServerEvent| match heard {
        // An agent's message shows in the reader only; all other events may change the header or
        // the profile.
        ServerEvent::Customer(news) => news.customer == key && news.kind != EventKind::MessageSent,
        ServerEvent::Tags => true,
        _ => heard.is_about(key),
    };
    Session::get()
        .subscribe_throttled(THROTTLE_MILLIS, concerns, move || details.fetch(read_customer(console.mode, key)));
}

fn listen_for_keys(console: Console, focus: Focus) {
    let keys = Keys::get();
    keys.on(Action::CloseCustomer, move || {
        let open = console.view.with_untracked(|view| view.selected.is_some());
        if open {
            close(console, focus);
        }
        open
    });
    keys.on(Action::NextCustomer, move || console.step(true));
    keys.on(Action::PreviousCustomer, move || console.step(false));
}
