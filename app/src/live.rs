//! Server data that stays current, and requests that change it.
//!
//! - [`send`]: sends any request. No other code starts one after the page was rendered.
//! - [`Live`]: a value that ignores outdated responses.
//! - [`Change`]: sends changes one at a time and shows their errors.

use std::future::Future;

use leptos::prelude::*;

use crate::api::customer::CustomerDetails;
use crate::api::customers::ListPart;
use crate::api::desk::{ConversationDetails, Desk};
use crate::components::Toasts;
use crate::error::AppError;
use crate::i18n::{I18n, t, use_i18n};
use crate::labels;
use crate::session::Session;

/// Sends a request and calls `done` with the response, even if the view that sent it is gone by then:
/// `done` therefore uses the `try_` methods of signals. Opens the sign-in dialog if the session has
/// ended.
pub fn send<T: 'static>(
    request: impl Future<Output = Result<T, AppError>> + 'static,
    done: impl FnOnce(Result<T, AppError>) + 'static,
) {
    leptos::task::spawn_local(async move {
        let answer = request.await;
        if let Err(error) = &answer {
            Session::handle_signed_out(error);
        }
        done(answer);
    });
}

/// A response that has a version.
pub trait Versioned: Send + Sync + 'static {
    /// Returns the version of the data. Lower versions are older; equal versions are ordered by
    /// request.
    fn version(&self) -> u64 {
        0
    }
}

impl Versioned for CustomerDetails {
    fn version(&self) -> u64 {
        self.version.into()
    }
}

impl Versioned for ConversationDetails {
    fn version(&self) -> u64 {
        self.version.into()
    }
}

impl Versioned for Desk {}
impl Versioned for ListPart {}
impl Versioned for clientele::domain::Settings {
    fn version(&self) -> u64 {
        self.version.into()
    }
}
impl<T: Send + Sync + 'static> Versioned for Vec<T> {}

/// A value from the server that is kept current. Responses may arrive out of order or after the
/// view is gone: older ones are dropped, and methods that change the value do nothing once the
/// owner is disposed.
pub struct Live<T: Send + Sync + 'static> {
    value: RwSignal<T>,
    /// `true` while the newest request is in flight.
    pub pending: RwSignal<bool>,
    /// Error of the newest request.
    pub error: RwSignal<Option<AppError>>,
    /// Numbers of the newest request and of the request whose response is displayed.
    numbers: StoredValue<(u64, u64)>,
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

impl<T: Versioned> Live<T> {
    /// Creates the value from the initial response, which came with the page.
    pub fn new(first: T) -> Self {
        Self {
            value: RwSignal::new(first),
            pending: RwSignal::new(false),
            error: RwSignal::new(None),
            numbers: StoredValue::default(),
        }
    }

    /// Reads the value and tracks it.
    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.value.with(read)
    }

    /// Reads the value without tracking it.
    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.value.with_untracked(read)
    }

    /// Reads the value without tracking it; `None` once the owner is disposed.
    pub fn try_with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.value.try_with_untracked(read)
    }

    /// Changes the value optimistically, before the server responds.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let _ = self.value.try_update(change);
    }

    /// Sets the value to the response of a change, unless a newer version is displayed.
    pub fn set(self, fresh: T) {
        if let Some((asked, _)) = self.numbers.try_get_value() {
            self.set_numbered(asked, fresh);
        }
    }

    fn set_numbered(self, number: u64, fresh: T) {
        let Some((_, shown)) = self.numbers.try_get_value() else { return };
        let Some(version) = self.value.try_with_untracked(Versioned::version) else { return };
        if (fresh.version(), number) >= (version, shown) {
            self.numbers.try_update_value(|numbers| numbers.1 = number);
            self.value.try_set(fresh);
        }
    }

    /// Sends a request for the current value. On failure the value stays.
    pub fn fetch(self, request: impl Future<Output = Result<T, AppError>> + 'static) {
        let Some(number) = self.numbers.try_update_value(|numbers| {
            numbers.0 += 1;
            numbers.0
        }) else {
            return;
        };
        self.pending.try_set(true);
        send(request, move |answer| {
            let Some((newest, _)) = self.numbers.try_get_value() else { return };
            if number == newest {
                self.pending.try_set(false);
                self.error.try_set(answer.as_ref().err().cloned());
            }
            if let Ok(fresh) = answer {
                self.set_numbered(number, fresh);
            }
        });
    }
}

/// Sends changes one at a time.
#[derive(Clone, Copy)]
pub struct Change {
    /// `true` while a change is in flight.
    pub busy: RwSignal<bool>,
    i18n: I18n,
    toasts: Toasts,
}

impl Change {
    /// Creates the sender for one button, form or shortcut.
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), i18n: use_i18n(), toasts: Toasts::get() }
    }

    /// Sends a change and calls `done` with the response, even if the agent has left the page.
    /// Shows errors in a toast. Does nothing while another change is in flight.
    pub fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, AppError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.send_or(request, move |answer| match answer {
            Ok(answer) => done(answer),
            Err(error) => self.show_error(&error),
        });
    }

    /// Shows a toast after a change was undone.
    pub fn show_undone(self) {
        let i18n = self.i18n;
        self.toasts.done(t!(i18n, toast.undone), None);
    }

    /// Shows an error in a toast.
    pub fn show_error(self, error: &AppError) {
        let (i18n, error) = (self.i18n, error.clone());
        self.toasts.failed(move || labels::failure(i18n, &error));
    }

    /// Sends a change like [`Change::send`], but passes errors to `done` instead of a toast.
    pub fn send_or<T: 'static>(
        self,
        request: impl Future<Output = Result<T, AppError>> + 'static,
        done: impl FnOnce(Result<T, AppError>) + 'static,
    ) {
        // An undo may be sent after the component is disposed; `busy` then returns `None`.
        if self.busy.try_get_untracked() == Some(true) {
            return;
        }
        self.busy.try_set(true);
        send(request, move |answer| {
            self.busy.try_set(false);
            done(answer);
        });
    }
}
