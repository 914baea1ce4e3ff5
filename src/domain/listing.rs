//! A page of the list: what is asked for and what comes back.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::conversation::Channel;
use super::error::{Error, Reason};
use super::filter::Condition;
use super::ids::{CustomerId, CustomerKey, TagId};
use super::time::Timestamp;

/// A request for a part of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// The row it begins at.
    pub start: Start,
    /// At most so many rows.
    pub limit: u32,
}

impl PageRequest {
    /// Rows in a page unless asked otherwise.
    pub const ROWS: u32 = 50;
    /// The most rows a page can have.
    pub const MAX_ROWS: u32 = 200;
}

/// The row a page begins at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At the top of the list.
    #[default]
    Top,
    /// Right after this row. Costs the same however far down.
    After(Cursor),
    /// Right before this row; the page ends there.
    Before(Cursor),
    /// At this row counted from the top, 0 first: for a jump of the scroll bar.
    Row(u64),
}

/// A row's place in a list, which holds even when the row itself has moved or gone since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The grade at which the row meets the filter's texts; rows of a better rank come first.
    pub rank: Rank,
    /// The value the list is sorted by.
    pub place: Place,
    /// Breaks ties.
    pub key: CustomerKey,
}

/// Grade at which a customer meets the texts of a filter, the best first. A list has all rows of one rank before those of the
/// next, each in the order that was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// A text is the customer ID.
    WholeId,
    /// A text begins the customer ID.
    BeginsId,
    /// All texts are found, or there are none.
    #[default]
    Exact,
    /// A phone number is stored with another country or trunk prefix than was typed, or with none.
    OtherPrefix,
    /// Found only by allowing a typo.
    Similar,
}

impl Rank {
    /// All ranks, the best first.
    pub const ALL: [Self; 5] = [Self::WholeId, Self::BeginsId, Self::Exact, Self::OtherPrefix, Self::Similar];

    /// Returns the rank of a customer that meets one text in one way and another text in another: any that is worse than
    /// exact counts, and otherwise the better.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let worse = self.max(other);
        if worse > Self::Exact { worse } else { self.min(other) }
    }
}

/// A value of the order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A moment; `i64::MIN` for customers without a conversation, in the order of latest conversations.
    Time(i64),
    /// The nickname as it is sorted.
    Text(String),
}

/// As in a URL: `2~7~t~1763000000000`, `4~7~x~zhang wei` (rank, key, kind of place, place).
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~", self.rank as u8, self.key)?;
        match &self.place {
            Place::Time(millis) => write!(f, "t~{millis}"),
            Place::Text(text) => write!(f, "x~{text}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let mut parts = text.splitn(4, '~');
            let rank = *Rank::ALL.get(parts.next()?.parse::<usize>().ok()?)?;
            let key = parts.next()?.parse().ok()?;
            let place = match (parts.next()?, parts.next()?) {
                ("t", millis) => Place::Time(millis.parse().ok()?),
                ("x", text) => Place::Text(text.to_owned()),
                _ => return None,
            };
            Some(Self { rank, place, key })
        };
        parse().ok_or(Error::of(Reason::Malformed))
    }
}

/// As in a URL: nothing for the top, `after:` or `before:` and a cursor, `row:` and a number.
impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::After(cursor) => write!(f, "after:{cursor}"),
            Self::Before(cursor) => write!(f, "before:{cursor}"),
            Self::Row(row) => write!(f, "row:{row}"),
        }
    }
}

impl FromStr for Start {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = Error::of(Reason::Malformed);
        match text.split_once(':') {
            None if text.is_empty() => Ok(Self::Top),
            Some(("after", cursor)) => cursor.parse().map(Self::After),
            Some(("before", cursor)) => cursor.parse().map(Self::Before),
            Some(("row", row)) => row.parse().map(Self::Row).map_err(|_| malformed),
            _ => Err(malformed),
        }
    }
}

/// Size of a list that is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSize {
    /// Number of customers that meet all conditions.
    pub total: u64,
    /// Number of further customers that do when a typo is allowed.
    pub similar: u64,
    /// Number of rows above the one that was the first when the list was loaded.
    pub above: u64,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The number that stands in URLs.
    pub key: CustomerKey,
    /// The customer ID.
    pub id: CustomerId,
    /// The nickname; may be empty.
    pub nickname: String,
    /// The real name; may be empty.
    pub real_name: String,
    /// The tags, rising.
    pub tags: Vec<TagId>,
    /// The phone number; may be empty.
    pub phone: String,
    /// The email address; may be empty.
    pub email: String,
    /// The channel.
    pub channel: Channel,
    /// Since when known.
    pub created_at: Timestamp,
    /// The start of the latest conversation.
    pub latest_conversation_at: Option<Timestamp>,
    /// The conversation that is open, by number.
    pub open: Option<u32>,
    /// `true` if on the blacklist.
    pub blacklisted: bool,
    /// The places the texts of the filter were found at.
    pub matches: Vec<Match>,
    /// The row's place, for the page after or before it.
    pub cursor: Cursor,
}

/// The places of a row at which a text was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// In which field.
    pub field: MatchedField,
    /// The characters that matched: pairs of first and end (not included), counted in Unicode scalar values of the
    /// field as it is shown; rising, apart from each other.
    pub ranges: Vec<(u32, u32)>,
}

/// The fields that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedField {
    /// The customer ID.
    Id,
    /// The nickname, by itself or by its pinyin.
    Nickname,
    /// The real name, by itself or by its pinyin.
    RealName,
    /// The phone number.
    Phone,
    /// The email address.
    Email,
}

/// A way out of an empty result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescue {
    /// Without this condition …
    pub without: Condition,
    /// … there would be so many.
    pub total: u64,
}

/// The reason why a customer ID that was typed in is not in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// It is in the list.
    Listed,
    /// The customer is there, but these conditions exclude it.
    By(Vec<Condition>),
    /// There is no such customer, or none that this agent may see: an agent cannot tell which.
    Unknown,
}

/// A tag and how many customers have it, under the other conditions.
pub type Facet = (TagId, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_survives_its_url() {
        let cursor = |place| Cursor { rank: Rank::Similar, place, key: CustomerKey(7) };
        for start in [
            Start::Top,
            Start::Row(250_000),
            Start::After(cursor(Place::Time(i64::MIN))),
            Start::Before(cursor(Place::Text("a~b:c 张".into()))),
        ] {
            assert_eq!(start.to_string().parse::<Start>().unwrap(), start);
        }
    }

    #[test]
    fn what_is_no_start_is_refused() {
        for text in ["x", "row:-1", "after:", "after:5~1~t~0", "before:0~1~t~x", "after:0~1"] {
            assert!(text.parse::<Start>().is_err(), "{text}");
        }
    }
}
