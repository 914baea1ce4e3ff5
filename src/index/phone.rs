//! Phone numbers, compared by their digits, with and without country code and trunk prefix.

/// Minimum number of digits in a number typed with other signs. Shorter texts are matched
/// literally: `+1` is not a phone number.
const MIN_DIGITS: usize = 3;
/// Minimum number of digits of a national number. A shorter one is the beginning of too many
/// others.
const MIN_NATIONAL: usize = 7;
/// Number of digits from which a number without `+` or `00` is read with a country code, unless it
/// starts with `0`. National numbers are shorter.
const SURELY_INTERNATIONAL: usize = 12;
/// Maximum number of digits before the national number: exit prefix, country code and trunk prefix.
const LONGEST_PREFIX: usize = 6;
/// Characters in phone numbers other than digits.
const SIGNS: &str = "+-()./ ~·,[]";
/// URI schemes of links to a phone number.
const SCHEMES: [&str; 3] = ["tel:", "callto:", "sms:"];

/// Phone number as typed, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypedPhone {
    pub(super) digits: String,
    pub(super) national: Option<National>,
}

/// National part of a number that was typed with a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct National {
    /// Country code, or `None` if the number was typed with the trunk prefix `0`.
    country: Option<String>,
    /// Digits without country code and trunk prefix.
    pub(super) digits: String,
}

impl TypedPhone {
    /// Parses a normalised text as a phone number or a part of one. Returns `None` for other texts.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text).trim();
        let digits = digits(text);
        let plain = digits.len() == text.len();
        let phone = text.chars().all(|c| c.is_ascii_digit() || SIGNS.contains(c));
        if digits.is_empty() || !phone || !(plain || digits.len() >= MIN_DIGITS) {
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
        (rest.len() >= MIN_NATIONAL).then(|| Self { country, digits: rest.to_owned() })
    }

    /// Returns the position of this number in the digits of a stored number that has another prefix
    /// or none.
    pub(super) fn find(&self, stored: &str) -> Option<usize> {
        let starts = |at: &usize| stored.get(*at..).is_some_and(|rest| rest.starts_with(&self.digits));
        (0..=LONGEST_PREFIX).filter(starts).find(|at| self.may_follow(&stored[..*at]))
    }

    /// Returns `true` if this number may follow the prefix: none, the trunk prefix `0`, or the
    /// country code with or without the exit prefix `00` and the trunk prefix. Without a typed
    /// country code, any country code is valid.
    fn may_follow(&self, prefix: &str) -> bool {
        let code = prefix.strip_prefix("00").unwrap_or(prefix);
        let is_own = |code: &str| match &self.country {
            Some(own) => own == code,
            None => country_code(code) == Some(code.len()),
        };
        matches!(prefix, "" | "0") || is_own(code) || code.strip_suffix('0').is_some_and(is_own)
    }
}

/// Returns the ASCII digits of a text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Returns the length of the ITU-T E.164 country code at the start of the digits.
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
            // The same digits in another country, and another number with the same ending.
            ("+442070000018", "+49 20 7000 0018", false),
            ("+86 138 0000 0003", "5513800000003", false),
            ("13800000003", "3800000003", false),
            ("+86 138", "138", false),
        ] {
            assert_eq!(finds(typed, stored), expected, "{typed} {stored}");
        }
    }
}
