//! Requests for a page of the customer list, and the rows of the response.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::conversation::Channel;
use super::error::{Error, Reason};
use super::filter::Condition;
use super::ids::{CustomerId, CustomerKey, TagId};
use super::time::Timestamp;

/// Request for a page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// Position of the page.
    pub start: Start,
    /// Maximum number of rows. The store limits it to 1 to [`PageRequest::MAX_ROWS`].
    pub limit: u32,
}

impl PageRequest {
    /// Default number of rows in a page.
    pub const ROWS: u32 = 50;
    /// Maximum number of rows in a page.
    pub const MAX_ROWS: u32 = 200;
}

/// Position of a page in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At the top of the list.
    #[default]
    Top,
    /// Immediately after this row. Costs the same at any depth.
    After(Cursor),
    /// Immediately before this row: the page ends there.
    Before(Cursor),
    /// At this row, counted from the top starting at 0. Used when the scroll bar jumps.
    Row(u64),
}

/// Position of a row in a list. It stays valid when the row itself has moved or is gone.
///
/// # Examples
/// The URL form contains everything that is needed to find the position again:
/// ```
/// use clientele::domain::{Cursor, CustomerKey, Rank};
///
/// let cursor: Cursor = "2~7~t~1763000000000".parse()?;
/// assert_eq!((cursor.rank, cursor.key), (Rank::Exact, CustomerKey(7)));
/// assert_eq!(cursor.to_string(), "2~7~t~1763000000000");
/// # Ok::<(), clientele::domain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Quality of the match with the filter's texts. Rows with a better rank come first.
    pub rank: Rank,
    /// The row's value of the sort field.
    pub sort_value: SortValue,
    /// Key of the row's customer. Breaks ties.
    pub key: CustomerKey,
}

/// Quality of a customer's match with the texts of a filter, best first. The list shows all rows of one rank
/// before those of the next; within a rank the chosen sort order applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// A text equals the customer ID.
    WholeId,
    /// A text is the beginning of the customer ID.
    BeginsId,
    /// All texts are found, or the filter has none.
    #[default]
    Exact,
    /// The phone number is stored with a different country or trunk prefix than was typed, or without
    /// one.
    OtherPrefix,
    /// Found only by allowing a typo.
    Similar,
}

impl Rank {
    /// All ranks, best first.
    pub const ALL: [Self; 5] = [Self::WholeId, Self::BeginsId, Self::Exact, Self::OtherPrefix, Self::Similar];

    /// Combines the ranks of two texts that one customer matches. If either is worse than
    /// [`Rank::Exact`], the worse one counts, otherwise the better one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let worse = self.max(other);
        if worse > Self::Exact { worse } else { self.min(other) }
    }
}

/// Sort value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortValue {
    /// A time in milliseconds. `i64::MIN` sorts customers without a conversation by latest
    /// conversation.
    Time(i64),
    /// The nickname's sort key.
    Text(String),
}

/// URL form: `2~7~t~1763000000000`, `4~7~x~zhang wei` (rank, key, `t` for a time or `x` for a text,
/// sort value).
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~", self.rank as u8, self.key)?;
        match &self.sort_value {
            SortValue::Time(millis) => write!(f, "t~{millis}"),
            SortValue::Text(text) => write!(f, "x~{text}"),
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
            let sort_value = match (parts.next()?, parts.next()?) {
                ("t", millis) => SortValue::Time(millis.parse().ok()?),
                ("x", text) => SortValue::Text(text.to_owned()),
                _ => return None,
            };
            Some(Self { rank, sort_value, key })
        };
        parse().ok_or(Error::of(Reason::Malformed))
    }
}

/// URL form: empty for the top, `after:` or `before:` with a cursor, or `row:` with a number.
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

/// Current size of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSize {
    /// Number of customers that meet all conditions exactly.
    pub total: u64,
    /// Number of additional customers that match if a typo is allowed.
    pub similar: u64,
    /// Number of rows above the row that was first when the list was loaded. Counts to 1,000 at most.
    pub above: u64,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Customer key, as in URLs.
    pub key: CustomerKey,
    /// Customer ID.
    pub id: CustomerId,
    /// Nickname; may be empty.
    pub nickname: String,
    /// Real name; may be empty.
    pub real_name: String,
    /// Tags, ascending.
    pub tags: Vec<TagId>,
    /// Phone number; may be empty.
    pub phone: String,
    /// Email address; may be empty.
    pub email: String,
    /// Channel.
    pub channel: Channel,
    /// Creation time.
    pub created_at: Timestamp,
    /// Start of the latest conversation.
    pub latest_conversation_at: Option<Timestamp>,
    /// Number of the open conversation.
    pub open: Option<u32>,
    /// `true` if on the blacklist.
    pub blacklisted: bool,
    /// Matches of the filter's texts, for highlighting.
    pub matches: Vec<Match>,
    /// Position of the row, for requesting the page after or before it.
    pub cursor: Cursor,
}

/// Matches of the filter's texts in one field of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Field that matched.
    pub field: MatchedField,
    /// Matched characters as pairs of start and exclusive end, counted in Unicode scalar values of the
    /// displayed field; ascending, not touching each other.
    pub ranges: Vec<(u32, u32)>,
}

/// Searchable field of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedField {
    /// Customer ID.
    Id,
    /// Nickname, matched directly or by its pinyin.
    Nickname,
    /// Real name, matched directly or by its pinyin.
    RealName,
    /// Phone number.
    Phone,
    /// Email address.
    Email,
}

/// Suggestion for an empty result: a condition to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// Condition to remove.
    pub without: Condition,
    /// Number of customers that match without it.
    pub total: u64,
}

/// Reason why the list does not contain a customer whose ID was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// The list contains the customer.
    Listed,
    /// The customer exists, but these conditions exclude it.
    By(Vec<Condition>),
    /// No such customer exists, or the agent may not see it: the two are indistinguishable to an agent.
    Unknown,
}

/// A tag and the number of customers with it that meet the other conditions.
pub type Facet = (TagId, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_survives_its_url() {
        let cursor = |sort_value| Cursor { rank: Rank::Similar, sort_value, key: CustomerKey(7) };
        for start in [
            Start::Top,
            Start::Row(250_000),
            Start::After(cursor(SortValue::Time(i64::MIN))),
            Start::Before(cursor(SortValue::Text("a~b:c 张".into()))),
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
