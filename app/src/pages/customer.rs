//! Customer pane beside the list: a header and one of three tabs.

mod blacklist;
mod field;
mod field_labels;
mod interaction;
mod profile;
mod tags;

use clientele::domain::{CustomerKey, EventKind, ProfileField, Reason};
use leptos::either::Either;
use leptos::prelude::*;

use crate::api::customer::{CustomerDetails, read_customer};
use crate::browser::{self, ElementRef};
use crate::calling::{Calling, use_callback};
use crate::components::{Failure, Icon, PageTitle};
use crate::console::{Console, Tab};
use crate::dates::Clock;
use crate::error::Code;
use crate::events::ServerEvent;
use crate::focus::Focus;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::{Action, Keys};
use crate::labels;
use crate::live::Live;
use crate::reactive::{effect, effect_from_first, memo};
use crate::resource::resource;
use crate::session::Session;

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 50;

use field::Editing;
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
        <aside class="detail" tabindex="-1" node_ref=focus.customer aria-label=t!(i18n, customer.label) aria-busy=move || pending.get().to_string()>
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
    let tab = console.tab;
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
    let edit = move || {
        show(Tab::Profile);
        editing.begin(ProfileField::Nickname);
    };
    let blacklist = move || {
        show(Tab::Profile);
        blacklisting.set(true);
    };
    let call = move || {
        calling.call(key, details.with_untracked(|details| details.callback_blocker));
    };
    on(Action::FindTag, Box::new(find_tag));
    on(Action::Edit, Box::new(edit));
    on(Action::Blacklist, Box::new(blacklist));
    on(Action::Callback, Box::new(call));
    view! {
        <PageTitle text=t!(i18n, customer.page, name = shown_name(details)) />
        <Head console details calling />
        <nav class="tabs" aria-label=t!(i18n, tabs.label)>
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

/// Returns the display name: nickname, else real name, else ID.
fn shown_name(details: Live<CustomerDetails>) -> String {
    details.with(|details| {
        let names = [&details.profile.nickname, &details.profile.real_name, &details.id];
        names.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default()
    })
}

#[component]
fn Head(console: Console, details: Live<CustomerDetails>, calling: Calling) -> impl IntoView {
    let i18n = use_i18n();
    let (key, id, channel, created) =
        details.with_untracked(|details| (details.key, details.id.clone(), details.channel, details.created.clone()));
    let name = move || shown_name(details);
    let clock = Clock::get();
    let callback_blocker = memo(move || details.with(|details| details.callback_blocker));
    let blacklisted = memo(move || details.with(|details| details.blacklist.is_some()));
    let copied = id.clone();
    let hint = move || {
        let reason = callback_blocker.get()?;
        let words = labels::reason(i18n, reason);
        // Link to the open conversation that blocks the callback.
        Some(match reason {
            Reason::HasOpenConversation { .. } => {
                let href = calling.open_conversation(key);
                Either::Left(view! { <a class="link" href=href>{words}</a> })
            }
            _ => Either::Right(words),
        })
    };
    view! {
        <header class="detail-head">
            <h2 class="page-title" dir="auto" title=name>
                {name}
            </h2>
            <div class="detail-tools">
                <StepButton console action=Action::PreviousCustomer after=false />
                <StepButton console action=Action::NextCustomer after=true />
                <CloseLink console />
            </div>
            <p>
                <span class="mono">{id}</span>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!(i18n, customer.copy_id)
                    on:click=move |event| browser::copy(&event, &copied)
                >
                    <Icon name="copy" />
                </button>
                <span>{move || labels::channel(i18n, channel)}</span>
                <span class="created">{t!(i18n, customer.created, at = clock.full(i18n, &created))}</span>
                <Show when=move || blacklisted.get()>
                    <span class="blacklisted">{t!(i18n, list.blacklisted)}</span>
                </Show>
            </p>
            <p class="contact">
                <button
                    class="button is-primary"
                    type="button"
                    aria-disabled=move || callback_blocker.get().is_some().to_string()
                    aria-describedby="contact-hint"
                    aria-busy=move || calling.busy.get().to_string()
                    aria-keyshortcuts=Action::Callback.key()
                    title=move || Action::Callback.hint(i18n)
                    on:click=move |_| calling.call(key, callback_blocker.get_untracked())
                >
                    <Icon name="callback" />
                    {t!(i18n, callback.contact)}
                </button>
                <span class="hint" id="contact-hint">
                    {hint}
                </span>
            </p>
        </header>
    }
    .into_any()
}

/// Button that opens the next or the previous customer of the list.
#[component]
fn StepButton(console: Console, action: Action, after: bool) -> impl IntoView {
    let i18n = use_i18n();
    let name = move || if after { t_string!(i18n, customer.following) } else { t_string!(i18n, customer.previous) };
    view! {
        <button
            class="icon-button"
            type="button"
            aria-label=name
            title=move || action.hint(i18n)
            aria-keyshortcuts=action.key()
            on:click=move |_| {
                console.step(after);
            }
        >
            <Icon name=if after { "chevron-down" } else { "chevron-up" } />
        </button>
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

/// Closes the customer and focuses its row, or the tab stop of the list if the row is not rendered.
fn close(console: Console, focus: Focus) {
    let view = console.view.get_untracked();
    console.go(&view.selecting(None));
    if let Some(key) = view.selected {
        browser::run_after(0, move || {
            focus.enter_list(Some(key));
        });
    }
}

#[component]
fn CloseLink(console: Console) -> impl IntoView {
    let (i18n, focus) = (use_i18n(), Focus::get());
    let href = move || console.href(&console.view.get().selecting(None));
    view! {
        <a
            class="icon-button"
            href=href
            aria-label=t!(i18n, customer.close)
            title=move || Action::CloseCustomer.hint(i18n)
            aria-keyshortcuts=Action::CloseCustomer.key()
            on:click=move |event| {
                // With Ctrl, Cmd or Shift the browser opens the link elsewhere.
                if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                    event.prevent_default();
                    close(console, focus);
                }
            }
        >
            <Icon name="close" />
        </a>
    }
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
