//! The visitors' page as HTML: complete without a script.

use axum::response::{Html, IntoResponse, Response};
use clientele_app::chat::Words;
use http::{HeaderValue, header};
use serde::Deserialize;

use super::{Chat, Said, Stand};

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'self'",
);

/// What the page's address can say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// What could not be done, for those without a script.
    error: String,
    /// The page that led to the one the chat is on.
    pub from: String,
    /// The page the chat is on.
    pub page: String,
}

/// The page.
pub fn show(words: &Words, chat: &Chat, asked: &Asked) -> Response {
    let html = document(words, chat, asked);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The embedding page of the same origin may show it.
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    ];
    (headers, Html(html)).into_response()
}

fn document(words: &Words, chat: &Chat, asked: &Asked) -> String {
    let Words { lang, title, log, message, send, name, .. } = words;
    let messages: String = chat.messages.iter().map(|said| bubble(words, said)).collect();
    let error = match asked.error.as_str() {
        "too_many" => words.too_many,
        "refused" => words.refused,
        "" => "",
        _ => words.failed,
    };
    let hidden = |hidden: bool| if hidden { " hidden" } else { "" };
    let open = matches!(chat.state, Stand::Waiting | Stand::Talking);
    // Without a script each rendering is another message.
    let id = format!("{:032x}", rand::random::<u128>());
    let stars: String = (1..=5)
        .map(|star| {
            let label = words.stars(star);
            format!(
                "<label><input type=\"radio\" name=\"stars\" value=\"{star}\" required> <span aria-hidden=\"true\">{}</span>\
                 <span class=\"hidden\">{}</span></label>",
                "★".repeat(star),
                escape(&label)
            )
        })
        .collect();
    let data: String = [
        ("waiting", words.waiting),
        ("talking", words.talking),
        ("ended", words.ended),
        ("empty", words.empty),
        ("failed", words.failed),
        ("refused", words.refused),
        ("too-many", words.too_many),
        ("lost", words.lost),
        ("retry", words.retry),
        ("send", words.send),
        ("rated", words.rated),
        ("you", words.you),
    ]
    .iter()
    .map(|(name, text)| format!(" data-{name}=\"{}\"", escape(text)))
    .collect();
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"/favicon.svg\">\
         <link rel=\"stylesheet\" href=\"/chat/chat.css\"><script src=\"/chat/chat.js\" defer></script></head>\
         <body><main id=\"chat\" data-state=\"{state}\"{data}><header><h1>{title}</h1><p id=\"state\" role=\"status\">{status}</p>\
         <form method=\"post\" action=\"/chat/leave\" id=\"leave\"{no_leave}><button type=\"submit\">{leave}</button></form></header>\
         <div id=\"log\" role=\"log\" aria-live=\"polite\" aria-label=\"{log}\" tabindex=\"0\">{messages}</div>\
         <form method=\"post\" action=\"/chat/rating\" id=\"rating\"{no_rating}><fieldset><legend>{rate}</legend>{stars}</fieldset>\
         <label for=\"comment\">{comment}</label><input id=\"comment\" name=\"comment\" maxlength=\"1000\" autocomplete=\"off\">\
         <button type=\"submit\">{send}</button></form>\
         <form method=\"post\" action=\"/chat/messages\" id=\"write\"><input type=\"hidden\" name=\"id\" value=\"{id}\">\
         <p class=\"name\"{no_name}><label for=\"name\">{name}</label><input id=\"name\" name=\"name\" maxlength=\"256\" autocomplete=\"name\"></p>\
         <label for=\"text\" class=\"hidden\">{message}</label>\
         <textarea id=\"text\" name=\"text\" rows=\"2\" maxlength=\"4000\" required placeholder=\"{message}\" dir=\"auto\"></textarea>\
         <button type=\"submit\" id=\"send\">{send}</button><p id=\"error\" role=\"alert\">{error}</p></form></main></body></html>",
        state = serde_json::to_value(chat.state).unwrap_or_default().as_str().unwrap_or_default(),
        status = status(words, chat.state),
        leave = escape(words.leave),
        rate = escape(words.rate),
        comment = escape(words.comment),
        no_leave = hidden(!open),
        no_rating = hidden(!chat.may_rate),
        no_name = hidden(!chat.messages.is_empty()),
        error = escape(error),
    )
}

const fn status<'a>(words: &Words, state: Stand) -> &'a str {
    match state {
        Stand::Empty => words.empty,
        Stand::Waiting => words.waiting,
        Stand::Talking => words.talking,
        Stand::Ended => words.ended,
    }
}

fn bubble(words: &Words, said: &Said) -> String {
    let (class, who) = match &said.agent {
        Some(agent) => ("agent", agent.as_str()),
        None => ("visitor", words.you),
    };
    let at = jiff::Timestamp::from_millisecond(said.at).unwrap_or_default();
    format!(
        "<div class=\"{class}\" id=\"{}\"><p class=\"who\">{} <time datetime=\"{at}\"></time></p><p dir=\"auto\">{}</p></div>",
        said.id,
        escape(who),
        escape(&said.text)
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
