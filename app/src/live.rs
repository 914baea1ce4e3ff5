//! Values that the server answers and that stay current, and changes of them.
//!
//! - [`Heard`] and [`stream`]: what the server tells open pages.
//! - [`Live`]: a value that takes only newer answers.
//! - [`Change`]: sending a change, with "busy", the failure, and the answer.

pub mod stream;

use std::future::Future;

use clientele::domain::{CustomerKey, EventKind};
use leptos::prelude::*;
use serde::Deserialize;

use crate::access::Session;
use crate::api::customer::CustomerDetails;
use crate::api::customers::ListPart;
use crate::api::desk::{Desk, OpenThread};
use crate::components::Toasts;
use crate::error::AppError;
use crate::i18n::{I18n, t, use_i18n};
use crate::words;

/// A change of a customer, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct News {
    /// The customer.
    pub customer: CustomerKey,
    /// The kind of change.
    pub kind: EventKind,
    /// Number of the conversation that it is about.
    pub conversation: Option<u32>,
    /// Number of the customer's newest message.
    pub message: Option<u32>,
}

/// An event that the server tells open pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A customer changed.
    Customer(News),
    /// A customer wrote while on the blacklist.
    Held(CustomerKey),
    /// The open conversations, who has them, or the agent's own replies changed.
    Desk,
    /// Tags were made or changed.
    Tags,
    /// Agents were made or changed.
    Agents,
    /// Channel keys were made or revoked.
    Keys,
    /// An admin changed the settings.
    Settings,
    /// So much was missed that everything is to be read anew.
    Everything,
    /// The server knows the browser's time zone from now on; what it answered before is in another one.
    Zone,
    /// The session has ended.
    SignedOut,
}

impl Heard {
    /// Parses an event; `None` for one that pages of this version do not know.
    pub fn parse(name: &str, data: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Held {
            customer: CustomerKey,
        }
        Some(match name {
            "customer" => Self::Customer(serde_json::from_slice(data.as_bytes()).ok()?),
            "held" => Self::Held(serde_json::from_slice::<Held>(data.as_bytes()).ok()?.customer),
            "desk" => Self::Desk,
            "tags" => Self::Tags,
            "agents" => Self::Agents,
            "keys" => Self::Keys,
            "settings" => Self::Settings,
            "resync" => Self::Everything,
            "signed_out" => Self::SignedOut,
            _ => return None,
        })
    }

    /// Returns `true` if what is shown of a customer may be old now.
    pub fn is_about(&self, key: CustomerKey) -> bool {
        match self {
            Self::Customer(news) => news.customer == key,
            Self::Held(customer) => *customer == key,
            Self::Everything | Self::Zone => true,
            _ => false,
        }
    }
}

/// An answer that tells how new it is.
pub trait Answer: Send + Sync + 'static {
    /// Version of what is answered: a lower one is older, equal ones go by the order of the requests.
    fn version(&self) -> u64 {
        0
    }
}

impl Answer for CustomerDetails {
    fn version(&self) -> u64 {
        self.version.into()
    }
}

impl Answer for OpenThread {
    fn version(&self) -> u64 {
        self.version.into()
    }
}

impl Answer for Desk {}
impl Answer for ListPart {}
impl Answer for clientele::domain::Settings {
    fn version(&self) -> u64 {
        self.version.into()
    }
}
impl<T: Send + Sync + 'static> Answer for Vec<T> {}

/// A value that the server answers, kept current. Answers may come in another order than they were asked for, and when nobody
/// shows the value any more: older ones are dropped, and every method does nothing once the owner is gone.
pub struct Live<T: Send + Sync + 'static> {
    value: RwSignal<T>,
    /// `true` while the newest request is under way.
    pub pending: RwSignal<bool>,
    /// Failure of the newest request.
    pub error: RwSignal<Option<AppError>>,
    /// Number of the newest request, and of the one whose answer is shown.
    numbers: StoredValue<(u64, u64)>,
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

impl<T: Answer> Live<T> {
    /// Makes a value of the first answer, which came with the page.
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

    /// Reads the value if it is still shown.
    pub fn try_with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.value.try_with_untracked(read)
    }

    /// Changes the shown value, where it is known before the server answers.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let _ = self.value.try_update(change);
    }

    /// Takes the answer to a change, unless a newer version is shown.
    pub fn take(self, fresh: T) {
        if let Some((asked, _)) = self.numbers.try_get_value() {
            self.take_numbered(asked, fresh);
        }
    }

    fn take_numbered(self, number: u64, fresh: T) {
        let Some((_, shown)) = self.numbers.try_get_value() else { return };
        let Some(version) = self.value.try_with_untracked(Answer::version) else { return };
        if (fresh.version(), number) >= (version, shown) {
            self.numbers.try_update_value(|numbers| numbers.1 = number);
            self.value.try_set(fresh);
        }
    }

    /// Asks for the value anew. A failure leaves the value as it is.
    pub fn ask(self, request: impl Future<Output = Result<T, AppError>> + 'static) {
        let Some(number) = self.numbers.try_update_value(|numbers| {
            numbers.0 += 1;
            numbers.0
        }) else {
            return;
        };
        self.pending.try_set(true);
        leptos::task::spawn_local(async move {
            let answer = request.await;
            let Some((newest, _)) = self.numbers.try_get_value() else { return };
            if number == newest {
                self.pending.try_set(false);
                self.error.try_set(answer.as_ref().err().cloned());
            }
            match answer {
                Ok(fresh) => self.take_numbered(number, fresh),
                Err(error) => Session::note(&error),
            }
        });
    }
}

/// Sends changes one at a time.
#[derive(Clone, Copy)]
pub struct Change {
    /// `true` while one is under way.
    pub busy: RwSignal<bool>,
    i18n: I18n,
    toasts: Toasts,
}

impl Change {
    /// Makes the sender of one button's, form's or key's changes.
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), i18n: use_i18n(), toasts: Toasts::get() }
    }

    /// Sends a change and calls `done` with the answer, wherever the agent is by then. A failure is told in a toast.
    pub fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, AppError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.send_or(request, move |answer| match answer {
            Ok(answer) => done(answer),
            Err(error) => self.tell(&error),
        });
    }

    /// Shows a toast after a change was undone.
    pub fn undone(self) {
        let i18n = self.i18n;
        self.toasts.done(t!(i18n, toast.undone), None);
    }

    /// Tells of a failure in a toast.
    pub fn tell(self, error: &AppError) {
        let (i18n, error) = (self.i18n, error.clone());
        self.toasts.failed(move || words::failure(i18n, &error));
    }

    /// As [`Change::send`], for who tells of failures in a place of their own.
    pub fn send_or<T: 'static>(
        self,
        request: impl Future<Output = Result<T, AppError>> + 'static,
        done: impl FnOnce(Result<T, AppError>) + 'static,
    ) {
        // An undo may come when the component that made this is gone.
        if self.busy.try_get_untracked() == Some(true) {
            return;
        }
        self.busy.try_set(true);
        leptos::task::spawn_local(async move {
            let answer = request.await;
            self.busy.try_set(false);
            if let Err(error) = &answer {
                Session::note(error);
            }
            done(answer);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_cannot_be_read_are_nothing() {
        let news = Heard::parse("customer", r#"{"customer":7,"kind":"message_sent","conversation":2,"message":9}"#);
        let news = news.unwrap();
        assert!(news.is_about(CustomerKey(7)) && !news.is_about(CustomerKey(8)));
        assert!(Heard::parse("held", r#"{"customer":7}"#).unwrap().is_about(CustomerKey(7)));
        assert!(Heard::parse("resync", "{}").unwrap().is_about(CustomerKey(9)));
        assert_eq!(Heard::parse("customer", "{}"), None);
        assert_eq!(Heard::parse("of a later version", "{}"), None);
    }
}
