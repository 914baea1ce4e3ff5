//! Customer profile: its fields, their validation, and the last author of each.

mod contact;

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::event::Actor;
use super::text::{at_most, block, is_blank_to_the_eye, line, shorten_block, shorten_line};
use super::time::Timestamp;

/// System fields of a customer that agents can edit. An empty text means "not known".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name the customer goes by.
    pub nickname: String,
    /// Legal name.
    pub real_name: String,
    /// Phone number in ASCII, in the layout that was typed.
    pub phone: String,
    /// QQ number.
    pub qq: String,
    /// WeChat account.
    pub wechat: String,
    /// Email address.
    pub email: String,
    /// Employer.
    pub company: String,
    /// Free text of several lines.
    pub description: String,
}

/// Last author of a profile field, and the time of that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Field that was written.
    pub field: ProfileField,
    /// Author of the write.
    pub by: Actor,
    /// Time of the write.
    pub at: Timestamp,
}

/// System field of the profile. The customer ID is not included, because it cannot be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    /// [`Profile::nickname`]
    Nickname,
    /// [`Profile::real_name`]
    RealName,
    /// [`Profile::phone`]
    Phone,
    /// [`Profile::qq`]
    Qq,
    /// [`Profile::wechat`]
    Wechat,
    /// [`Profile::email`]
    Email,
    /// [`Profile::company`]
    Company,
    /// [`Profile::description`]
    Description,
}

impl ProfileField {
    /// All fields, in display order.
    pub const ALL: [Self; 8] = [
        Self::Nickname,
        Self::RealName,
        Self::Phone,
        Self::Qq,
        Self::Wechat,
        Self::Email,
        Self::Company,
        Self::Description,
    ];

    /// Returns the field's name in forms, on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nickname => "nickname",
            Self::RealName => "real_name",
            Self::Phone => "phone",
            Self::Qq => "qq",
            Self::Wechat => "wechat",
            Self::Email => "email",
            Self::Company => "company",
            Self::Description => "description",
        }
    }

    /// Parses a field from its name; `None` if the name is unknown.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Returns the maximum length of the field's value, in characters.
    #[must_use]
    pub const fn max_chars(self) -> u32 {
        match self {
            Self::Phone => 32,
            Self::Qq => 22,
            Self::Description => 1000,
            _ => 256,
        }
    }

    /// Cleans and validates a value that a person typed or pasted. Cleaning removes or unifies what
    /// carries no meaning: invisible characters and kinds of spaces; in numbers also dashes and digits
    /// of other scripts; around an email address `mailto:` or `Ana <...>`. An empty value is valid.
    ///
    /// # Errors
    /// [`Reason::TooLong`], [`Reason::NotAllowed`], [`Reason::NotAPhone`], [`Reason::NotAQq`] or
    /// [`Reason::NotAnEmail`], at this field.
    pub fn accept(self, typed: &str) -> Result<String, Error> {
        let value = at_most(self.as_str(), self.clean(typed), self.max_chars() as usize)?;
        if value.is_empty() {
            return Ok(value);
        }
        match self.check(&value) {
            None => Ok(value),
            Some(reason) => Err(Error::field(self.as_str(), reason)),
        }
    }

    /// Returns the value to store for profile data from a channel. A channel cannot correct it, so it is never
    /// rejected: it is cleaned as in [`accept`](Self::accept), a long text is shortened and ends in `…`, a phone
    /// number is extracted from a longer text, and an unusable value becomes empty.
    #[must_use]
    pub fn accept_from_channel(self, said: &str) -> String {
        let most = self.max_chars() as usize;
        match self {
            Self::Description => shorten_block(said, most),
            Self::Nickname | Self::RealName | Self::Wechat | Self::Company => shorten_line(said, most),
            // A truncated number or address would be a different one, so these are not shortened.
            Self::Phone => self.accept(said).unwrap_or_else(|_| contact::first_phone(said, most)),
            Self::Qq | Self::Email => self.accept(said).unwrap_or_default(),
        }
    }

    /// Cleans a text for this field without validating it.
    pub(super) fn clean(self, text: &str) -> String {
        match self {
            Self::Description => block(text),
            Self::Phone => contact::phone(text),
            Self::Qq => contact::qq(text),
            Self::Email => contact::email(text),
            Self::Nickname | Self::RealName | Self::Wechat | Self::Company => line(text),
        }
    }

    /// Returns the reason to reject a cleaned, non-empty value; `None` if it is valid.
    fn check(self, value: &str) -> Option<Reason> {
        match self {
            Self::Phone => contact::check_phone(value),
            Self::Qq => contact::check_qq(value),
            Self::Email => contact::check_email(value),
            _ => None,
        }
    }
}

impl Profile {
    /// Returns the value of a field.
    #[must_use]
    pub fn get(&self, field: ProfileField) -> &str {
        match field {
            ProfileField::Nickname => &self.nickname,
            ProfileField::RealName => &self.real_name,
            ProfileField::Phone => &self.phone,
            ProfileField::Qq => &self.qq,
            ProfileField::Wechat => &self.wechat,
            ProfileField::Email => &self.email,
            ProfileField::Company => &self.company,
            ProfileField::Description => &self.description,
        }
    }

    /// Returns a mutable reference to the value of a field.
    pub(super) fn get_mut(&mut self, field: ProfileField) -> &mut String {
        match field {
            ProfileField::Nickname => &mut self.nickname,
            ProfileField::RealName => &mut self.real_name,
            ProfileField::Phone => &mut self.phone,
            ProfileField::Qq => &mut self.qq,
            ProfileField::Wechat => &mut self.wechat,
            ProfileField::Email => &mut self.email,
            ProfileField::Company => &mut self.company,
            ProfileField::Description => &mut self.description,
        }
    }

    /// Returns the fields that have a value which cannot be stored, such as a phone number without
    /// digits or an email address without a host. Used for data from a channel.
    pub fn impossible(&self) -> impl Iterator<Item = ProfileField> {
        let said = |field: &ProfileField| !is_blank_to_the_eye(self.get(*field));
        ProfileField::ALL
            .into_iter()
            .filter(said)
            .filter(|field| field.accept_from_channel(self.get(*field)).is_empty())
    }

    /// Cleans, validates and sets the value of a field.
    ///
    /// # Errors
    /// The errors of [`ProfileField::accept`].
    pub fn set(&mut self, field: ProfileField, typed: &str) -> Result<(), Error> {
        *self.get_mut(field) = field.accept(typed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
