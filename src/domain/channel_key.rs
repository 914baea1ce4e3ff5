//! What a channel's signing key is called.

use super::error::Error;
use super::text::{line, required};

/// A key's name, by which an admin knows who has it: 1 to 60 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// The most characters a name may have.
    pub const MAX_CHARS: usize = 60;

    /// Takes a name as typed; blanks at the ends do not count.
    ///
    /// # Errors
    /// `Required` or `TooLong`, at the field `name`.
    pub fn new(text: &str) -> Result<Self, Error> {
        required("name", line(text), Self::MAX_CHARS).map(Self)
    }

    /// The name as people see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    #[test]
    fn sixty_characters_on_one_line_are_taken() {
        assert_eq!(KeyName::new(" Shop ").unwrap().as_str(), "Shop");
        assert!(KeyName::new(&"店".repeat(60)).is_ok());
        assert_eq!(KeyName::new(&"店".repeat(61)).unwrap_err().reason, Reason::TooLong { most: 60 });
        assert_eq!(KeyName::new(" ").unwrap_err().reason, Reason::Required);
        assert_eq!(KeyName::new("a\n b\u{200B}").unwrap().as_str(), "a b");
    }
}
