//! Cleaning and validation of pasted phone numbers, account numbers and email addresses.

use crate::domain::error::Reason;
use crate::domain::text::{ascii_digit, ascii_width, is_dash, line};

/// Minimum number of digits for a part of a longer text to be treated as a phone number.
const MIN_DIGITS: usize = 5;

/// Converts a phone number to ASCII and keeps the layout that was typed.
pub(super) fn phone(text: &str) -> String {
    let text = line(text);
    let number = without_scheme(&text, "tel:").unwrap_or(&text);
    line(&number.chars().map(of_number).collect::<String>())
}

/// Converts a number without layout to ASCII and removes spaces.
pub(super) fn digits(text: &str) -> String {
    line(text).chars().map(of_number).filter(|c| *c != ' ').collect()
}

fn of_number(c: char) -> char {
    match c {
        // The long-vowel mark, which is next to the digits on a Japanese keyboard.
        'ー' => '-',
        _ if is_dash(c) => '-',
        _ => ascii_digit(c).unwrap_or_else(|| ascii_width(c)),
    }
}

/// Cleans an email address and keeps its case. Removes what programs write around it:
/// `mailto:ana@a.example?subject=Hi`, `Ana Ng <ana@a.example>`, `ana@a.example;`.
pub(super) fn email(text: &str) -> String {
    let text: String = line(text).chars().map(|c| if matches!(c, '。' | '｡') { '.' } else { ascii_width(c) }).collect();
    let address = in_brackets(&text, '<', '>').or_else(|| in_brackets(&text, '[', ']')).unwrap_or(&text);
    let address = without_mailto(address.trim_matches([' ', ',', ';']));
    // Keep a text that is nothing but wrapping: it must be rejected as an address, not stored as empty.
    line(if address.is_empty() { &text } else { address })
}

/// Returns the address in brackets after a name. Returns `None` if there is another address beside it,
/// because it is unclear which one is meant.
fn in_brackets(text: &str, open: char, close: char) -> Option<&str> {
    let (before, inner) = text.split_once(open)?;
    let (inner, after) = inner.split_once(close)?;
    let same = before.trim_matches([' ', '"', '\'']) == without_mailto(inner);
    (inner.contains('@') && (same || !before.contains('@')) && !after.contains('@')).then_some(inner)
}

fn without_mailto(address: &str) -> &str {
    match without_scheme(address, "mailto:") {
        Some(address) => address.split_once('?').map_or(address, |(address, _)| address),
        None => address,
    }
}

/// Returns the text after a URL scheme in any case; `None` if the scheme is missing or nothing follows
/// it.
fn without_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (own, rest) = text.split_at_checked(scheme.len())?;
    Some(rest.trim_start()).filter(|rest| own.eq_ignore_ascii_case(scheme) && !rest.is_empty())
}

pub(super) fn check_phone(value: &str) -> Option<Reason> {
    check_characters(value, is_of_phone, Reason::NotAPhone)
}

pub(super) fn check_digits(value: &str, least: u32, most: u32) -> Option<Reason> {
    let not_digits = Reason::NotDigits { least, most };
    let wrong = check_characters(value, |c| c.is_ascii_digit(), not_digits);
    wrong.or((value.len() < least as usize).then_some(not_digits))
}

/// Returns [`Reason::NotAllowed`] for the first invalid character, or `otherwise` if there is no digit
/// at all: then the general rule helps more than one character.
fn check_characters(value: &str, allowed: fn(char) -> bool, otherwise: Reason) -> Option<Reason> {
    if !value.contains(|c: char| c.is_ascii_digit()) {
        return Some(otherwise);
    }
    value.chars().find(|c| !allowed(*c)).map(|character| Reason::NotAllowed { character })
}

const fn is_of_phone(c: char) -> bool {
    matches!(c, '0'..='9' | '+' | '-' | '(' | ')' | ' ')
}

/// Checks for the usual form of an address rather than all that RFC 5322 allows: a local part, one `@`,
/// and a domain with a dot.
pub(super) fn check_email(value: &str) -> Option<Reason> {
    let special = |c: &char| matches!(c, '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '[' | ']' | '\\');
    let Some((local, domain)) = value.rsplit_once('@') else { return Some(Reason::NotAnEmail) };
    if let Some(character) = value.chars().find(special) {
        return Some(Reason::NotAllowed { character });
    }
    let plain = |text: &str| !text.is_empty() && !text.contains(['@', ' ']);
    let dots = |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    let good = plain(local) && dots(local) && domain.contains('.') && plain(domain) && dots(domain);
    (!good).then_some(Reason::NotAnEmail)
}

/// Finds the first phone number in a text that is not a valid number as a whole: `138.0000.0004`, `Tel.
/// 010-6000-0003 (home)`, or two numbers separated by a comma. Returns an empty text if there is none.
pub(super) fn first_phone(text: &str, most: usize) -> String {
    let text = phone(text).replace(['.', '/'], "-");
    let numbers = text
        .split(|c| !is_of_phone(c))
        .map(|part| part.trim_start_matches([' ', '-', ')']).trim_end_matches([' ', '-', '(', '+']));
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).count();
    let mut found = numbers.filter(|part| digits(part) >= MIN_DIGITS && part.len() <= most);
    found.next().unwrap_or_default().to_owned()
}
