//! Section and dialogs that add a customer to the blacklist and remove it, showing the consequences
//! first.

use clientele::domain::{Blacklisting, CustomerKey, Feature, Mode};
use leptos::html::{Details, Dialog};
use leptos::prelude::*;

use super::field_labels::author;
use crate::api::blacklist::{
    HeldMessageInfo, Reach, Unblacklisted, blacklist_customer, read_held, read_reach, unblacklist_customer,
};
use crate::api::customer::{BlacklistEntry, CustomerDetails};
use crate::browser::{self, ElementRef};
use crate::components::{FormDialog, Icon, Moment, Toasts, Undo, close_dialog, open_dialog};
use crate::console::Console;
use crate::dates::{Clock, LocalMoment, Style};
use crate::drafts::Drafts;
use crate::error::AppError;
use crate::i18n::{t, t_string, use_i18n};
use crate::keys::Action;
use crate::labels;
use crate::live::{Change, Live, send};
use crate::reactive::{effect, memo};
use crate::widget::offers;

/// Durations offered for an entry, in days; the default is no expiry.
const DAYS: [u32; 3] = [1, 7, 30];

/// Blacklist section of the Profile tab.
#[component]
pub fn BlacklistSection(
    console: Console,
    details: Live<CustomerDetails>,
    /// Set to `true` by the keyboard shortcut to open the dialog; reset here.
    asked: RwSignal<bool>,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    // Button that opens the dialog: there is one for a listed customer and one for others.
    let (dialog, button) = (NodeRef::<Dialog>::new(), ElementRef::default());
    let entry = memo(move || details.with(|details| details.blacklist.clone()));
    let may_change = offers(Feature::Blacklist);
    let opened = RwSignal::new(0u32);
    let open = move || {
        opened.update(|opened| *opened += 1);
        open_dialog(dialog);
    };
    effect(move || {
        if asked.get() {
            asked.set(false);
            browser::run_after(0, open);
        }
    });
    let listed = move |entry: BlacklistEntry| {
        let BlacklistEntry { reason, by, at, until } = entry;
        let until = until.map(|until| view! { <p>{t!(i18n, blacklist.until, at = clock.full(i18n, &until))}</p> });
        let LocalMoment(at, exact) = at;
        view! {
            <div class="blacklist-entry">
                <p dir="auto"><strong>{reason}</strong></p>
                <p class="hint"><bdi>{author(i18n, &by)}</bdi> ", " <Moment at exact style=Style::Full /></p>
                {until}
                <HeldMessages console details />
                <button
                    class="button"
                    type="button"
                    hidden=!may_change
                    node_ref=button
                    aria-keyshortcuts=Action::Blacklist.key()
                    on:click=move |_| open()
                >
                    {t!(i18n, blacklist.remove)}
                </button>
                <RemoveDialog console details dialog button />
            </div>
        }
        .into_any()
    };
    view! {
        <section class="blacklist" aria-labelledby="blacklist-title">
            <h3 id="blacklist-title">{t!(i18n, blacklist.title)}</h3>
            {move || match entry.get() {
                Some(entry) => listed(entry),
                None => {
                    view! {
                        <button
                            class="button is-danger"
                            type="button"
                            hidden=!may_change
                            node_ref=button
                            aria-keyshortcuts=Action::Blacklist.key()
                            on:click=move |_| open()
                        >
                            <Icon name="ban" />
                            {t!(i18n, blacklist.add)}
                        </button>
                        <AddDialog console details dialog button opened />
                    }
                        .into_any()
                }
            }}
        </section>
    }
    .into_any()
}

/// Focuses the button that replaces the one that opened the dialog.
fn focus_later(button: ElementRef) {
    browser::run_after(0, move || {
        button.focus();
    });
}

/// Number of held messages, with a disclosure that loads the newest of them.
#[component]
fn HeldMessages(console: Console, details: Live<CustomerDetails>) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let held = Live::new(Vec::<HeldMessageInfo>::new());
    let (fold, open) = (NodeRef::<Details>::new(), RwSignal::new(false));
    let count = memo(move || details.with(|details| details.held));
    let last =
        move || details.with(|details| details.held_at.as_ref().map(|at| clock.full(i18n, at))).unwrap_or_default();
    let key = details.with_untracked(|details| details.key);
    // While open, the list is reloaded when the number changes.
    effect(move || {
        count.track();
        if open.get() {
            held.fetch(read_held(console.mode, key));
        }
    });
    let item = |message: HeldMessageInfo| {
        let LocalMoment(at, exact) = message.at;
        view! {
            <li class="message is-held">
                <p class="message-text" dir="auto">
                    {message.text}
                </p>
                <p class="message-meta"><Moment at exact style=Style::Full /></p>
            </li>
        }
    };
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=move || view! { <p class="hint">{t!(i18n, blacklist.none_held)}</p> }
        >
            <details
                class="held-messages"
                node_ref=fold
                on:toggle=move |_| open.set(fold.get_untracked().is_some_and(|fold| fold.open()))
            >
                <summary>
                    {move || t_string!(i18n, blacklist.held, count = u64::from(count.get()), at = last())}
                </summary>
                <ol>{move || held.with(Clone::clone).into_iter().map(item).collect_view()}</ol>
            </details>
        </Show>
    }
    .into_any()
}

/// Returns the Undo action for a new entry.
fn undo(mode: Mode, key: CustomerKey, details: Live<CustomerDetails>, change: Change, button: ElementRef) -> Undo {
    Undo::new(move || {
        change.send(unblacklist_customer(mode, key, false), move |answer| {
            details.set(answer.customer);
            change.show_undone();
            browser::run_after(0, move || button.focus_unless_elsewhere("body"));
        });
    })
}

#[component]
fn AddDialog(
    console: Console,
    details: Live<CustomerDetails>,
    dialog: NodeRef<Dialog>,
    /// Button of the section.
    button: ElementRef,
    /// Number of times that the dialog was opened.
    opened: RwSignal<u32>,
) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = Toasts::get();
    let key = details.with_untracked(|details| details.key);
    let (draft, days) = (Drafts::get().field(format!("reason {key}")), RwSignal::new(None::<u32>));
    let (error, change) = (RwSignal::new(None::<AppError>), Change::new());
    let reason = draft.text;
    let reach = RwSignal::new(None::<Reach>);
    effect(move || {
        if opened.get() > 0 {
            send(read_reach(console.mode, key), move |answer| drop(answer.map(|found| reach.try_set(Some(found)))));
        }
    });
    let add = Callback::new(move |()| {
        let sent = draft.sending();
        let request = blacklist_customer(console.mode, key, reason.get_untracked(), days.get_untracked());
        change.send_or(request, move |answer| match answer {
            Ok(fresh) => {
                sent.accepted();
                close_dialog(dialog);
                details.set(fresh);
                toasts.done(t!(i18n, blacklist.added), Some(undo(console.mode, key, details, change, button)));
                focus_later(button);
            }
            Err(failed) => drop(error.try_set(Some(failed))),
        });
    });
    let reached = move || {
        reach.get().map(|Reach { ip, others }| match (ip, others) {
            (None, _) => t_string!(i18n, blacklist.reach_unknown).to_owned(),
            (Some(ip), 0) => t_string!(i18n, blacklist.reach_none, ip = ip),
            (Some(ip), others) => t_string!(i18n, blacklist.reach, ip = ip, count = u64::from(others)),
        })
    };
    let length = move || reason.with(|reason| reason.trim().chars().count());
    let choices = move || {
        DAYS.map(|days| {
            view! { <option value=days.to_string()>{t_string!(i18n, blacklist.days, count = u64::from(days))}</option> }
        })
        .collect_view()
    };
    view! {
        <FormDialog
            node_ref=dialog
            id="blacklist-add"
            title=Signal::derive(t!(i18n, blacklist.add))
            danger=true
            busy=change.busy
            submit=add
        >
                    <p>{t!(i18n, blacklist.what)}</p>
                    <label for="blacklist-reason">{t!(i18n, blacklist.reason)}</label>
                    <textarea
                        class="input"
                        id="blacklist-reason"
                        rows="3"
                        dir="auto"
                        required
                        maxlength=Blacklisting::MAX_REASON_CHARS.to_string()
                        aria-describedby="blacklist-error blacklist-count"
                        aria-invalid=move || error.with(Option::is_some).to_string()
                        prop:value=move || reason.get()
                        on:input=move |event| {
                            error.set(None);
                            draft.typed(event_target_value(&event));
                        }
                    ></textarea>
                    <p class="hint" id="blacklist-count">
                        {move || format!("{} / {}", length(), Blacklisting::MAX_REASON_CHARS)}
                    </p>
                    <p class="field-error" id="blacklist-error" role="alert">
                        {move || error.get().map(|error| labels::failure(i18n, &error))}
                    </p>
                    <label for="blacklist-days">{t!(i18n, blacklist.expiry)}</label>
                    <select
                        class="input"
                        id="blacklist-days"
                        on:change=move |event| days.set(event_target_value(&event).parse().ok())
                    >
                        <option value="">{t!(i18n, blacklist.forever)}</option>
                        {choices}
                    </select>
                    <p class="hint" role="status">
                        {reached}
                    </p>
        </FormDialog>
    }
    .into_any()
}

#[component]
fn RemoveDialog(
    console: Console,
    details: Live<CustomerDetails>,
    dialog: NodeRef<Dialog>,
    /// Button of the section.
    button: ElementRef,
) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = Toasts::get();
    let key = details.with_untracked(|details| details.key);
    let (open_held, change) = (RwSignal::new(false), Change::new());
    let held = memo(move || details.with(|details| details.held));
    let may_open = offers(Feature::Callback);
    let remove = Callback::new(move |()| {
        let request = unblacklist_customer(console.mode, key, open_held.get_untracked());
        change.send_or(request, move |answer| {
            close_dialog(dialog);
            match answer {
                Ok(Unblacklisted { customer, conversation }) => {
                    details.set(customer);
                    toasts.done(t!(i18n, blacklist.removed), None);
                    match conversation {
                        Some(_) => console.open_conversation(key),
                        None => focus_later(button),
                    }
                }
                Err(error) => change.show_error(&error),
            }
        });
    });
    view! {
        <FormDialog
            node_ref=dialog
            id="blacklist-remove"
            title=Signal::derive(t!(i18n, blacklist.remove))
            busy=change.busy
            submit=remove
        >
                    <p>{t!(i18n, blacklist.remove_what)}</p>
                    <Show when=move || { may_open && held.get() > 0 }>
                        <label class="tag-tick">
                            <input
                                type="checkbox"
                                on:change=move |event| open_held.set(event_target_checked(&event))
                            />
                            {move || t_string!(i18n, blacklist.open_held, count = u64::from(held.get()))}
                        </label>
                    </Show>
        </FormDialog>
    }
    .into_any()
}
