//! The syllables of Mandarin, and which one a Chinese character is read as.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::ToPinyin;

/// A syllable, by its place in the sorted list of all syllables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Syllable(u16);

impl Syllable {
    /// The letters.
    pub(super) fn letters(self) -> &'static str {
        TABLE.syllables[usize::from(self.0)]
    }

    /// A character of the private use area that stands for the syllable, so that sequences of syllables are texts.
    pub(super) fn as_char(self) -> char {
        char::from_u32(0xE000 + u32::from(self.0)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The syllables that begin with `letters`.
    pub(super) fn beginning_with(letters: &str) -> impl Iterator<Item = Self> {
        TABLE.all().filter(move |syllable| starts(syllable.letters(), letters).is_some_and(|n| n == letters.len()))
    }

    /// The syllables that `letters` begins with and is longer than.
    pub(super) fn first_of(letters: &str) -> impl Iterator<Item = Self> {
        TABLE.all().filter(move |syllable| {
            let own = syllable.letters();
            own.len() < letters.len() && starts(own, letters) == Some(own.len())
        })
    }
}

/// How many bytes `syllable` and `letters` share when one begins with the other. In the syllable `v` is also `u`.
pub(super) fn starts(syllable: &str, letters: &str) -> Option<usize> {
    let same = |(own, typed): (u8, u8)| own == typed || (own == b'v' && typed == b'u');
    syllable.bytes().zip(letters.bytes()).all(same).then_some(syllable.len().min(letters.len()))
}

/// The reading of a character that has one.
#[inline]
pub(super) fn syllable(c: char) -> Option<Syllable> {
    if c < '\u{3000}' {
        return None;
    }
    let table = &*TABLE;
    let known = match table.common.get(c as usize - 0x3000) {
        Some(known) => *known,
        None => table.rare.get(&c).copied().unwrap_or(NONE),
    };
    (known != NONE).then_some(Syllable(known))
}

/// The reading of the surname the text begins with, where that is not its characters' common one.
pub(super) fn surname(text: &str) -> Option<&'static [Syllable]> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first < '\u{3000}' {
        return None;
    }
    let found = TABLE.surnames.get(&first)?;
    let second = chars.next();
    found.iter().find(|found| found.second.is_none() || found.second == second).map(|found| found.own.as_slice())
}

const NONE: u16 = u16::MAX;

struct Table {
    syllables: Vec<&'static str>,
    /// From U+3000 to U+9FFF.
    common: Vec<u16>,
    rare: HashMap<char, u16>,
    /// By the first character. Those of two characters come first.
    surnames: HashMap<char, Vec<Surname>>,
}

struct Surname {
    /// The second character, if there is one.
    second: Option<char>,
    /// How it is read.
    own: Vec<Syllable>,
}

impl Table {
    fn all(&self) -> impl Iterator<Item = Syllable> + use<> {
        (0..self.syllables.len() as u16).map(Syllable)
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let read = |c: char| match COMMON.iter().find(|(own, _)| *own == c) {
        Some((_, syllable)) => Some(*syllable),
        None => c.to_pinyin().map(|pinyin| plain(pinyin.plain())),
    };
    let all: Vec<(char, &'static str)> =
        ('\u{3000}'..='\u{3FFFF}').filter_map(|c| read(c).map(|syllable| (c, syllable))).collect();
    let mut syllables: Vec<&'static str> = all.iter().map(|(_, syllable)| *syllable).collect();
    syllables.sort_unstable();
    syllables.dedup();
    let place = |syllable: &str| syllables.binary_search(&syllable).map_or(NONE, |place| place as u16);
    let (mut common, mut rare) = (vec![NONE; 0x7000], HashMap::new());
    for (c, syllable) in all {
        match common.get_mut(c as usize - 0x3000) {
            Some(slot) => *slot = place(syllable),
            None => _ = rare.insert(c, place(syllable)),
        }
    }
    let mut surnames: HashMap<char, Vec<Surname>> = HashMap::new();
    for (name, readings) in SURNAMES {
        let mut chars = name.chars();
        if let Some(first) = chars.next() {
            let own = readings.split(' ').map(|syllable| Syllable(place(syllable))).collect();
            surnames.entry(first).or_default().push(Surname { second: chars.next(), own });
        }
    }
    surnames.values_mut().for_each(|all| all.sort_by_key(|surname| surname.second.is_none()));
    Table { syllables, common, rare, surnames }
});

/// The library writes ü; keyboards do not have it.
fn plain(syllable: &'static str) -> &'static str {
    match syllable {
        "lü" => "lv",
        "lüe" => "lve",
        "nü" => "nv",
        "nüe" => "nve",
        other => other,
    }
}

/// Characters whose most common reading in names is not the library's first one.
const COMMON: [(char, &str); 7] =
    [('长', "chang"), ('似', "si"), ('翟', "zhai"), ('阚', "kan"), ('佴', "nai"), ('嗯', "en"), ('欸', "ei")];

/// Surnames that are not read as their characters usually are.
const SURNAMES: [(&str, &str); 32] = [
    ("单", "shan"),
    ("单于", "chan yu"),
    ("曾", "zeng"),
    ("解", "xie"),
    ("仇", "qiu"),
    ("区", "ou"),
    ("查", "zha"),
    ("朴", "piao"),
    ("乐", "yue"),
    ("乐正", "yue zheng"),
    ("盖", "ge"),
    ("缪", "miao"),
    ("种", "chong"),
    ("员", "yun"),
    ("秘", "bi"),
    ("折", "she"),
    ("黑", "he"),
    ("繁", "po"),
    ("召", "shao"),
    ("覃", "qin"),
    ("隗", "wei"),
    ("都", "du"),
    ("祭", "zhai"),
    ("牟", "mu"),
    ("薄", "bo"),
    ("郗", "chi"),
    ("洗", "xian"),
    ("句", "gou"),
    ("尉迟", "yu chi"),
    ("万俟", "mo qi"),
    ("澹台", "tan tai"),
    ("长孙", "zhang sun"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surname_in_the_list_differs_from_the_common_reading() {
        for (name, readings) in SURNAMES {
            let own: Vec<&str> = surname(name).unwrap_or_default().iter().map(|own| own.letters()).collect();
            let common: Vec<&str> = name.chars().filter_map(syllable).map(Syllable::letters).collect();
            assert_eq!(own.join(" "), readings);
            assert_ne!(own, common, "{name}");
        }
    }
}
