//! Keyboard shortcuts. One table ([`TABLE`]) defines the keys, the place where each acts, and the
//! precedence of actions that share a key. The key handler, the list of shortcuts and the hints on
//! buttons use it. Keys that act in one field only are in the table too; the field handles them.

mod table;

use leptos::prelude::*;

use crate::browser::{self, ElementRef, KeyPress};

pub use table::{Action, Scope, TABLE, shown};

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
            self.acts.try_update_value(|acts| acts.retain(|(other, ..)| Some(*other) != number));
        });
    }

    /// Handles the keys pressed in the page until the calling effect is disposed. All shortcuts go
    /// through this one listener. `root` is the root element of the console.
    pub fn listen(self, root: ElementRef) {
        browser::on_key(root, move |press| {
            let KeyPress { key, field, in_list } = press;
            if let Some(field) = field.as_ref().filter(|_| Action::LeaveField.has_key(key)) {
                browser::leave_field(field);
                return false;
            }
            is_free(key, field.is_some(), *in_list, browser::single_keys())
                && self.press(key, browser::now().unwrap_or_default())
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
            acts.iter().rev().any(|(_, other, act)| other == action && act.try_run(()) == Some(true))
        })
    }
}

/// Returns `true` if a key is a shortcut where the focus is: in a field or not, in a list (or
/// nowhere) or not. `single_keys` is the user's setting.
fn is_free(key: &str, in_field: bool, in_list: bool, single_keys: bool) -> bool {
    if !single_keys && key.chars().count() == 1 {
        return false;
    }
    match in_field {
        // This key types nothing in any field.
        true => Action::NextPane.has_key(key),
        // On other elements, arrow keys scroll or move between choices.
        false => in_list || !key.starts_with("Arrow"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_free_unless_it_types_or_is_turned_off() {
        assert!(is_free("j", false, true, true) && is_free("ArrowDown", false, true, true));
        assert!(is_free("j", false, false, true) && !is_free("ArrowDown", false, false, true));
        assert!(!is_free("j", true, false, true) && !is_free("Escape", true, false, true));
        assert!(!is_free("j", false, true, false) && is_free("ArrowDown", false, true, false));
        assert!(is_free("F6", true, false, true) && is_free("F6", true, false, false));
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
