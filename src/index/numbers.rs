//! Hash maps whose keys are numbers.

use std::collections::HashMap;

/// A map from numbers. Keys are pieces of text that visitors choose, so that the hash has a random seed; the standard
/// library's hash would cost a tenth of the time loading takes.
pub(super) type NumberMap<V> = HashMap<u64, V, foldhash::fast::RandomState>;
