//! The chat page as HTML. It works completely without JavaScript.

use axum::response::{Html, IntoResponse, Response};
use clientele::domain::{ChatState, Timestamp};
use clientele_app::server::chat_texts::ChatTexts;
use http::{HeaderValue, header};
use jiff::tz::TimeZone;

use super::view::{Chat, ChatMessage};
use super::visitor::Visitor;
use crate::ServerState;
use crate::html::escape;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'self'",
);

/// Rejected form input, shown again in its fields.
#[derive(Debug, Default)]
pub struct FormValues {
    /// Id of the message; if empty, a new one is generated.
    pub id: String,
    /// Text of the message.
    pub text: String,
    /// Name of the visitor.
    pub name: String,
    /// End of the rated conversation, in milliseconds since 1970; it identifies the conversation.
    pub ended: Option<i64>,
    /// Stars from 1 to 5; 0 if none were chosen.
    pub stars: u8,
    /// Comment of the rating.
    pub comment: String,
    /// Error message; empty if there is none.
    pub error: &'static str,
}

/// Renders the page, with its own content security policy.
pub fn show(state: &ServerState, texts: &ChatTexts, visitor: &Visitor, chat: &Chat, typed: &FormValues) -> Response {
    let html = document(texts, visitor, chat, typed, &state.app.default_zone);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Allows a page of the same origin to embed this one.
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    ];
    (headers, Html(html)).into_response()
}

fn document(texts: &ChatTexts, visitor: &Visitor, chat: &Chat, typed: &FormValues, zone: &TimeZone) -> String {
    let messages: String = chat.messages.iter().map(|message| bubble(texts, message, zone)).collect();
    let hidden = |hidden: bool| if hidden { " hidden" } else { "" };
    let open = matches!(chat.state, ChatState::Waiting | ChatState::Talking);
    // Without a script, each rendered form is for a new message, unless a rejected one is sent again.
    let id = if typed.id.is_empty() { format!("{:032x}", rand::random::<u128>()) } else { escape(&typed.id) };
    // A rejected rating still belongs to the conversation it was given for.
    let to_rate = typed.ended.or(chat.to_rate);
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"/favicon.svg\">\
         <link rel=\"stylesheet\" href=\"/chat/chat.css\"><script src=\"/chat/requests.js\" defer></script>\
         <script src=\"/chat/chat.js\" defer></script></head>\
         <body><main id=\"chat\"{data}><header><h1>{title}</h1><p id=\"state\" role=\"status\">{status}</p>\
         <form method=\"post\" action=\"/chat/leave\" id=\"leave\"{no_leave}>{own}\
         <input type=\"hidden\" name=\"seen\" value=\"{seen}\"><button type=\"submit\">{leave}</button></form></header>\
         <div id=\"log\" role=\"log\" aria-live=\"polite\" aria-label=\"{log}\" tabindex=\"0\">{messages}</div>\
         <div id=\"notes\"><p id=\"note\" role=\"status\">{note}</p>{again}</div>\
         <form method=\"post\" action=\"/chat/rating\" id=\"rating\"{no_rating}>{own}\
         <input type=\"hidden\" name=\"ended\" value=\"{ended}\"><fieldset><legend>{rate}</legend>{stars}</fieldset>\
         <label for=\"comment\">{comment}</label>\
         <input id=\"comment\" name=\"comment\" value=\"{own_comment}\" maxlength=\"1000\" autocomplete=\"off\" dir=\"auto\">\
         <p class=\"buttons\"><button type=\"submit\">{send_rating}</button>\
         <button type=\"button\" id=\"later\" hidden>{later}</button></p></form>\
         <form method=\"post\" action=\"/chat/messages\" id=\"write\">{own}<input type=\"hidden\" name=\"id\" value=\"{id}\">\
         <p class=\"name\"{no_name}><label for=\"name\">{name}</label>\
         <input id=\"name\" name=\"name\" value=\"{own_name}\" maxlength=\"256\" autocomplete=\"name\" dir=\"auto\"></p>\
         <label for=\"text\" class=\"hidden\">{message}</label>\
         <textarea id=\"text\" name=\"text\" rows=\"2\" maxlength=\"4000\" required placeholder=\"{message}\" dir=\"auto\">\n{text}</textarea>\
         <button type=\"submit\" id=\"send\">{send}</button><p id=\"error\" role=\"alert\">{error}</p></form></main></body></html>",
        lang = texts.lang,
        title = escape(texts.title),
        data = data(texts),
        status = escape(status(texts, chat.state)),
        leave = escape(texts.leave),
        log = escape(texts.log),
        note = if visitor.is_without_cookies() { escape(texts.no_cookie) } else { String::new() },
        again = again(texts, visitor),
        own = token_field(visitor),
        seen = chat.seen,
        ended = to_rate.map(|ended| ended.to_string()).unwrap_or_default(),
        rate = escape(if to_rate == chat.to_rate { texts.rate } else { texts.rate_earlier }),
        stars = stars(texts, typed.stars),
        comment = escape(texts.comment),
        send = escape(texts.send),
        send_rating = escape(texts.send_rating),
        later = escape(texts.later),
        name = escape(texts.name),
        message = escape(texts.message),
        own_comment = escape(&typed.comment),
        own_name = escape(&typed.name),
        text = escape(&typed.text),
        error = escape(typed.error),
        no_leave = hidden(!open),
        no_rating = hidden(to_rate.is_none()),
        no_name = hidden(!chat.messages.is_empty()),
    )
}

/// Returns the hidden field with the visitor's token; empty if a cookie holds the token.
fn token_field(visitor: &Visitor) -> String {
    let field = |token| format!("<input type=\"hidden\" name=\"visitor\" value=\"{token}\">");
    visitor.for_page().map(field).unwrap_or_default()
}

/// Returns the reload form for browsers without cookies; a plain reload would create another visitor.
fn again(texts: &ChatTexts, visitor: &Visitor) -> String {
    if !visitor.is_without_cookies() {
        return String::new();
    }
    let field = token_field(visitor);
    let update = escape(texts.update);
    format!(
        "<form method=\"post\" action=\"/chat\" id=\"again\">{field}<button type=\"submit\">{update}</button></form>"
    )
}

/// Returns the messages that the script shows, as `data-` attributes.
fn data(texts: &ChatTexts) -> String {
    let all = [
        ("waiting", texts.waiting),
        ("talking", texts.talking),
        ("ended", texts.ended),
        ("rated", texts.rated),
        ("empty", texts.empty),
        ("failed", texts.failed),
        ("refused", texts.refused),
        ("too-many", texts.too_many),
        ("lost", texts.lost),
        ("slow", texts.slow),
        ("no-cookie", texts.no_cookie),
        ("rate", texts.rate),
        ("rate-earlier", texts.rate_earlier),
        ("retry", texts.retry),
        ("send", texts.send),
        ("you", texts.you),
    ];
    all.iter().map(|(name, text)| format!(" data-{name}=\"{}\"", escape(text))).collect()
}

fn stars(texts: &ChatTexts, given: u8) -> String {
    let star = |stars: usize| {
        let checked = if stars == usize::from(given) { " checked" } else { "" };
        format!(
            "<label><input type=\"radio\" name=\"stars\" value=\"{stars}\" required{checked}> <span aria-hidden=\"true\">{}</span>\
             <span class=\"hidden\">{}</span></label>",
            "★".repeat(stars),
            escape(&texts.stars(stars))
        )
    };
    (1..=5).map(star).collect()
}

const fn status(texts: &ChatTexts, state: ChatState) -> &'static str {
    match state {
        ChatState::Empty => texts.empty,
        ChatState::Waiting => texts.waiting,
        ChatState::Talking => texts.talking,
        ChatState::Ended => texts.ended,
        ChatState::Rated => texts.rated,
    }
}

fn bubble(texts: &ChatTexts, message: &ChatMessage, zone: &TimeZone) -> String {
    let (class, who) = match &message.agent {
        Some(agent) => ("agent", agent.as_str()),
        None => ("visitor", texts.you),
    };
    let at = Timestamp(message.at).to_jiff();
    // The script shows the time in the visitor's time zone. Without a script, the text names the zone.
    let time = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
    format!(
        "<div class=\"{class}\" id=\"{}\"><p class=\"who\">{} <time datetime=\"{at}\">{}</time></p><p dir=\"auto\">{}</p></div>",
        message.id,
        escape(who),
        escape(&time),
        escape(&message.text)
    )
}
