//! The pieces of text that many of some documents have.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// The most characters of a piece; those of fewer than three are grams.
const LONGEST: usize = 64;
/// The most pieces that are returned, shorter ones first: somebody may give the same long name to many.
const MOST_PIECES: usize = 20_000;

/// The pieces of three to [`LONGEST`] characters that at least `least` of the documents have, shorter ones first, and how
/// many have them; `texts` are each document's. A piece can only be frequent when the two pieces one character shorter are.
pub(super) fn frequent(texts: &[Vec<String>], least: usize) -> Vec<(&str, usize)> {
    let mut all = Vec::new();
    let mut shorter: HashSet<&str, RandomState> = HashSet::default();
    let mut alive: Vec<&Vec<String>> = texts.iter().collect();
    for length in 2..=LONGEST {
        let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
        // Texts without a frequent piece of this length have no longer one.
        alive.retain(|texts| {
            let mut own: Vec<&str> = texts.iter().flat_map(|text| pieces(text, length, &shorter)).collect();
            own.sort_unstable();
            own.dedup();
            own.iter().for_each(|piece| *counts.entry(piece).or_default() += 1);
            !own.is_empty()
        });
        // Of 000 there is only one gram to go by, 00, so that it is kept when it is rarer.
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

/// A text's pieces of a length whose shorter pieces are all in `shorter`, which is passed over for pairs.
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
