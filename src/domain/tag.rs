//! Tags: a tenant's flat vocabulary for labelling customers.

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::ids::TagId;
#[cfg(feature = "index")]
use super::text;
use super::text::{line, required};

/// A tag of the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Number in the database.
    pub id: TagId,
    /// Name. Its `TagName::key` is unique, so no two tags have names that look the same.
    pub name: TagName,
    /// Colour of the label.
    pub color: TagColor,
}

impl Tag {
    /// Maximum number of tags per tenant. Every response with a list or a customer contains all tags.
    pub const MOST: u32 = 1000;
}

/// Name of a tag: 1 to 40 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagName(String);

impl TagName {
    /// Maximum length of a name, in characters.
    pub const MAX_CHARS: usize = 40;

    /// Cleans and validates a name. Spaces at the ends are removed.
    ///
    /// # Errors
    /// `Required` or `TooLong`, at field `name`.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
        required("name", line(text.as_ref()), Self::MAX_CHARS).map(Self)
    }

    /// Returns the name as it is displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the [key](text::key) that is equal for names people consider the same.
    #[cfg(feature = "index")]
    #[must_use]
    pub fn key(&self) -> String {
        text::key(&self.0)
    }
}

impl TryFrom<String> for TagName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl From<TagName> for String {
    fn from(name: TagName) -> Self {
        name.0
    }
}

/// One of the [`TagColor::COUNT`] colours of the palette in `style/`. Higher numbers wrap around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagColor(pub u8);

impl TagColor {
    /// Number of colours.
    pub const COUNT: u8 = 10;

    /// Returns the colour for a new tag. It is derived from the name, so the same name always gets the
    /// same colour.
    #[cfg(feature = "index")]
    #[must_use]
    pub fn of(name: &TagName) -> Self {
        let hash = name.key().bytes().fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
        Self((hash % u32::from(Self::COUNT)) as u8)
    }

    /// Returns the index in the palette, from 0 to 9.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0 % Self::COUNT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    #[test]
    fn a_name_is_trimmed_and_compared_without_case() {
        let name = TagName::new(" VIP ").unwrap();
        assert_eq!((name.as_str(), name.key().as_str()), ("VIP", "vip"));
    }

    fn key(name: &str) -> String {
        TagName::new(name).unwrap().key()
    }

    /// Needs the Unicode normalisation tables, which the browser's build lacks.
    #[cfg(feature = "index")]
    #[test]
    fn names_that_look_the_same_have_one_key() {
        for (one, other) in
            [("Café", "Cafe\u{301}"), ("㎏", "kg"), ("ﬁne", "fine"), ("ｶﾞ", "ガ"), ("İzmir", "I\u{307}zmir"), ("①", "1")]
        {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn names_that_differ_in_case_width_and_what_nobody_sees_have_one_key() {
        for (one, other) in [
            ("VIP", "ＶＩＰ"),
            ("VIP", "vip\u{200B}"),
            ("大 客户", "大\u{3000}客户"),
            ("straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("İzmir", "izmir"),
            ("Işık", "ışık"),
            ("ΟΔΟΣ", "οδος"),
            ("❤", "❤\u{FE0F}"),
            ("葛", "葛\u{E0100}"),
            ("می\u{200C}خواهم", "میخواهم"),
            ("A\u{2011}B", "a–b"),
            ("O’Shea", "o'shea"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [("VIP", "VIPs"), ("大客户", "大 客户"), ("Lukasz", "Łukasz"), ("か", "が"), ("😀", "😁")]
        {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn a_new_name_is_the_old_one_another_spelling_of_it_or_another_name() {
        let gold = TagName::new("Gold").unwrap();
        for (typed, same, same_key) in
            [("Gold", true, true), (" Gold\u{200B}", true, true), ("gold", false, true), ("VIP", false, false)]
        {
            let name = TagName::new(typed).unwrap();
            assert_eq!((name == gold, name.key() == gold.key()), (same, same_key), "{typed:?}");
        }
    }

    #[test]
    fn separators_quotes_and_markup_are_part_of_a_name() {
        for name in ["VIP, gold", "R&D;x", "5\" disk", "😀", "a|b", "R&D", "<b>"] {
            assert_eq!(TagName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn forty_characters_are_taken_and_forty_one_are_not() {
        assert!(TagName::new("客".repeat(40)).is_ok());
        assert_eq!(TagName::new("客".repeat(41)).unwrap_err().reason, Reason::TooLong { most: 40 });
        assert_eq!(TagName::new("\t").unwrap_err().reason, Reason::Required);
        assert_eq!(TagName::new("a\n b").unwrap().as_str(), "a b");
    }
}
