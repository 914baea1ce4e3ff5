//! The profile of a customer: its fields, what each takes, and who wrote it last.

mod contact;

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::event::Actor;
use super::text::{at_most, block, is_blank_to_the_eye, line, shorten_block, shorten_line};
use super::time::Timestamp;

/// The system fields an agent can edit. Empty text is "not known".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What the customer calls itself.
    pub nickname: String,
    /// The name on the papers.
    pub real_name: String,
    /// A phone number as it was written.
    pub phone: String,
    /// A QQ number.
    pub qq: String,
    /// A WeChat account.
    pub wechat: String,
    /// An email address.
    pub email: String,
    /// Where the customer works.
    pub company: String,
    /// Anything else.
    pub description: String,
}

/// Who wrote a field of the profile last, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The field.
    pub field: ProfileField,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A system field of the profile. The customer ID is not among them: nothing edits it.
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
    /// All fields, in the order they are shown.
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

    /// The field's name in forms, on the wire and in the database.
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

    /// The field of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// The most characters the field takes.
    #[must_use]
    pub const fn max_chars(self) -> u32 {
        match self {
            Self::Phone => 32,
            Self::Qq => 22,
            Self::Description => 1000,
            _ => 256,
        }
    }

    /// Returns the value to keep for what a person typed or pasted. What has no meaning is cleaned: invisible characters,
    /// kinds of blanks, in numbers also dashes and digits of other scripts, the wrapping of an email (`mailto:`, `Ana
    /// <ana@a.example>`). Empty is fine.
    ///
    /// # Errors
    /// [`Reason::TooLong`], [`Reason::NotAllowed`], [`Reason::NotAPhone`], [`Reason::NotAQq`] or [`Reason::NotAnEmail`], at
    /// this field.
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

    /// Returns the value to keep for what a channel says of its customer, who cannot be asked: cleaned as
    /// [`accept`](Self::accept) does, cut with a mark where it is too long, and empty only when nothing sensible remains.
    #[must_use]
    pub fn accept_from_channel(self, said: &str) -> String {
        let most = self.max_chars() as usize;
        match self {
            Self::Description => shorten_block(said, most),
            Self::Nickname | Self::RealName | Self::Wechat | Self::Company => shorten_line(said, most),
            // Half an address or number is another one.
            Self::Phone => self.accept(said).unwrap_or_else(|_| contact::first_phone(said, most)),
            Self::Qq | Self::Email => self.accept(said).unwrap_or_default(),
        }
    }

    /// Returns the text as the field keeps it, also where the field would refuse it.
    pub(super) fn clean(self, text: &str) -> String {
        match self {
            Self::Description => block(text),
            Self::Phone => contact::phone(text),
            Self::Qq => contact::qq(text),
            Self::Email => contact::email(text),
            Self::Nickname | Self::RealName | Self::Wechat | Self::Company => line(text),
        }
    }

    /// Returns what is wrong with a clean value that is not empty.
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
    /// One field's value.
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

    /// One field's value, to be changed.
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

    /// Returns the fields of which a channel says something that cannot be kept: a phone without digits, an email without a
    /// host.
    pub fn impossible(&self) -> impl Iterator<Item = ProfileField> {
        let said = |field: &ProfileField| !is_blank_to_the_eye(self.get(*field));
        ProfileField::ALL
            .into_iter()
            .filter(said)
            .filter(|field| field.accept_from_channel(self.get(*field)).is_empty())
    }

    /// Puts what was typed into a field.
    ///
    /// # Errors
    /// As [`ProfileField::accept`].
    pub fn set(&mut self, field: ProfileField, typed: &str) -> Result<(), Error> {
        *self.get_mut(field) = field.accept(typed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
