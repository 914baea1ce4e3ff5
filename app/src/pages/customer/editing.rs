//! State of the profile fields being edited. Typed text is never lost: after a failed save it stays in
//! the field, and on a conflict both values are shown.

use std::collections::HashMap;

use clientele::domain::{CustomerKey, Error, Mode, ProfileField, Reason};
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use leptos::web_sys::{Element, HtmlElement};

use crate::api::customer::CustomerDetails;
use crate::api::profile::edit_profile;
use crate::browser::{self, ElementRef};
use crate::components::{Toasts, Undo};
use crate::drafts::Drafts;
use crate::error::AppError;
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::labels;
use crate::live::{Live, send};
use crate::reactive::{effect, memo};

use super::field_labels::label;

/// Selector of the input in the row of a field.
const INPUT: &str = ".field-editor > .input";
/// Selector of the button in the row of a field that starts editing.
const EDIT: &str = ".field-actions > button";

/// Draft of a field being edited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Text typed so far.
    pub(super) text: String,
    /// Stored value when editing began; a save is rejected if it has changed since.
    base: String,
    /// `true` while the save request runs.
    pub(super) saving: bool,
    /// Error of the last save.
    pub(super) error: Option<AppError>,
}

/// Fields being edited. Their drafts are kept in the tab, so that they survive opening another
/// customer and a crash.
#[derive(Clone, Copy)]
pub struct Editing {
    mode: Mode,
    key: CustomerKey,
    details: Live<CustomerDetails>,
    drafts: RwSignal<HashMap<ProfileField, Draft>>,
    stored: Drafts,
    /// Element that contains the tab.
    body: ElementRef,
    toasts: Toasts,
    i18n: I18n,
}

impl Editing {
    /// Creates the state and restores the kept drafts of the customer, if there are any.
    pub fn new(mode: Mode, details: Live<CustomerDetails>, body: ElementRef) -> Self {
        let key = details.with_untracked(|details| details.key);
        let drafts = RwSignal::new(HashMap::new());
        let (stored, toasts, i18n) = (Drafts::get(), Toasts::get(), use_i18n());
        let editing = Self { mode, key, details, drafts, stored, body, toasts, i18n };
        // Restore after hydration, because the server does not have the drafts.
        effect(move || {
            for field in ProfileField::ALL {
                let Some(text) = editing.stored.text(&editing.name(field, "text")) else { continue };
                let base = editing.stored.text(&editing.name(field, "seen")).unwrap_or_default();
                drafts.update(|drafts| drop(drafts.insert(field, Draft { text, base, ..Draft::default() })));
            }
        });
        editing
    }

    fn name(self, field: ProfileField, what: &str) -> String {
        // `seen` is the base of a draft; it keeps this name so that drafts survive an update of the page.
        format!("profile {} {} {what}", self.key, field.as_str())
    }

    /// Returns the draft of a field and tracks it; `None` while the field is not edited.
    pub(super) fn draft(self, field: ProfileField) -> Option<Draft> {
        self.drafts.with(|drafts| drafts.get(&field).cloned())
    }

    fn change(self, field: ProfileField, change: impl FnOnce(&mut Draft)) {
        // The customer may have been closed during the request.
        let _ = self.drafts.try_update(|drafts| {
            if let Some(draft) = drafts.get_mut(&field) {
                change(draft);
            }
        });
    }

    /// Takes over the text of the input, unless it is a half-typed date, which has no value: taking that over
    /// would empty the input while the user types.
    pub(super) fn typed(self, field: ProfileField, text: String) {
        if browser::is_half_typed(self.input(field)) {
            return;
        }
        self.change(field, |draft| {
            self.stored.keep(&self.name(field, "text"), &text);
            self.stored.keep(&self.name(field, "seen"), &draft.base);
            draft.text = text;
        });
    }

    /// Starts editing a field, or continues if it is already being edited.
    pub fn begin(self, field: ProfileField) {
        let value = self.details.with_untracked(|details| details.profile.get(field).to_owned());
        self.drafts.update(|drafts| {
            drafts.entry(field).or_insert_with(|| Draft { text: value.clone(), base: value, ..Draft::default() });
        });
        self.focus_later(field, INPUT);
    }

    /// Discards the draft of a field.
    pub(super) fn cancel(self, field: ProfileField) {
        self.forget(field);
        self.focus_later(field, EDIT);
    }

    /// Focuses an element in the row of a field after the next rendering.
    fn focus_later(self, field: ProfileField, selector: &'static str) {
        browser::run_after(0, move || {
            browser::focus(self.find(field, selector));
        });
    }

    /// Returns the first matching element in the row of a field.
    fn find(self, field: ProfileField, selector: &str) -> Option<HtmlElement> {
        self.body.find(&["[data-field=", field.as_str(), "] ", selector].concat())
    }

    fn input(self, field: ProfileField) -> Option<HtmlElement> {
        self.find(field, INPUT)
    }

    fn forget(self, field: ProfileField) {
        self.stored.keep(&self.name(field, "text"), "");
        self.stored.keep(&self.name(field, "seen"), "");
        let _ = self.drafts.try_update(|drafts| drafts.remove(&field));
    }

    /// Saves the draft, on condition that the stored value is still the one seen when editing
    /// began.
    pub(super) fn save(self, field: ProfileField) {
        let Some(draft) = self.drafts.with_untracked(|drafts| drafts.get(&field).cloned()) else { return };
        if draft.saving {
            return;
        }
        let checked = match browser::is_half_typed(self.input(field)) {
            true => Err(Error::field(field.as_str(), Reason::NotADate)),
            false => field.parse_value(&draft.text).map(drop),
        };
        if let Err(refused) = checked {
            return self.change(field, |draft| draft.error = Some(refused.into()));
        }
        self.change(field, |draft| (draft.saving, draft.error) = (true, None));
        let (base, sent) = (draft.base.clone(), draft.text.clone());
        send(edit_profile(self.mode, self.key, field, draft.base, draft.text), move |answer| match answer {
            Ok(fresh) => self.saved(field, base, &sent, fresh),
            Err(error) => self.change(field, |draft| (draft.saving, draft.error) = (false, Some(error))),
        });
    }

    /// Ends a conflict with the value that somebody else stored.
    pub(super) fn keep_theirs(self, field: ProfileField, theirs: &str) {
        // The value is stored already, so it is valid.
        self.details.update(|details| drop(details.profile.set(field, theirs)));
        self.cancel(field);
    }

    /// Ends a conflict by saving the draft over the value that somebody else stored.
    pub(super) fn write_mine(self, field: ProfileField) {
        self.change(field, |draft| {
            draft.base = draft.error.take().and_then(|error| error.current).unwrap_or_default();
        });
        self.save(field);
    }

    fn saved(self, field: ProfileField, base: String, sent: &str, fresh: CustomerDetails) {
        let stored = fresh.profile.get(field).to_owned();
        self.details.set(fresh);
        if stored != base {
            let i18n = self.i18n;
            let done = TextProp::from(move || t_string!(i18n, profile.saved, field = label(i18n, field)));
            self.show_saved(field, base, stored.clone(), done);
        }
        let typed = self.drafts.try_with_untracked(|drafts| drafts.get(&field).map(|draft| draft.text.clone()));
        match typed.flatten().or_else(|| self.stored.text(&self.name(field, "text"))) {
            // Text typed during the save remains a draft, now based on the stored value.
            Some(typed) if typed != sent => {
                self.stored.keep(&self.name(field, "seen"), &stored);
                self.change(field, |draft| (draft.saving, draft.base) = (false, stored));
            }
            _ => {
                // The agent may be typing in another field already.
                let editor = self.find(field, ".field-editor");
                let own = |focused: &Element| editor.as_ref().is_some_and(|editor| editor.contains(Some(focused)));
                let may_focus = browser::may_move_focus(own);
                self.forget(field);
                if may_focus {
                    self.focus_later(field, EDIT);
                }
            }
        }
    }

    /// Sets a field that is not being edited and offers an Undo. `done` is the text of the toast.
    pub fn set_value(self, field: ProfileField, value: String, done: TextProp) {
        let base = self.details.try_with_untracked(|details| details.profile.get(field).to_owned());
        let base = base.unwrap_or_default();
        self.replace_value(field, base, value, Some(done));
    }

    /// Shows a toast that a field was changed, with an Undo.
    fn show_saved(self, field: ProfileField, before: String, after: String, done: TextProp) {
        let undo = Undo::new(move || self.replace_value(field, after.clone(), before.clone(), None));
        self.toasts.done(done, Some(undo));
    }

    /// Replaces the value that was seen. `done` is the text of a toast with an Undo; `None` means
    /// that this call is itself an Undo and offers none, so that a second Undo reverts the change
    /// before.
    fn replace_value(self, field: ProfileField, base: String, value: String, done: Option<TextProp>) {
        let i18n = self.i18n;
        let request = edit_profile(self.mode, self.key, field, base.clone(), value.clone());
        send(request, move |answer| match answer {
            Ok(fresh) => {
                self.details.set(fresh);
                match done {
                    Some(done) => self.show_saved(field, base, value, done),
                    None => self.toasts.done(t!(i18n, toast.undone), None),
                }
            }
            Err(error) => self.toasts.failed(move || labels::failure(i18n, &error)),
        });
    }
}

/// Returns a memo that is `true` while a field is being edited.
pub fn is_edited(editing: Editing, field: ProfileField) -> Memo<bool> {
    memo(move || editing.drafts.with(|drafts| drafts.contains_key(&field)))
}
