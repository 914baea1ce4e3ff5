use leptos::prelude::*;

use crate::api::conversations::{ConversationInfo, VisitorDetails};
use crate::i18n::{t, use_i18n};

/// Visitor details of a web conversation, collapsed because they are rarely needed.
#[component]
pub fn VisitorFacts(
    /// Number of the conversation.
    number: u32,
    /// Known details of its visitor.
    visitor: VisitorDetails,
) -> impl IntoView {
    let i18n = use_i18n();
    let VisitorDetails { ip, region, browser, system, user_agent, referrer, landing_page } = visitor;
    let known = move |text: String| match text.is_empty() {
        true => view! { <span class="hint">{t!(i18n, visitor.unknown)}</span> }.into_any(),
        false => view! { <bdi>{text}</bdi> }.into_any(),
    };
    // Link only http(s) addresses: visitors control these values, and a `javascript:` URL must not
    // run.
    let link = move |address: String| match address.starts_with("https://") || address.starts_with("http://") {
        true => {
            view! { <a href=address.clone() target="_blank" rel="noreferrer noopener">{address.clone()}</a> }.into_any()
        }
        false => known(address),
    };
    let software = [browser, system].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <details class="fold visitor" name="reading">
            <summary>{t!(i18n, visitor.of, number = number)} " " <span class="mono">{ip.clone()}</span></summary>
            <dl>
                <dt>{t!(i18n, visitor.ip)}</dt>
                <dd>{known(ip)}</dd>
                <dt>{t!(i18n, visitor.region)}</dt>
                <dd>{move || known(region.get(i18n.locale() as usize).cloned().unwrap_or_default())}</dd>
                <dt>{t!(i18n, visitor.software)}</dt>
                <dd>{known(software)} <small class="mono">{user_agent}</small></dd>
                <dt>{t!(i18n, visitor.referrer)}</dt>
                <dd>{link(referrer)}</dd>
                <dt>{t!(i18n, visitor.landing_page)}</dt>
                <dd>{link(landing_page)}</dd>
            </dl>
        </details>
    }
    .into_any()
}

/// Returns the number and the visitor details of a conversation, if it has a visitor.
pub fn visitor_of(conversation: &ConversationInfo) -> Option<(u32, VisitorDetails)> {
    Some((conversation.number, conversation.visitor.clone()?))
}
