//! Cleaning and validation of calendar dates.

use jiff::civil::Date;

use crate::domain::error::Reason;
use crate::domain::text::{ascii_digit, line};

/// Writes a date whose parts are ordered year, month, day as `YYYY-MM-DD`: `1990/5/31`, `1990.5.31`,
/// `1990年5月31日`. Other orders are ambiguous, so such a text stays as it is and is rejected later.
pub(super) fn clean(text: &str) -> String {
    let text: String = line(text).chars().map(|c| ascii_digit(c).unwrap_or(c)).collect();
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let separators = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '年' | '月' | '日' | ' ');
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 && text.chars().all(separators) => {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        _ => text,
    }
}

/// Checks that a cleaned text is a day of the calendar, in the years 1 to 9999.
pub(super) fn check(value: &str) -> Option<Reason> {
    let day = value.parse::<Date>().ok().filter(|day| day.year() >= 1 && day.to_string() == value);
    day.is_none().then_some(Reason::NotADate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_order_year_month_day_are_unified() {
        for typed in ["1990-05-31", "1990/5/31", "1990.5.31", " 1990 5 31 ", "1990年5月31日", "１９９０-０５-３１"]
        {
            assert_eq!(clean(typed), "1990-05-31", "{typed}");
        }
        assert_eq!(check("1990-05-31"), None);
    }

    #[test]
    fn other_texts_are_rejected() {
        for typed in
            ["31/5/1990", "1990-02-30", "1990-13-01", "90-05-31", "0000-01-01", "May 1990", "1990-05-31T10:00", "x"]
        {
            assert_eq!(check(&clean(typed)), Some(Reason::NotADate), "{typed}");
        }
    }
}
