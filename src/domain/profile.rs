//! The profile of a customer: its fields, what each takes, and who wrote it last.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::event::Actor;
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

    /// The value to keep for what was typed: without blanks at the ends.
    ///
    /// # Errors
    /// What is wrong with it, at this field. Empty is fine.
    pub fn accept(self, typed: &str) -> Result<String, Error> {
        let value = typed.trim();
        let refuse = |reason| Err(Error::field(self.as_str(), reason));
        if value.is_empty() {
            return Ok(String::new());
        }
        if value.chars().count() > self.max_chars() as usize {
            return refuse(Reason::TooLong { most: self.max_chars() });
        }
        if self != Self::Description && value.chars().any(char::is_control) {
            return refuse(Reason::NotOneLine);
        }
        match self {
            Self::Phone if !is_phone(value) => refuse(Reason::NotAPhone),
            Self::Qq if !is_qq(value) => refuse(Reason::NotAQq),
            Self::Email if !is_email(value) => refuse(Reason::NotAnEmail),
            _ => Ok(value.to_owned()),
        }
    }
}

fn is_phone(value: &str) -> bool {
    value.chars().any(|c| c.is_ascii_digit())
        && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' '))
}

fn is_qq(value: &str) -> bool {
    (4..=22).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

/// The address people type, not all that RFC 5322 allows: something, one `@`, a domain with a dot.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let plain = |text: &str| !text.chars().any(|c| c.is_whitespace() || matches!(c, '@' | ',' | ';' | '<' | '>' | '"'));
    let dots = |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    !local.is_empty() && plain(local) && dots(local) && domain.contains('.') && plain(domain) && dots(domain)
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
mod tests {
    use super::*;

    fn refusal(field: ProfileField, typed: &str) -> Option<Reason> {
        field.accept(typed).err().map(|error| {
            assert_eq!(error.field.as_deref(), Some(field.as_str()));
            error.reason
        })
    }

    #[test]
    fn empty_is_allowed_in_every_field() {
        for field in ProfileField::ALL {
            assert_eq!(field.accept("  ").unwrap(), "");
        }
    }

    #[test]
    fn a_phone_has_digits_and_signs_only() {
        assert_eq!(refusal(ProfileField::Phone, "+86 (10) 138-0013"), None);
        assert_eq!(refusal(ProfileField::Phone, "call me"), Some(Reason::NotAPhone));
        assert_eq!(refusal(ProfileField::Phone, "+-()"), Some(Reason::NotAPhone));
        assert_eq!(refusal(ProfileField::Phone, &"1".repeat(33)), Some(Reason::TooLong { most: 32 }));
    }

    #[test]
    fn a_qq_number_has_4_to_22_digits() {
        assert_eq!(refusal(ProfileField::Qq, "10001"), None);
        assert_eq!(refusal(ProfileField::Qq, "123"), Some(Reason::NotAQq));
        assert_eq!(refusal(ProfileField::Qq, "12a45"), Some(Reason::NotAQq));
    }

    #[test]
    fn an_email_needs_something_at_a_domain() {
        for good in ["a@b.cn", "zhang.wei+x@mail.example.com", "王@例子.公司"] {
            assert_eq!(refusal(ProfileField::Email, good), None, "{good}");
        }
        for bad in ["a", "@b.cn", "a@b", "a b@c.d", "a@@b.c", "a@b..c", ".a@b.c", "a@.b"] {
            assert_eq!(refusal(ProfileField::Email, bad), Some(Reason::NotAnEmail), "{bad}");
        }
    }

    #[test]
    fn only_the_description_has_several_lines() {
        assert_eq!(refusal(ProfileField::Nickname, "a\nb"), Some(Reason::NotOneLine));
        assert_eq!(refusal(ProfileField::Description, "a\nb"), None);
        assert_eq!(refusal(ProfileField::Company, &"x".repeat(257)), Some(Reason::TooLong { most: 256 }));
    }
}
