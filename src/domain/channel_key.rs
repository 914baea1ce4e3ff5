//! Names of channel signing keys.

use super::error::Error;
use super::text::{line, required};

/// Name of a signing key, by which an admin recognises its holder: 1 to 60 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// Maximum length of a name, in characters.
    pub const MAX_CHARS: usize = 60;

    /// Cleans and validates a name. Spaces at the ends are removed.
    ///
    /// # Errors
    /// `Required` or `TooLong`, at field `name`.
    pub fn new(text: &str) -> Result<Self, Error> {
        required("name", line(text), Self::MAX_CHARS).map(Self)
    }

    /// Returns the name as it is displayed.
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
