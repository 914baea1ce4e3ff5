//! Chinese names typed on a Latin keyboard: 张伟 is `zhangwei`, or `zw` for short.
//!
//! Each character has its common readings. At the start of a name, common surnames have their own
//! reading in addition (万俟 is `moqi`). Tones are omitted. ü is stored as `v`, as in input methods,
//! and also matches `u` and `yu`.

use super::syllables::{Syllable, other_readings, starts, surname, syllable};

/// Maximum number of characters of a run with more than one reading. Later ones have their common
/// reading only, and the combinations are limited to [`MAX_RUNS`]. Names have one or two such
/// characters.
const MAX_VARYING: usize = 3;
const MAX_RUNS: usize = 12;
/// Maximum length of a run in characters for which several readings are tried.
const LONGEST_VARYING: usize = 16;
/// Maximum number of Chinese characters of a text that are read: enough for a name. Each search
/// that may match a long nickname would read it again.
const MAX_READ: usize = 32;
/// Maximum number of characters of a sort key, so that a cursor fits into a URL. The customer key
/// decides between equal sort keys.
const SORTED_BY: usize = 64;

/// Consecutive Chinese characters of a text: syllable and position of each. Spaces and signs
/// between them are skipped (古丽·买买提); letters and digits end the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run(Vec<(Syllable, u32)>);

/// Part of a text that mixes pinyin and Chinese characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Letters(String),
    Char(char),
}

impl Run {
    pub(super) fn syllables(&self) -> impl Iterator<Item = Syllable> + '_ {
        self.0.iter().map(|(syllable, _)| *syllable)
    }

    /// Returns the letters of the whole run, and of each part between spaces or signs, with start
    /// and end in characters.
    pub(super) fn joined(&self) -> Vec<(String, (u32, u32))> {
        let parts = self.0.chunk_by(|(_, at), (_, next)| at + 1 == *next).filter(|part| part.len() < self.0.len());
        let join = |part: &[(Syllable, u32)]| {
            let letters = part.iter().map(|(syllable, _)| syllable.letters()).collect();
            Some((letters, (part.first()?.1, part.last()?.1 + 1)))
        };
        parts.chain([self.0.as_slice()]).filter_map(join).collect()
    }

    /// Returns the first letter of each syllable.
    pub(super) fn initials(&self) -> impl Iterator<Item = u8> + '_ {
        self.syllables().map(|syllable| syllable.letters().as_bytes()[0])
    }

    /// Returns start and end, in characters of the text, of each place where the pinyin begins with
    /// `letters`. A match starts with a syllable. At an apostrophe in `letters` a syllable must
    /// end.
    pub(super) fn find<'a>(&'a self, letters: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        (0..self.0.len()).filter_map(move |first| {
            let end = self.read(first, letters, true)?;
            Some((self.0[first].1, self.0[end - 1].1 + 1))
        })
    }

    /// Matches `letters` from the syllable `first` and returns the index after the last matched
    /// syllable. The last syllable may be longer than the letters only if they are `open`.
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

    /// Returns start and end of each place that matches the steps in sequence. `text` is the text
    /// of the run.
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

    /// Returns start and end of each place with the initials `letters`.
    pub(super) fn find_initials<'a>(&'a self, letters: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        let same = |((syllable, _), typed): (&(Syllable, u32), u8)| syllable.letters().as_bytes()[0] == typed;
        self.0
            .windows(letters.len().max(1))
            .filter(move |window| window.iter().zip(letters.bytes()).all(same))
            .map(|window| (window[0].1, window[window.len() - 1].1 + 1))
    }
}

/// Returns the runs of a normalised text, one for each combination of readings.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run: Vec<(char, Syllable, u32)> = Vec::new();
    let mut read = 0;
    for (at, c) in text.chars().enumerate() {
        match syllable(c) {
            Some(_) if read == MAX_READ => break,
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

/// Adds a run for each combination of readings of its characters.
fn expand(run: &[(char, Syllable, u32)], runs: &mut Vec<Run>) {
    let first = runs.len();
    runs.push(Run(run.iter().map(|(_, syllable, at)| (*syllable, *at)).collect()));
    if run.len() > LONGEST_VARYING {
        return;
    }
    for (place, others) in variants(run).into_iter().take(MAX_VARYING) {
        let count = runs.len() - first;
        if count * (others.len() + 1) > MAX_RUNS {
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

/// Returns the positions with several readings, ascending, with their readings other than the
/// common one.
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

/// Division of letters into syllables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Syllables as characters, see [`Syllable::as_char`].
    pub(super) syllables: String,
    /// `true` if the syllables cover all letters; otherwise more letters follow.
    pub(super) complete: bool,
}

/// Maximum number of complete syllables in a reading. Letters beyond them must be checked in the
/// texts.
const DEEPEST: usize = 6;

/// Returns all divisions of `letters` into syllables with a possibly incomplete last one: `xian` is
/// both xi'an and xian. A division is abandoned once its beginning is not `known`; otherwise there
/// would be too many.
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

/// Returns the dictionary sort key of a text: each Chinese character is preceded by its syllable
/// and a space, so that 张 is sorted between Zhan and Zhao and all 张 are together. An empty text
/// sorts last.
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

    /// Returns the letters of each whole run.
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
        assert!(many.len() > 1 && many.len() <= MAX_RUNS, "{}", many.len());
        let endless = runs(&"行长乐".repeat(80));
        assert_eq!((endless.len(), endless[0].0.len()), (1, MAX_READ));
        assert_eq!(runs(&"行a".repeat(80)).len(), MAX_READ * 2);
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
