//! Timestamps for display. The server formats them in the browser's time zone and the same in all
//! languages: `2026-11-18 09:30`. After hydration the browser formats them in the language of the
//! interface and in its own time zone, and one clock updates all relative times.

use clientele::domain::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser;
use crate::i18n::{I18n, Locale};
use crate::reactive::{effect, memo};

/// A timestamp with its text in the agent's time zone. Serialised as a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMoment(
    /// Time in milliseconds since 1970.
    pub Timestamp,
    /// Text in the agent's time zone: `2026-11-18 09:30`.
    pub String,
);

/// Format of a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Date and time: `Nov 18, 2026, 9:30 AM`.
    Full,
    /// Time only, where the date is displayed elsewhere: `9:30 AM`.
    Time,
    /// Date with weekday, for a timestamp at midnight UTC: `Wednesday, November 18, 2026`.
    Day,
}

impl Style {
    /// Returns the part of the server's text that corresponds to this style.
    fn of(self, exact: &str) -> String {
        let part = if self == Self::Time { exact.get(11..) } else { None };
        part.unwrap_or(exact).to_owned()
    }
}

/// Update interval of the clock in milliseconds.
const TICK: u32 = 30_000;

/// Clock for all displayed times; a context of the app.
#[derive(Clone, Copy)]
pub struct Clock {
    /// Milliseconds since 1970; `None` until the page is hydrated.
    now: RwSignal<Option<f64>>,
    live: Memo<bool>,
}

/// Provides the clock, which starts when the page is hydrated.
pub fn provide_clock() {
    let now = RwSignal::new(None);
    let live = memo(move || now.with(Option::is_some));
    effect(move || {
        let read = move || now.set(browser::now());
        read();
        browser::run_every(TICK, read);
        // Browsers suspend the timers of hidden tabs.
        browser::on_return(read);
    });
    provide_context(Clock { now, live });
}

impl Clock {
    /// Returns the clock from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Returns the milliseconds since 1970 at the last tick; `None` until the page is hydrated.
    pub fn now(self) -> Option<f64> {
        self.now.get()
    }

    /// Formats a timestamp. Before hydration, it returns the matching part of `exact`, the server's
    /// text.
    pub fn write(self, i18n: I18n, style: Style, at: f64, exact: &str) -> String {
        self.live.get().then(|| format(i18n.locale(), style, at)).flatten().unwrap_or_else(|| style.of(exact))
    }

    /// Formats date and time of a timestamp.
    pub fn full(self, i18n: I18n, moment: &LocalMoment) -> String {
        self.write(i18n, Style::Full, moment.0.0 as f64, &moment.1)
    }

    /// Formats a date, `2026-11-18`, with its weekday.
    pub fn day(self, i18n: I18n, date: &str) -> String {
        self.write(i18n, Style::Day, browser::parse_date(date), date)
    }
}

/// Formats a timestamp in a language and in the browser's time zone.
fn format(locale: Locale, style: Style, at: f64) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        use std::cell::RefCell;

        use js_sys::{Array, Function, Intl, Object, Reflect};
        use leptos::wasm_bindgen::JsValue;

        thread_local! {
            /// Cache of formatters by language and style: creating one costs as much as formatting
            /// a hundred dates.
            static MADE: RefCell<[[Option<Function>; 3]; 2]> = RefCell::default();
        }
        let make = || {
            let languages = Array::new();
            // Prefer the browser's regional variant of the language, such as `en-GB`.
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

/// Formats a local time without a zone, `2026-11-18T09:30`.
pub fn wall_time(i18n: I18n, minute: &str) -> String {
    let exact = minute.replace('T', " ");
    match use_context::<Clock>() {
        Some(clock) => clock.write(i18n, Style::Full, browser::parse_date(minute), &exact),
        None => exact,
    }
}

/// Returns the name of the time zone in which the server formats times for this request, if it has
/// one. Always empty in the browser, which uses its own zone after hydration.
pub fn zone() -> String {
    #[cfg(feature = "ssr")]
    return crate::server::zone::zone().ok().and_then(|zone| zone.iana_name().map(str::to_owned)).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    String::new()
}

/// Formats a timestamp as ISO 8601 in UTC: `2026-11-18T01:30:00.000Z`.
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
