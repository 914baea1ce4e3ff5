//! Cleaning of incoming text: the same for everything that people type, channels send and files
//! contain.
//!
//! A text is a [`line()`] (names, IDs, addresses) or a [`block`] (messages, descriptions). Both keep
//! what is visible and remove what is not: control characters, direction marks, zero-width characters,
//! and joiners and variation selectors without effect. Cleaning is idempotent. Limits count Unicode
//! scalar values after cleaning. Invalid input from a person is rejected with an error at the field. A
//! channel cannot ask for a correction, so its text is shortened instead ([`shorten_line`],
//! [`shorten_block`]).

mod characters;
mod fold;

use unicode_segmentation::UnicodeSegmentation;

use super::error::{Error, Reason};
use characters::{Kind, joins, kind, selects, subdivision};
pub use characters::{ascii_digit, ascii_width, is_blank, is_dash, is_invisible};
#[cfg(feature = "index")]
pub use fold::key;
pub use fold::nfc;

/// Appended to a text that was shortened.
const CUT: char = '…';

/// Cleans a text to a single line in NFC: each run of line breaks, tabs and spaces becomes one U+0020,
/// and none remains at the ends. Returns an empty text if nothing is visible.
#[must_use]
pub fn line(text: &str) -> String {
    let text = visible(text);
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_blank(c) {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    if line.ends_with(' ') {
        line.pop();
    }
    if is_blank_to_the_eye(&line) { String::new() } else { line }
}

/// Cleans a text to lines in NFC: every kind of line break becomes U+000A, tabs and empty lines are
/// kept, whitespace at the ends is removed. Returns an empty text if nothing is visible.
#[must_use]
pub fn block(text: &str) -> String {
    let text = visible(text);
    let text = trim(&text);
    if is_blank_to_the_eye(text) {
        return String::new();
    }
    let mut block = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match kind(c) {
            Kind::Break if c == '\n' && after_return => {}
            Kind::Break => block.push('\n'),
            _ => block.push(c),
        }
        after_return = c == '\r';
    }
    block
}

/// Removes line breaks, spaces and fillers at both ends; changes nothing else.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Returns `true` if nothing in the text is visible: only whitespace, fillers, invisible characters,
/// and combining marks without a letter.
#[must_use]
pub fn is_blank_to_the_eye(text: &str) -> bool {
    text.chars().all(|c| kind(c) != Kind::Visible)
}

/// Returns `true` if the text contains a line break, a tab, a control character, a filler or another
/// hidden character. Identifiers are compared byte for byte, so they are rejected in that case rather
/// than cleaned.
#[must_use]
pub fn hides_something(text: &str) -> bool {
    let on_a_line = |c: char| match kind(c) {
        Kind::Break => false,
        Kind::Blank => c != '\t' && c.is_whitespace(),
        _ => true,
    };
    !text.chars().all(on_a_line) || !keeps_all(text)
}

/// Truncates the text to at most `most` characters between grapheme clusters. A first cluster longer
/// than that is itself truncated.
#[must_use]
pub fn cut(text: &str, most: usize) -> &str {
    let Some((limit, _)) = text.char_indices().nth(most) else { return text };
    let whole = text.grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at <= limit).last();
    &text[..whole.filter(|at| *at > 0).unwrap_or(limit)]
}

/// Truncates the text to at most `most` bytes, between Unicode scalar values.
#[must_use]
pub fn cut_bytes(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Cleans the text to a [`line()`] of at most `most` characters. A longer text is cut and ends in `…`.
#[must_use]
pub fn shorten_line(text: &str, most: usize) -> String {
    shorten(line, text, most)
}

/// Cleans the text to a [`block`] of at most `most` characters. A longer text is cut and ends in `…`.
#[must_use]
pub fn shorten_block(text: &str, most: usize) -> String {
    shorten(block, text, most)
}

fn shorten(clean: fn(&str) -> String, text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().nth(most).is_none() {
        return text;
    }
    // The cut may leave a joiner or a space at the end, so clean again.
    let mut kept = clean(cut(&text, most.saturating_sub(1)));
    kept.push(CUT);
    kept
}

/// Returns the cleaned text if it has 1 to `most` characters.
///
/// # Errors
/// [`Reason::Required`] or [`Reason::TooLong`], at `field`.
pub(super) fn required(field: &str, text: String, most: usize) -> Result<String, Error> {
    if text.is_empty() { Err(Error::field(field, Reason::Required)) } else { at_most(field, text, most) }
}

/// Returns the cleaned text if it has at most `most` characters.
///
/// # Errors
/// [`Reason::TooLong`], at `field`.
pub(super) fn at_most(field: &str, text: String, most: usize) -> Result<String, Error> {
    match text.chars().nth(most) {
        Some(_) => Err(Error::field(field, Reason::TooLong { most: most as u32 })),
        None => Ok(text),
    }
}

/// Normalises to NFC and removes invisible characters. Line breaks and whitespace stay unchanged.
fn visible(text: &str) -> String {
    if text.chars().all(characters::is_plain) {
        return text.to_owned();
    }
    let mut text = nfc(text).into_owned();
    // A removed character may have separated a letter from its accent, which now compose to another
    // letter.
    while !keeps_all(&text) {
        let mut kept = String::with_capacity(text.len());
        keep(&text, |part| kept.push_str(part));
        text = nfc(&kept).into_owned();
    }
    text
}

/// Returns `true` if cleaning removes no character of the text.
fn keeps_all(text: &str) -> bool {
    let mut kept = 0;
    keep(text, |part| kept += part.len());
    kept == text.len()
}

/// Calls `take` with each visible part of the text, in order.
fn keep(text: &str, mut take: impl FnMut(&str)) {
    let mut last = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (mut part, mut after) = rest.split_at(c.len_utf8());
        // Evaluated only for joiners and selectors, because a run of dropped characters can be very
        // long.
        let next = || after.chars().find(|c| kind(*c) != Kind::Dropped);
        let kept = match kind(c) {
            Kind::Dropped => false,
            Kind::Joiner => joins(last, c, next()),
            Kind::Selector => selects(last, c, next()),
            Kind::Break | Kind::Blank | Kind::Mark | Kind::Visible => true,
        };
        if let Some(length) = subdivision(rest) {
            (part, after) = rest.split_at(length);
        }
        if kept {
            last = part.chars().next_back();
            take(part);
        }
        rest = after;
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
