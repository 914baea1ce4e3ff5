use clientele::domain::Origin;
use leptos::html::Details;
use leptos::prelude::*;

use super::history::History;
use crate::api::conversations::ConversationInfo;
use crate::api::customer::CustomerDetails;
use crate::components::{Each, Moment, Stars, state_of};
use crate::console::Console;
use crate::dates::{LocalMoment, Style};
use crate::i18n::{t, t_string, use_i18n};
use crate::labels;
use crate::live::Live;
use crate::pages::reader::FailedPart;

/// Collapsible list of the customer's conversations, the newest first; loaded when it is first
/// opened.
#[component]
pub fn ConversationList(console: Console, details: Live<CustomerDetails>, history: History) -> impl IntoView {
    let i18n = use_i18n();
    let fold = NodeRef::<Details>::new();
    let History { known, more, loading, failed, .. } = history;
    let count = move || {
        let count = details.with(|details| details.conversations);
        t_string!(i18n, interaction.conversations, count = u64::from(count))
    };
    let newest_first = move || known.with(|known| known.values().rev().cloned().collect::<Vec<_>>());
    let item = move |conversation: ConversationInfo| {
        let ConversationInfo { number, channel, state, origin, agent, started_at, started, ended, .. } = conversation;
        let (first_message, rating) = (conversation.first_message, conversation.rating);
        let href = move || console.href(&console.view.get().at_conversation(number, first_message));
        let current = move || (history.read.get() == Some(number)).then_some("true");
        // Close the list to make room for the messages of the chosen conversation.
        let close = move |_| {
            if let Some(fold) = fold.get_untracked() {
                fold.set_open(false);
            }
        };
        view! {
            <li>
                <a href=href aria-current=current on:click=close>
                    <strong>
                        {number} " · " <Moment at=started_at exact=started style=Style::Full />
                        {ended
                            .map(|LocalMoment(at, exact)| view! { " – " <Moment at exact style=Style::Full /> })}
                    </strong>
                    <span class="hint">
                        {move || labels::channel(i18n, channel)} " · " {move || state_of(i18n, state)}
                        {(origin == Origin::Callback).then(|| view! { " · " {t!(i18n, callback.title)} })}
                        {agent.map(|agent| view! { " · " <bdi>{agent}</bdi> })}
                    </span>
                    {rating.map(|rating| view! { <Stars rating /> })}
                </a>
            </li>
        }
    };
    view! {
        <details
            class="fold conversation-list"
            name="reading"
            node_ref=fold
            on:toggle=move |_| {
                let opened = fold.get_untracked().is_some_and(|fold| fold.open());
                if opened && known.with_untracked(|known| known.is_empty()) {
                    history.load();
                }
            }
        >
            <summary>{count}</summary>
            <div aria-busy=move || loading.get().to_string()>
                <ol reversed>
                    <Each each=newest_first key=|own| (own.look(), own.first_message) children=item />
                </ol>
                {move || {
                    failed
                        .get()
                        .map(|error| {
                            let retry = Callback::new(move |()| history.load());
                            view! { <FailedPart error retry /> }
                        })
                }}
                <Show when=move || loading.get()>
                    <p class="is-loading"></p>
                </Show>
                <Show when=move || {
                    let idle = !loading.get() && failed.with(Option::is_none);
                    more.get() && idle && known.with(|known| !known.is_empty())
                }>
                    <button class="button" type="button" on:click=move |_| history.load()>
                        {t!(i18n, interaction.older)}
                    </button>
                </Show>
            </div>
        </details>
    }
    .into_any()
}
