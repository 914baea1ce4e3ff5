//! Chinese names as they are typed on a Latin keyboard: 张伟 is `zhangwei`, and `zw` for short.
//!
//! Each character has its most common reading; at the start of a name the usual surnames have theirs besides (单 is
//! `dan` and, as a surname, `shan`). Tones are left out, ü is written `v` as input methods have it, and is found by `u` too.

use super::syllables::{Syllable, starts, surname, syllable};

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
