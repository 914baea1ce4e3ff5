//! Text that comes in: one cleaning for everything people type, channels send and files bring.
//!
//! A text is a [`line()`] (names, IDs, addresses) or a [`block`] (messages, descriptions). Both keep what people see and drop
//! what nobody sees: control characters, direction marks, zero-width characters, joiners and variation selectors that
//! change nothing. Cleaning a clean text changes nothing. Limits count Unicode scalar values after cleaning. A person is
//! told what is wrong, at the field; a channel cannot be asked, so its text is shortened ([`shorten_line`],
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

/// The mark at the end of a text that was shortened.
const CUT: char = '…';

/// Returns the text on one line: line breaks, tabs and blanks of all kinds become one U+0020, none at the ends, NFC. A
/// text that shows nothing is empty.
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

/// Returns the text with its lines: every kind of line break becomes U+000A, tabs and blank lines stay, there are no blanks
/// at the ends, NFC. A text that shows nothing is empty.
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

/// Returns the text without line breaks, blanks and fillers at its ends, as it is otherwise.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Returns `true` for a text in which nothing can be seen: only blanks, fillers, invisible characters, and marks without
/// a letter.
#[must_use]
pub fn is_blank_to_the_eye(text: &str) -> bool {
    text.chars().all(|c| kind(c) != Kind::Visible)
}

/// Returns `true` when the text holds a line break, a control character, a filler or anything else that cannot be seen.
/// Identities are compared byte for byte, so they are refused rather than cleaned.
#[must_use]
pub fn hides_something(text: &str) -> bool {
    let on_a_line = |c: char| match kind(c) {
        Kind::Break => false,
        Kind::Blank => c != '\t' && c.is_whitespace(),
        _ => true,
    };
    !text.chars().all(on_a_line) || !keeps_all(text)
}

/// Returns the beginning of the text with at most `most` characters, cut between characters as people see them. One that
/// alone is longer than that is cut itself.
#[must_use]
pub fn cut(text: &str, most: usize) -> &str {
    let Some((limit, _)) = text.char_indices().nth(most) else { return text };
    let whole = text.grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at <= limit).last();
    &text[..whole.filter(|at| *at > 0).unwrap_or(limit)]
}

/// Returns the beginning of the text with at most `most` bytes, cut between Unicode scalar values.
#[must_use]
pub fn cut_bytes(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Returns the text as a [`line()`] of at most `most` characters. One that was longer ends in `…`.
#[must_use]
pub fn shorten_line(text: &str, most: usize) -> String {
    shorten(line, text, most)
}

/// Returns the text as a [`block`] of at most `most` characters. One that was longer ends in `…`.
#[must_use]
pub fn shorten_block(text: &str, most: usize) -> String {
    shorten(block, text, most)
}

fn shorten(clean: fn(&str) -> String, text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().nth(most).is_none() {
        return text;
    }
    // What stands at the end now may be a joiner or a blank.
    let mut kept = clean(cut(&text, most.saturating_sub(1)));
    kept.push(CUT);
    kept
}

/// Returns a clean text of 1 to `most` characters.
///
/// # Errors
/// [`Reason::Required`] or [`Reason::TooLong`], at `field`.
pub(super) fn required(field: &str, text: String, most: usize) -> Result<String, Error> {
    if text.is_empty() { Err(Error::field(field, Reason::Required)) } else { at_most(field, text, most) }
}

/// Returns a clean text of at most `most` characters.
///
/// # Errors
/// [`Reason::TooLong`], at `field`.
pub(super) fn at_most(field: &str, text: String, most: usize) -> Result<String, Error> {
    match text.chars().nth(most) {
        Some(_) => Err(Error::field(field, Reason::TooLong { most: most as u32 })),
        None => Ok(text),
    }
}

/// Returns the text in NFC without what cannot be seen. Line breaks and blanks are still as they were.
fn visible(text: &str) -> String {
    if text.chars().all(characters::is_plain) {
        return text.to_owned();
    }
    let mut text = nfc(text).into_owned();
    // What is dropped may have kept a letter from its accent, and the two may be another letter now.
    while !keeps_all(&text) {
        let mut kept = String::with_capacity(text.len());
        keep(&text, |part| kept.push_str(part));
        text = nfc(&kept).into_owned();
    }
    text
}

/// Returns `true` for a text of which nothing is dropped.
fn keeps_all(text: &str) -> bool {
    let mut kept = 0;
    keep(text, |part| kept += part.len());
    kept == text.len()
}

/// Passes on what is kept of a text, piece by piece.
fn keep(text: &str, mut take: impl FnMut(&str)) {
    let mut last = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (mut part, mut after) = rest.split_at(c.len_utf8());
        // Looked up only where it matters: what is dropped may go on for very long.
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
