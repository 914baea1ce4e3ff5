//! Chinese names as they are typed on a Latin keyboard: 张伟 is `zhangwei`, and `zw` for short.
//!
//! Each character has its most common reading; at the start of a name the usual surnames have theirs besides (单 is
//! `dan` and, as a surname, `shan`). Tones are left out, ü is written `v` as input methods have it, and is found by `u` too.

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
fn starts(syllable: &str, letters: &str) -> Option<usize> {
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

/// Chinese characters that are read one after the other, each with its place in the text. Blanks and signs between
/// them do not count (古丽·买买提), letters and digits end the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run(Vec<(Syllable, u32)>);

impl Run {
    pub(super) fn syllables(&self) -> impl Iterator<Item = Syllable> + '_ {
        self.0.iter().map(|(syllable, _)| *syllable)
    }

    /// The letters of all syllables.
    pub(super) fn joined(&self) -> String {
        self.syllables().map(Syllable::letters).collect()
    }

    /// From the first to behind the last character.
    pub(super) fn range(&self) -> Option<(u32, u32)> {
        Some((self.0.first()?.1, self.0.last()?.1 + 1))
    }

    /// The first letters of the syllables.
    pub(super) fn initials(&self) -> impl Iterator<Item = u8> + '_ {
        self.syllables().map(|syllable| syllable.letters().as_bytes()[0])
    }

    /// The characters whose readings begin with `letters`, where that begins with a syllable: pairs of first and end,
    /// in characters of the text.
    pub(super) fn find<'a>(&'a self, letters: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        (0..self.0.len()).filter_map(move |first| {
            let mut rest = letters;
            for (syllable, at) in &self.0[first..] {
                rest = &rest[starts(syllable.letters(), rest)?..];
                if rest.is_empty() {
                    return Some((self.0[first].1, at + 1));
                }
            }
            None
        })
    }

    /// The characters whose initials are `letters`, in the same way.
    pub(super) fn find_initials<'a>(&'a self, letters: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        let same = |((syllable, _), typed): (&(Syllable, u32), u8)| syllable.letters().as_bytes()[0] == typed;
        self.0
            .windows(letters.len().max(1))
            .filter(move |window| window.iter().zip(letters.bytes()).all(same))
            .map(|window| (window[0].1, window[window.len() - 1].1 + 1))
    }
}

/// The runs of a normalised text, and the first one again where it begins with a surname of its own reading.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::default();
    for (at, c) in text.chars().enumerate() {
        match syllable(c) {
            Some(syllable) => run.0.push((syllable, at as u32)),
            None if c.is_alphanumeric() && !run.0.is_empty() => runs.push(std::mem::take(&mut run)),
            None => {}
        }
    }
    if !run.0.is_empty() {
        runs.push(run);
    }
    if let Some(surname) = surname(text) {
        let mut again = runs[0].clone();
        again.0.iter_mut().zip(surname).for_each(|((syllable, _), own)| *syllable = *own);
        runs.push(again);
    }
    runs
}

/// The reading of the surname the text begins with, where that is not its characters' common one.
fn surname(text: &str) -> Option<&'static [Syllable]> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first < '\u{3000}' {
        return None;
    }
    let found = TABLE.surnames.get(&first)?;
    let second = chars.next();
    found.iter().find(|(follows, _)| follows.is_none() || *follows == second).map(|(_, own)| own.as_slice())
}

/// A way to read letters as syllables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The syllables, each by its [`Syllable::as_char`].
    pub(super) syllables: String,
    /// Whether these are all letters; otherwise more follow.
    pub(super) complete: bool,
}

/// So many whole syllables of a text are told apart; what follows has to be looked at.
const DEEPEST: usize = 6;

/// All ways to read `letters` as some syllables and a last one that may be incomplete, as far as the beginnings of a
/// way are `known`. Xian is both xi'an and xian; unknown ways are left out early, or there would be many.
pub(super) fn readings(letters: &str, known: impl Fn(&str) -> bool) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut open = vec![(String::new(), letters)];
    while let Some((syllables, rest)) = open.pop() {
        let with = |next: Syllable| syllables.chars().chain([next.as_char()]).collect::<String>();
        let complete = Syllable::beginning_with(rest).map(with).filter(|syllables| known(syllables));
        readings.extend(complete.map(|syllables| Reading { syllables, complete: true }));
        for first in Syllable::first_of(rest) {
            let syllables = with(first);
            if !known(&syllables) {
                continue;
            }
            if syllables.chars().count() == DEEPEST {
                readings.push(Reading { syllables, complete: false });
            } else {
                open.push((syllables, &rest[first.letters().len()..]));
            }
        }
    }
    readings
}

/// The text as a dictionary sorts it: instead of each Chinese character its syllable, a blank, and the character, so
/// that 张 stands between Zhan and Zhao and all 张 stand together. An empty text comes after all others.
pub(super) fn sort_key(text: &str) -> impl Iterator<Item = char> + '_ {
    let surname = surname(text).unwrap_or_default();
    let key = text.chars().enumerate().flat_map(move |(at, c)| {
        let read = surname.get(at).copied().or_else(|| syllable(c));
        let letters = read.map_or("", Syllable::letters);
        letters.chars().chain(read.map(|_| ' ')).chain([c])
    });
    key.chain(text.is_empty().then_some(char::MAX))
}

const NONE: u16 = u16::MAX;

/// A surname's second character, if it has one, and how the surname is read.
type Surname = (Option<char>, Vec<Syllable>);

struct Table {
    syllables: Vec<&'static str>,
    /// From U+3000 to U+9FFF.
    common: Vec<u16>,
    rare: HashMap<char, u16>,
    /// By the first character: the second, if the surname has two, and how they are read. Longer ones first.
    surnames: HashMap<char, Vec<Surname>>,
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
    let mut surnames: HashMap<char, Vec<_>> = HashMap::new();
    for (name, readings) in SURNAMES {
        let mut chars = name.chars();
        if let Some(first) = chars.next() {
            let own = readings.split(' ').map(|syllable| Syllable(place(syllable))).collect();
            surnames.entry(first).or_default().push((chars.next(), own));
        }
    }
    surnames.values_mut().for_each(|all| all.sort_by_key(|(second, _)| second.is_none()));
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
const SURNAMES: [(&str, &str); 33] = [
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
    ("燕", "yan"),
    ("尉迟", "yu chi"),
    ("万俟", "mo qi"),
    ("澹台", "tan tai"),
    ("长孙", "zhang sun"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<String> {
        runs(text).iter().map(Run::joined).collect()
    }

    #[test]
    fn names_are_read() {
        assert_eq!(joined("张伟"), ["zhangwei"]);
        assert_eq!(joined("吕布"), ["lvbu"]);
        assert_eq!(joined("古丽·买买提"), ["gulimaimaiti"]);
        assert_eq!(joined("小a明 2"), ["xiao", "ming"]);
        assert_eq!(joined("zhang"), [""; 0]);
    }

    #[test]
    fn surnames_have_their_own_reading_at_the_start() {
        assert_eq!(joined("单雄信"), ["danxiongxin", "shanxiongxin"]);
        assert_eq!(joined("简单"), ["jiandan"]);
        assert_eq!(joined("尉迟恭"), ["weichigong", "yuchigong"]);
        assert_eq!(joined("单于"), ["danyu", "chanyu"]);
        for (name, readings) in SURNAMES {
            assert_eq!(joined(name).last().map(String::len), Some(readings.replace(' ', "").len()), "{name}");
        }
    }

    #[test]
    fn pinyin_is_found_from_a_syllable_on_and_initials_anywhere() {
        let run = &runs("欧阳 修文")[0];
        assert_eq!(run.find("yangx").collect::<Vec<_>>(), [(1, 4)]);
        assert_eq!(run.find("ang").next(), None);
        assert_eq!(run.find("xiuwenx").next(), None);
        assert_eq!(run.find_initials("yx").collect::<Vec<_>>(), [(1, 4)]);
        assert_eq!(runs("吕布")[0].find("lub").collect::<Vec<_>>(), [(0, 2)]);
    }

    #[test]
    fn a_dictionary_puts_chinese_between_latin() {
        let mut names = ["", "张三", "zhao", "章四", "张伟", "zhan", "zhang li", "先", "西安", "~"];
        names.sort_by_key(|name| sort_key(name).collect::<String>());
        assert_eq!(names, ["西安", "先", "zhan", "zhang li", "张三", "张伟", "章四", "zhao", "~", ""]);
    }
}
