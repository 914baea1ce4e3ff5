//! The clock, and work that is done later.

use leptos::prelude::*;

/// Milliseconds since 1970, or nothing on the server: what is shown first must not depend on when.
pub fn now() -> Option<f64> {
    #[cfg(feature = "hydrate")]
    return Some(js_sys::Date::now());
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Returns milliseconds since 1970: of the midnight in UTC at which a date begins, `2026-11-18`, or of the moment at which a clock
/// in the browser's zone shows a time, `2026-11-18T09:30`.
pub fn parse_date(date: &str) -> f64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::parse(date);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = date;
        0.0
    }
}

/// Calls `act` after so many milliseconds.
pub fn after(millis: u32, act: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    set_timeout(act, std::time::Duration::from_millis(millis.into()));
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = millis;
        drop(act);
    }
}

/// Calls `act` every so many milliseconds. Ends with the component or the effect that asked.
pub fn each(millis: u32, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    if let Ok(handle) = set_interval_with_handle(act, std::time::Duration::from_millis(millis.into())) {
        on_cleanup(move || handle.clear());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = millis;
        drop(act);
    }
}

/// Calls `act` whenever somebody comes back to the tab. Ends with the component or the effect that asked.
pub fn on_return(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        // The document's event, which bubbles; when the tab is left it is as well to act.
        let handle = window_event_listener_untyped("visibilitychange", move |_| act());
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// Work that is done a moment after it was first called for, once for all calls within the moment.
#[derive(Clone, Copy)]
pub struct Soon {
    moment: u32,
    waiting: StoredValue<bool>,
    act: Callback<()>,
}

impl Soon {
    /// Makes the work. It ends with the component that asks.
    pub fn new(moment: u32, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { moment, waiting: StoredValue::new(false), act: Callback::new(move |()| act()) }
    }

    /// Calls for the work.
    pub fn call(self) {
        if self.waiting.try_get_value() == Some(false) {
            self.waiting.set_value(true);
            after(self.moment, move || {
                if self.waiting.try_set_value(false).is_none() {
                    self.act.try_run(());
                }
            });
        }
    }
}

/// Work that is done after a pause in the calls for it. It ends with the component that made it.
#[derive(Clone, Copy)]
pub struct Debounced {
    pause: u32,
    /// Number of calls, and `true` while the last one waits.
    calls: StoredValue<(u32, bool)>,
    act: Callback<()>,
}

impl Debounced {
    /// Makes the work.
    pub fn new(pause: u32, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { pause, calls: StoredValue::default(), act: Callback::new(move |()| act()) }
    }

    /// Calls for the work.
    pub fn call(self) {
        let number = self.calls.get_value().0 + 1;
        self.calls.set_value((number, true));
        after(self.pause, move || {
            if self.calls.try_get_value() == Some((number, true)) {
                self.cancel();
                self.act.try_run(());
            }
        });
    }

    /// Returns `true` while there is work that waits.
    pub fn is_waiting(self) -> bool {
        self.calls.get_value().1
    }

    /// Forgets the work that waits.
    pub fn cancel(self) {
        self.calls.update_value(|calls| calls.1 = false);
    }
}
