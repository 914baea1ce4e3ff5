//! Search for the frequent pieces of a sample of texts.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// Maximum number of characters of a piece. Pieces of fewer than three are grams.
const LONGEST: usize = 64;
/// Number of pieces after which the search for longer ones stops. Limits the result if many
/// customers have the same long name.
const MOST_PIECES: usize = 20_000;

/// Returns the pieces of three to [`LONGEST`] characters that at least `least` documents contain,
/// with the number of documents, shorter ones first. `texts` has one entry per document. A piece
/// can be frequent only if its two pieces of one character less are.
pub(super) fn frequent(texts: &[Vec<String>], least: usize) -> Vec<(&str, usize)> {
    let mut all = Vec::new();
    let mut shorter: HashSet<&str, RandomState> = HashSet::default();
    let mut alive: Vec<&Vec<String>> = texts.iter().collect();
    for length in 2..=LONGEST {
        let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
        // Texts without a candidate of this length have no longer one either.
        alive.retain(|texts| {
            let mut own: Vec<&str> = texts.iter().flat_map(|text| pieces(text, length, &shorter)).collect();
            own.sort_unstable();
            own.dedup();
            own.iter().for_each(|piece| *counts.entry(piece).or_default() += 1);
            !own.is_empty()
        });
        // 000 has only one distinct gram, 00, so its grams are of little use. It is kept from an
        // eighth of the frequency.
        let enough = |piece: &str| if is_one_repeated(piece) { least.div_ceil(8) } else { least };
        counts.retain(|piece, count| *count >= enough(piece));
        shorter = counts.keys().copied().collect();
        if shorter.is_empty() {
            break;
        }
        if length > 2 {
            all.extend(counts);
            if all.len() > MOST_PIECES {
                break;
            }
        }
    }
    all
}

/// Returns the pieces of the given length in a text with both shorter pieces in `shorter`. For
/// pairs, `shorter` is ignored.
fn pieces<'a>(text: &'a str, length: usize, shorter: &HashSet<&str, RandomState>) -> Vec<&'a str> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let windows = starts.windows(length + 1).filter(|at| {
        let (first, second) = (&text[at[0]..at[length - 1]], &text[at[1]..at[length]]);
        length == 2 || (shorter.contains(first) && shorter.contains(second))
    });
    windows.map(|at| &text[at[0]..at[length]]).collect()
}

fn is_one_repeated(piece: &str) -> bool {
    piece.chars().zip(piece.chars().skip(1)).all(|(a, b)| a == b)
}
