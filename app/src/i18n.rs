//! Languages of the interface. The build script compiles the texts in `locales/` into tables, and
//! each text is an index into them. A full i18n library would make up a third of the browser's
//! download.
//!
//! `t_string!(i18n, group.name)` returns the current text; `t!(i18n, group.name)` is a reactive
//! view. Placeholders are filled by name: `t!(i18n, list.count, count = 7)`. The placeholder
//! `count` is a `u64`. It is formatted with thousands separators and selects the plural form.

use std::fmt::{Display, Write};

use leptos::prelude::*;

/// Generated tables, and a constant or struct for each text.
#[allow(missing_docs, non_upper_case_globals, non_camel_case_types, dead_code, unused_imports, unused_qualifications)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}
pub use generated::{named, texts};

/// The build script, included for its tests.
#[cfg(test)]
#[path = "../build.rs"]
#[allow(dead_code, reason = "tests do not run the whole of it")]
mod build;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English
    #[default]
    En,
    /// 简体中文
    ZhCn,
}

impl Locale {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// Returns the BCP 47 tag, as in `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// Returns the language's own name, so that users who switched by accident can recognise
    /// theirs.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhCn => "简体中文",
        }
    }

    /// Parses a tag that [`tag`](Self::tag) returns.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// Returns the index of the plural form for a count, in the order of the build script: one,
    /// other.
    const fn form(self, count: u64) -> u16 {
        match self {
            Self::En => (count != 1) as u16,
            Self::ZhCn => 1,
        }
    }

    /// Returns the supported language with the highest weight in an `Accept-Language` header.
    /// Regions are ignored.
    #[must_use]
    #[cfg_attr(not(any(feature = "ssr", test)), allow(dead_code, reason = "the server chooses"))]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|part| {
                let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
                let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
                let locale = Self::ALL.into_iter().find(|locale| locale.tag().split('-').next() == Some(&primary))?;
                let weight = weight.trim().strip_prefix("q=")?.parse().ok()?;
                (weight > 0.0).then_some((weight, locale))
            })
            .collect();
        // The sort is stable: among equal weights the first wins.
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map(|(_, locale)| *locale)
    }
}

/// A text without placeholders: its index in the tables.
#[derive(Clone, Copy, Debug)]
pub struct Text(u16);

impl Text {
    /// Returns the text in a language.
    #[must_use]
    pub fn say(self, locale: Locale) -> &'static str {
        generated::TABLES[locale as usize][usize::from(self.0)]
    }
}

/// Replaces the placeholders of a text by their values.
fn fill(text: &str, blanks: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut parts = text.split("{{");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        if let Some((_, value)) = blanks.iter().find(|(other, _)| *other == name) {
            let start = out.len();
            let _ = write!(out, "{value}");
            isolate(&mut out, start);
        }
        out.push_str(rest);
    }
    out
}

/// Wraps the end of a sentence, from byte `start` on, in directional isolates if it contains
/// right-to-left text, which would otherwise reorder what follows.
fn isolate(sentence: &mut String, start: usize) {
    /// FIRST STRONG ISOLATE, and the POP DIRECTIONAL ISOLATE that ends it.
    const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');
    if !sentence[start..].chars().any(turns) {
        return;
    }
    let value = sentence.split_off(start);
    sentence.push(ISOLATE.0);
    let mut open = 0;
    for character in value.chars() {
        match character {
            '\u{2066}'..='\u{2068}' => open += 1,
            // Drop unmatched terminators: they would end the isolate early.
            '\u{2069}' if open == 0 => continue,
            '\u{2069}' => open -= 1,
            _ => {}
        }
        sentence.push(character);
    }
    sentence.extend(std::iter::repeat_n(ISOLATE.1, open + 1));
}

/// Returns `true` for right-to-left characters and for directional controls.
const fn turns(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// The current language as a reactive value.
#[derive(Clone, Copy)]
pub struct I18n(RwSignal<Locale>);

impl I18n {
    /// Returns the current language and tracks it.
    #[must_use]
    pub fn locale(self) -> Locale {
        self.0.get()
    }

    /// Sets the language and stores the choice in a cookie.
    pub fn choose(self, locale: Locale) {
        crate::browser::remember_locale(locale);
        self.0.set(locale);
    }

    /// Sets the language without storing it.
    pub fn set(self, locale: Locale) {
        self.0.try_set(locale);
    }

    /// Returns a text in the current language.
    #[must_use]
    pub fn say(self, text: Text) -> &'static str {
        text.say(self.locale())
    }

    /// Returns a text as a reactive view. It is one function, so that all texts in views have the
    /// same type.
    pub fn text(self, text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
        move || self.say(text)
    }
}

/// Boxes a reactive text, so that all such views have the same type.
pub fn live(say: impl Fn() -> String + Send + Sync + 'static) -> Box<dyn Fn() -> String + Send + Sync> {
    Box::new(say)
}

/// Provides the language as a context: on the server that of the request, in the browser that of
/// the document.
pub fn provide_i18n() {
    #[cfg(feature = "ssr")]
    let locale = of_request();
    #[cfg(not(feature = "ssr"))]
    let locale = crate::browser::locale();
    provide_locale(locale);
}

/// Provides a language as a context.
pub fn provide_locale(locale: Locale) -> I18n {
    let i18n = I18n(RwSignal::new(locale));
    provide_context(i18n);
    i18n
}

/// Returns the language from the context.
#[must_use]
pub fn use_i18n() -> I18n {
    expect_context()
}

/// Returns the language of the current request, as [`of_headers`].
#[cfg(feature = "ssr")]
#[must_use]
pub fn of_request() -> Locale {
    use_context::<http::request::Parts>().map(|parts| of_headers(&parts.headers)).unwrap_or_default()
}

/// Returns the language of a request: the one in the cookie, or else the preferred one of
/// `Accept-Language`.
#[cfg(feature = "ssr")]
#[must_use]
pub fn of_headers(headers: &http::HeaderMap) -> Locale {
    let chosen = crate::server::cookies::value(headers, crate::browser::LOCALE_COOKIE);
    let accepted = || headers.get(http::header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Locale::accepted);
    chosen.and_then(|chosen| Locale::parse(&chosen)).or_else(accepted).unwrap_or_default()
}

/// Returns a text in the current language: `t_string!(i18n, group.name)`,
/// `t_string!(i18n, group.name, placeholder = value)`.
macro_rules! t_string {
    ($i18n:expr, $group:ident . $name:ident) => {
        $i18n.say($crate::i18n::texts::$group::$name)
    };
    ($i18n:expr, $group:ident . $name:ident, $($blank:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::texts::$group::$name { $($blank: &$value),+ }.say($i18n.locale())
    };
}

/// Returns a text as a view that follows the current language. Takes the same arguments as
/// `t_string!`.
macro_rules! t {
    ($i18n:expr, $group:ident . $name:ident) => {
        $i18n.text($crate::i18n::texts::$group::$name)
    };
    ($i18n:expr, $group:ident . $name:ident, $($blank:ident = $value:expr),+ $(,)?) => {{
        let i18n = $i18n;
        $crate::i18n::live(move || $crate::i18n::t_string!(i18n, $group.$name, $($blank = $value),+))
    }};
}
pub(crate) use {t, t_string};

#[cfg(test)]
mod tests;
