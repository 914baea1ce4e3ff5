//! Search for the frequent n-grams of a sample of texts.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// Maximum number of characters of an n-gram. N-grams of fewer than three are grams.
const LONGEST: usize = 64;
/// Number of n-grams after which the search for longer ones stops. Limits the result if many
/// customers have the same long name.
const MAX_NGRAMS: usize = 20_000;

/// Returns the n-grams of three to [`LONGEST`] characters that at least `min_docs` documents contain,
/// with the number of documents, shorter ones first. `texts` has one entry per document. An n-gram
/// can be frequent only if its two n-grams of one character less are.
pub(super) fn frequent(texts: &[Vec<String>], min_docs: usize) -> Vec<(&str, usize)> {
    let mut all = Vec::new();
    let mut shorter: HashSet<&str, RandomState> = HashSet::default();
    let mut alive: Vec<&Vec<String>> = texts.iter().collect();
    for length in 2..=LONGEST {
        let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
        // Texts without a candidate of this length have no longer one either.
        alive.retain(|texts| {
            let mut found: Vec<&str> = texts.iter().flat_map(|text| ngrams(text, length, &shorter)).collect();
            found.sort_unstable();
            found.dedup();
            found.iter().for_each(|ngram| *counts.entry(ngram).or_default() += 1);
            !found.is_empty()
        });
        // 000 has only one distinct gram, 00, so its grams are of little use. It is kept from an
        // eighth of the frequency.
        let enough = |ngram: &str| if is_one_char_repeated(ngram) { min_docs.div_ceil(8) } else { min_docs };
        counts.retain(|ngram, count| *count >= enough(ngram));
        shorter = counts.keys().copied().collect();
        if shorter.is_empty() {
            break;
        }
        if length > 2 {
            all.extend(counts);
            if all.len() > MAX_NGRAMS {
                break;
            }
        }
    }
    all
}

/// Returns the n-grams of the given length in a text with both shorter n-grams in `shorter`. For
/// pairs, `shorter` is ignored.
fn ngrams<'a>(text: &'a str, length: usize, shorter: &HashSet<&str, RandomState>) -> Vec<&'a str> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let windows = starts.windows(length + 1).filter(|at| {
        let (first, second) = (&text[at[0]..at[length - 1]], &text[at[1]..at[length]]);
        length == 2 || (shorter.contains(first) && shorter.contains(second))
    });
    windows.map(|at| &text[at[0]..at[length]]).collect()
}

fn is_one_char_repeated(ngram: &str) -> bool {
    ngram.chars().zip(ngram.chars().skip(1)).all(|(a, b)| a == b)
}
