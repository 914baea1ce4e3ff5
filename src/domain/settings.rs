//! Settings of the whole tenant, edited by admins in Admin Mode > Settings > System Settings.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::period::WeekStart;
use super::time::Timestamp;

/// The system settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// `true` if Agent Mode has the Customers page. Off until an admin turns it on.
    pub customers_page_in_agent_mode: bool,
    /// First day of "this week".
    pub week_start: WeekStart,
    /// `true` if agents may create tags.
    pub agents_create_tags: bool,
    /// Hours after which a waiting conversation ends as abandoned: one of [`Settings::ABANDON_HOURS`].
    pub abandon_after_hours: u32,
    /// Version, from 1; incremented by each change.
    pub version: u32,
}

impl Settings {
    /// Options for [`Settings::abandon_after_hours`].
    pub const ABANDON_HOURS: [u32; 6] = [1, 4, 8, 24, 72, 168];

    /// Sets the hours after which a waiting conversation ends as abandoned.
    ///
    /// # Errors
    /// [`Reason::Malformed`] at field `hours` unless it is one of [`Settings::ABANDON_HOURS`].
    pub fn set_abandon_after(&mut self, hours: u32) -> Result<(), Error> {
        if !Self::ABANDON_HOURS.contains(&hours) {
            return Err(Error::field("hours", Reason::Malformed));
        }
        self.abandon_after_hours = hours;
        Ok(())
    }

    /// Returns the cutoff time: a waiting conversation without activity since then is abandoned.
    #[must_use]
    pub fn abandon_before(&self, now: Timestamp) -> Timestamp {
        now.plus_millis(-i64::from(self.abandon_after_hours) * 3_600_000)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            customers_page_in_agent_mode: false,
            week_start: WeekStart::Sunday,
            agents_create_tags: true,
            abandon_after_hours: 24,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_offered_hours_can_be_set() {
        let mut settings = Settings::default();
        settings.set_abandon_after(72).unwrap();
        assert_eq!(settings.set_abandon_after(5), Err(Error::field("hours", Reason::Malformed)));
        assert_eq!(settings.abandon_after_hours, 72);
    }
}
