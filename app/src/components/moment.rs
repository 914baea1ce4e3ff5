use clientele::domain::Timestamp;
use leptos::prelude::*;

use crate::dates::{Clock, Style, iso};
use crate::i18n::use_i18n;
use crate::words;

/// A moment: in a style, or "2 h ago" without one. What it leaves out is said on hover.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
    /// The moment as it is read in the agent's zone: `2026-11-18 09:30`.
    exact: String,
    /// Style in which it is written.
    #[prop(optional)]
    style: Option<Style>,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let millis = at.0 as f64;
    let title = exact.clone();
    let title = move || (style != Some(Style::Full)).then(|| clock.write(i18n, Style::Full, millis, &title));
    let shown = move || match style {
        Some(style) => clock.write(i18n, style, millis, &exact),
        None => clock.now().map_or_else(|| exact.clone(), |now| words::ago(i18n.locale(), now, millis)),
    };
    view! {
        <time datetime=iso(at) title=title>
            {shown}
        </time>
    }
}

/// The heading of a day.
#[component]
pub fn Day(
    /// The date: `2026-11-18`.
    date: String,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let own = date.clone();
    view! { <time datetime=own>{move || clock.day(i18n, &date)}</time> }
}
