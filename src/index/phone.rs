//! Phone numbers: compared by their digits, with and without country and trunk prefix.

/// Fewer digits than this beside other signs are looked for as they stand: `+1` is no number.
const LEAST_DIGITS: usize = 3;
/// A national number has at least so many digits; shorter ones would begin too many others.
const LEAST_NATIONAL: usize = 7;
/// A number without a sign of its prefix has it when it is longer than any national number.
const SURELY_INTERNATIONAL: usize = 12;
/// Digits before the national number: an exit prefix, a country code, a trunk prefix.
const LONGEST_PREFIX: usize = 6;
/// Signs that numbers are written with besides digits.
const SIGNS: &str = "+-()./ ~·,[]";
/// The schemes of links to a number.
const SCHEMES: [&str; 3] = ["tel:", "callto:", "sms:"];

/// A phone number as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypedPhone {
    pub(super) digits: String,
    pub(super) national: Option<National>,
}

/// A number that was typed with a prefix, without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct National {
    /// The country code, if one was typed; otherwise it was a trunk prefix.
    country: Option<String>,
    /// The rest.
    pub(super) digits: String,
}

impl TypedPhone {
    /// Reads a normalised text, if it is a phone number or a part of one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text).trim();
        let digits = digits(text);
        let plain = digits.len() == text.len();
        let phone = text.chars().all(|c| c.is_ascii_digit() || SIGNS.contains(c));
        if digits.is_empty() || !phone || !(plain || digits.len() >= LEAST_DIGITS) {
            return None;
        }
        let national = National::parse(text.contains('+'), &digits);
        Some(Self { digits, national })
    }
}

impl National {
    fn parse(plus: bool, digits: &str) -> Option<Self> {
        let international = match digits.strip_prefix("00") {
            _ if plus => Some(digits),
            None if digits.len() >= SURELY_INTERNATIONAL && !digits.starts_with('0') => Some(digits),
            rest => rest,
        };
        let (country, rest) = match international {
            Some(digits) => {
                let (country, rest) = digits.split_at_checked(country_code(digits)?)?;
                (Some(country.to_owned()), rest.strip_prefix('0').unwrap_or(rest))
            }
            None => (None, digits.strip_prefix('0')?),
        };
        (rest.len() >= LEAST_NATIONAL).then(|| Self { country, digits: rest.to_owned() })
    }

    /// The place of this number in the digits of a stored one that has another prefix or none.
    pub(super) fn find(&self, stored: &str) -> Option<usize> {
        let starts = |at: &usize| stored.get(*at..).is_some_and(|rest| rest.starts_with(&self.digits));
        (0..=LONGEST_PREFIX).filter(starts).find(|at| self.may_follow(&stored[..*at]))
    }

    /// Returns `true` if a prefix is one of this number: nothing, the trunk prefix, or the country code in any form.
    fn may_follow(&self, prefix: &str) -> bool {
        let code = prefix.strip_prefix("00").unwrap_or(prefix);
        let is_own = |code: &str| match &self.country {
            Some(own) => own == code,
            None => country_code(code) == Some(code.len()),
        };
        matches!(prefix, "" | "0") || is_own(code) || code.strip_suffix('0').is_some_and(is_own)
    }
}

/// The digits of a normalised text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The length of the country code that digits begin with, as ITU-T E.164 assigns them.
fn country_code(digits: &str) -> Option<usize> {
    let (first, second) = (digits.as_bytes().first()?, digits.as_bytes().get(1));
    Some(match (first, second) {
        (b'0', _) => return None,
        (b'1' | b'7', _) => 1,
        (b'2', Some(b'0' | b'7'))
        | (b'3', Some(b'0'..=b'4' | b'6' | b'9'))
        | (b'4', Some(b'0' | b'1' | b'3'..=b'9')) => 2,
        (b'5', Some(b'1'..=b'8')) | (b'6', Some(b'0'..=b'6')) | (b'8', Some(b'1' | b'2' | b'4' | b'6')) => 2,
        (b'9', Some(b'0'..=b'5' | b'8')) => 2,
        (_, Some(_)) => 3,
        (_, None) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_any_notation() {
        for (text, expected) in [
            ("138.0013.8000", Some("13800138000")),
            ("138/0013", Some("1380013")),
            ("tel:+86 138", Some("86138")),
            ("(0755) 8888", Some("07558888")),
            ("13", Some("13")),
            ("+1", None),
            ("(0", None),
            ("100%", None),
            ("1x3", None),
            ("--", None),
        ] {
            assert_eq!(TypedPhone::parse(text).map(|phone| phone.digits).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_prefix_is_told_from_the_number() {
        let finds = |typed: &str, stored: &str| {
            TypedPhone::parse(typed).unwrap().national.is_some_and(|national| national.find(&digits(stored)).is_some())
        };
        for (typed, stored, expected) in [
            ("+86 138 0000 0003", "13800000003", true),
            ("008613800000003", "13800000003", true),
            ("8613800000003", "13800000003", true),
            ("+442070000018", "+44 (0)20 7000 0018", true),
            ("+442070000018", "020 7000 0018", true),
            ("02070000018", "+44 20 7000 0018", true),
            ("+44 (0)20 7000 0018", "+44 20 7000 0018", true),
            ("+1 (202) 555-0101", "202-555-0101", true),
            // Another country's number of the same digits, and another number that ends the same.
            ("+442070000018", "+49 20 7000 0018", false),
            ("+86 138 0000 0003", "5513800000003", false),
            ("13800000003", "3800000003", false),
            ("+86 138", "138", false),
        ] {
            assert_eq!(finds(typed, stored), expected, "{typed} {stored}");
        }
    }
}
