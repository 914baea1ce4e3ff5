//! Keyboard shortcuts. One table defines the keys, the place where each acts, and the precedence of
//! actions that share a key. The key handler, the list of shortcuts and the hints on buttons use
//! it.

use leptos::prelude::*;

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
}

/// A part of the console in which shortcuts act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The lists.
    List,
    /// The customer pane.
    Customer,
    /// A conversation.
    Conversation,
    /// All pages.
    Anywhere,
}

impl Place {
    /// All places, in the order of the list of shortcuts.
    pub const ALL: [Self; 4] = [Self::List, Self::Customer, Self::Conversation, Self::Anywhere];

    /// Returns the display name.
    pub const fn name(self) -> Text {
        match self {
            Self::List => texts::keys::list,
            Self::Customer => texts::keys::customer,
            Self::Conversation => texts::keys::conversation,
            Self::Anywhere => texts::keys::anywhere,
        }
    }
}

/// A row of the table: action, place, keys (`g c` means `g` followed by `c`), and the name in the
/// list of shortcuts. Rows without a name are not listed.
pub type Line = (Action, Place, &'static [&'static str], Option<Text>);

/// All shortcuts. If actions share a key, the first one that is currently possible runs.
pub const TABLE: [Line; 31] = [
    (Action::CloseMenu, Place::Anywhere, &["Escape"], None),
    (Action::CloseSort, Place::List, &["Escape"], None),
    (Action::CloseCustomer, Place::Customer, &["Escape"], Some(texts::customer::close)),
    (Action::CloseConversation, Place::Conversation, &["Escape"], Some(texts::desk::back)),
    (Action::Search, Place::List, &["/"], Some(texts::keys::search)),
    (Action::Sort, Place::List, &["f"], Some(texts::keys::sort)),
    (Action::Arrived, Place::List, &["n"], Some(texts::keys::arrived)),
    (Action::NextRow, Place::List, &["j", "ArrowDown"], Some(texts::keys::next_row)),
    (Action::PreviousRow, Place::List, &["k", "ArrowUp"], Some(texts::keys::previous_row)),
    (Action::NextScreen, Place::List, &["PageDown"], None),
    (Action::PreviousScreen, Place::List, &["PageUp"], None),
    (Action::FirstRow, Place::List, &["Home"], None),
    (Action::LastRow, Place::List, &["End"], None),
    (Action::Open, Place::List, &["Enter"], Some(texts::keys::open)),
    (Action::IntoRow, Place::List, &["ArrowRight"], Some(texts::keys::into_row)),
    (Action::OutOfRow, Place::List, &["ArrowLeft"], None),
    (Action::NextCustomer, Place::Customer, &["]"], Some(texts::customer::following)),
    (Action::PreviousCustomer, Place::Customer, &["["], Some(texts::customer::previous)),
    (Action::Profile, Place::Customer, &["1"], Some(texts::tabs::profile)),
    (Action::Tags, Place::Customer, &["2"], Some(texts::tabs::tags)),
    (Action::FindTag, Place::Customer, &["t"], Some(texts::tags::search)),
    (Action::Interaction, Place::Customer, &["3"], Some(texts::tabs::interaction)),
    (Action::Edit, Place::Customer, &["e"], Some(texts::keys::edit)),
    (Action::Callback, Place::Customer, &["c"], Some(texts::callback::contact)),
    (Action::Blacklist, Place::Customer, &["b"], Some(texts::keys::blacklist)),
    (Action::Accept, Place::Conversation, &["a"], Some(texts::desk::accept)),
    (Action::NextPane, Place::Anywhere, &["F6"], Some(texts::keys::next_pane)),
    (Action::Customers, Place::Anywhere, &["g c"], Some(texts::keys::customers)),
    (Action::Conversations, Place::Anywhere, &["g v"], Some(texts::keys::conversations)),
    (Action::Undo, Place::Anywhere, &["z"], Some(texts::keys::undo)),
    (Action::Help, Place::Anywhere, &["?"], Some(texts::keys::title)),
];

impl Action {
    /// Returns the first key of the action, in the form of `aria-keyshortcuts`.
    pub fn key(self) -> &'static str {
        TABLE.iter().find(|(action, ..)| *action == self).map_or("", |(_, _, keys, _)| keys[0])
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

/// Handler of an action; returns `false` if the action is not possible now.
type Act = Callback<(), bool>;

/// Handlers of the actions that the current page offers; a context of `SignedIn`.
#[derive(Clone, Copy, Default)]
pub struct Keys {
    acts: StoredValue<Vec<(u32, Action, Act)>>,
    /// Time at which `g` was pressed, in milliseconds.
    going: StoredValue<Option<f64>>,
}

impl Keys {
    /// Milliseconds after `g` within which the second key must follow.
    const GOING: f64 = 1_500.0;

    /// Returns the handlers from the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Registers a handler for an action until the calling component is disposed. If `act` returns
    /// `false`, the key is passed to the next action.
    pub fn on(self, action: Action, act: impl Fn() -> bool + Send + Sync + 'static) {
        let act = Callback::new(move |()| act());
        let number = self.acts.try_update_value(|acts| {
            let number = acts.last().map_or(0, |(last, ..)| last + 1);
            acts.push((number, action, act));
            number
        });
        on_cleanup(move || {
            self.acts.try_update_value(|acts| acts.retain(|(own, ..)| Some(*own) != number));
        });
    }

    /// Handles a key pressed at `now` (milliseconds). Returns `true` if an action ran.
    pub fn press(self, key: &str, now: f64) -> bool {
        let went = self.going.get_value().is_some_and(|at| now - at < Self::GOING);
        self.going.set_value((key == "g" && !went).then_some(now));
        let key = if went { ["g ", key].concat() } else { key.to_owned() };
        let acts = self.acts.get_value();
        TABLE.iter().filter(|(_, _, keys, _)| keys.contains(&key.as_str())).any(|(action, ..)| {
            // The most recently mounted component takes precedence.
            acts.iter().rev().any(|(_, own, act)| own == action && act.try_run(()) == Some(true))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_act_in_the_same_place_are_told_apart() {
        for (number, (action, place, keys, _)) in TABLE.iter().enumerate() {
            assert!(!keys.is_empty(), "{action:?}");
            for (other, of, others, _) in &TABLE[number + 1..] {
                assert_ne!(action, other);
                let together = place == of || [*place, *of].contains(&Place::Anywhere);
                let closes = keys.contains(&"Escape");
                assert!(
                    closes || !together || !keys.iter().any(|key| others.contains(key)),
                    "{action:?} and {other:?}"
                );
            }
        }
    }

    #[test]
    fn the_first_action_that_can_be_done_is() {
        let owner = Owner::new();
        owner.set();
        let (keys, done) = (Keys::default(), StoredValue::new(Vec::new()));
        let act = |action, can: bool| {
            keys.on(action, move || {
                done.update_value(|done| done.push(action));
                can
            });
        };
        act(Action::CloseCustomer, true);
        act(Action::CloseSort, false);
        assert!(keys.press("Escape", 0.0));
        assert_eq!(done.get_value(), [Action::CloseSort, Action::CloseCustomer]);
        assert!(!keys.press("q", 0.0));
    }

    #[test]
    fn a_page_is_gone_to_by_two_keys_in_time() {
        let owner = Owner::new();
        owner.set();
        let keys = Keys::default();
        keys.on(Action::Customers, || true);
        keys.on(Action::Callback, || false);
        assert!(!keys.press("g", 0.0));
        assert!(keys.press("c", 1_000.0));
        assert!(!keys.press("c", 1_100.0));
        assert!(!keys.press("g", 2_000.0));
        assert!(!keys.press("c", 9_000.0));
    }

    #[test]
    fn an_action_ends_with_its_component() {
        let owner = Owner::new();
        let keys = owner.with(Keys::default);
        let component = owner.child();
        component.with(|| keys.on(Action::Undo, || true));
        assert!(keys.press("z", 0.0));
        component.cleanup();
        assert!(!keys.press("z", 0.0));
    }
}
