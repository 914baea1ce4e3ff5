use leptos::prelude::*;

use crate::access::Session;
use crate::api::conversations::{Found, find_date, find_rating, find_word};
use crate::api::customer::CustomerDetails;
use crate::components::Icon;
use crate::console::Console;
use crate::error::AppError;
use crate::i18n::{t, t_string, use_i18n};
use crate::live::Live;
use crate::words;

/// A search through a very long history goes on by itself so many times; each looks at some ten thousand messages.
const GO_ON: u32 = 12;

/// Jumps: to a date, to the low rating or the match of a word before or after the message that is shown.
#[component]
pub fn Finder(console: Console, details: Live<CustomerDetails>, word: RwSignal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let (mode, key) = (console.mode, details.with_untracked(|details| details.key));
    let said = RwSignal::new(None::<String>);
    let searching = RwSignal::new(false);
    let go = move |answer: Result<Found, AppError>| {
        searching.try_set(false);
        let told = match answer {
            Ok(Found { message: Some(message), .. }) => {
                if let Some(view) = console.view.try_get_untracked() {
                    console.go(&view.at_message(message));
                }
                None
            }
            Ok(_) => Some(t_string!(i18n, interaction.nothing).to_owned()),
            Err(error) => {
                Session::note(&error);
                Some(words::failure(i18n, &error))
            }
        };
        said.try_set(told);
    };
    // From the message that is shown, or from after the newest.
    let from = move || {
        let newest = details.with_untracked(|details| details.messages);
        console.view.with_untracked(|view| view.message).unwrap_or(newest + 1)
    };
    let by_rating = move |later: bool| {
        searching.set(true);
        let from = from();
        leptos::task::spawn_local(async move { go(find_rating(mode, key, from, later).await) });
    };
    let by_word = move |later: bool| {
        let wanted = word.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            return said.set(None);
        }
        searching.set(true);
        let mut at = from();
        leptos::task::spawn_local(async move {
            for _ in 0..GO_ON {
                match find_word(mode, key, wanted.clone(), at, later).await {
                    Ok(Found { message: None, go_on: Some(further) }) => at = further,
                    answer => return go(answer),
                }
            }
            go(Ok(Found { message: None, go_on: None }));
        });
    };
    let date = RwSignal::new(String::new());
    let by_date = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = date.get_untracked();
        if !wanted.is_empty() {
            searching.set(true);
            leptos::task::spawn_local(async move { go(find_date(mode, key, wanted).await) });
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
        <div class="finder" role="search" aria-label=t!(i18n, interaction.find) aria-busy=move || searching.get().to_string()>
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
                {move || said.get()}
            </p>
        </div>
    }
    .into_any()
}
