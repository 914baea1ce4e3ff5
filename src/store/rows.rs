//! What all row structs share: moments as SurrealDB has them.

use surrealdb::types::Datetime;

use crate::domain::Timestamp;

/// The moment as the database keeps it.
pub(super) fn datetime(at: Timestamp) -> Datetime {
    let (seconds, millis) = (at.0.div_euclid(1000), at.0.rem_euclid(1000));
    let nearer_end = if at.0 < 0 { Datetime::MIN_UTC } else { Datetime::MAX_UTC };
    // Out of range only beyond the years ±262,000.
    Datetime::from_timestamp(seconds, millis as u32 * 1_000_000).unwrap_or(nearer_end)
}

/// The moment as we have it.
pub(super) fn timestamp(at: Datetime) -> Timestamp {
    Timestamp(at.into_inner().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_database() {
        for millis in [0, 1, -1, -1_001, 1_763_816_516_123] {
            assert_eq!(timestamp(datetime(Timestamp(millis))), Timestamp(millis));
        }
        // What no calendar has stays on its side of now.
        assert!(timestamp(datetime(Timestamp(i64::MIN))) < Timestamp(0));
        assert!(timestamp(datetime(Timestamp(i64::MAX))) > Timestamp(0));
    }
}
