//! Clock and timers.

use leptos::prelude::*;

/// Returns milliseconds since 1970; `None` on the server, because the first rendering must not
/// depend on the time.
pub fn now() -> Option<f64> {
    #[cfg(feature = "hydrate")]
    return Some(js_sys::Date::now());
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Parses a date or a local time to milliseconds since 1970: `2026-11-18` as midnight in UTC,
/// `2026-11-18T09:30` in the browser's time zone.
pub fn parse_date(date: &str) -> f64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::parse(date);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = date;
        0.0
    }
}

/// Calls `act` after a delay in milliseconds.
pub fn run_after(millis: u32, act: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    set_timeout(act, std::time::Duration::from_millis(millis.into()));
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = millis;
        drop(act);
    }
}

/// Calls `act` repeatedly at an interval in milliseconds. The timer ends with the calling component
/// or effect.
pub fn run_every(millis: u32, act: impl Fn() + 'static) {
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

/// Calls `act` when the tab becomes visible, and also when it becomes hidden. The listener is
/// removed with the calling component or effect.
pub fn on_return(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        // The event is fired at the document and bubbles. Acting on leaving the tab too does no
        // harm.
        let handle = window_event_listener_untyped("visibilitychange", move |_| act());
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// Throttled action: runs once, a fixed delay after the first of a series of calls.
#[derive(Clone, Copy)]
pub struct Throttled {
    moment: u32,
    waiting: StoredValue<bool>,
    act: Callback<()>,
}

impl Throttled {
    /// Creates an action that runs `moment` milliseconds after a call. It ends with the calling
    /// component.
    pub fn new(moment: u32, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { moment, waiting: StoredValue::new(false), act: Callback::new(move |()| act()) }
    }

    /// Schedules the action, unless it is already scheduled.
    pub fn call(self) {
        if self.waiting.try_get_value() == Some(false) {
            self.waiting.set_value(true);
            run_after(self.moment, move || {
                if self.waiting.try_set_value(false).is_none() {
                    self.act.try_run(());
                }
            });
        }
    }
}

/// Debounced action: runs after a pause in the calls. It ends with the component that created it.
#[derive(Clone, Copy)]
pub struct Debounced {
    pause: u32,
    /// Number of calls, and `true` while the last one is pending.
    calls: StoredValue<(u32, bool)>,
    act: Callback<()>,
}

impl Debounced {
    /// Creates an action that runs after `pause` milliseconds without a call.
    pub fn new(pause: u32, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { pause, calls: StoredValue::default(), act: Callback::new(move |()| act()) }
    }

    /// Schedules the action and restarts the pause.
    pub fn call(self) {
        let number = self.calls.get_value().0 + 1;
        self.calls.set_value((number, true));
        run_after(self.pause, move || {
            if self.calls.try_get_value() == Some((number, true)) {
                self.cancel();
                self.act.try_run(());
            }
        });
    }

    /// Returns `true` while the action is scheduled.
    pub fn is_waiting(self) -> bool {
        self.calls.get_value().1
    }

    /// Cancels the scheduled action.
    pub fn cancel(self) {
        self.calls.update_value(|calls| calls.1 = false);
    }
}
