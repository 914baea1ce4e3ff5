//! Agents, their roles, and the permissions of an agent in a console mode.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::ids::AgentId;
use super::named::named;
use super::settings::Settings;
use super::text;

/// A user of the console: an agent or an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Number in the database.
    pub id: AgentId,
    /// Login for signing in, as `normalize_login` normalises it, so it is unique regardless of case.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Role, which decides whether Admin Mode is available.
    pub role: Role,
    /// `true` if the agent was disabled: it cannot sign in and all its sessions were ended.
    pub disabled: bool,
}

named! {
    /// Role of an agent. It limits the modes the agent can use.
    pub enum Role {
        /// Works in Agent Mode only.
        Agent = "agent",
        /// Can also switch to Admin Mode.
        Admin = "admin",
    }
}

/// Mode of the console. An admin in Agent Mode has the permissions of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Available to everyone; shows the customers that the agent has served.
    Agent,
    /// Available to admins; shows all customers.
    Admin,
}

/// An operation that requires a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// View and search customers.
    ListCustomers,
    /// Edit profiles and tags, call customers back, use the blacklist.
    EditCustomers,
    /// Create tags.
    CreateTags,
    /// Accept, read, answer and end conversations.
    Talk,
    /// Subscribe to the event stream.
    Listen,
    /// View and change the system settings.
    EditSettings,
}

/// An agent in one mode under the current settings: everything that an access decision depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The signed-in agent.
    pub agent: Agent,
    /// Mode of the console that the request was made in.
    pub mode: Mode,
    /// Current system settings.
    pub settings: Settings,
}

impl Viewer {
    /// Returns `true` if the action is permitted at all. For a single customer, [`Viewer::scope`] must
    /// also match.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        if self.agent.disabled || (self.mode == Mode::Admin && self.agent.role != Role::Admin) {
            return false;
        }
        match action {
            Action::ListCustomers | Action::EditCustomers => {
                self.mode == Mode::Admin || self.settings.customers_page_in_agent_mode
            }
            Action::CreateTags => {
                self.mode == Mode::Admin
                    || (self.settings.customers_page_in_agent_mode && self.settings.agents_create_tags)
            }
            Action::Talk => self.mode == Mode::Agent,
            Action::Listen => true,
            Action::EditSettings => self.mode == Mode::Admin,
        }
    }

    /// Returns `true` if the Customers page would permit the action, but is off in Agent Mode.
    #[must_use]
    pub const fn is_page_off_for(&self, action: Action) -> bool {
        let of_page = match action {
            Action::ListCustomers | Action::EditCustomers | Action::CreateTags => true,
            Action::Talk | Action::Listen | Action::EditSettings => false,
        };
        let off = matches!(self.mode, Mode::Agent) && !self.settings.customers_page_in_agent_mode;
        of_page && off && !self.agent.disabled
    }

    /// Returns the agent whose served customers are visible, or `None` if all customers are visible.
    #[must_use]
    pub fn scope(&self) -> Option<AgentId> {
        match self.mode {
            Mode::Agent => Some(self.agent.id),
            Mode::Admin => None,
        }
    }
}

/// Minimum length of a password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 10;
const MAX_PASSWORD_CHARS: usize = 256;
const MAX_NAME_CHARS: usize = 60;

/// Normalises a login: logins that people consider equal become identical (lower case, half width).
///
/// # Errors
/// [`Reason::Required`], [`Reason::TooLong`], or [`Reason::Malformed`] if it contains a space; at field
/// `login`.
#[cfg(feature = "index")]
pub fn normalize_login(typed: &str) -> Result<String, Error> {
    const MAX_LOGIN_CHARS: usize = 64;
    // This input is unauthenticated: reject what is far too long before paying for normalisation.
    if typed.len() > 16 * MAX_LOGIN_CHARS {
        return Err(Error::field("login", Reason::TooLong { most: MAX_LOGIN_CHARS as u32 }));
    }
    let login = text::required("login", text::key(typed), MAX_LOGIN_CHARS)?;
    if login.contains(' ') { Err(Error::field("login", Reason::Malformed)) } else { Ok(login) }
}

/// Cleans an agent's display name: one line of at most 60 characters; may be empty.
///
/// # Errors
/// [`Reason::TooLong`], at field `name`.
pub fn normalize_name(typed: &str) -> Result<String, Error> {
    text::at_most("name", text::line(typed), MAX_NAME_CHARS)
}

/// Checks the length of a new password: 10 to 256 characters.
///
/// # Errors
/// [`Reason::TooShort`] or [`Reason::TooLong`], at field `password`.
pub fn check_password(typed: &str) -> Result<(), Error> {
    match typed.chars().count() {
        short if short < MIN_PASSWORD_CHARS => {
            Err(Error::field("password", Reason::TooShort { least: MIN_PASSWORD_CHARS as u32 }))
        }
        long if long > MAX_PASSWORD_CHARS => {
            Err(Error::field("password", Reason::TooLong { most: MAX_PASSWORD_CHARS as u32 }))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(role: Role, mode: Mode, page_on: bool) -> Viewer {
        let agent = Agent { id: AgentId(7), login: "li".into(), name: "Li".into(), role, disabled: false };
        Viewer { agent, mode, settings: Settings { customers_page_in_agent_mode: page_on, ..Settings::default() } }
    }

    #[test]
    fn in_agent_mode_the_switch_decides_for_everybody() {
        for role in [Role::Agent, Role::Admin] {
            assert!(!viewer(role, Mode::Agent, false).may(Action::ListCustomers));
            assert!(viewer(role, Mode::Agent, true).may(Action::ListCustomers));
        }
    }

    #[test]
    fn admin_mode_is_for_admins_and_does_not_depend_on_the_switch() {
        for action in [Action::ListCustomers, Action::EditSettings] {
            assert!(viewer(Role::Admin, Mode::Admin, false).may(action));
            assert!(!viewer(Role::Agent, Mode::Admin, true).may(action));
        }
    }

    #[test]
    fn only_actions_of_the_page_are_off_with_it() {
        let off = viewer(Role::Agent, Mode::Agent, false);
        for action in [Action::ListCustomers, Action::EditCustomers, Action::CreateTags] {
            assert!(off.is_page_off_for(action));
            assert!(!viewer(Role::Agent, Mode::Agent, true).is_page_off_for(action));
            assert!(!viewer(Role::Agent, Mode::Admin, false).is_page_off_for(action));
        }
        for action in [Action::Talk, Action::Listen, Action::EditSettings] {
            assert!(!off.is_page_off_for(action));
        }
    }

    #[test]
    fn settings_are_not_edited_in_agent_mode() {
        assert!(!viewer(Role::Admin, Mode::Agent, true).may(Action::EditSettings));
    }

    #[test]
    fn a_disabled_agent_may_nothing() {
        let mut viewer = viewer(Role::Admin, Mode::Admin, true);
        viewer.agent.disabled = true;
        assert!(!viewer.may(Action::ListCustomers));
    }

    #[test]
    fn agent_mode_shows_the_customers_one_has_served() {
        assert_eq!(viewer(Role::Admin, Mode::Agent, true).scope(), Some(AgentId(7)));
        assert_eq!(viewer(Role::Admin, Mode::Admin, true).scope(), None);
    }

    #[test]
    fn logins_are_lower_case_words() {
        assert_eq!(normalize_login(" Li.Na ").unwrap(), "li.na");
        assert_eq!(normalize_login("li na").unwrap_err().reason, Reason::Malformed);
        assert_eq!(normalize_login("\u{200B}").unwrap_err().reason, Reason::Required);
        assert_eq!(normalize_login(&"x".repeat(65)).unwrap_err().reason, Reason::TooLong { most: 64 });
        assert_eq!(normalize_login(&"x".repeat(250_000)).unwrap_err().reason, Reason::TooLong { most: 64 });
        for typed in ["Admin\u{200B}", "ＡＤＭＩＮ", "\u{FEFF}admin\r\n"] {
            assert_eq!(normalize_login(typed).unwrap(), "admin");
        }
    }

    #[test]
    fn an_agents_name_is_one_line_and_may_be_empty() {
        assert_eq!(normalize_name(" Li\tNa\u{202E} ").unwrap(), "Li Na");
        assert_eq!(normalize_name("\u{3164}").unwrap(), "");
        assert_eq!(normalize_name(&"名".repeat(61)).unwrap_err().reason, Reason::TooLong { most: 60 });
    }
}
