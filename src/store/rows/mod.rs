//! Row structs of the tables that several modules read, and their conversions to domain types.

pub(super) mod blacklist;
pub(super) mod conversation;
pub(super) mod customer;
pub(super) mod open;
pub(super) mod settings;

use surrealdb::types::Datetime;

use crate::domain::Timestamp;

/// Converts a timestamp to a database datetime. Values out of range become the nearest datetime.
pub(in crate::store) fn datetime(at: Timestamp) -> Datetime {
    let (seconds, millis) = (at.0.div_euclid(1000), at.0.rem_euclid(1000));
    let nearer_end = if at.0 < 0 { Datetime::MIN_UTC } else { Datetime::MAX_UTC };
    // Out of range only beyond the years ±262,000.
    Datetime::from_timestamp(seconds, millis as u32 * 1_000_000).unwrap_or(nearer_end)
}

/// Converts a database datetime to a timestamp, cut to milliseconds.
pub(in crate::store) fn timestamp(at: Datetime) -> Timestamp {
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
        // Values out of range keep their sign.
        assert!(timestamp(datetime(Timestamp(i64::MIN))) < Timestamp(0));
        assert!(timestamp(datetime(Timestamp(i64::MAX))) > Timestamp(0));
    }
}
