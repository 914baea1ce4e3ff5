//! Texts of the visitor chat page. It is not part of the console: the server renders it, and a
//! small script updates it.

use http::HeaderMap;

use crate::i18n::{Locale, of_headers, texts};

/// The texts in the visitor's language.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is named as in locales/")]
pub struct ChatTexts {
    locale: Locale,
    pub lang: &'static str,
    pub title: &'static str,
    pub log: &'static str,
    pub name: &'static str,
    pub message: &'static str,
    pub send: &'static str,
    pub send_rating: &'static str,
    pub retry: &'static str,
    pub failed: &'static str,
    pub too_many: &'static str,
    pub refused: &'static str,
    pub empty: &'static str,
    pub waiting: &'static str,
    pub talking: &'static str,
    pub ended: &'static str,
    pub leave: &'static str,
    pub rate: &'static str,
    pub comment: &'static str,
    pub rated: &'static str,
    pub lost: &'static str,
    pub slow: &'static str,
    pub no_cookie: &'static str,
    pub update: &'static str,
    pub rate_earlier: &'static str,
    pub later: &'static str,
    pub you: &'static str,
}

impl ChatTexts {
    /// Returns the texts in the language of a request's headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        use texts::chat;
        let locale: Locale = of_headers(headers);
        Self {
            locale,
            lang: locale.tag(),
            title: chat::title.say(locale),
            log: chat::log.say(locale),
            name: chat::name.say(locale),
            message: chat::message.say(locale),
            send: chat::send.say(locale),
            send_rating: chat::send_rating.say(locale),
            retry: chat::retry.say(locale),
            failed: chat::failed.say(locale),
            too_many: chat::too_many.say(locale),
            refused: chat::refused.say(locale),
            empty: chat::empty.say(locale),
            waiting: chat::waiting.say(locale),
            talking: chat::talking.say(locale),
            ended: chat::ended.say(locale),
            leave: chat::leave.say(locale),
            rate: chat::rate.say(locale),
            comment: chat::comment.say(locale),
            rated: chat::rated.say(locale),
            lost: chat::lost.say(locale),
            slow: chat::slow.say(locale),
            no_cookie: chat::no_cookie.say(locale),
            update: chat::update.say(locale),
            rate_earlier: chat::rate_earlier.say(locale),
            later: chat::later.say(locale),
            you: chat::you.say(locale),
        }
    }

    /// Returns the accessible label of a rating: the number of stars as text.
    #[must_use]
    pub fn stars(&self, stars: usize) -> String {
        texts::chat::stars { stars: &stars }.say(self.locale)
    }
}
