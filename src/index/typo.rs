//! Words with one typo.
//!
//! A text is *similar* when a customer has each of its words, in the names, in the email address or in the ID, one of them
//! with one typo: a letter too many, too few, another, or two neighbours swapped. Such a word has 5 to 24 letters, no digits.
//! The last word may go on, since it may still be being typed, but then its last letter has to be right: otherwise `zhang`
//! would find everything with `zhan`. Digits between the words have to be there as they stand. Of each field the first words count.

/// The fewest letters of a word that may have a typo.
const LEAST_LETTERS: usize = 5;
/// The most letters of a word that is compared.
pub(super) const MOST_LETTERS: usize = 24;
/// The words of a field that are compared.
const MOST_WORDS: usize = 16;
/// The words of a typed text that has typos.
const MOST_TYPED: usize = 8;
/// A last word of fewer letters has just been begun, and does not count yet.
const LEAST_OPEN: usize = 3;

/// First and end (not included) of a place in a text, in characters.
pub(super) type Range = (u32, u32);

/// A typed text in which one word may have a typo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// At least one word may have a typo.
    pub(super) words: Vec<TypedWord>,
    /// Runs of digits.
    pub(super) digits: Vec<String>,
}

/// A word of a typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypedWord {
    pub(super) letters: Vec<char>,
    pub(super) text: String,
    /// `true` if more letters may follow.
    pub(super) open: bool,
}

impl Typed {
    /// Takes a normalised text apart, if one of its words may have a typo.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.chars().any(|c| c.is_alphanumeric() && !is_letter(c) && !c.is_ascii_digit()) {
            return None;
        }
        let open = text.ends_with(is_letter);
        let all: Vec<&str> = letter_runs(text).map(|(word, _)| word).collect();
        let last = all.len().wrapping_sub(1);
        let words = all.iter().enumerate().map(|(at, word)| TypedWord::new(word, open && at == last));
        let words: Vec<TypedWord> =
            words.filter(|word| !word.open || word.letters.len() >= LEAST_OPEN || last == 0).collect();
        let too_much = words.len() > MOST_TYPED || words.iter().any(|word| word.letters.len() > MOST_LETTERS);
        let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(str::to_owned);
        let may = !too_much && words.iter().any(TypedWord::may_have_typo);
        may.then(|| Self { words, digits: digits.collect() })
    }

    /// Returns the places of the words in texts that belong together, one of the words with a typo; none if not all are
    /// there. Pairs of the number of a text and a range.
    pub(super) fn find(&self, texts: &[&str]) -> Vec<(usize, Range)> {
        if !self.digits.iter().all(|digits| texts.iter().any(|text| text.contains(digits.as_str()))) {
            return Vec::new();
        }
        let own: Vec<(usize, &str, Range)> = texts
            .iter()
            .enumerate()
            .flat_map(|(at, text)| words(text).map(move |(word, range)| (at, word, range)))
            .collect();
        let places = |has: &dyn Fn(&str) -> bool| {
            own.iter().filter(|(_, word, _)| has(word)).map(|(at, _, range)| (*at, *range)).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        for (at, wrong) in self.words.iter().enumerate() {
            let mut all = vec![places(&|own| wrong.is_similar_to(own))];
            let others = self.words.iter().enumerate().filter(|(other, _)| *other != at);
            all.extend(others.map(|(_, right)| places(&|own| right.is(own))));
            if all.iter().all(|places| !places.is_empty()) {
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
        (LEAST_LETTERS..=MOST_LETTERS).contains(&self.letters.len())
    }

    /// Returns `true` if it is this word, or begins it while it is open.
    fn is(&self, own: &str) -> bool {
        own == self.text || (self.open && own.starts_with(&self.text))
    }

    /// Returns `true` if one typo makes it this word, or its beginning while it is open.
    pub(super) fn is_similar_to(&self, own: &str) -> bool {
        if !self.may_have_typo() {
            return false;
        }
        let own: Vec<char> = own.chars().collect();
        let typed = self.letters.as_slice();
        let begins = |len: usize| own.get(..len).is_some_and(|own| own.last() == typed.last() && one_typo(typed, own));
        one_typo(typed, &own) || (self.open && (typed.len() - 1..=typed.len() + 1).any(begins))
    }
}

/// Returns `true` if one typo makes `typed` of `own` (optimal string alignment distance 1). A letter that was not typed
/// is one of the same alphabets.
pub(super) fn one_typo(typed: &[char], own: &[char]) -> bool {
    if typed.len().abs_diff(own.len()) > 1 {
        return false;
    }
    let start = typed.iter().zip(own).take_while(|(a, b)| a == b).count();
    let end = typed[start..].iter().rev().zip(own[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    match (&typed[start..typed.len() - end], &own[start..own.len() - end]) {
        ([_], []) => true,
        ([] | [_], [own]) => typed.iter().any(|c| alphabet(*c) == alphabet(*own)),
        ([a1, a2], [b1, b2]) => a1 == b2 && a2 == b1,
        _ => false,
    }
}

/// The alphabet a letter belongs to: the number of its 128 code points.
pub(super) const fn alphabet(c: char) -> u32 {
    c as u32 >> 7
}

/// Returns `true` for letters of an alphabet. The scripts from U+1100 on write syllables or words, so that one character
/// differing is not a slip of the finger.
fn is_letter(c: char) -> bool {
    c < '\u{1100}' && c.is_alphabetic()
}

/// The runs of letters in a text.
fn letter_runs(text: &str) -> impl Iterator<Item = (&str, Range)> {
    let mut chars = 0;
    text.split_inclusive(|c| !is_letter(c)).filter_map(move |part| {
        let from = chars;
        chars += count(part);
        let word = part.trim_end_matches(|c| !is_letter(c));
        (!word.is_empty()).then(|| (word, (from, from + count(word))))
    })
}

/// The words of a stored text that are compared.
pub(super) fn words(text: &str) -> impl Iterator<Item = (&str, Range)> {
    letter_runs(text).take(MOST_WORDS).filter(|(_, (from, until))| (until - from) as usize <= MOST_LETTERS)
}

fn count(text: &str) -> u32 {
    text.chars().count() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Optimal string alignment distance, by the book.
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
        let similar = |typed: &str, own: &str| TypedWord::new(typed, true).is_similar_to(own);
        assert!(similar("jonhs", "johnson"));
        assert!(similar("zhnag", "zhangwei"));
        assert!(!similar("zhanx", "zhangwei"));
        assert!(!TypedWord::new("jonhs", false).is_similar_to("johnson"));
    }
}
