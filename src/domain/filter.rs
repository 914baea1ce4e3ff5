//! Filter and sort order of the customer list, and their URL encoding.

use serde::{Deserialize, Serialize};

use super::conversation::Channel;
use super::error::{Error, Reason};
use super::ids::TagId;
use super::period::{LocalMinute, Period};
use super::text::is_blank_to_the_eye;

/// Conditions of the customer list. A customer must meet all of them. The default is "created this
/// week".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Period that the customer's time, chosen by `on`, must lie in.
    pub period: Period,
    /// Time of the customer that the period applies to.
    pub on: TimeField,
    /// The customer has at least one of these tags; empty: any. Ascending without duplicates.
    pub tags: Vec<TagId>,
    /// Fuzzy match on nickname and real name; blank: any.
    pub name: String,
    /// Fuzzy match on the customer ID; blank: any.
    pub id: String,
    /// The customer came through this channel; `None`: any.
    pub channel: Option<Channel>,
    /// `Some(true)`: only blacklisted customers; `Some(false)`: only others; `None`: all.
    pub blacklisted: Option<bool>,
    /// Text of the search box: fuzzy match on ID, nickname, real name, phone and email; blank: any.
    pub search: String,
}

/// Time of a customer that a period can apply to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeField {
    /// Creation of the customer.
    #[default]
    Created,
    /// Start of the latest conversation. Customers without one match no period except one that is
    /// unlimited.
    LatestConversation,
}

/// One condition of a [`Filter`], by name. Each set condition is shown as a chip and can exclude a
/// customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// [`Filter::period`]
    Period,
    /// [`Filter::tags`]
    Tags,
    /// [`Filter::name`]
    Name,
    /// [`Filter::id`]
    Id,
    /// [`Filter::channel`]
    Channel,
    /// [`Filter::blacklisted`]
    Blacklisted,
    /// [`Filter::search`]
    Search,
}

impl Condition {
    /// All conditions, in display order.
    pub const ALL: [Self; 7] =
        [Self::Period, Self::Tags, Self::Name, Self::Id, Self::Channel, Self::Blacklisted, Self::Search];
}

/// Sort order of the list. Ties are broken by the customer's key, in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// Value to sort by.
    pub by: SortBy,
    /// Sort direction.
    pub direction: Direction,
}

/// Value that the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// Creation time.
    #[default]
    Created,
    /// Start of the latest conversation. Customers without one sort as the oldest.
    LatestConversation,
    /// Nickname in dictionary order: Chinese characters by pinyin, among Latin letters.
    Nickname,
}

/// Sort direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Smallest, oldest or A first.
    Ascending,
    /// Largest, newest or Z first.
    #[default]
    Descending,
}

impl Direction {
    /// Returns the opposite direction.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

impl SortBy {
    /// All sort values, in display order.
    pub const ALL: [Self; 3] = [Self::Created, Self::LatestConversation, Self::Nickname];

    /// Returns the value's name in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::LatestConversation => "latest",
            Self::Nickname => "nickname",
        }
    }

    /// Returns the default direction: newest first, names from A.
    #[must_use]
    pub const fn natural_direction(self) -> Direction {
        match self {
            Self::Nickname => Direction::Ascending,
            _ => Direction::Descending,
        }
    }
}

/// Maximum length of a search text, in characters. The rest is cut off.
pub const MAX_TEXT_CHARS: usize = 200;
/// Maximum number of tags in a filter. If there are more, the highest ids are dropped.
pub const MAX_TAGS: usize = 200;

impl Filter {
    /// Returns `true` if the condition is set.
    #[must_use]
    pub fn has(&self, condition: Condition) -> bool {
        match condition {
            Condition::Period => self.period != Period::AllTime,
            Condition::Tags => !self.tags.is_empty(),
            Condition::Name => !is_blank_to_the_eye(&self.name),
            Condition::Id => !is_blank_to_the_eye(&self.id),
            Condition::Channel => self.channel.is_some(),
            Condition::Blacklisted => self.blacklisted.is_some(),
            Condition::Search => !is_blank_to_the_eye(&self.search),
        }
    }

    /// Returns a copy of the filter with one condition cleared.
    #[must_use]
    pub fn without(&self, condition: Condition) -> Self {
        let mut filter = self.clone();
        match condition {
            Condition::Period => filter.period = Period::AllTime,
            Condition::Tags => filter.tags.clear(),
            Condition::Name => filter.name.clear(),
            Condition::Id => filter.id.clear(),
            Condition::Channel => filter.channel = None,
            Condition::Blacklisted => filter.blacklisted = None,
            Condition::Search => filter.search.clear(),
        }
        filter
    }

    /// Parses filter and sort order from the decoded pairs of a URL's query. Unknown names and values
    /// are ignored, so that an old or mistyped link still opens. `from` and `to` are used only for a
    /// custom period.
    ///
    /// # Errors
    /// [`Reason::NotATime`] at `from` or `to` if a custom period's end is not a valid date and time,
    /// and [`Reason::EndBeforeStart`] at `to`.
    ///
    /// # Examples
    /// ```
    /// use clientele::domain::{Filter, SortBy, TagId};
    ///
    /// let (filter, sort) = Filter::from_pairs([("tag", "7"), ("tag", "3"), ("sort", "nickname"), ("page", "2")])?;
    /// assert_eq!(filter.tags, [TagId(3), TagId(7)]);
    /// assert_eq!(sort.by, SortBy::Nickname);
    /// let pairs = filter.to_pairs(sort);
    /// let again = Filter::from_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())))?;
    /// assert_eq!(again, (filter, sort));
    /// # Ok::<(), clientele::domain::Error>(())
    /// ```
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(Self, Sort), Error> {
        let mut filter = Self::default();
        let (mut sort_by, mut direction) = (SortBy::default(), None);
        let (mut custom, mut from, mut to) = (false, "", "");
        for (name, value) in pairs {
            match name {
                "period" if value == "custom" => custom = true,
                "period" => {
                    if let Some(period) = Period::PRESETS.into_iter().find(|period| period.as_str() == value) {
                        filter.period = period;
                    }
                }
                "from" => from = value,
                "to" => to = value,
                "on" => filter.on = if value == "latest" { TimeField::LatestConversation } else { TimeField::Created },
                "tag" => filter.tags.extend(value.parse::<TagId>()),
                "name" => filter.name = text(value),
                "id" => filter.id = text(value),
                "channel" => filter.channel = Channel::parse(value),
                "blacklisted" => {
                    filter.blacklisted = match value {
                        "yes" => Some(true),
                        "no" => Some(false),
                        _ => None,
                    }
                }
                "q" => filter.search = text(value),
                "sort" => {
                    if let Some(by) = SortBy::ALL.into_iter().find(|by| by.as_str() == value) {
                        sort_by = by;
                    }
                }
                "dir" => {
                    direction = match value {
                        "asc" => Some(Direction::Ascending),
                        "desc" => Some(Direction::Descending),
                        _ => None,
                    }
                }
                _ => {}
            }
        }
        if custom {
            filter.period = Period::Custom { from: minute("from", from)?, to: minute("to", to)? };
            filter.period.check()?;
        }
        filter.tags.sort_unstable();
        filter.tags.dedup();
        filter.tags.truncate(MAX_TAGS);
        Ok((filter, Sort { by: sort_by, direction: direction.unwrap_or(sort_by.natural_direction()) }))
    }

    /// Returns the pairs that [`Filter::from_pairs`] parses. Defaults are omitted, so the default
    /// filter is an empty query.
    #[must_use]
    pub fn to_pairs(&self, sort: Sort) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.period != Period::default() {
            pairs.push(("period", self.period.as_str().to_owned()));
        }
        if let Period::Custom { from, to } = self.period {
            pairs.extend(from.map(|minute| ("from", minute.to_string())));
            pairs.extend(to.map(|minute| ("to", minute.to_string())));
        }
        if self.on == TimeField::LatestConversation {
            pairs.push(("on", "latest".to_owned()));
        }
        pairs.extend(self.tags.iter().map(|tag| ("tag", tag.to_string())));
        for (name, value) in [("name", &self.name), ("id", &self.id), ("q", &self.search)] {
            if !is_blank_to_the_eye(value) {
                pairs.push((name, value.clone()));
            }
        }
        pairs.extend(self.channel.map(|channel| ("channel", channel.as_str().to_owned())));
        pairs.extend(self.blacklisted.map(|yes| ("blacklisted", if yes { "yes" } else { "no" }.to_owned())));
        if sort.by != SortBy::default() {
            pairs.push(("sort", sort.by.as_str().to_owned()));
        }
        if sort.direction != sort.by.natural_direction() {
            let direction = if sort.direction == Direction::Ascending { "asc" } else { "desc" };
            pairs.push(("dir", direction.to_owned()));
        }
        pairs
    }
}

fn text(value: &str) -> String {
    value.chars().take(MAX_TEXT_CHARS).collect()
}

fn minute(field: &str, value: &str) -> Result<Option<LocalMinute>, Error> {
    if value.trim().is_empty() {
        return Ok(None);
    }
    LocalMinute::parse(value).map(Some).map_err(|_| Error::field(field, Reason::NotATime))
}

#[cfg(test)]
mod tests;
