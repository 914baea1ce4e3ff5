use clientele::domain::CustomerKey;
use leptos::prelude::*;

use crate::api::customer::CustomerDetails;
use crate::api::find::{Found, find_date, find_rating, find_word};
use crate::components::Icon;
use crate::console::{Console, Tab, View};
use crate::error::AppError;
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::labels;
use crate::live::{Live, send};

/// Search bar that jumps to a date, or to the previous or next low rating or occurrence of a word.
#[component]
pub fn Finder(console: Console, details: Live<CustomerDetails>, word: RwSignal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let (mode, key) = (console.mode, details.with_untracked(|details| details.key));
    let search = Search {
        console,
        i18n,
        number: StoredValue::new(0),
        running: RwSignal::new(false),
        searched: RwSignal::new(0),
        notice: RwSignal::new(None),
    };
    // Search from the displayed message, or else from behind the newest.
    let from = move || {
        let newest = details.with_untracked(|details| details.messages);
        console.view.with_untracked(|view| view.message).unwrap_or(newest + 1)
    };
    let by_rating = move |later: bool| {
        let (from, this) = (from(), search.begin());
        send(find_rating(mode, key, from, later), move |answer| this.end(answer));
    };
    let by_word = move |later: bool| {
        let wanted = word.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            return search.stop();
        }
        let (from, this) = (from(), search.begin());
        // Each request searches about ten thousand messages. Continue until there is a match, the end
        // is reached or the user stops.
        let search = async move {
            let mut at = from;
            loop {
                match find_word(mode, key, wanted.clone(), at, later).await {
                    Ok(Found { message: None, go_on: Some(further) }) if this.goes_on() => {
                        at = further;
                        this.search.searched.set(at.abs_diff(from));
                    }
                    answer => return answer,
                }
            }
        };
        send(search, move |answer| this.end(answer));
    };
    let date = RwSignal::new(String::new());
    let by_date = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = date.get_untracked();
        if !wanted.is_empty() {
            let this = search.begin();
            send(find_date(mode, key, wanted), move |answer| this.end(answer));
        }
    };
    let button = move |icon: &'static str, label: Signal<&'static str>, act: Callback<()>| {
        view! {
            <button class="icon-button" type="button" aria-label=label title=label on:click=move |_| act.run(())>
                <Icon name=icon />
            </button>
        }
    };
    let labelled = move |text| Signal::derive(move || i18n.say(text));
    use crate::i18n::texts::interaction as texts;
    view! {
        <details class="fold" name="reading">
            <summary>{t!(i18n, interaction.find)}</summary>
            <div
                class="finder"
                role="search"
                aria-label=t!(i18n, interaction.find)
                aria-busy=move || search.running.get().to_string()
            >
            <form on:submit=by_date>
                <input
                    class="input"
                    type="date"
                    aria-label=t!(i18n, interaction.date)
                    on:input=move |event| date.set(event_target_value(&event))
                />
                <button class="button" type="submit">
                    {t!(i18n, interaction.jump)}
                </button>
            </form>
            <div class="finder-group" role="group" aria-label=t!(i18n, interaction.low)>
                <Icon name="star" />
                <span aria-hidden="true">"≤ 2"</span>
                {button("chevron-up", labelled(texts::low_before), Callback::new(move |()| by_rating(false)))}
                {button("chevron-down", labelled(texts::low_after), Callback::new(move |()| by_rating(true)))}
            </div>
            <form
                class="finder-group is-wide"
                on:submit=move |event| {
                    event.prevent_default();
                    by_word(false);
                }
            >
                <input
                    class="input"
                    type="search"
                    autocomplete="off"
                    aria-label=t!(i18n, interaction.word)
                    placeholder=t!(i18n, interaction.word)
                    prop:value=move || word.get()
                    on:input=move |event| word.set(event_target_value(&event))
                />
                {button("chevron-up", labelled(texts::word_before), Callback::new(move |()| by_word(false)))}
                {button("chevron-down", labelled(texts::word_after), Callback::new(move |()| by_word(true)))}
            </form>
            <p class="hint" role="status">
                {move || match search.searched.get() {
                    0 => search.notice.get(),
                    count => Some(t_string!(i18n, interaction.searched, count = u64::from(count))),
                }}
                <Show when=move || search.searched.get() != 0>
                    " "
                    <button class="button is-small" type="button" on:click=move |_| search.stop()>
                        {t!(i18n, interaction.stop)}
                    </button>
                </Show>
            </p>
            </div>
        </details>
    }
    .into_any()
}

/// State of the search. One search runs at a time: a new one, the Stop button and leaving the tab
/// end it.
#[derive(Clone, Copy)]
struct Search {
    console: Console,
    i18n: I18n,
    /// Number of the newest search.
    number: StoredValue<u32>,
    /// `true` while a search runs.
    running: RwSignal<bool>,
    /// Number of messages searched so far; 0 until a search needs a second request.
    searched: RwSignal<u32>,
    /// Message for the user if the last search found nothing or failed.
    notice: RwSignal<Option<String>>,
}

impl Search {
    fn begin(self) -> Running {
        self.stop();
        self.running.set(true);
        let place = self.console.view.with_untracked(place);
        Running { search: self, number: self.number.get_value(), place }
    }

    fn stop(self) {
        self.number.update_value(|number| *number += 1);
        self.running.set(false);
        self.searched.set(0);
        self.notice.set(None);
    }
}

/// Returns the location that the page shows. A search started at another location must not navigate
/// away from this one.
fn place(view: &View) -> (Option<CustomerKey>, Tab, Option<u32>, Option<u32>) {
    (view.selected, view.tab, view.message, view.conversation)
}

/// Handle of a running search.
#[derive(Clone, Copy)]
struct Running {
    search: Search,
    number: u32,
    place: (Option<CustomerKey>, Tab, Option<u32>, Option<u32>),
}

impl Running {
    /// Returns `true` while it is the newest search and the page shows the location at which it
    /// started.
    fn goes_on(self) -> bool {
        self.search.number.try_get_value() == Some(self.number)
            && self.search.console.view.try_with_untracked(place) == Some(self.place)
    }

    fn end(self, answer: Result<Found, AppError>) {
        let Search { console, i18n, number, .. } = self.search;
        let (newest, stays) = (number.try_get_value() == Some(self.number), self.goes_on());
        if newest {
            self.search.stop();
        }
        if !stays {
            return;
        }
        match answer {
            Ok(Found { message: Some(message), .. }) => console.go(&console.view.get_untracked().at_message(message)),
            Ok(_) => self.search.notice.set(Some(t_string!(i18n, interaction.nothing).to_owned())),
            Err(error) => self.search.notice.set(Some(labels::failure(i18n, &error))),
        }
    }
}
