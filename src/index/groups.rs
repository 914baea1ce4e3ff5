//! Kinds of texts that the index splits into substrings.

use super::fields::Fields;
use super::pinyin::runs;

/// Kind of text. Each kind has its own grams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Nickname and real name.
    Name,
    /// Customer ID, prefixed with [`START`].
    Id,
    Email,
    /// Digits of the phone number.
    Phone,
    /// Phone number as stored, if it contains signs. Only grams with a sign are kept.
    PhoneSigns,
    /// Nickname and real name as syllable sequences, see
    /// [`Syllable::as_char`](super::syllables::Syllable::as_char).
    Pinyin,
    /// Pinyin initials of nickname and real name.
    Initials,
}

pub(super) const GROUPS: usize = 7;
/// Control character that marks the start of an ID, so that ID prefixes can be looked up.
/// Normalised texts contain no control characters.
pub(super) const START: char = '\u{2}';

/// Number of bits of a character.
pub(super) const CHAR_BITS: u32 = 21;

/// Calls `f` with each text that is split into grams.
pub(super) fn each_text(fields: &Fields<impl AsRef<str>>, mut f: impl FnMut(Group, &str)) {
    let mut id = String::from(START);
    id.push_str(fields.id.as_ref());
    f(Group::Id, &id);
    f(Group::Email, fields.email.as_ref());
    let phone = fields.phone.as_ref();
    if phone.bytes().all(|b| b.is_ascii_digit()) {
        f(Group::Phone, phone);
    } else {
        f(Group::Phone, &phone.chars().filter(char::is_ascii_digit).collect::<String>());
        f(Group::PhoneSigns, phone);
    }
    let (nickname, real_name) = (fields.nickname.as_ref(), fields.real_name.as_ref());
    for name in [nickname].into_iter().chain(Some(real_name).filter(|name| *name != nickname)) {
        f(Group::Name, name);
        for run in if name.is_ascii() { Vec::new() } else { runs(name) } {
            f(Group::Pinyin, &run.syllables().map(|syllable| syllable.as_char()).collect::<String>());
            f(Group::Initials, &run.initials().map(char::from).collect::<String>());
        }
    }
}
