//! Chinese names as they are typed on a Latin keyboard: 张伟 is `zhangwei`, and `zw` for short.
//!
//! Each character has its common readings; at the start of a name the usual surnames have theirs besides (万俟 is `moqi`).
//! Tones are left out, ü is written `v` as input methods have it, and is found by `u` and `yu` too.

use super::syllables::{Syllable, other_readings, starts, surname, syllable};

/// Characters of a run that vary: those further on have their common reading only, and all together there are no more than
/// [`MOST_RUNS`]. Names have one or two such characters.
const MOST_VARYING: usize = 3;
const MOST_RUNS: usize = 12;
/// Only runs of so few characters vary at all, …
const LONGEST_VARYING: usize = 16;
/// … and only so many Chinese characters of a text are read: those of a name. Long nicknames would be read in turn for every
/// search that may be in them.
const MOST_READ: usize = 32;
/// Characters of a nickname's place in the order: so few that a cursor fits into a URL. The key decides about equals.
const SORTED_BY: usize = 64;

/// Chinese characters that are read one after the other, each with its place in the text. Blanks and signs between
/// them do not count (古丽·买买提), letters and digits end the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run(Vec<(Syllable, u32)>);

/// A part of a text that is half pinyin, half Chinese.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Letters(String),
    Char(char),
}

impl Run {
    pub(super) fn syllables(&self) -> impl Iterator<Item = Syllable> + '_ {
        self.0.iter().map(|(syllable, _)| *syllable)
    }

    /// The letters of all syllables, and those of each part that stands between blanks or signs; each with first and end.
    pub(super) fn joined(&self) -> Vec<(String, (u32, u32))> {
        let parts = self.0.chunk_by(|(_, at), (_, next)| at + 1 == *next).filter(|part| part.len() < self.0.len());
        let join = |part: &[(Syllable, u32)]| {
            let letters = part.iter().map(|(syllable, _)| syllable.letters()).collect();
            Some((letters, (part.first()?.1, part.last()?.1 + 1)))
        };
        parts.chain([self.0.as_slice()]).filter_map(join).collect()
    }

    /// The first letters of the syllables.
    pub(super) fn initials(&self) -> impl Iterator<Item = u8> + '_ {
        self.syllables().map(|syllable| syllable.letters().as_bytes()[0])
    }

    /// The characters whose readings begin with `letters`, where that begins with a syllable: pairs of first and end,
    /// in characters of the text. At an apostrophe in `letters` a syllable ends.
    pub(super) fn find<'a>(&'a self, letters: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        (0..self.0.len()).filter_map(move |first| {
            let end = self.read(first, letters, true)?;
            Some((self.0[first].1, self.0[end - 1].1 + 1))
        })
    }

    /// Reads `letters` from a place on and returns the place behind them. Only when they are `open`, the last syllable may
    /// be longer.
    fn read(&self, first: usize, letters: &str, open: bool) -> Option<usize> {
        let mut rest = letters;
        for (at, (syllable, _)) in self.0.iter().enumerate().skip(first) {
            let own = syllable.letters();
            let taken = starts(own, rest)?;
            let whole = open || taken < rest.len() || starts(own, &format!("{rest}'")) == Some(taken);
            rest = rest[taken..].trim_start_matches('\'');
            if rest.is_empty() {
                return whole.then_some(at + 1);
            }
        }
        None
    }

    /// The characters that are these steps one after the other; `text` is what the run was read from.
    pub(super) fn find_steps(&self, steps: &[Step], text: &str) -> Vec<(u32, u32)> {
        let chars: Vec<char> = text.chars().collect();
        let step = |at: usize, (number, step): (usize, &Step)| match step {
            Step::Letters(letters) => self.read(at, letters, number + 1 == steps.len()),
            Step::Char(c) => self.0.get(at).filter(|(_, place)| chars[*place as usize] == *c).map(|_| at + 1),
        };
        let from = |first: usize| {
            let end = steps.iter().enumerate().try_fold(first, step)?;
            Some((self.0[first].1, self.0[end - 1].1 + 1))
        };
        (0..self.0.len()).filter_map(from).collect()
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

/// The runs of a normalised text, each in all its readings.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run: Vec<(char, Syllable, u32)> = Vec::new();
    let mut read = 0;
    for (at, c) in text.chars().enumerate() {
        match syllable(c) {
            Some(_) if read == MOST_READ => break,
            Some(syllable) => {
                run.push((c, syllable, at as u32));
                read += 1;
            }
            None if c.is_alphanumeric() && !run.is_empty() => expand(&std::mem::take(&mut run), &mut runs),
            None => {}
        }
    }
    if !run.is_empty() {
        expand(&run, &mut runs);
    }
    runs
}

/// Adds a run in all readings of its characters.
fn expand(run: &[(char, Syllable, u32)], runs: &mut Vec<Run>) {
    let first = runs.len();
    runs.push(Run(run.iter().map(|(_, syllable, at)| (*syllable, *at)).collect()));
    if run.len() > LONGEST_VARYING {
        return;
    }
    for (place, others) in variants(run).into_iter().take(MOST_VARYING) {
        let count = runs.len() - first;
        if count * (others.len() + 1) > MOST_RUNS {
            return;
        }
        for own in others {
            for at in first..first + count {
                let mut again = runs[at].clone();
                again.0[place].0 = own;
                runs.push(again);
            }
        }
    }
}

/// The places of a run that are read in more than one way, rising, with the other readings.
fn variants(run: &[(char, Syllable, u32)]) -> Vec<(usize, Vec<Syllable>)> {
    let mut all: Vec<(usize, Vec<Syllable>)> = Vec::new();
    let mut surnamed: &[Syllable] = &[];
    for (place, (c, common, at)) in run.iter().enumerate() {
        // A surname may stand at the start of the run, after a sign, and after 小, 老 and 阿.
        let starts = place.checked_sub(1).is_none_or(|before| {
            let (c, _, before) = run[before];
            before + 1 != *at || matches!(c, '小' | '老' | '阿')
        });
        if starts {
            surnamed = surname(run[place..].iter().map(|(c, ..)| *c));
        }
        let own = surnamed.split_off_first();
        let mut others: Vec<Syllable> = other_readings(*c).iter().chain(own).copied().collect();
        others.retain(|other| other != common);
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            all.push((place, others));
        }
    }
    all
}

/// A way to read letters as syllables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The syllables, each by its [`Syllable::as_char`].
    pub(super) syllables: String,
    /// `true` if these are all letters; otherwise more follow.
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
        for (first, taken) in Syllable::first_of(rest) {
            let syllables = with(first);
            if !known(&syllables) {
                continue;
            }
            if syllables.chars().count() == DEEPEST {
                readings.push(Reading { syllables, complete: false });
            } else {
                open.push((syllables, rest[taken..].trim_start_matches('\'')));
            }
        }
    }
    readings
}

/// The text as a dictionary sorts it: instead of each Chinese character its syllable, a blank, and the character, so
/// that 张 stands between Zhan and Zhao and all 张 stand together. An empty text comes after all others.
pub(super) fn sort_key(text: &str) -> impl Iterator<Item = char> + '_ {
    let surname = surname(text.chars());
    let key = text.chars().enumerate().flat_map(move |(at, c)| {
        let read = surname.get(at).copied().or_else(|| syllable(c));
        let letters = read.map_or("", Syllable::letters);
        letters.chars().chain(read.map(|_| ' ')).chain([c])
    });
    key.take(SORTED_BY).chain(text.is_empty().then_some(char::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each run's letters, whole.
    fn joined(text: &str) -> Vec<String> {
        runs(text).iter().filter_map(|run| Some(run.joined().pop()?.0)).collect()
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
    fn characters_have_all_their_usual_readings() {
        assert_eq!(joined("重庆"), ["zhongqing", "chongqing"]);
        assert_eq!(joined("简单"), ["jiandan", "jianchan", "jianshan"]);
        assert_eq!(joined("张茜"), ["zhangqian", "zhangxi"]);
        assert!(joined("行长乐").contains(&"hangzhangyue".into()));
        let many = runs("行长乐行长乐行长乐");
        assert!(many.len() > 1 && many.len() <= MOST_RUNS, "{}", many.len());
        let endless = runs(&"行长乐".repeat(80));
        assert_eq!((endless.len(), endless[0].0.len()), (1, MOST_READ));
        assert_eq!(runs(&"行a".repeat(80)).len(), MOST_READ * 2);
    }

    #[test]
    fn surnames_have_their_own_reading_where_a_name_may_start() {
        assert_eq!(joined("万俟卨"), ["wanqixie", "moqixie"]);
        for (text, reading) in [("小牟", "xiaomu"), ("🌟句践", "goujian"), ("vip 郗鉴", "chijian"), ("老 句", "laogou")]
        {
            assert!(joined(text).contains(&reading.into()), "{text}: {:?}", joined(text));
        }
        assert_eq!(joined("王郗"), ["wangxi"]);
    }

    #[test]
    fn pinyin_is_found_from_a_syllable_on_and_initials_anywhere() {
        let run = &runs("欧阳 修文")[0];
        assert_eq!(run.find("yangx").collect::<Vec<_>>(), [(1, 4)]);
        assert_eq!(run.find("yang'xiu").collect::<Vec<_>>(), [(1, 4)]);
        assert_eq!(run.find("ang").next(), None);
        assert_eq!(run.find("xiuwenx").next(), None);
        assert_eq!(run.find_initials("yx").collect::<Vec<_>>(), [(1, 4)]);
        assert_eq!(runs("吕布")[0].find("lub").collect::<Vec<_>>(), [(0, 2)]);
        assert_eq!(runs("吕布")[0].find("lyubu").collect::<Vec<_>>(), [(0, 2)]);
    }

    #[test]
    fn an_apostrophe_ends_a_syllable() {
        assert_eq!(runs("西安")[0].find("xi'an").collect::<Vec<_>>(), [(0, 2)]);
        assert_eq!(runs("先")[0].find("xi'an").next(), None);
        assert_eq!(runs("先")[0].find("xian").collect::<Vec<_>>(), [(0, 1)]);
    }

    #[test]
    fn pinyin_and_chinese_are_mixed() {
        let zhang_wei = |steps: &[Step]| runs("张伟")[0].find_steps(steps, "张伟");
        let letters = |letters: &str| Step::Letters(letters.into());
        assert_eq!(zhang_wei(&[letters("zhang"), Step::Char('伟')]), [(0, 2)]);
        assert_eq!(zhang_wei(&[Step::Char('张'), letters("we")]), [(0, 2)]);
        assert_eq!(zhang_wei(&[letters("zhan"), Step::Char('伟')]), []);
        assert_eq!(zhang_wei(&[letters("zhang"), Step::Char('炜')]), []);
    }

    #[test]
    fn a_dictionary_puts_chinese_between_latin() {
        let mut names = ["", "张三", "zhao", "章四", "张伟", "zhan", "zhang li", "先", "西安", "~"];
        names.sort_by_key(|name| sort_key(name).collect::<String>());
        assert_eq!(names, ["西安", "先", "zhan", "zhang li", "张三", "张伟", "章四", "zhao", "~", ""]);
        assert_eq!(sort_key(&"长".repeat(256)).count(), SORTED_BY);
    }
}
