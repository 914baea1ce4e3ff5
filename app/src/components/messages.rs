//! Messages and the borders between conversations.

use clientele::domain::{ConversationState, Origin};
use leptos::prelude::*;

use super::Moment;
use super::highlight::belongs_to;
use crate::api::conversations::{ConversationInfo, MessageInfo, RatingInfo};
use crate::api::customer::Author;
use crate::browser;
use crate::dates::{LocalMoment, Style};
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::labels;

/// Message: the customer's on the left, the agent's on the right.
#[component]
pub fn MessageItem(
    /// Message to show.
    message: MessageInfo,
    /// Link to this message, if messages have links here.
    #[prop(optional_no_strip)]
    href: Option<String>,
    /// `true` to highlight the message, because it was jumped to.
    #[prop(optional)]
    marked: bool,
    /// Search word to mark in the text; empty for none.
    #[prop(optional, into)]
    word: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let MessageInfo { number, conversation, by, text, at, exact, held, .. } = message;
    let (class, author) = match by {
        Author::Agent(name) => ("message is-agent", view! { <bdi>{name}</bdi> }.into_any()),
        // The side shows the sender visually; screen readers get a hidden label.
        _ => ("message", view! { <span class="visually-hidden">{t!(i18n, conversation.customer)}</span> }.into_any()),
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
        Some(href) => {
            let hint = view! { <span class="visually-hidden">" · " {t!(i18n, conversation.link)}</span> };
            view! { <a href=href>{time} {hint}</a> }.into_any()
        }
        None => time.into_any(),
    };
    view! {
        <div
            class=class
            class:is-held=held
            class:is-marked=marked
            data-message=number
            data-conversation=conversation
        >
            <p class="message-text" dir="auto">
                {parts}
            </p>
            <p class="message-meta">
                {author}
                {held.then(|| view! { <span class="held">{t!(i18n, conversation.held)}</span> })}
                {time}
            </p>
        </div>
    }
    .into_any()
}

/// Border at the start of a conversation: start and end, channel, agent and rating.
#[component]
pub fn BeginBorder(
    /// Conversation that begins here.
    conversation: ConversationInfo,
    /// `true` to highlight the border, because the conversation was chosen.
    #[prop(optional)]
    marked: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let ConversationInfo { number, channel, origin, .. } = conversation;
    let facts = BorderFacts::of(conversation);
    view! {
        <div
            class="border is-begin"
            class:is-marked=marked
            role="group"
            aria-label=t!(i18n, conversation.begin_label, number = number)
            data-conversation=number
        >
            <h3>{t!(i18n, conversation.begin, number = number)}</h3>
            <p>
                {facts.when(i18n)} <span>{move || labels::channel(i18n, channel)}</span>
                {(origin == Origin::Callback).then(|| view! { <span>{t!(i18n, callback.title)}</span> })}
                {facts.who_and_rating(false)}
            </p>
        </div>
    }
    .into_any()
}

/// Border at the end of a conversation: the same facts and the customer's comment.
#[component]
pub fn EndBorder(
    /// Conversation that ends here.
    conversation: ConversationInfo,
) -> impl IntoView {
    let i18n = use_i18n();
    let ConversationInfo { number, state, .. } = conversation;
    let facts = BorderFacts::of(conversation);
    view! {
        <div
            class="border is-end"
            role="group"
            aria-label=t!(i18n, conversation.end_label, number = number)
            data-conversation=number
        >
            <p>
                <span>{move || state_of(i18n, state)}</span>
                {facts.when(i18n)}
                {facts.who_and_rating(true)}
            </p>
        </div>
    }
    .into_any()
}

/// Facts shown at both borders of a conversation, so that the reader does not have to scroll to the
/// other one.
struct BorderFacts {
    state: ConversationState,
    started: LocalMoment,
    ended: Option<LocalMoment>,
    agent: Option<String>,
    rating: Option<RatingInfo>,
}

impl BorderFacts {
    fn of(conversation: ConversationInfo) -> Self {
        let ConversationInfo { state, started_at, started, ended, agent, rating, .. } = conversation;
        Self { state, started: LocalMoment(started_at, started), ended, agent, rating }
    }

    /// Returns start and end of the conversation; the state replaces the end while it is open.
    fn when(&self, i18n: I18n) -> AnyView {
        let state = self.state;
        let time =
            |LocalMoment(at, exact): &LocalMoment| view! { <Moment at=*at exact=exact.clone() style=Style::Full /> };
        let end = match &self.ended {
            Some(ended) => time(ended).into_any(),
            None => (move || state_of(i18n, state)).into_any(),
        };
        view! { <span>{time(&self.started)} " – " {end}</span> }.into_any()
    }

    fn who_and_rating(self, comment: bool) -> AnyView {
        let rating = self.rating.map(|mut rating| {
            if !comment {
                rating.comment.clear();
            }
            view! { <Stars rating /> }
        });
        view! { {self.agent.map(|agent| view! { <bdi>{agent}</bdi> })} {rating} }.into_any()
    }
}

/// Rating: stars, with a text for screen readers, and the comment.
#[component]
pub fn Stars(
    /// Rating to show.
    rating: RatingInfo,
) -> impl IntoView {
    let i18n = use_i18n();
    let RatingInfo { stars, comment } = rating;
    let drawn = "★".repeat(usize::from(stars)) + &"☆".repeat(usize::from(5 - stars.min(5)));
    view! {
        <span class="stars" class:is-low=stars <= 2>
            <span aria-hidden="true">{drawn}</span>
            <span class="visually-hidden">{t!(i18n, conversation.stars, stars = stars)}</span>
        </span>
        {(!comment.is_empty()).then(|| view! { <q dir="auto">{comment}</q> })}
    }
    .into_any()
}

/// Returns the label of a conversation state.
pub fn state_of(i18n: I18n, state: ConversationState) -> &'static str {
    match state {
        ConversationState::Waiting => t_string!(i18n, conversation.waiting),
        ConversationState::Processing => t_string!(i18n, conversation.processing),
        ConversationState::Ended => t_string!(i18n, conversation.ended),
        ConversationState::Abandoned => t_string!(i18n, conversation.abandoned),
    }
}

/// Splits a text into pieces that match the word (`true`), ignoring case, and those between. A
/// match is extended to whole graphemes.
fn split<'a>(text: &'a str, word: &str) -> Vec<(&'a str, bool)> {
    let word: Vec<char> = browser::lower(word.trim()).chars().collect();
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

/// Extends a range of a text to whole graphemes, but not to before `least`.
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

/// Returns the length in bytes of the match at the start of a text, if it starts with the word.
fn matched(text: &str, word: &[char]) -> Option<usize> {
    let mut wanted = word.iter().peekable();
    for (place, own) in text.char_indices() {
        if wanted.peek().is_none() {
            return Some(place);
        }
        let lower = match own {
            '\0'..='\u{7F}' => own.to_ascii_lowercase().to_string(),
            // These scripts have no case; do not call into the browser for each character.
            '\u{2E80}'..='\u{A63F}' | '\u{AC00}'..='\u{D7FF}' => own.to_string(),
            _ => browser::lower(own.encode_utf8(&mut [0; 4])),
        };
        if lower.chars().any(|lower| wanted.next() != Some(&lower)) {
            return None;
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
        // The second woman belongs to a piece that is already marked.
        assert_eq!(split(&format!("{family}b"), "👩"), [(family, true), ("b", false)]);
    }
}
