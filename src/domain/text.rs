//! What names have in common.

use super::error::{Error, Reason};

/// A name as typed, without the blanks at its ends: 1 to `most` characters on one line.
///
/// # Errors
/// [`Reason::Required`], [`Reason::TooLong`] or [`Reason::NotOneLine`], at `field`.
pub(super) fn one_line(field: &str, text: &str, most: usize) -> Result<String, Error> {
    let text = text.trim();
    let refused = if text.is_empty() {
        Reason::Required
    } else if text.chars().count() > most {
        Reason::TooLong { most: most as u32 }
    } else if text.chars().any(char::is_control) {
        Reason::NotOneLine
    } else {
        return Ok(text.to_owned());
    };
    Err(Error::field(field, refused))
}
