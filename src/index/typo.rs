//! Words with one typo.
//!
//! A text is *similar* if a customer has each of its words, one of them with one typo: a letter
//! inserted, missing or replaced, or two neighbouring letters swapped. All words must be in the
//! names, or all in the email address, or all in the ID. A word with a typo has 5 to 24 letters and
//! no digits.
//!
//! The last word may be incomplete because the user may still be typing it, but then its last
//! letter must be right: otherwise `zhang` would match everything with `zhan`. Digits between the
//! words must match literally. Only the first 16 words of a field are compared.

/// Minimum number of letters of a word that may have a typo.
const MIN_LETTERS: usize = 5;
/// Maximum number of letters of a word that is compared.
pub(super) const MAX_LETTERS: usize = 24;
/// Maximum number of words of a field that are compared.
const MAX_WORDS: usize = 16;
/// Maximum number of words of a typed text. Longer texts are not compared.
const MAX_TYPED: usize = 8;
/// Minimum number of letters of an incomplete last word. A shorter one is ignored unless it is the
/// only word.
const MIN_OPEN: usize = 3;

/// Range of a text in characters; the end is exclusive.
pub(super) type Range = (u32, u32);

/// Typed text with a word that may have a typo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// Words of the text. At least one may have a typo.
    pub(super) words: Vec<TypedWord>,
    /// Runs of digits in the text.
    pub(super) digits: Vec<String>,
}

/// Word of a typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypedWord {
    pub(super) letters: Vec<char>,
    pub(super) text: String,
    /// `true` if the word may be incomplete.
    pub(super) open: bool,
}

impl Typed {
    /// Splits a normalised text into words. Returns `None` if none of them may have a typo, or if the text
    /// is too long or contains letters of no alphabet.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.chars().any(|c| c.is_alphanumeric() && !is_letter(c) && !c.is_ascii_digit()) {
            return None;
        }
        let open = text.ends_with(is_letter);
        let all: Vec<&str> = letter_runs(text).map(|(word, _)| word).collect();
        let last = all.len().wrapping_sub(1);
        let words = all.iter().enumerate().map(|(at, word)| TypedWord::new(word, open && at == last));
        let words: Vec<TypedWord> =
            words.filter(|word| !word.open || word.letters.len() >= MIN_OPEN || last == 0).collect();
        let too_much = words.len() > MAX_TYPED || words.iter().any(|word| word.letters.len() > MAX_LETTERS);
        let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(str::to_owned);
        let may = !too_much && words.iter().any(TypedWord::may_have_typo);
        may.then(|| Self { words, digits: digits.collect() })
    }

    /// Returns the ranges of the words in a group of texts, one of the words with a typo, as pairs
    /// of text number and range. Returns an empty list unless the texts contain all words and
    /// digits.
    pub(super) fn find(&self, texts: &[&str]) -> Vec<(usize, Range)> {
        if !self.digits.iter().all(|digits| texts.iter().any(|text| text.contains(digits.as_str()))) {
            return Vec::new();
        }
        let candidate: Vec<(usize, &str, Range)> = texts
            .iter()
            .enumerate()
            .flat_map(|(at, text)| words(text).map(move |(word, range)| (at, word, range)))
            .collect();
        let ranges = |has: &dyn Fn(&str) -> bool| {
            candidate.iter().filter(|(_, word, _)| has(word)).map(|(at, _, range)| (*at, *range)).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        for (at, wrong) in self.words.iter().enumerate() {
            let mut all = vec![ranges(&|candidate| wrong.is_similar_to(candidate))];
            let others = self.words.iter().enumerate().filter(|(other, _)| *other != at);
            all.extend(others.map(|(_, right)| ranges(&|candidate| right.equals(candidate))));
            if all.iter().all(|ranges| !ranges.is_empty()) {
                found.extend(all.into_iter().flatten());
            }
        }
        found
    }
}

impl TypedWord {
    pub(super) fn new(word: &str, open: bool) -> Self {
        Self { letters: word.chars().collect(), text: word.to_owned(), open }
    }

    pub(super) fn may_have_typo(&self) -> bool {
        (MIN_LETTERS..=MAX_LETTERS).contains(&self.letters.len())
    }

    /// Returns `true` if `candidate` is this word. If the word is open, `candidate` may also begin with it.
    fn equals(&self, candidate: &str) -> bool {
        candidate == self.text || (self.open && candidate.starts_with(&self.text))
    }

    /// Returns `true` if `candidate` is one typo away from this word. If the word is open, a beginning of
    /// `candidate` with the same last letter may be.
    pub(super) fn is_similar_to(&self, candidate: &str) -> bool {
        if !self.may_have_typo() {
            return false;
        }
        let candidate: Vec<char> = candidate.chars().collect();
        let typed = self.letters.as_slice();
        let begins = |len: usize| {
            candidate.get(..len).is_some_and(|candidate| candidate.last() == typed.last() && one_typo(typed, candidate))
        };
        one_typo(typed, &candidate) || (self.open && (typed.len() - 1..=typed.len() + 1).any(begins))
    }
}

/// Returns `true` if one typo turns `candidate` into `typed` (optimal string alignment distance 1). A
/// letter that is missing or was replaced must belong to an alphabet of the typed letters.
pub(super) fn one_typo(typed: &[char], candidate: &[char]) -> bool {
    if typed.len().abs_diff(candidate.len()) > 1 {
        return false;
    }
    let start = typed.iter().zip(candidate).take_while(|(a, b)| a == b).count();
    let end = typed[start..].iter().rev().zip(candidate[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    match (&typed[start..typed.len() - end], &candidate[start..candidate.len() - end]) {
        ([_], []) => true,
        ([] | [_], [candidate]) => typed.iter().any(|c| alphabet(*c) == alphabet(*candidate)),
        ([a1, a2], [b1, b2]) => a1 == b2 && a2 == b1,
        _ => false,
    }
}

/// Returns the alphabet of a letter, as the number of its block of 128 code points.
pub(super) const fn alphabet(c: char) -> u32 {
    c as u32 >> 7
}

/// Returns `true` for letters of an alphabet. Scripts from U+1100 on write syllables or words, so a
/// different character there is not a slip of the finger.
fn is_letter(c: char) -> bool {
    c < '\u{1100}' && c.is_alphabetic()
}

/// Returns the runs of letters in a text with their ranges.
fn letter_runs(text: &str) -> impl Iterator<Item = (&str, Range)> {
    let mut chars = 0;
    text.split_inclusive(|c| !is_letter(c)).filter_map(move |part| {
        let from = chars;
        chars += count(part);
        let word = part.trim_end_matches(|c| !is_letter(c));
        (!word.is_empty()).then(|| (word, (from, from + count(word))))
    })
}

/// Returns the words of a stored text that are compared, with their ranges.
pub(super) fn words(text: &str) -> impl Iterator<Item = (&str, Range)> {
    letter_runs(text).take(MAX_WORDS).filter(|(_, (from, until))| (until - from) as usize <= MAX_LETTERS)
}

fn count(text: &str) -> u32 {
    text.chars().count() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the optimal string alignment distance, computed with the full table.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let best = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                    if swap { best.min(d[i - 2][j - 2] + 1) } else { best }
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn one_typo_is_distance_one(a in "[abc]{1,7}", b in "[abc]{0,7}") {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(one_typo(&a, &b), distance(&a, &b) == 1);
        }
    }

    #[test]
    fn an_open_word_is_similar_to_beginnings_that_end_alike() {
        let similar = |typed: &str, candidate: &str| TypedWord::new(typed, true).is_similar_to(candidate);
        assert!(similar("jonhs", "johnson"));
        assert!(similar("zhnag", "zhangwei"));
        assert!(!similar("zhanx", "zhangwei"));
        assert!(!TypedWord::new("jonhs", false).is_similar_to("johnson"));
    }
}
