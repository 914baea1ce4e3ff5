use clientele::domain::{CustomerKey, ProfileField};
use leptos::either::Either;
use leptos::prelude::*;

use crate::access::Session;
use crate::api::customer::{CustomerDetails, read_customer};
use crate::browser;
use crate::components::{Failure, Icon};
use crate::console::Console;
use crate::error::Code;
use crate::i18n::{t, t_string, use_i18n};
use crate::resource::ask;
use crate::words;

/// Nobody beside the list.
#[component]
pub fn NoCustomer() -> impl IntoView {}

/// The customer beside the list.
#[component]
pub fn CustomerPane() -> impl IntoView {
    let i18n = use_i18n();
    let console = expect_context::<Console>();
    // While the pane closes nobody is selected any more: whoever was last stays to the end.
    let key = Memo::new(move |last: Option<&Option<CustomerKey>>| {
        console.view.with(|view| view.selected).or(last.copied().flatten())
    });
    let customer = ask(move || key.get(), move |key| read_customer(console.mode, key.unwrap_or(CustomerKey(0))));
    let close = move || console.href(&console.view.get().selecting(None));
    listen_for_keys(console);
    view! {
        <aside class="detail" aria-label=t!(i18n, customer.label)>
            <Transition>
                {move || Suspend::new(async move {
                    match customer.await {
                        Ok(customer) => Either::Left(view! { <Details customer close=close() /> }),
                        // The list beside says that the page is off.
                        Err(error) if matches!(error.code, Code::PageOff | Code::Forbidden) => Either::Right(None),
                        Err(error) => {
                            Session::note(&error);
                            let retry = Callback::new(move |()| customer.refetch());
                            Either::Right(Some(view! { <Failure error retry /> }))
                        }
                    }
                })}
            </Transition>
        </aside>
    }
    .into_any()
}

#[component]
fn Details(customer: CustomerDetails, close: String) -> impl IntoView {
    let i18n = use_i18n();
    let CustomerDetails { id, profile, tags, all_tags, channel, created, blacklist, .. } = customer;
    let blacklisted = blacklist.is_some();
    let name = [&profile.nickname, &profile.real_name, &id].into_iter().find(|name| !name.is_empty()).cloned();
    let label = move |field: ProfileField| match field {
        ProfileField::Nickname => t_string!(i18n, field.nickname),
        ProfileField::RealName => t_string!(i18n, field.real_name),
        ProfileField::Phone => t_string!(i18n, field.phone),
        ProfileField::Qq => t_string!(i18n, field.qq),
        ProfileField::Wechat => t_string!(i18n, field.wechat),
        ProfileField::Email => t_string!(i18n, field.email),
        ProfileField::Company => t_string!(i18n, field.company),
        ProfileField::Description => t_string!(i18n, field.description),
    };
    let fields = ProfileField::ALL
        .into_iter()
        .map(|field| {
            let value = profile.get(field).to_owned();
            view! {
                <div>
                    <dt>{move || label(field)}</dt>
                    <dd dir="auto">{value}</dd>
                </div>
            }
        })
        .collect_view();
    let tags = all_tags
        .into_iter()
        .filter(|tag| tags.contains(&tag.id))
        .map(|tag| view! { <li class=format!("tag color-{}", tag.color.index())>{String::from(tag.name)}</li> })
        .collect_view();
    let copied = id.clone();
    view! {
        <header class="detail-head">
            <h2 class="page-title" dir="auto">
                {name}
            </h2>
            <a class="icon-button" href=close aria-label=t!(i18n, customer.close) aria-keyshortcuts="Escape">
                <Icon name="close" />
            </a>
            <p>
                <span class="mono">{id}</span>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!(i18n, customer.copy_id)
                    on:click=move |_| browser::copy(&copied)
                >
                    <Icon name="copy" />
                </button>
                <span>{move || words::channel(i18n, channel)}</span>
                <span>{t!(i18n, customer.created, at = created)}</span>
                {blacklisted.then(|| view! { <span class="blacklisted">{t!(i18n, list.blacklisted)}</span> })}
            </p>
        </header>
        <ul class="detail-tags" aria-label=t!(i18n, field.tags)>{tags}</ul>
        <dl class="detail-fields">{fields}</dl>
    }
    .into_any()
}

/// Escape closes the customer; `[` and `]` go to the one before and after it in the list.
fn listen_for_keys(console: Console) {
    Effect::new(move |_| {
        browser::on_key(move |key| {
            let view = console.view.get_untracked();
            match key {
                "Escape" => {
                    let row = view.selected;
                    console.go(&view.selecting(None));
                    if let Some(row) = row {
                        browser::focus(&format!(".list-window a[href*=\"/customers/{row}\"]"));
                    }
                    true
                }
                "[" | "]" => browser::open_beside(".list-window tr.is-current", key == "]"),
                _ => false,
            }
        });
    });
}
