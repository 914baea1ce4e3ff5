//! Syllables of Mandarin and the readings of Chinese characters.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::ToPinyin;

/// Syllable as its index in the sorted list of all syllables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Syllable(u16);

impl Syllable {
    /// Returns the letters, with `v` for ü.
    pub(super) fn letters(self) -> &'static str {
        TABLE.syllables[usize::from(self.0)]
    }

    /// Returns a private-use character that represents the syllable, so that a sequence of
    /// syllables is a text.
    pub(super) fn as_char(self) -> char {
        char::from_u32(0xE000 + u32::from(self.0)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Returns all syllables that begin with `letters`.
    pub(super) fn beginning_with(letters: &str) -> impl Iterator<Item = Self> {
        TABLE.all().filter(move |syllable| starts(syllable.letters(), letters) == Some(letters.len()))
    }

    /// Returns the syllables that are a proper prefix of `letters`, each with the number of bytes it
    /// matches.
    pub(super) fn first_of(letters: &str) -> impl Iterator<Item = (Self, usize)> {
        let taken = |syllable: Self| starts(syllable.letters(), letters).filter(|taken| *taken < letters.len());
        TABLE.all().filter_map(move |syllable| Some((syllable, taken(syllable)?)))
    }
}

/// Returns the number of matching bytes of `letters` if `letters` or the syllable is a prefix of
/// the other. The `v` of a syllable matches `v`, `u` or, as in passports, `yu`.
pub(super) fn starts(syllable: &str, letters: &str) -> Option<usize> {
    let (letters, mut taken) = (letters.as_bytes(), 0);
    for own in syllable.bytes() {
        let Some(typed) = letters.get(taken) else { break };
        taken += match (own, typed) {
            (b'v', b'u') => 1,
            (b'v', b'y') => match letters.get(taken + 1) {
                Some(b'u') => 2,
                Some(_) => return None,
                None => 1,
            },
            (own, typed) if own == *typed => 1,
            _ => return None,
        };
    }
    Some(taken)
}

/// Returns the most common reading of a character, `None` if it has no reading.
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

/// Returns the readings of a character other than the most common one.
pub(super) fn other_readings(c: char) -> &'static [Syllable] {
    TABLE.others.get(&c).map_or(&[], Vec::as_slice)
}

/// Returns the reading of the surname at the start of the characters if it differs from the common
/// reading of these characters; otherwise an empty slice.
pub(super) fn surname(mut chars: impl Iterator<Item = char>) -> &'static [Syllable] {
    let Some(first) = chars.next().filter(|first| *first >= '\u{3000}') else { return &[] };
    let Some(found) = TABLE.surnames.get(&first) else { return &[] };
    let second = chars.next();
    let of = |found: &&Surname| found.second.is_none() || found.second == second;
    found.iter().find(of).map_or(&[], |found| found.own.as_slice())
}

/// Returns all readings of a character, including those in surnames.
pub(super) fn all_readings(c: char) -> Vec<Syllable> {
    let in_surname = TABLE.surnames.iter().flat_map(|(first, all)| all.iter().map(move |own| (*first, own)));
    let mut all: Vec<Syllable> = syllable(c).into_iter().chain(other_readings(c).iter().copied()).collect();
    for (first, surname) in in_surname {
        let chars = [Some(first), surname.second].into_iter().flatten();
        all.extend(chars.zip(&surname.own).filter(|(own, _)| *own == c).map(|(_, syllable)| *syllable));
    }
    all.sort_unstable();
    all.dedup();
    all
}

const NONE: u16 = u16::MAX;

struct Table {
    syllables: Vec<&'static str>,
    /// Most common readings of the characters from U+3000 to U+9FFF, [`NONE`] without one.
    common: Vec<u16>,
    rare: HashMap<char, u16>,
    /// Less common readings, see [`other_readings`].
    others: HashMap<char, Vec<Syllable>>,
    /// Surnames by first character. Those of two characters come first.
    surnames: HashMap<char, Vec<Surname>>,
}

struct Surname {
    /// Second character of a surname of two characters.
    second: Option<char>,
    /// One syllable per character.
    own: Vec<Syllable>,
}

impl Table {
    fn all(&self) -> impl Iterator<Item = Syllable> + use<> {
        (0..self.syllables.len() as u16).map(Syllable)
    }
}

/// Characters with several readings in names and nicknames. Each line has the characters, then
/// their readings, the most common one first. The list is curated because the library's own list
/// contains archaic readings (王 as yu), which would only find the wrong customers.
const READINGS: &str = include_str!("readings.txt");

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let curated: HashMap<char, Vec<&str>> = READINGS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(chars, readings)| chars.chars().map(move |c| (c, readings.split(' ').collect())))
        .collect();
    let read = |c: char| match curated.get(&c) {
        Some(readings) => Some(readings[0]),
        None => c.to_pinyin().map(|pinyin| plain(pinyin.plain())),
    };
    let all: Vec<(char, &'static str)> =
        ('\u{3000}'..='\u{3FFFF}').filter_map(|c| read(c).map(|syllable| (c, syllable))).collect();
    let mut syllables: Vec<&'static str> = all.iter().map(|(_, syllable)| *syllable).collect();
    syllables.extend(curated.values().flatten());
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
    let others = |readings: &Vec<&str>| readings[1..].iter().map(|syllable| Syllable(place(syllable))).collect();
    let others = curated.iter().map(|(c, readings)| (*c, others(readings))).collect();
    let mut surnames: HashMap<char, Vec<Surname>> = HashMap::new();
    for (name, readings) in SURNAMES {
        let mut chars = name.chars();
        if let Some(first) = chars.next() {
            let own = readings.split(' ').map(|syllable| Syllable(place(syllable))).collect();
            surnames.entry(first).or_default().push(Surname { second: chars.next(), own });
        }
    }
    surnames.values_mut().for_each(|all| all.sort_by_key(|surname| surname.second.is_none()));
    Table { syllables, common, rare, others, surnames }
});

/// Replaces the ü of the library by `v`, which keyboards have.
fn plain(syllable: &'static str) -> &'static str {
    match syllable {
        "lü" => "lv",
        "lüe" => "lve",
        "nü" => "nv",
        "nüe" => "nve",
        other => other,
    }
}

/// Surnames with a reading other than the common one of their characters, in simplified and
/// traditional forms.
const SURNAMES: [(&str, &str); 40] = [
    ("单", "shan"),
    ("單", "shan"),
    ("单于", "chan yu"),
    ("單于", "chan yu"),
    ("解", "xie"),
    ("仇", "qiu"),
    ("区", "ou"),
    ("區", "ou"),
    ("查", "zha"),
    ("朴", "piao"),
    ("乐", "yue"),
    ("樂", "yue"),
    ("乐正", "yue zheng"),
    ("樂正", "yue zheng"),
    ("盖", "ge"),
    ("蓋", "ge"),
    ("种", "chong"),
    ("员", "yun"),
    ("員", "yun"),
    ("秘", "bi"),
    ("折", "she"),
    ("黑", "he"),
    ("繁", "po"),
    ("召", "shao"),
    ("覃", "qin"),
    ("隗", "kui"),
    ("都", "du"),
    ("祭", "zhai"),
    ("牟", "mu"),
    ("郗", "chi"),
    ("洗", "xian"),
    ("句", "gou"),
    ("尉迟", "yu chi"),
    ("尉遲", "yu chi"),
    ("万俟", "mo qi"),
    ("萬俟", "mo qi"),
    ("澹台", "tan tai"),
    ("澹臺", "tan tai"),
    ("长孙", "zhang sun"),
    ("長孫", "zhang sun"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surname_in_the_list_differs_from_the_common_reading() {
        for (name, readings) in SURNAMES {
            let own: Vec<&str> = surname(name.chars()).iter().map(|own| own.letters()).collect();
            let common: Vec<&str> = name.chars().filter_map(syllable).map(Syllable::letters).collect();
            assert_eq!(own.join(" "), readings);
            assert_ne!(own, common, "{name}");
        }
    }

    #[test]
    fn every_line_of_the_table_of_readings_is_well_formed() {
        let mut seen = std::collections::HashSet::new();
        for line in READINGS.lines() {
            let (chars, readings) = line.split_once(' ').unwrap();
            let readings: Vec<&str> = readings.split(' ').collect();
            assert!(readings.len() <= 3 && readings.iter().all(|own| own.bytes().all(|b| b.is_ascii_lowercase())));
            for c in chars.chars() {
                assert!(seen.insert(c), "{c} stands twice");
                assert_eq!(syllable(c).unwrap().letters(), readings[0]);
                assert_eq!(other_readings(c).len(), readings.len() - 1);
            }
        }
        assert!(seen.len() > 200, "{}", seen.len());
    }

    #[test]
    fn a_syllable_takes_every_spelling_of_its_u_with_dots() {
        for (syllable, letters, taken) in [
            ("lv", "lv", Some(2)),
            ("lv", "lubu", Some(2)),
            ("lv", "lyubu", Some(3)),
            ("lv", "ly", Some(2)),
            ("lve", "lyue", Some(4)),
            ("lv", "lyan", None),
            ("lu", "lv", None),
            ("xian", "xi'an", None),
            ("xi", "xi'an", Some(2)),
        ] {
            assert_eq!(starts(syllable, letters), taken, "{syllable} {letters}");
        }
    }
}
