//! Texts for profile fields, their values and their authors.

use clientele::domain::ProfileField;

use crate::api::customer::Author;
use crate::i18n::{I18n, named, t_string};

/// Returns the label of a profile field.
pub fn label(i18n: I18n, field: ProfileField) -> &'static str {
    named::field(field.as_str()).map_or(field.as_str(), |text| i18n.say(text))
}

/// Returns the display name of an author.
pub fn author(i18n: I18n, author: &Author) -> String {
    match author {
        Author::Agent(name) => name.clone(),
        Author::Customer => t_string!(i18n, profile.by_customer).to_owned(),
        Author::System => t_string!(i18n, profile.by_system).to_owned(),
    }
}

/// Returns the value, or the text for an empty one.
pub fn shown_or_empty(i18n: I18n, value: String) -> String {
    if value.is_empty() { t_string!(i18n, profile.empty).to_owned() } else { value }
}
