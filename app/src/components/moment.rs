use clientele::domain::Timestamp;
use leptos::prelude::*;

use crate::browser;
use crate::i18n::use_i18n;
use crate::reactive::effect;
use crate::words;

/// A moment: exact at first and on hover, "2 h ago" once the browser knows what time it is.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
    /// The moment as it is read in the agent's zone: `2026-11-18 09:30`.
    exact: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let now = RwSignal::new(None::<f64>);
    effect(move || now.set(browser::now()));
    let shown = {
        let exact = exact.clone();
        move || match now.get() {
            Some(now) => words::ago(i18n.locale(), now, at.0 as f64),
            None => exact.clone(),
        }
    };
    view! { <time datetime=exact.replace(' ', "T") title=exact>{shown}</time> }
}
