//! Agents, their roles, and the permissions of an agent in a console mode.

use serde::{Deserialize, Serialize};

use super::embedding::{Feature, Features};
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

impl Role {
    /// Returns the lower of two roles.
    #[must_use]
    pub const fn at_most(self, cap: Self) -> Self {
        match (self, cap) {
            (Self::Admin, Self::Admin) => Self::Admin,
            (Self::Agent, _) | (_, Self::Agent) => Self::Agent,
        }
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
    /// Edit profiles.
    EditProfiles,
    /// Add tags to customers and remove them.
    EditTags,
    /// Create tags.
    CreateTags,
    /// Call customers back.
    CallBack,
    /// Add customers to the blacklist and remove them.
    Blacklist,
    /// Accept, read, answer and end conversations.
    Talk,
    /// Subscribe to the event stream.
    Listen,
    /// View and change the system settings.
    EditSettings,
}

impl Action {
    /// Returns `true` if an embed token with these features permits the action.
    const fn is_permitted_by(self, features: Features) -> bool {
        match self {
            Self::ListCustomers => features.contains(Feature::List),
            Self::EditProfiles => features.contains(Feature::Edit),
            Self::EditTags | Self::CreateTags => features.contains(Feature::Tags),
            Self::CallBack => features.contains(Feature::Callback),
            Self::Blacklist => features.contains(Feature::Blacklist),
            Self::Listen => true,
            Self::Talk | Self::EditSettings => false,
        }
    }
}

/// An agent in one mode under the current settings: everything that an access decision depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The signed-in agent.
    pub agent: Agent,
    /// Mode of the console that the request was made in.
    pub mode: Mode,
    /// Features of the embed token that the request came with; `None` for a session of the console, which
    /// has no such limit.
    pub features: Option<Features>,
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
        if self.features.is_some_and(|features| !action.is_permitted_by(features)) {
            return false;
        }
        match action {
            Action::ListCustomers | Action::EditProfiles | Action::EditTags | Action::CallBack | Action::Blacklist => {
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
            Action::ListCustomers
            | Action::EditProfiles
            | Action::EditTags
            | Action::CreateTags
            | Action::CallBack
            | Action::Blacklist => true,
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
mod tests;
