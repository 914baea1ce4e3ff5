//! Normalisation. Its tables are on the server only: the browser passes texts on, and the server normalises them again.

use std::borrow::Cow;

#[cfg(feature = "index")]
use super::characters::{Kind, is_dash, kind};

/// Returns the text in Unicode normalisation form C, and in the browser the text itself.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    #[cfg(feature = "index")]
    if !unicode_normalization::is_nfc(text) {
        return Cow::Owned(unicode_normalization::UnicodeNormalization::nfc(text).collect());
    }
    Cow::Borrowed(text)
}

/// Returns the text in normalisation form KC.
#[cfg(feature = "index")]
fn nfkc(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfkc(text).collect()
}

/// Returns the key that names share when people take them for one name: no case (`ß` is `ss`; `İ`, `I`, `ı` and `i` are
/// `i`), no width or other compatibility form, no invisible characters, one kind of blank, hyphen and apostrophe.
#[cfg(feature = "index")]
#[must_use]
pub fn key(text: &str) -> String {
    let mut seen = super::line(text);
    if seen.is_ascii() {
        seen.make_ascii_lowercase();
        return seen;
    }
    // A joiner or a selector that a cleaned text still has makes another form, not another name.
    seen.retain(|c| !matches!(kind(c), Kind::Joiner | Kind::Selector));
    let mut folded = String::with_capacity(seen.len());
    // Upper case first: only so does ß become ss, and ſ s.
    for c in nfkc(&seen).chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
        match c {
            // The dot that is left of İ.
            '\u{307}' if folded.ends_with('i') => {}
            // Of the capital ẞ, which is its own upper case.
            'ß' => folded.push_str("ss"),
            '‘' | '’' | 'ʼ' => folded.push('\''),
            _ if is_dash(c) => folded.push('-'),
            _ => folded.push(c),
        }
    }
    super::line(&nfkc(&folded))
}
