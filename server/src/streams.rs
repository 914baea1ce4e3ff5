//! Count of open event streams per owner. It limits them, because a stream that nobody reads costs
//! memory and a connection.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Number of open streams per owner.
pub struct Streams<K>(Mutex<HashMap<K, u32>>);

impl<K> Default for Streams<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Guard of one open stream: counted until dropped.
pub struct StreamPermit<K: Hash + Eq> {
    streams: Arc<Streams<K>>,
    of: K,
}

impl<K: Hash + Eq + Clone> Streams<K> {
    /// Counts one more stream of an owner. Returns `None` if the owner has `most` open already.
    pub fn open(self: &Arc<Self>, of: K, most: u32) -> Option<StreamPermit<K>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(of.clone()).or_default();
        (*count < most).then(|| {
            *count += 1;
            StreamPermit { streams: Arc::clone(self), of }
        })
    }
}

impl<K: Hash + Eq> Drop for StreamPermit<K> {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_counted_while_they_are_open() {
        let streams = Arc::new(Streams::default());
        let first = streams.open("li", 2);
        assert!(first.is_some() && streams.open("li", 2).is_some());
        let second = streams.open("li", 2);
        assert!(second.is_some() && streams.open("li", 2).is_none() && streams.open("wang", 2).is_some());
        drop((first, second));
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
