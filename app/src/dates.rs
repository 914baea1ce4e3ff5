//! Moments as people read them. The server writes them in the zone that the browser told it, the same in all languages:
//! `2026-11-18 09:30`. Once the page is live, the browser writes them in the language of the interface and in its own zone, and
//! one clock moves what is said to be so long ago.

use clientele::domain::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser;
use crate::i18n::{I18n, Locale};
use crate::reactive::{effect, memo};

/// A moment, and how it is read in the agent's zone. On the wire a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMoment(
    /// The moment.
    pub Timestamp,
    /// The moment in the agent's zone: `2026-11-18 09:30`.
    pub String,
);

/// Style in which a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Date and time: `Nov 18, 2026, 9:30 AM`.
    Full,
    /// The time of a day that is known: `9:30 AM`.
    Time,
    /// A date, given as its midnight in UTC: `Wednesday, November 18, 2026`.
    Day,
}

impl Style {
    /// Returns the part of the server's text that has this style.
    fn of(self, exact: &str) -> String {
        let part = if self == Self::Time { exact.get(11..) } else { None };
        part.unwrap_or(exact).to_owned()
    }
}

/// Milliseconds between two readings of the clock.
const TICK: u32 = 30_000;

/// The clock of all moments that are shown; a context of the app.
#[derive(Clone, Copy)]
pub struct Clock {
    /// Milliseconds since 1970; nothing until the page is live.
    now: RwSignal<Option<f64>>,
    live: Memo<bool>,
}

/// Provides the clock, and starts it when the page is live.
pub fn provide_clock() {
    let now = RwSignal::new(None);
    let live = memo(move || now.with(Option::is_some));
    effect(move || {
        let read = move || now.set(browser::now());
        read();
        browser::each(TICK, read);
        // Browsers stop the timers of tabs that nobody looks at.
        browser::on_return(read);
    });
    provide_context(Clock { now, live });
}

impl Clock {
    /// The app's.
    pub fn get() -> Self {
        expect_context()
    }

    /// Milliseconds since 1970, as of the last tick; nothing until the page is live.
    pub fn now(self) -> Option<f64> {
        self.now.get()
    }

    /// Writes a moment; `exact` is the server's text.
    pub fn write(self, i18n: I18n, style: Style, at: f64, exact: &str) -> String {
        self.live.get().then(|| format(i18n.locale(), style, at)).flatten().unwrap_or_else(|| style.of(exact))
    }

    /// Writes date and time of a moment.
    pub fn full(self, i18n: I18n, moment: &LocalMoment) -> String {
        self.write(i18n, Style::Full, moment.0.0 as f64, &moment.1)
    }

    /// Writes a date, `2026-11-18`, with its weekday.
    pub fn day(self, i18n: I18n, date: &str) -> String {
        self.write(i18n, Style::Day, browser::parse_date(date), date)
    }
}

/// Writes a moment in a language and in the browser's zone.
fn format(locale: Locale, style: Style, at: f64) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        use std::cell::RefCell;

        use js_sys::{Array, Function, Intl, Object, Reflect};
        use leptos::wasm_bindgen::JsValue;

        thread_local! {
            /// The formatters that were made, by language and style: making one costs as much as a hundred dates.
            static MADE: RefCell<[[Option<Function>; 3]; 2]> = RefCell::default();
        }
        let make = || {
            let languages = Array::new();
            // The browser's own kind of the language says which side of an ocean it is on: `en-GB`.
            let own = window().navigator().language().filter(|own| own.starts_with(locale.tag()));
            languages.push(&own.as_deref().unwrap_or(locale.tag()).into());
            let options = Object::new();
            let set = |name: &str, value: &str| drop(Reflect::set(&options, &name.into(), &value.into()));
            match style {
                Style::Full => {
                    set("dateStyle", "medium");
                    set("timeStyle", "short");
                }
                Style::Time => set("timeStyle", "short"),
                Style::Day => {
                    set("dateStyle", "full");
                    set("timeZone", "UTC");
                }
            }
            Intl::DateTimeFormat::new(&languages, &options).format()
        };
        MADE.with_borrow_mut(|made| {
            let format = made[locale as usize][style as usize].get_or_insert_with(make);
            format.call1(&JsValue::UNDEFINED, &at.into()).ok()?.as_string()
        })
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (locale, style, at);
        None
    }
}

/// Writes the reading of a clock, `2026-11-18T09:30`, whatever its zone.
pub fn wall_time(i18n: I18n, minute: &str) -> String {
    let exact = minute.replace('T', " ");
    match use_context::<Clock>() {
        Some(clock) => clock.write(i18n, Style::Full, browser::parse_date(minute), &exact),
        None => exact,
    }
}

/// The name of the zone that the server writes in, as far as it is known: browsers know their own once the page is live.
pub fn zone() -> String {
    #[cfg(feature = "ssr")]
    return crate::api::context::zone().ok().and_then(|zone| zone.iana_name().map(str::to_owned)).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    String::new()
}

/// A moment for programs, in UTC: `2026-11-18T01:30:00.000Z`.
pub fn iso(at: Timestamp) -> String {
    #[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
    return js_sys::Date::new(&(at.0 as f64).into()).to_iso_string().into();
    #[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
    return at.to_jiff().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_for_programs_is_written_as_browsers_write_it() {
        for (at, expected) in [
            (1_794_999_600_000, "2026-11-18T11:00:00.000Z"),
            (1_794_999_600_007, "2026-11-18T11:00:00.007Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(Timestamp(at)), expected);
        }
    }

    #[test]
    fn the_server_writes_what_the_style_shows() {
        assert_eq!(Style::Full.of("2026-11-18 09:30"), "2026-11-18 09:30");
        assert_eq!(Style::Time.of("2026-11-18 09:30"), "09:30");
        assert_eq!(Style::Day.of("2026-11-18"), "2026-11-18");
    }

    #[test]
    fn a_moment_is_a_pair_on_the_wire() {
        let moment = LocalMoment(Timestamp(7), "1970-01-01 00:00".to_owned());
        assert_eq!(serde_json::to_string(&moment).unwrap(), r#"[7,"1970-01-01 00:00"]"#);
    }
}
