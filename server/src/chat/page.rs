//! The visitors' page as HTML: complete without a script.

use axum::response::{Html, IntoResponse, Response};
use clientele::domain::Timestamp;
use clientele_app::chat::Words;
use http::{HeaderValue, header};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::view::{Chat, Said, Stand};
use crate::ServerState;
use crate::html::escape;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'self'",
);

/// What the page's address can say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The page that led to the one the chat is on.
    pub from: String,
    /// The page the chat is on.
    pub page: String,
}

/// What was typed and could not be taken: it stays in its fields.
#[derive(Debug, Default)]
pub struct Typed {
    /// The message's id; a new one where it is empty.
    pub id: String,
    /// The message.
    pub text: String,
    /// The visitor's name.
    pub name: String,
    /// What was written with a rating.
    pub comment: String,
    /// What was wrong.
    pub error: &'static str,
}

/// The page.
pub fn show(state: &ServerState, words: &Words, chat: &Chat, typed: &Typed) -> Response {
    let html = document(words, chat, typed, &state.app.default_zone);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The embedding page of the same origin may show it.
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    ];
    (headers, Html(html)).into_response()
}

fn document(words: &Words, chat: &Chat, typed: &Typed, zone: &TimeZone) -> String {
    let messages: String = chat.messages.iter().map(|said| bubble(words, said, zone)).collect();
    let hidden = |hidden: bool| if hidden { " hidden" } else { "" };
    let open = matches!(chat.state, Stand::Waiting | Stand::Talking);
    // Without a script each rendering is another message, unless one is to be sent again.
    let id = if typed.id.is_empty() { format!("{:032x}", rand::random::<u128>()) } else { escape(&typed.id) };
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"/favicon.svg\">\
         <link rel=\"stylesheet\" href=\"/chat/chat.css\"><script src=\"/chat/chat.js\" defer></script></head>\
         <body><main id=\"chat\" data-state=\"{state}\"{data}><header><h1>{title}</h1><p id=\"state\" role=\"status\">{status}</p>\
         <form method=\"post\" action=\"/chat/leave\" id=\"leave\"{no_leave}><button type=\"submit\">{leave}</button></form></header>\
         <div id=\"log\" role=\"log\" aria-live=\"polite\" aria-label=\"{log}\" tabindex=\"0\">{messages}</div>\
         <form method=\"post\" action=\"/chat/rating\" id=\"rating\"{no_rating}><fieldset><legend>{rate}</legend>{stars}</fieldset>\
         <label for=\"comment\">{comment}</label>\
         <input id=\"comment\" name=\"comment\" value=\"{own_comment}\" maxlength=\"1000\" autocomplete=\"off\" dir=\"auto\">\
         <button type=\"submit\">{send}</button></form>\
         <form method=\"post\" action=\"/chat/messages\" id=\"write\"><input type=\"hidden\" name=\"id\" value=\"{id}\">\
         <p class=\"name\"{no_name}><label for=\"name\">{name}</label>\
         <input id=\"name\" name=\"name\" value=\"{own_name}\" maxlength=\"256\" autocomplete=\"name\" dir=\"auto\"></p>\
         <label for=\"text\" class=\"hidden\">{message}</label>\
         <textarea id=\"text\" name=\"text\" rows=\"2\" maxlength=\"4000\" required placeholder=\"{message}\" dir=\"auto\">\n{text}</textarea>\
         <button type=\"submit\" id=\"send\">{send}</button><p id=\"error\" role=\"alert\">{error}</p></form></main></body></html>",
        lang = words.lang,
        title = escape(words.title),
        state = chat.state.as_str(),
        data = data(words),
        status = escape(status(words, chat.state)),
        leave = escape(words.leave),
        log = escape(words.log),
        rate = escape(words.rate),
        stars = stars(words),
        comment = escape(words.comment),
        send = escape(words.send),
        name = escape(words.name),
        message = escape(words.message),
        own_comment = escape(&typed.comment),
        own_name = escape(&typed.name),
        text = escape(&typed.text),
        error = escape(typed.error),
        no_leave = hidden(!open),
        no_rating = hidden(!chat.may_rate),
        no_name = hidden(!chat.messages.is_empty()),
    )
}

/// The script's words, as data of the page.
fn data(words: &Words) -> String {
    let all = [
        ("waiting", words.waiting),
        ("talking", words.talking),
        ("ended", words.ended),
        ("rated", words.rated),
        ("empty", words.empty),
        ("failed", words.failed),
        ("refused", words.refused),
        ("too-many", words.too_many),
        ("lost", words.lost),
        ("retry", words.retry),
        ("send", words.send),
        ("you", words.you),
    ];
    all.iter().map(|(name, text)| format!(" data-{name}=\"{}\"", escape(text))).collect()
}

fn stars(words: &Words) -> String {
    let star = |stars: usize| {
        format!(
            "<label><input type=\"radio\" name=\"stars\" value=\"{stars}\" required> <span aria-hidden=\"true\">{}</span>\
             <span class=\"hidden\">{}</span></label>",
            "★".repeat(stars),
            escape(&words.stars(stars))
        )
    };
    (1..=5).map(star).collect()
}

const fn status(words: &Words, state: Stand) -> &'static str {
    match state {
        Stand::Empty => words.empty,
        Stand::Waiting => words.waiting,
        Stand::Talking => words.talking,
        Stand::Ended => words.ended,
        Stand::Rated => words.rated,
    }
}

fn bubble(words: &Words, said: &Said, zone: &TimeZone) -> String {
    let (class, who) = match &said.agent {
        Some(agent) => ("agent", agent.as_str()),
        None => ("visitor", words.you),
    };
    let at = Timestamp(said.at).to_jiff();
    // The script says it in the visitor's own zone; without one the zone is named.
    let time = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
    format!(
        "<div class=\"{class}\" id=\"{}\"><p class=\"who\">{} <time datetime=\"{at}\">{}</time></p><p dir=\"auto\">{}</p></div>",
        said.id,
        escape(who),
        escape(&time),
        escape(&said.text)
    )
}
