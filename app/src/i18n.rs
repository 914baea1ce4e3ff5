//! The languages of the interface. The texts stand in `locales/`; the build script makes them into tables, and every text is
//! a number into them: a library that does more would be a third of what the browser downloads.
//!
//! `t_string!(i18n, group.name)` is the text now, `t!(i18n, group.name)` a part of a view that follows the language. Blanks
//! are filled in by name: `t!(i18n, list.count, count = 7)`. The blank `count` is a `u64`, which is grouped and chooses the form
//! where the text is a plural.

use std::fmt::{Display, Write};

use leptos::prelude::*;

/// The tables, and a constant or struct for each text.
#[allow(missing_docs, non_upper_case_globals, non_camel_case_types, dead_code, unused_imports, unused_qualifications)]
mod words {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}
pub use words::texts;

/// The build script, for its tests.
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
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// The language's tag, as in `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// The language's name in itself, so that whoever got lost finds back.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhCn => "简体中文",
        }
    }

    /// The language of that tag.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// The place of the plural form that a number takes, among those of the build script: one, other.
    const fn form(self, count: u64) -> u16 {
        match self {
            Self::En => (count != 1) as u16,
            Self::ZhCn => 1,
        }
    }

    /// The first of the languages that a browser asks for (`Accept-Language`) that there is, by its weight.
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
        // Stable: of equal weights the first counts.
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map(|(_, locale)| *locale)
    }
}

/// A text without blanks: its place in the tables.
#[derive(Clone, Copy, Debug)]
pub struct Text(u16);

impl Text {
    /// The text in a language.
    #[must_use]
    pub fn say(self, locale: Locale) -> &'static str {
        words::TABLES[locale as usize][usize::from(self.0)]
    }
}

/// Fills in the blanks of a text.
fn fill(text: &str, blanks: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut parts = text.split("{{");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        if let Some((_, value)) = blanks.iter().find(|(own, _)| *own == name) {
            let start = out.len();
            let _ = write!(out, "{value}");
            isolate(&mut out, start);
        }
        out.push_str(rest);
    }
    out
}

/// Isolates the end of a sentence, from a place on, if something in it is written from the right: it would reorder what follows.
fn isolate(sentence: &mut String, start: usize) {
    /// FIRST STRONG ISOLATE and the POP DIRECTIONAL ISOLATE that ends it.
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
            // It would end the isolate around the value.
            '\u{2069}' if open == 0 => continue,
            '\u{2069}' => open -= 1,
            _ => {}
        }
        sentence.push(character);
    }
    sentence.extend(std::iter::repeat_n(ISOLATE.1, open + 1));
}

/// Returns `true` for letters that are written from the right, and for controls of the direction.
const fn turns(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// The language in use, as a value that views follow.
#[derive(Clone, Copy)]
pub struct I18n(RwSignal<Locale>);

impl I18n {
    /// The language now.
    #[must_use]
    pub fn locale(self) -> Locale {
        self.0.get()
    }

    /// Chooses a language and keeps the choice.
    pub fn choose(self, locale: Locale) {
        crate::browser::remember_locale(locale);
        self.0.set(locale);
    }

    /// A text, now.
    #[must_use]
    pub fn say(self, text: Text) -> &'static str {
        text.say(self.locale())
    }

    /// A text that follows the language. One function, so that all texts of all views are of one type.
    pub fn text(self, text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
        move || self.say(text)
    }
}

/// A part of a view that follows what it reads. Boxed, so that all of them are of one type.
pub fn live(say: impl Fn() -> String + Send + Sync + 'static) -> Box<dyn Fn() -> String + Send + Sync> {
    Box::new(say)
}

/// Provides the language: the one the server chose for this request, or the one the document is in.
pub fn provide_i18n() {
    #[cfg(feature = "ssr")]
    let locale = of_request();
    #[cfg(not(feature = "ssr"))]
    let locale = crate::browser::locale();
    provide_context(I18n(RwSignal::new(locale)));
}

/// The language in use.
#[must_use]
pub fn use_i18n() -> I18n {
    expect_context()
}

/// The language that a request asks for: the one that was chosen, or the one the browser prefers.
#[cfg(feature = "ssr")]
#[must_use]
pub fn of_request() -> Locale {
    use_context::<http::request::Parts>().map(|parts| of_headers(&parts.headers)).unwrap_or_default()
}

/// The same, for a request that is no rendering.
#[cfg(feature = "ssr")]
#[must_use]
pub fn of_headers(headers: &http::HeaderMap) -> Locale {
    let chosen = crate::cookies::value(headers, crate::browser::LOCALE_COOKIE);
    let accepted = || headers.get(http::header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Locale::accepted);
    chosen.and_then(|chosen| Locale::parse(&chosen)).or_else(accepted).unwrap_or_default()
}

/// A text now, in the language in use: `t_string!(i18n, group.name)`, `t_string!(i18n, group.name, blank = value)`.
macro_rules! t_string {
    ($i18n:expr, $group:ident . $name:ident) => {
        $i18n.say($crate::i18n::texts::$group::$name)
    };
    ($i18n:expr, $group:ident . $name:ident, $($blank:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::texts::$group::$name { $($blank: &$value),+ }.say($i18n.locale())
    };
}

/// A text as a part of a view, in whatever language is in use.
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
