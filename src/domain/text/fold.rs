//! Unicode normalisation. Only the server has the tables; the browser passes text through and the
//! server normalises it.

use std::borrow::Cow;

#[cfg(feature = "index")]
use super::characters::{Kind, is_dash, kind};

/// Normalises the text to NFC. In the browser, returns it unchanged.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    #[cfg(feature = "index")]
    if !unicode_normalization::is_nfc(text) {
        return Cow::Owned(unicode_normalization::UnicodeNormalization::nfc(text).collect());
    }
    Cow::Borrowed(text)
}

/// Normalises the text to NFKC.
#[cfg(feature = "index")]
fn nfkc(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfkc(text).collect()
}

/// Returns a key that is equal for names people consider the same. It ignores case (`ß` equals `ss`;
/// `İ`, `I`, `ı` and `i` equal `i`), width and other compatibility forms, and invisible characters, and
/// has one kind of space, hyphen and apostrophe.
#[cfg(feature = "index")]
#[must_use]
pub fn key(text: &str) -> String {
    let mut seen = super::line(text);
    if seen.is_ascii() {
        seen.make_ascii_lowercase();
        return seen;
    }
    // The joiners and selectors that cleaning keeps make another form of a name, not another name.
    seen.retain(|c| !matches!(kind(c), Kind::Joiner | Kind::Selector));
    let mut folded = String::with_capacity(seen.len());
    // Convert to upper case first: this turns ß into ss and ſ into s.
    for c in nfkc(&seen).chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
        match c {
            // The dot that remains of İ.
            '\u{307}' if folded.ends_with('i') => {}
            // From the capital ẞ, which is its own upper case.
            'ß' => folded.push_str("ss"),
            '‘' | '’' | 'ʼ' => folded.push('\''),
            _ if is_dash(c) => folded.push('-'),
            _ => folded.push(c),
        }
    }
    super::line(&nfkc(&folded))
}
