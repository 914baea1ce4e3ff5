//! Settings of the whole tenant, edited by admins in Admin Mode > Settings > System Settings.

use serde::{Deserialize, Serialize};

use super::embedding::{EmbedOrigin, MAX_ORIGINS};
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
    /// Origins that may embed the Customers page, as [`EmbedOrigin`] writes them; none until an admin adds
    /// one.
    pub embed_origins: Vec<String>,
    /// `true` if hosts that embed the page may add agents: a login that is unknown becomes an agent without
    /// a password.
    pub embed_creates_agents: bool,
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

    /// Replaces the origins that may embed the Customers page. Repetitions are dropped.
    ///
    /// # Errors
    /// The errors of [`EmbedOrigin::new`], or [`Reason::TooMany`], at field `origin`. No origin is replaced
    /// then.
    pub fn set_embed_origins(&mut self, typed: &[String]) -> Result<(), Error> {
        let mut origins = Vec::new();
        for typed in typed {
            let origin = EmbedOrigin::new(typed)?.as_str().to_owned();
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        if origins.len() > MAX_ORIGINS as usize {
            return Err(Error::field("origin", Reason::TooMany { most: MAX_ORIGINS }));
        }
        self.embed_origins = origins;
        Ok(())
    }

    /// Returns `true` if an origin may embed the Customers page. `origin` is as browsers write it.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.embed_origins.iter().any(|allowed| allowed == origin)
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
            embed_origins: Vec::new(),
            embed_creates_agents: false,
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

    #[test]
    fn origins_are_replaced_all_or_none() {
        let mut settings = Settings::default();
        assert!(!settings.allows_origin(""));
        let typed = |origins: &[&str]| origins.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>();
        settings.set_embed_origins(&typed(&["https://A.example/", "https://a.example", "http://localhost"])).unwrap();
        assert_eq!(settings.embed_origins, ["https://a.example", "http://localhost"]);
        let refused = settings.set_embed_origins(&typed(&["https://b.example", "b.example"]));
        assert_eq!(refused, Err(Error::field("origin", Reason::NotAnOrigin)));
        let many: Vec<String> = (0..=MAX_ORIGINS).map(|number| format!("https://{number}.example")).collect();
        assert_eq!(settings.set_embed_origins(&many).unwrap_err().reason, Reason::TooMany { most: MAX_ORIGINS });
        assert!(settings.allows_origin("https://a.example") && !settings.allows_origin("https://b.example"));
    }
}
