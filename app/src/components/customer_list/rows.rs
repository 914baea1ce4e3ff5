//! Loaded rows of a list of any length, by position.
//!
//! The list changes while it is read. Loaded parts are therefore placed next to a known row rather
//! than by number, so that no customer is missed or shown twice. When a part reaches the top of the
//! list, or would start above it, all positions are shifted to match.

use std::collections::BTreeMap;
use std::ops::Range;

use clientele::domain::{CustomerKey, Start};

use crate::api::customers::{ListPart, ListRow};

/// Rows kept in memory. Beyond that, the rows farthest from the window are dropped and loaded again
/// when needed.
const KEPT: usize = 1_000;

/// Row with the number of times it was replaced.
pub(super) type NumberedRow = (u32, ListRow);

/// Reference point at which a requested part is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The part follows the row of this customer.
    After(CustomerKey),
    /// The part ends right before the row of this customer.
    Before(CustomerKey),
    /// The part begins at this position, because no adjacent row is known.
    Place(u64),
}

/// Known rows by position, and the length of the list.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    known: BTreeMap<u64, NumberedRow>,
    /// Number of positions in the list; each added part corrects it.
    len: u64,
}

impl Rows {
    /// Creates the list from a first part whose first row is at position `first`.
    pub(super) fn new(first: u64, part: ListPart) -> Self {
        let mut rows = Self { known: BTreeMap::new(), len: part.all_rows() };
        rows.known.extend((first..).zip(part.rows.into_iter().map(|row| (0, row))));
        rows
    }

    /// Returns the number of positions in the list.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Returns the row at a position, if it is loaded.
    pub(super) fn at(&self, place: u64) -> Option<&NumberedRow> {
        self.known.get(&place)
    }

    /// Returns the position of a customer's row, if it is loaded.
    pub(super) fn place_of(&self, key: CustomerKey) -> Option<u64> {
        self.known.iter().find(|(_, (_, row))| row.row.key == key).map(|(place, _)| *place)
    }

    /// Returns the customers whose rows are loaded in a window.
    pub(super) fn keys(&self, window: Range<u64>) -> Vec<CustomerKey> {
        self.known.range(window).map(|(_, (_, row))| row.row.key).collect()
    }

    /// Returns the request that loads missing rows of a window, and the anchor for its result;
    /// `None` if the window is complete.
    pub(super) fn missing(&self, window: Range<u64>) -> Option<(Anchor, Start)> {
        let unknown = |place: &u64| !self.known.contains_key(place);
        let first = window.clone().find(unknown)?;
        let last = window.rev().find(unknown)?;
        let above = first.checked_sub(1).and_then(|place| self.known.get(&place));
        let below = self.known.get(&(last + 1));
        Some(match (above, below) {
            (Some((_, row)), _) => (Anchor::After(row.row.key), Start::After(row.row.cursor.clone())),
            (None, Some((_, row))) => (Anchor::Before(row.row.key), Start::Before(row.row.cursor.clone())),
            (None, None) => (Anchor::Place(first), Start::Row(first)),
        })
    }

    /// Adds a requested part and returns the number of positions by which all rows moved.
    pub(super) fn add(&mut self, anchor: Anchor, part: ListPart, window: &Range<u64>) -> i64 {
        let (all, count) = (part.all_rows() as i64, part.rows.len() as i64);
        let place = |key| self.place_of(key).map(|place| place as i64);
        let first = match anchor {
            Anchor::After(key) => place(key).map(|place| place + 1),
            Anchor::Before(key) => place(key).map(|place| place - count),
            Anchor::Place(place) => Some(part.first.unwrap_or(place) as i64),
        };
        // The anchor row was dropped or replaced meanwhile. The rows are requested again.
        let Some(first) = first else { return 0 };
        // Number of rows above the part: 0 for a part at the top, otherwise as reported by the
        // server; `None` if not reported.
        let above = if part.before { part.first.map(|first| first as i64) } else { Some(0) };
        let shift = match above {
            Some(above) if first < 0 || !part.before => above - first,
            _ => (-first).max(0),
        };
        for row in &part.rows {
            let key = row.row.key;
            self.known.retain(|_, (_, known)| known.row.key != key);
        }
        let end = first + count + shift;
        let len = match anchor {
            // This part does not reach the known end of the list.
            Anchor::Before(_) => self.len as i64 + shift,
            Anchor::Place(_) if count == 0 => all.min(end),
            _ if part.after && count > 0 => {
                // Rows that arrived above the first known row get no position until the list is
                // reloaded.
                let hidden = part.first.map_or(0, |own| own as i64 - (first + shift));
                (all - hidden).max(end + 1)
            }
            _ => end,
        };
        self.len = len.max(0) as u64;
        if shift != 0 {
            let moved = |place: u64| u64::try_from(place as i64 + shift).ok();
            let known = std::mem::take(&mut self.known);
            self.known = known.into_iter().filter_map(|(place, row)| Some((moved(place)?, row))).collect();
        }
        let start = (first + shift).max(0) as u64;
        self.known.extend((start..).zip(part.rows.into_iter().map(|row| (0, row))));
        drop(self.known.split_off(&self.len));
        self.forget_farthest(window);
        shift
    }

    /// Replaces known rows in place with fresh versions. Returns `true` if any row changed.
    pub(super) fn replace(&mut self, fresh: Vec<ListRow>) -> bool {
        let mut changed = false;
        for mut fresh in fresh {
            let known = self.known.values_mut().find(|(_, row)| row.row.key == fresh.row.key);
            let Some((times, row)) = known else { continue };
            fresh.row.cursor = row.row.cursor.clone();
            if *row != fresh {
                (*times, *row) = (*times + 1, fresh);
                changed = true;
            }
        }
        changed
    }

    fn forget_farthest(&mut self, window: &Range<u64>) {
        while self.known.len() > KEPT {
            let (Some(first), Some(last)) = (self.known.keys().next().copied(), self.known.keys().next_back().copied())
            else {
                return;
            };
            let (above, below) = (window.start.saturating_sub(first), last.saturating_sub(window.end));
            self.known.remove(if above > below { &first } else { &last });
        }
    }
}

#[cfg(test)]
mod tests {
    use clientele::domain::listing::SortValue;
    use clientele::domain::{Channel, Cursor, CustomerId, Rank, Row, Timestamp};

    use super::*;

    /// Simulated server list: customer keys in descending order.
    struct Server(Vec<u64>);

    impl Server {
        fn of(keys: Range<u64>) -> Self {
            Self(keys.rev().collect())
        }

        fn part(&self, first: usize, count: usize) -> ListPart {
            let end = (first + count).min(self.0.len());
            ListPart {
                total: self.0.len() as u64,
                similar: 0,
                rows: self.0[first.min(end)..end].iter().map(|key| row(*key)).collect(),
                first: Some(first as u64).filter(|_| first < end),
                before: first > 0,
                after: end < self.0.len(),
                tags: Vec::new(),
                relaxations: Vec::new(),
                why: None,
                beside: None,
                at: Timestamp(0),
            }
        }

        fn answer(&self, start: &Start) -> ListPart {
            let place = |cursor: &Cursor| self.0.partition_point(|key| *key > cursor.key.0);
            match start {
                Start::Top => self.part(0, 50),
                Start::Row(row) => self.part(*row as usize, 50),
                Start::After(cursor) => {
                    let place = place(cursor);
                    self.part(place + usize::from(self.0.get(place) == Some(&cursor.key.0)), 50)
                }
                Start::Before(cursor) => {
                    let end = place(cursor);
                    let first = end.saturating_sub(50);
                    let mut part = self.part(first, end - first);
                    part.after = true;
                    part
                }
            }
        }
    }

    fn row(key: u64) -> ListRow {
        let row = Row {
            key: CustomerKey(key),
            id: CustomerId::new(format!("c_{key}")).unwrap(),
            nickname: String::new(),
            real_name: String::new(),
            phone: String::new(),
            email: String::new(),
            channel: Channel::Web,
            tags: Vec::new(),
            blacklisted: false,
            open: None,
            created_at: Timestamp(key as i64),
            latest_conversation_at: None,
            matches: Vec::new(),
            cursor: Cursor { rank: Rank::default(), sort_value: SortValue::Time(key as i64), key: CustomerKey(key) },
        };
        ListRow { row, created: String::new(), latest: None, callback_blocker: None }
    }

    /// Loads all missing rows of a window and returns the number of requests.
    fn load(rows: &mut Rows, server: &Server, window: Range<u64>) -> usize {
        let mut window = window.start..window.end.min(rows.len());
        for requests in 0..100 {
            let Some((anchor, start)) = rows.missing(window.clone()) else { return requests };
            let shift = rows.add(anchor, server.answer(&start), &window);
            window = window.start.saturating_add_signed(shift)..window.end.saturating_add_signed(shift).min(rows.len());
        }
        panic!("requests without end");
    }

    fn shown(rows: &Rows) -> Vec<u64> {
        (0..rows.len()).filter_map(|place| rows.at(place)).map(|(_, row)| row.row.key.0).collect()
    }

    #[test]
    fn a_list_that_grew_is_read_to_its_end_and_asks_no_more() {
        let mut server = Server::of(0..60);
        let mut rows = Rows::new(0, server.answer(&Start::Top));
        server = Server::of(0..63);
        assert_eq!(load(&mut rows, &server, 0..60), 1);
        // The three new customers are above the first known row.
        assert_eq!(shown(&rows), (0..60).rev().collect::<Vec<_>>());
        let all = 0..rows.len();
        assert_eq!(load(&mut rows, &server, all), 0);
    }

    #[test]
    fn nobody_is_missed_or_doubled_while_a_list_grows_and_shrinks_under_the_reader() {
        let mut all: Vec<u64> = (0..1000).map(|number| number * 2).collect();
        let server = |all: &[u64]| Server(all.iter().rev().copied().collect());
        let mut rows = Rows::new(0, server(&all).answer(&Start::Top));
        let mut seen = Vec::new();
        let mut place = 0;
        while place < rows.len() {
            load(&mut rows, &server(&all), place..place + 30);
            seen.extend(
                (place..(place + 30).min(rows.len())).filter_map(|place| rows.at(place)).map(|(_, row)| row.row.key.0),
            );
            place += 30;
            // Ten customers arrive at the top; one that was already read and one at the end are
            // removed.
            let top = all.last().copied().unwrap_or(0);
            all.extend((1..=10).map(|number| top + number));
            all.retain(|key| *key != 1998 - place && *key != place / 3);
        }
        let before = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), before, "doubled");
        assert!(seen.is_sorted_by(|a, b| a > b));
        let missed: Vec<u64> = all.iter().copied().filter(|key| *key < 1998 && !seen.contains(key)).collect();
        assert_eq!(missed, Vec::<u64>::new());
    }

    #[test]
    fn after_a_jump_the_rows_above_are_found_to_the_top() {
        let server = Server::of(0..1000);
        let mut rows = Rows::new(0, server.answer(&Start::Top));
        let grown = Server::of(0..1007);
        load(&mut rows, &grown, 500..530);
        let mut place = 500;
        while place > 0 {
            let from = place - 25;
            load(&mut rows, &grown, from..place);
            place = from;
        }
        let keys = shown(&rows);
        assert!(keys.is_sorted_by(|a, b| a > b), "{keys:?}");
    }

    #[test]
    fn an_empty_part_ends_the_list_there() {
        let mut rows = Rows::new(0, Server::of(0..200).answer(&Start::Top));
        assert_eq!(rows.len(), 200);
        // All customers after the first fifty were removed.
        let server = Server::of(150..200);
        assert_eq!(load(&mut rows, &server, 40..80), 1);
        assert_eq!(rows.len(), 50);
    }

    #[test]
    fn rows_are_replaced_where_they_are() {
        let mut rows = Rows::new(0, Server::of(0..10).answer(&Start::Top));
        let mut fresh = row(7);
        fresh.row.blacklisted = true;
        assert!(rows.replace(vec![fresh.clone(), row(99)]) && !rows.replace(vec![fresh]));
        assert_eq!(rows.place_of(CustomerKey(7)), Some(2));
        assert!(rows.at(2).is_some_and(|(times, row)| *times == 1 && row.row.blacklisted));
    }
}
