//! Named periods such as "this week", and their time ranges in an agent's time zone.

use std::fmt;

use jiff::civil;
use jiff::tz::{Disambiguation, TimeZone};
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::named::named;
use super::time::Timestamp;

/// A period that the list can be filtered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The current day.
    Today,
    /// The day before the current one.
    Yesterday,
    /// The current week. The settings define its first day.
    #[default]
    ThisWeek,
    /// The current calendar month.
    ThisMonth,
    /// The previous calendar month.
    LastMonth,
    /// No limit.
    AllTime,
    /// From one minute up to, but not including, another. Either end may be open.
    Custom {
        /// First minute of the period.
        from: Option<LocalMinute>,
        /// First minute after the period.
        to: Option<LocalMinute>,
    },
}

named! {
    /// First day of the week.
    #[derive(Default)]
    pub enum WeekStart {
        /// As in the reference product.
        #[default]
        Sunday = "sunday",
        /// As in ISO 8601.
        Monday = "monday",
        /// As in much of the Arab world.
        Saturday = "saturday",
    }
}

impl WeekStart {
    fn days_since(self, date: civil::Date) -> i8 {
        match self {
            Self::Sunday => date.weekday().to_sunday_zero_offset(),
            Self::Monday => date.weekday().to_monday_zero_offset(),
            Self::Saturday => (date.weekday().to_sunday_zero_offset() + 1) % 7,
        }
    }
}

/// Half-open range of time. An end that is `None` is unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    /// Start, inclusive.
    pub from: Option<Timestamp>,
    /// End, exclusive.
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Returns `true` if the range is unlimited at both ends.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Returns `true` if the range contains the time.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

impl Period {
    /// The presets, in display order.
    pub const PRESETS: [Self; 6] =
        [Self::Today, Self::Yesterday, Self::ThisWeek, Self::ThisMonth, Self::LastMonth, Self::AllTime];

    /// Returns the period's name in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::ThisWeek => "this_week",
            Self::ThisMonth => "this_month",
            Self::LastMonth => "last_month",
            Self::AllTime => "all",
            Self::Custom { .. } => "custom",
        }
    }

    /// Checks that a custom period does not end before it starts.
    ///
    /// # Errors
    /// [`Reason::EndBeforeStart`], at field `to`.
    pub fn check(self) -> Result<(), Error> {
        match self {
            Self::Custom { from: Some(from), to: Some(to) } if to < from => {
                Err(Error::field("to", Reason::EndBeforeStart))
            }
            _ => Ok(()),
        }
    }

    /// Returns the time range of the period at `now` in `zone`. A local time that a clock change skips
    /// is shifted forward by the length of the gap. An ambiguous local time means its first occurrence
    /// in `from` and its second in `to`, so that the range covers every time at which a local clock
    /// shows a time within the period.
    ///
    /// # Errors
    /// The errors of [`Period::check`]; [`Reason::NotATime`] at the field of a minute outside the
    /// supported calendar. Such an end is never treated as open.
    pub fn range(self, now: Timestamp, zone: &TimeZone, week_start: WeekStart) -> Result<TimeRange, Error> {
        self.check()?;
        let today = now.to_jiff().to_zoned(zone.clone()).date();
        let midnight = |date: civil::Date| start_of(date, zone);
        let first = today.first_of_month();
        let range = match self {
            Self::Today => (midnight(today), midnight(today.saturating_add(1.day()))),
            Self::Yesterday => (midnight(today.saturating_sub(1.day())), midnight(today)),
            Self::ThisWeek => {
                let start = today.saturating_sub(i64::from(week_start.days_since(today)).days());
                (midnight(start), midnight(start.saturating_add(7.days())))
            }
            Self::ThisMonth => (midnight(first), midnight(first.saturating_add(1.month()))),
            Self::LastMonth => (midnight(first.saturating_sub(1.month())), midnight(first)),
            Self::AllTime => (None, None),
            Self::Custom { from, to } => {
                let at = |minute: Option<LocalMinute>, field: &str, which| {
                    let at =
                        minute.map(|minute| minute.in_zone(zone, which).ok_or(Error::field(field, Reason::NotATime)));
                    at.transpose()
                };
                (at(from, "from", Disambiguation::Compatible)?, at(to, "to", Disambiguation::Later)?)
            }
        };
        Ok(TimeRange { from: range.0, until: range.1 })
    }
}

fn start_of(date: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
    let zoned: Zoned = date.to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().into())
}

/// A local date and time with minute precision and no time zone. Written as `2026-11-18T09:30`, the
/// format of `<input type="datetime-local">`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalMinute(civil::DateTime);

impl LocalMinute {
    /// Parses `YYYY-MM-DDTHH:MM`. Seconds, if present, are dropped.
    ///
    /// # Errors
    /// [`Reason::NotATime`] without a field.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse_minute(text.trim()).map(Self).ok_or(Error::of(Reason::NotATime))
    }

    /// Converts to a time in `zone`; `None` outside the supported calendar. Both `Compatible` and
    /// `Later` resolve a skipped time to the time after the gap.
    fn in_zone(self, zone: &TimeZone, which: Disambiguation) -> Option<Timestamp> {
        let at = zone.to_ambiguous_zoned(self.0).disambiguate(which).ok()?;
        Some(at.timestamp().into())
    }
}

/// Parses by hand, because jiff's parser would be a tenth of the browser's download.
fn parse_minute(text: &str) -> Option<civil::DateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (time.next()?, time.next()?);
    if year.len() != 4 || [month, day, hour, minute].iter().any(|part| part.len() != 2) {
        return None;
    }
    let small = |part: &str| part.parse::<i8>().ok();
    civil::DateTime::new(year.parse().ok()?, small(month)?, small(day)?, small(hour)?, small(minute)?, 0, 0).ok()
}

impl fmt::Display for LocalMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0;
        write!(f, "{:04}-{:02}-{:02}T{:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute())
    }
}

impl Serialize for LocalMinute {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalMinute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the range of a period as text, with both ends in local time.
    fn means(period: Period, now: &str, zone: &str, week_start: WeekStart) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let now: jiff::Timestamp = now.parse().unwrap();
        let range = period.range(now.into(), &zone, week_start).unwrap();
        let shown = |at: Option<Timestamp>| {
            at.map_or("-".into(), |at| at.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string())
        };
        format!("{} {}", shown(range.from), shown(range.until))
    }

    fn custom(from: &str, to: &str) -> Period {
        Period::Custom { from: LocalMinute::parse(from).ok(), to: LocalMinute::parse(to).ok() }
    }

    #[test]
    fn days_begin_at_the_agents_midnight() {
        // 17:00 UTC on the 18th is 01:00 on the 19th in Shanghai.
        let now = "2026-11-18T17:00:00Z";
        assert_eq!(
            means(Period::Today, now, "Asia/Shanghai", WeekStart::Sunday),
            "2026-11-19T00:00+08:00 2026-11-20T00:00+08:00"
        );
        assert_eq!(
            means(Period::Yesterday, now, "UTC", WeekStart::Sunday),
            "2026-11-17T00:00+00:00 2026-11-18T00:00+00:00"
        );
    }

    #[test]
    fn a_week_begins_on_the_chosen_day() {
        let sunday_noon = "2026-11-22T12:00:00Z";
        for (start, from) in
            [(WeekStart::Sunday, "2026-11-22"), (WeekStart::Monday, "2026-11-16"), (WeekStart::Saturday, "2026-11-21")]
        {
            let range = means(Period::ThisWeek, sunday_noon, "UTC", start);
            assert!(range.starts_with(from), "{start:?}: {range}");
        }
    }

    #[test]
    fn months_have_their_own_length() {
        let now = "2028-03-31T12:00:00Z";
        assert_eq!(
            means(Period::LastMonth, now, "UTC", WeekStart::Sunday),
            "2028-02-01T00:00+00:00 2028-03-01T00:00+00:00"
        );
        assert_eq!(
            means(Period::ThisMonth, now, "UTC", WeekStart::Sunday),
            "2028-03-01T00:00+00:00 2028-04-01T00:00+00:00"
        );
    }

    #[test]
    fn a_day_of_a_clock_change_has_23_hours() {
        assert_eq!(
            means(Period::Today, "2026-03-29T12:00:00Z", "Europe/Berlin", WeekStart::Sunday),
            "2026-03-29T00:00+01:00 2026-03-30T00:00+02:00"
        );
        // The clock skips 02:30 that night.
        assert_eq!(
            means(custom("2026-03-29T02:30", ""), "2026-03-29T12:00:00Z", "Europe/Berlin", WeekStart::Sunday),
            "2026-03-29T03:30+02:00 -"
        );
    }

    #[test]
    fn an_hour_that_comes_twice_is_meant_twice() {
        // The hour from 01:00 to 02:00 starts at 05:00Z and again at 06:00Z.
        let zone = TimeZone::get("America/New_York").unwrap();
        let range = |from: &str, to: &str| custom(from, to).range(Timestamp(0), &zone, WeekStart::Sunday).unwrap();
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().into();
        let quarter = range("2026-11-01T01:15", "2026-11-01T01:45");
        assert!(quarter.contains(at("2026-11-01T05:30:00Z")) && quarter.contains(at("2026-11-01T06:30:00Z")));
        assert!(!quarter.contains(at("2026-11-01T06:45:00Z")));
        assert!(!range("2026-11-01T02:00", "2026-11-01T03:00").contains(at("2026-11-01T06:30:00Z")));
        // A skipped time means the time after the gap at both ends.
        let skipped = range("2026-03-08T02:30", "2026-03-08T02:30");
        assert_eq!(skipped.from, skipped.until);
    }

    #[test]
    fn a_minute_beyond_the_calendar_is_an_error_at_its_field() {
        let range = |from: &str, to: &str, zone: &str| {
            custom(from, to).range(Timestamp(0), &TimeZone::get(zone).unwrap(), WeekStart::Sunday)
        };
        let error = range("9999-12-31T00:00", "", "America/New_York").unwrap_err();
        assert_eq!(error, Error::field("from", Reason::NotATime));
        let error = range("", "9999-12-31T23:59", "America/New_York").unwrap_err();
        assert_eq!(error, Error::field("to", Reason::NotATime));
    }

    #[test]
    fn the_end_may_not_lie_before_the_start() {
        let error = custom("2026-11-18T10:01", "2026-11-18T10:00").check().unwrap_err();
        assert_eq!(error, Error::field("to", Reason::EndBeforeStart));
        assert!(custom("2026-11-18T10:00", "2026-11-18T10:00").check().is_ok());
    }

    #[test]
    fn the_range_is_half_open() {
        let range = TimeRange { from: Some(Timestamp(10)), until: Some(Timestamp(20)) };
        assert!(range.contains(Timestamp(10)) && !range.contains(Timestamp(20)));
    }

    #[test]
    fn a_minute_is_read_strictly_and_written_back() {
        assert_eq!(LocalMinute::parse("2026-11-18T09:05:59").unwrap().to_string(), "2026-11-18T09:05");
        for bad in ["", "2026-02-30T00:00", "2026-1-1T00:00", "2026-11-18", "2026-11-18T24:00", "x-11-18T00:00"] {
            assert!(LocalMinute::parse(bad).is_err(), "{bad}");
        }
    }
}
