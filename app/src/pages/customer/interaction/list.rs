use leptos::prelude::*;

use crate::access::Session;
use crate::api::conversations::{ConversationInfo, list_conversations};
use crate::api::customer::CustomerDetails;
use crate::components::{Moment, Stars, state_of};
use crate::console::Console;
use crate::dates::{LocalMoment, Style};
use crate::i18n::{t, t_string, use_i18n};
use crate::live::Live;
use crate::words;
use clientele::domain::Origin;

/// All the customer's conversations, the newest first, folded until somebody looks for one.
#[component]
pub fn ConversationList(console: Console, details: Live<CustomerDetails>) -> impl IntoView {
    let i18n = use_i18n();
    let shown = RwSignal::new(Vec::<ConversationInfo>::new());
    let (more, loading) = (RwSignal::new(true), RwSignal::new(false));
    let load = move || {
        if loading.get_untracked() || !more.get_untracked() {
            return;
        }
        loading.set(true);
        let before = shown.with_untracked(|shown| shown.last().map_or(0, |last| last.number));
        let key = details.with_untracked(|details| details.key);
        leptos::task::spawn_local(async move {
            let answer = list_conversations(console.mode, key, before).await;
            loading.try_set(false);
            match answer {
                Ok(page) => {
                    let _ = shown.try_update(|shown| shown.extend(page.conversations));
                    more.try_set(page.more);
                }
                Err(error) => Session::note(&error),
            }
        });
    };
    let count = move || {
        let count = details.with(|details| details.conversations);
        t_string!(i18n, interaction.conversations, count = u64::from(count))
    };
    let item = move |own: ConversationInfo| {
        let ConversationInfo { number, channel, state, origin, agent, started_at, started, ended, .. } = own;
        let (first_message, rating) = (own.first_message, own.rating);
        let href = console.href(&console.view.get_untracked().at_message(first_message));
        view! {
            <li>
                <a href=href>
                    <strong>
                        {number} " · " <Moment at=started_at exact=started style=Style::Full />
                        {ended
                            .map(|LocalMoment(at, exact)| view! { " – " <Moment at exact style=Style::Full /> })}
                    </strong>
                    <span class="hint">
                        {move || words::channel(i18n, channel)} " · " {move || state_of(i18n, state)}
                        {(origin == Origin::Callback).then(|| view! { " · " {t!(i18n, callback.title)} })}
                        {agent.map(|agent| format!(" · {agent}"))}
                    </span>
                    {rating.map(|rating| view! { <Stars rating /> })}
                </a>
            </li>
        }
    };
    view! {
        <details
            class="conversation-list"
            on:toggle=move |_| {
                if shown.with_untracked(Vec::is_empty) {
                    load();
                }
            }
        >
            <summary>{count}</summary>
            <ol reversed>
                <For each=move || shown.get() key=|own| own.number children=item />
            </ol>
            <Show when=move || { more.get() && !shown.with(Vec::is_empty) }>
                <button class="button" type="button" disabled=move || loading.get() on:click=move |_| load()>
                    {t!(i18n, interaction.older)}
                </button>
            </Show>
        </details>
    }
    .into_any()
}
