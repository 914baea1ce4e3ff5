//! What was said: messages, and the borders of conversations.

use clientele::domain::{ConversationState, Origin};
use leptos::prelude::*;

use super::Moment;
use super::highlight::belongs_to;
use crate::api::conversations::{ConversationInfo, MessageInfo, RatingInfo};
use crate::api::customer::Author;
use crate::dates::{LocalMoment, Style};
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::words;

/// A message: the customer's on the left, the agent's on the right.
#[component]
pub fn MessageItem(
    /// The message.
    message: MessageInfo,
    /// Its own link, where it has one.
    #[prop(optional_no_strip)]
    href: Option<String>,
    /// Whether it is the one that was asked for.
    #[prop(optional)]
    marked: bool,
    /// A word to mark in it; empty for none.
    #[prop(optional, into)]
    word: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let MessageInfo { number, by, text, at, exact, held, .. } = message;
    let (class, name) = match by {
        Author::Agent(name) => ("message is-agent", Some(name)),
        _ => ("message is-customer", None),
    };
    let parts = split(&text, &word)
        .into_iter()
        .map(|(part, found)| {
            let part = part.to_owned();
            if found { view! { <mark>{part}</mark> }.into_any() } else { part.into_any() }
        })
        .collect_view();
    let time = view! { <Moment at exact style=Style::Time /> };
    let time = match href {
        Some(href) => view! { <a href=href aria-label=t!(i18n, thread.link)>{time}</a> }.into_any(),
        None => time.into_any(),
    };
    view! {
        <div class=class class:is-held=held class:is-marked=marked id=format!("m-{number}") data-message=number>
            <p class="message-text" dir="auto">
                {parts}
            </p>
            <p class="message-meta">
                {name.map(|name| view! { <span>{name}</span> })}
                {held.then(|| view! { <span class="held">{t!(i18n, thread.held)}</span> })}
                {time}
            </p>
        </div>
    }
    .into_any()
}

/// The border at which a conversation begins.
#[component]
pub fn BeginBorder(
    /// The conversation.
    conversation: ConversationInfo,
) -> impl IntoView {
    let i18n = use_i18n();
    let ConversationInfo { number, channel, origin, agent, started_at, started, .. } = conversation;
    view! {
        <div class="border is-begin" role="separator" aria-label=t!(i18n, thread.begin_label, number = number)>
            <p>
                <strong>{t!(i18n, thread.begin, number = number)}</strong>
                <Moment at=started_at exact=started style=Style::Full />
                <span>{move || words::channel(i18n, channel)}</span>
                {(origin == Origin::Callback).then(|| view! { <span>{t!(i18n, callback.title)}</span> })}
                {agent.map(|agent| view! { <span>{agent}</span> })}
            </p>
        </div>
    }
    .into_any()
}

/// The border at which a conversation ends, with what the customer thought of it.
#[component]
pub fn EndBorder(
    /// The conversation.
    conversation: ConversationInfo,
) -> impl IntoView {
    let i18n = use_i18n();
    let ConversationInfo { number, state, agent, ended, rating, .. } = conversation;
    view! {
        <div class="border is-end" role="separator" aria-label=t!(i18n, thread.end_label, number = number)>
            <p>
                <span>{move || state_of(i18n, state)}</span>
                {ended.map(|LocalMoment(at, exact)| view! { <Moment at exact style=Style::Full /> })}
                {agent.map(|agent| view! { <span>{agent}</span> })}
                {rating.map(|rating| view! { <Stars rating /> })}
            </p>
        </div>
    }
    .into_any()
}

/// A rating: stars for the eyes, words for the ears.
#[component]
pub fn Stars(
    /// The rating.
    rating: RatingInfo,
) -> impl IntoView {
    let i18n = use_i18n();
    let RatingInfo { stars, comment } = rating;
    let drawn = "★".repeat(usize::from(stars)) + &"☆".repeat(usize::from(5 - stars.min(5)));
    view! {
        <span class="stars" class:is-low=stars <= 2>
            <span aria-hidden="true">{drawn}</span>
            <span class="visually-hidden">{t!(i18n, thread.stars, stars = stars)}</span>
        </span>
        {(!comment.is_empty()).then(|| view! { <q dir="auto">{comment}</q> })}
    }
    .into_any()
}

/// What a conversation's state is called.
pub fn state_of(i18n: I18n, state: ConversationState) -> &'static str {
    match state {
        ConversationState::Waiting => t_string!(i18n, thread.waiting),
        ConversationState::Processing => t_string!(i18n, thread.processing),
        ConversationState::Ended => t_string!(i18n, thread.ended),
        ConversationState::Abandoned => t_string!(i18n, thread.abandoned),
    }
}

/// A text in parts: those that are the word, ignoring case, and those between. Characters are marked as people see them: whole.
fn split<'a>(text: &'a str, word: &str) -> Vec<(&'a str, bool)> {
    let word: Vec<char> = word.trim().chars().flat_map(char::to_lowercase).collect();
    if word.is_empty() {
        return vec![(text, false)];
    }
    let (mut parts, mut rest, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        let length = matched(&text[at..], &word);
        match length {
            Some(length) => {
                let (from, until) = widened(text, rest, at, at + length);
                if rest < from {
                    parts.push((&text[rest..from], false));
                }
                parts.push((&text[from..until], true));
                (at, rest) = (until, until);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if rest < text.len() {
        parts.push((&text[rest..], false));
    }
    parts
}

/// Widens a range of a text, down to `least`, so that it cuts no character as people see it.
fn widened(text: &str, least: usize, mut from: usize, mut until: usize) -> (usize, usize) {
    let joined = |at: usize| {
        let (before, after) = (text[..at].chars().next_back(), text[at..].chars().next());
        before.zip(after).is_some_and(|(before, after)| belongs_to(before, after))
    };
    while from > least && joined(from) {
        from = text[..from].char_indices().next_back().map_or(least, |(at, _)| at);
    }
    while joined(until) {
        until += text[until..].chars().next().map_or(0, char::len_utf8);
    }
    (from, until)
}

/// How many bytes at the start of a text are the word.
fn matched(text: &str, word: &[char]) -> Option<usize> {
    let mut wanted = word.iter().peekable();
    for (place, own) in text.char_indices() {
        if wanted.peek().is_none() {
            return Some(place);
        }
        for lower in own.to_lowercase() {
            if wanted.next() != Some(&lower) {
                return None;
            }
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_word_is_found_whatever_its_case() {
        assert_eq!(split("Where is my PARCEL?", "parcel"), [("Where is my ", false), ("PARCEL", true), ("?", false)]);
        assert_eq!(split("包裹在哪，包裹", "包裹"), [("包裹", true), ("在哪，", false), ("包裹", true)]);
        assert_eq!(split("aaa", "aa"), [("aa", true), ("a", false)]);
        assert_eq!(split("text", " "), [("text", false)]);
        assert_eq!(split("İx", "x"), [("İ", false), ("x", true)]);
        assert!(split("", "x").is_empty());
    }

    #[test]
    fn a_character_is_marked_whole() {
        let family = "👩\u{200D}👩\u{200D}👧";
        assert_eq!(split(&format!("a{family}b"), "👧"), [("a", false), (family, true), ("b", false)]);
        assert_eq!(split(&format!("a{family}b"), "a"), [("a", true), (&format!("{family}b"), false)]);
        assert_eq!(split("xe\u{301}y", "e"), [("x", false), ("e\u{301}", true), ("y", false)]);
        // The second of the family stands in a part that is marked already.
        assert_eq!(split(&format!("{family}b"), "👩"), [(family, true), ("b", false)]);
    }
}
