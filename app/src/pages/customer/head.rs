//! Header of the customer pane: the name, the callback, and the buttons to the neighbours and out.

use clientele::domain::Reason;
use leptos::either::Either;
use leptos::prelude::*;

use crate::api::customer::CustomerDetails;
use crate::browser;
use crate::calling::Calling;
use crate::components::Icon;
use crate::console::Console;
use crate::dates::Clock;
use crate::focus::Focus;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::Action;
use crate::labels;
use crate::live::Live;
use crate::reactive::memo;

/// Returns the display name: nickname, else real name, else ID.
pub fn shown_name(details: Live<CustomerDetails>) -> String {
    details.with(|details| {
        let names = [&details.profile.nickname, &details.profile.real_name, &details.id];
        names.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default()
    })
}

/// Header with the customer's name, ID, state, and the callback.
#[component]
pub fn Head(console: Console, details: Live<CustomerDetails>, calling: Calling) -> impl IntoView {
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
            <p class="contact" hidden=!calling.offered>
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

/// Closes the customer and focuses its row, or the tab stop of the list if the row is not rendered.
pub fn close(console: Console, focus: Focus) {
    let view = console.view.get_untracked();
    console.go(&view.selecting(None));
    if let Some(key) = view.selected {
        browser::run_after(0, move || {
            focus.enter_list(Some(key));
        });
    }
}

/// Link to the list without the customer.
#[component]
pub fn CloseLink(console: Console) -> impl IntoView {
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
