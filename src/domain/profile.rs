//! Customer profile: the table of its fields, their validation, and the last author of each.
//!
//! Everything else that knows the fields is generated from the table or loops over
//! [`ProfileField::ALL`]: storage, forms, history, the channel API and its description. A new field
//! is a row here and a label in each language (`app/locales/`, group `field`).

mod contact;
mod date;

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::event::Actor;
use super::text::{at_most, block, is_blank_to_the_eye, line, shorten_block, shorten_line};
use super::time::Timestamp;

/// Kind of a profile field: decides how its values are cleaned and validated, and which input a form
/// shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of one line.
    Line,
    /// Text of several lines.
    Lines,
    /// Phone number in ASCII, in the layout that was typed.
    Phone,
    /// Number of at least so many digits, without layout, such as an account number.
    Digits(u8),
    /// Email address.
    Email,
    /// Calendar date without time zone, as `YYYY-MM-DD`.
    Date,
}

/// Generates [`Profile`] and [`ProfileField`] from one row per field: the variant, the name in forms,
/// on the wire and in the database, the kind, and the maximum length in characters.
macro_rules! profile_fields {
    ($($(#[$doc:meta])+ $variant:ident, $name:ident, $kind:expr, $max:literal;)+) => {
        /// System fields of a customer that agents can edit. An empty text means "not known".
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Profile {
            $($(#[$doc])+ pub $name: String,)+
        }

        /// System field of the profile. The customer ID is not included, because it cannot be edited.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ProfileField {
            $($(#[$doc])+ $variant,)+
        }

        impl ProfileField {
            /// All fields, in display order.
            pub const ALL: [Self; [$($max),+].len()] = [$(Self::$variant),+];

            /// Returns the field's name in forms, on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)+ }
            }

            /// Returns the kind of the field.
            #[must_use]
            pub const fn kind(self) -> FieldKind {
                match self { $(Self::$variant => $kind,)+ }
            }

            /// Returns the maximum length of the field's value, in characters.
            #[must_use]
            pub const fn max_chars(self) -> u32 {
                match self { $(Self::$variant => $max,)+ }
            }
        }

        impl Profile {
            /// Returns the value of a field.
            #[must_use]
            pub fn get(&self, field: ProfileField) -> &str {
                match field { $(ProfileField::$variant => &self.$name,)+ }
            }

            /// Returns a mutable reference to the value of a field.
            pub(super) fn get_mut(&mut self, field: ProfileField) -> &mut String {
                match field { $(ProfileField::$variant => &mut self.$name,)+ }
            }
        }
    };
}

profile_fields! {
    /// Name the customer goes by.
    Nickname, nickname, FieldKind::Line, 256;
    /// Legal name.
    RealName, real_name, FieldKind::Line, 256;
    /// Phone number.
    Phone, phone, FieldKind::Phone, 32;
    /// QQ number.
    Qq, qq, FieldKind::Digits(4), 22;
    /// WeChat account.
    Wechat, wechat, FieldKind::Line, 256;
    /// Email address.
    Email, email, FieldKind::Email, 256;
    /// Employer.
    Company, company, FieldKind::Line, 256;
    /// Free text.
    Description, description, FieldKind::Lines, 1000;
}

/// Last author of a profile field, and the time of that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProvenance {
    /// Field that was written.
    pub field: ProfileField,
    /// Author of the write.
    pub by: Actor,
    /// Time of the write.
    pub at: Timestamp,
}

impl ProfileField {
    /// Parses a field from its name; `None` if the name is unknown.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Cleans and validates a value that a person typed or pasted. Cleaning removes or unifies what
    /// carries no meaning: invisible characters and kinds of spaces; in numbers also dashes and digits
    /// of other scripts; around an email address `mailto:` or `Ana <...>`. An empty value is valid.
    ///
    /// # Errors
    /// [`Reason::TooLong`], [`Reason::NotAllowed`], [`Reason::NotAPhone`], [`Reason::NotDigits`],
    /// [`Reason::NotAnEmail`] or [`Reason::NotADate`], at this field.
    ///
    /// # Examples
    /// ```
    /// use clientele::domain::{ProfileField, Reason};
    ///
    /// assert_eq!(ProfileField::Email.parse_value("mailto:wei@example.com")?, "wei@example.com");
    /// let refused = ProfileField::Email.parse_value("wei").unwrap_err();
    /// assert_eq!((refused.field.as_deref(), refused.reason), (Some("email"), Reason::NotAnEmail));
    /// # Ok::<(), clientele::domain::Error>(())
    /// ```
    pub fn parse_value(self, typed: &str) -> Result<String, Error> {
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
    /// rejected: it is cleaned as in [`parse_value`](Self::parse_value), a long text is shortened and ends in `…`, a phone
    /// number is extracted from a longer text, and an unusable value becomes empty.
    #[must_use]
    pub fn value_from_channel(self, reported: &str) -> String {
        let most = self.max_chars() as usize;
        match self.kind() {
            FieldKind::Lines => shorten_block(reported, most),
            FieldKind::Line => shorten_line(reported, most),
            // A truncated number or address would be a different one, so these are not shortened.
            FieldKind::Phone => self.parse_value(reported).unwrap_or_else(|_| contact::first_phone(reported, most)),
            FieldKind::Digits(_) | FieldKind::Email | FieldKind::Date => self.parse_value(reported).unwrap_or_default(),
        }
    }

    /// Cleans a text for this field without validating it.
    pub(super) fn clean(self, text: &str) -> String {
        match self.kind() {
            FieldKind::Line => line(text),
            FieldKind::Lines => block(text),
            FieldKind::Phone => contact::phone(text),
            FieldKind::Digits(_) => contact::digits(text),
            FieldKind::Email => contact::email(text),
            FieldKind::Date => date::clean(text),
        }
    }

    /// Returns the reason to reject a cleaned, non-empty value; `None` if it is valid.
    fn check(self, value: &str) -> Option<Reason> {
        match self.kind() {
            FieldKind::Line | FieldKind::Lines => None,
            FieldKind::Phone => contact::check_phone(value),
            FieldKind::Digits(least) => contact::check_digits(value, u32::from(least), self.max_chars()),
            FieldKind::Email => contact::check_email(value),
            FieldKind::Date => date::check(value),
        }
    }
}

impl Profile {
    /// Creates a profile from stored or received values, without validating them.
    pub fn from_fn(mut value: impl FnMut(ProfileField) -> String) -> Self {
        let mut profile = Self::default();
        for field in ProfileField::ALL {
            *profile.get_mut(field) = value(field);
        }
        profile
    }

    /// Returns the fields that have a value which cannot be stored, such as a phone number without
    /// digits or an email address without a host. Used for data from a channel.
    pub fn unusable_fields(&self) -> impl Iterator<Item = ProfileField> {
        let filled = |field: &ProfileField| !is_blank_to_the_eye(self.get(*field));
        ProfileField::ALL
            .into_iter()
            .filter(filled)
            .filter(|field| field.value_from_channel(self.get(*field)).is_empty())
    }

    /// Cleans, validates and sets the value of a field.
    ///
    /// # Errors
    /// The errors of [`ProfileField::parse_value`].
    pub fn set(&mut self, field: ProfileField, typed: &str) -> Result<(), Error> {
        *self.get_mut(field) = field.parse_value(typed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
