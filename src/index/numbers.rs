//! Hash maps with numeric keys.

use std::collections::HashMap;

/// Hash map with numeric keys. Keys derive from texts that visitors choose, so the hash has a
/// random seed. The standard library's hash would take a tenth of the loading time.
pub(super) type NumberMap<V> = HashMap<u64, V, foldhash::fast::RandomState>;
