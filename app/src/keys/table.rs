//! Table of the keyboard shortcuts.

use crate::browser;
use crate::i18n::{I18n, Text, texts};

/// An action with a keyboard shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Closes the open menu of the navigation rail.
    CloseMenu,
    /// Closes the Sort panel.
    CloseSort,
    /// Closes the customer pane.
    CloseCustomer,
    /// Leaves the conversation.
    CloseConversation,
    /// Focuses the search box.
    Search,
    /// Opens or closes the Sort panel.
    Sort,
    /// Shows newly arrived customers in the list.
    Arrived,
    /// Focuses the next row.
    NextRow,
    /// Focuses the previous row.
    PreviousRow,
    /// Moves the focus one screen of rows down.
    NextScreen,
    /// Moves the focus one screen of rows up.
    PreviousScreen,
    /// Focuses the first row.
    FirstRow,
    /// Focuses the last row.
    LastRow,
    /// Opens the focused row. The browser handles it, since the row's name is a link.
    Open,
    /// Moves the focus from the row's name to its button.
    IntoRow,
    /// Moves the focus from the row's button to its name.
    OutOfRow,
    /// Opens the next customer of the list.
    NextCustomer,
    /// Opens the previous customer of the list.
    PreviousCustomer,
    /// Opens the Profile tab.
    Profile,
    /// Opens the Customer Tags tab.
    Tags,
    /// Focuses the box that searches for tags.
    FindTag,
    /// Opens the Interaction tab.
    Interaction,
    /// Starts editing the profile.
    Edit,
    /// Calls the customer back.
    Callback,
    /// Adds the customer to the blacklist or removes it.
    Blacklist,
    /// Accepts the conversation.
    Accept,
    /// Focuses the next pane.
    NextPane,
    /// Opens the Customers page.
    Customers,
    /// Opens the Conversations page.
    Conversations,
    /// Undoes the last change.
    Undo,
    /// Shows the list of shortcuts.
    Help,
    /// Saves, sends or applies the text of a field.
    Confirm,
    /// Moves the focus from a field to the surrounding pane.
    LeaveField,
    /// Discards the changed text of a profile field.
    Cancel,
    /// Moves the focus from the search box to the list.
    IntoList,
}

/// A part of the console in which shortcuts act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The lists.
    List,
    /// The customer pane.
    Customer,
    /// A conversation.
    Conversation,
    /// All pages.
    Anywhere,
    /// Text fields, which handle their keys themselves.
    Field,
}

impl Scope {
    /// The scopes in the list of shortcuts, in its order.
    pub const ALL: [Self; 4] = [Self::List, Self::Customer, Self::Conversation, Self::Anywhere];

    /// Returns the display name; `None` for a scope that is not listed.
    pub const fn name(self) -> Option<Text> {
        match self {
            Self::List => Some(texts::keys::list),
            Self::Customer => Some(texts::keys::customer),
            Self::Conversation => Some(texts::keys::conversation),
            Self::Anywhere => Some(texts::keys::anywhere),
            Self::Field => None,
        }
    }
}

/// A row of the table: action, scope, keys (`g c` means `g` followed by `c`), and the name in the
/// list of shortcuts. Rows without a name are not listed.
pub type Line = (Action, Scope, &'static [&'static str], Option<Text>);

/// All shortcuts. If actions share a key, the first one that is currently possible runs.
pub const TABLE: [Line; 35] = [
    (Action::CloseMenu, Scope::Anywhere, &["Escape"], None),
    (Action::CloseSort, Scope::List, &["Escape"], None),
    (Action::CloseCustomer, Scope::Customer, &["Escape"], Some(texts::customer::close)),
    (Action::CloseConversation, Scope::Conversation, &["Escape"], Some(texts::desk::back)),
    (Action::Search, Scope::List, &["/"], Some(texts::keys::search)),
    (Action::Sort, Scope::List, &["f"], Some(texts::keys::sort)),
    (Action::Arrived, Scope::List, &["n"], Some(texts::keys::arrived)),
    (Action::NextRow, Scope::List, &["j", "ArrowDown"], Some(texts::keys::next_row)),
    (Action::PreviousRow, Scope::List, &["k", "ArrowUp"], Some(texts::keys::previous_row)),
    (Action::NextScreen, Scope::List, &["PageDown"], None),
    (Action::PreviousScreen, Scope::List, &["PageUp"], None),
    (Action::FirstRow, Scope::List, &["Home"], None),
    (Action::LastRow, Scope::List, &["End"], None),
    (Action::Open, Scope::List, &["Enter"], Some(texts::keys::open)),
    (Action::IntoRow, Scope::List, &["ArrowRight"], Some(texts::keys::into_row)),
    (Action::OutOfRow, Scope::List, &["ArrowLeft"], None),
    (Action::NextCustomer, Scope::Customer, &["]"], Some(texts::customer::following)),
    (Action::PreviousCustomer, Scope::Customer, &["["], Some(texts::customer::previous)),
    (Action::Profile, Scope::Customer, &["1"], Some(texts::tabs::profile)),
    (Action::Tags, Scope::Customer, &["2"], Some(texts::tabs::tags)),
    (Action::FindTag, Scope::Customer, &["t"], Some(texts::tags::search)),
    (Action::Interaction, Scope::Customer, &["3"], Some(texts::tabs::interaction)),
    (Action::Edit, Scope::Customer, &["e"], Some(texts::keys::edit)),
    (Action::Callback, Scope::Customer, &["c"], Some(texts::callback::contact)),
    (Action::Blacklist, Scope::Customer, &["b"], Some(texts::keys::blacklist)),
    (Action::Accept, Scope::Conversation, &["a"], Some(texts::desk::accept)),
    (Action::NextPane, Scope::Anywhere, &["F6"], Some(texts::keys::next_pane)),
    (Action::Customers, Scope::Anywhere, &["g c"], Some(texts::keys::customers)),
    (Action::Conversations, Scope::Anywhere, &["g v"], Some(texts::keys::conversations)),
    (Action::Undo, Scope::Anywhere, &["z"], Some(texts::keys::undo)),
    (Action::Help, Scope::Anywhere, &["?"], Some(texts::keys::title)),
    (Action::Confirm, Scope::Field, &["Enter"], None),
    (Action::LeaveField, Scope::Field, &["Escape"], None),
    (Action::Cancel, Scope::Field, &["Escape"], None),
    (Action::IntoList, Scope::Field, &["ArrowDown"], None),
];

impl Action {
    /// Returns the first key of the action, in the form of `aria-keyshortcuts`.
    pub fn key(self) -> &'static str {
        TABLE.iter().find(|(action, ..)| *action == self).map_or("", |(_, _, keys, _)| keys[0])
    }

    /// Returns `true` if a key is one of the action's keys.
    pub fn has_key(self, key: &str) -> bool {
        TABLE.iter().any(|(action, _, keys, _)| *action == self && keys.contains(&key))
    }

    /// Returns `true` if an event in a field is a key of the action, and not of an IME composition.
    pub fn is_pressed(self, event: &leptos::ev::KeyboardEvent) -> bool {
        self.has_key(&event.key()) && !browser::is_composing(event)
    }

    /// Returns the tooltip of a button, with name and key: `Next customer (])`.
    pub fn hint(self, i18n: I18n) -> String {
        let name = TABLE.iter().find(|(action, ..)| *action == self).and_then(|(.., name)| *name);
        [name.map_or("", |name| i18n.say(name)), " (", shown(self.key()), ")"].concat()
    }
}

/// Returns the display form of a key.
pub fn shown(key: &'static str) -> &'static str {
    match key {
        "Escape" => "Esc",
        "ArrowDown" => "↓",
        "ArrowUp" => "↑",
        "ArrowRight" => "→",
        "ArrowLeft" => "←",
        key => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_act_in_the_same_place_are_told_apart() {
        for (number, (action, scope, keys, _)) in TABLE.iter().enumerate() {
            assert!(!keys.is_empty(), "{action:?}");
            for (other, of, others, _) in &TABLE[number + 1..] {
                assert_ne!(action, other);
                let together = scope == of || [*scope, *of].contains(&Scope::Anywhere);
                let closes = keys.contains(&"Escape");
                assert!(
                    closes || !together || !keys.iter().any(|key| others.contains(key)),
                    "{action:?} and {other:?}"
                );
            }
        }
    }
}
