use clientele::domain::Timestamp;
use leptos::prelude::*;

use crate::dates::{Clock, Style, iso};
use crate::i18n::use_i18n;
use crate::labels;

/// Moment in a given style, or relative ("2 h ago") without one. The tooltip shows date and time in
/// full.
#[component]
pub fn Moment(
    /// Moment to show.
    at: Timestamp,
    /// Text of the moment in the agent's time zone, shown until the page is hydrated: `2026-11-18
    /// 09:30`.
    exact: String,
    /// Style of the text; relative time if `None`.
    #[prop(optional)]
    style: Option<Style>,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let millis = at.0 as f64;
    let title = exact.clone();
    let title = move || (style != Some(Style::Full)).then(|| clock.write(i18n, Style::Full, millis, &title));
    let shown = move || match style {
        Some(style) => clock.write(i18n, style, millis, &exact),
        None => clock.now().map_or_else(|| exact.clone(), |now| labels::ago(i18n.locale(), now, millis)),
    };
    view! {
        <time datetime=iso(at) title=title>
            {shown}
        </time>
    }
}

/// Date with its weekday, used as a heading.
#[component]
pub fn Day(
    /// Date in the form `2026-11-18`.
    date: String,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    let own = date.clone();
    view! { <time datetime=own>{move || clock.day(i18n, &date)}</time> }
}
