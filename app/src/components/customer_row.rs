use clientele::domain::{MatchedField, Reason, Row, Tag, TagId};
use leptos::prelude::*;

use super::{Highlight, Moment};
use crate::api::customers::ListRow;
use crate::browser;
use crate::calling::Calling;
use crate::console::Console;
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::labels;

/// Number of avatar colours (`hue-0` to `hue-11`) defined in `style/`.
const HUES: u32 = 12;

/// Row of the customer list. It uses as few elements as possible: CSS draws the avatar and the
/// icons.
#[component]
pub fn CustomerRow(
    /// Console that opens the customer.
    console: Console,
    /// Data of the row.
    row: ListRow,
    /// Position in the whole list, from 0.
    place: u64,
    /// All tags of the tenant, for their names and colours.
    tags: StoredValue<Vec<Tag>>,
    /// Position of the row that is the tab stop; `None` until hydrated.
    stop: Memo<Option<u64>>,
    /// Performs the callback.
    calling: Calling,
) -> impl IntoView {
    let i18n = use_i18n();
    let ListRow { row, created, latest, callback_blocker } = row;
    let key = row.key;
    let href = move || console.href(&console.list.get().selecting(Some(key)).showing(console.tab.get()));
    let current = move || console.selected.get() == Some(key);
    let own: Vec<Tag> = tags.with_value(|tags| row.tags.iter().filter_map(|id| named(tags, *id)).collect());
    let more = own.len().checked_sub(1).filter(|more| *more > 0).map(|more| format!("+{more}"));
    let all = (!own.is_empty()).then(|| own.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>().join(", "));
    let first = own.into_iter().next().map(|tag| {
        view! { <span class=format!("tag color-{}", tag.color.index())>{String::from(tag.name)}</span> }
    });
    let (name, name_field) = shown_name(&row);
    let hidden = hidden_match(&row, name_field).map(|(field, text, class)| {
        view! {
            <small class=class>
                {move || t_string!(i18n, list.matched, field = labels::matched_field(i18n, field))} " "
                <Highlight text=text.to_owned() matches=row.matches.clone() field />
            </small>
        }
    });
    let called = name.clone();
    // Show what blocks the callback as a tooltip, so that it is visible before a click.
    let hint = move || callback_blocker.map(|reason| labels::reason(i18n, reason));
    let marked = |text: &str, field| view! { <Highlight text=text.to_owned() matches=row.matches.clone() field /> };
    view! {
        <tr
            role="row"
            part="row"
            aria-rowindex=(place + 2).to_string()
            data-key=key.to_string()
            class:is-current=current
        >
            <th
                role="rowheader"
                scope="row"
                class=format!("col-name hue-{}", hue(row.id.as_str()))
                data-initials=initials(&name)
            >
                <a
                    href=href
                    dir="auto"
                    title=name.clone()
                    tabindex=move || stop.get().filter(|stop| *stop != place).map(|_| "-1")
                    aria-current=move || current().then_some("true")
                >
                    {marked(&name, name_field)}
                </a>
                {row.blacklisted.then(|| view! { <span class="blacklisted">{t!(i18n, list.blacklisted)}</span> })}
                {hidden}
            </th>
            <td role="cell" class="col-id" title=row.id.to_string()>
                {marked(row.id.as_str(), MatchedField::Id)}
            </td>
            <td role="cell" class="col-tags" data-more=more title=all>
                {first}
            </td>
            <td role="cell" class="col-phone">
                {marked(&row.phone, MatchedField::Phone)}
            </td>
            <td role="cell" class="col-email" title=(!row.email.is_empty()).then(|| row.email.clone())>
                {marked(&row.email, MatchedField::Email)}
            </td>
            <td role="cell" class=format!("col-channel channel-{}", row.channel.as_str())>
                {move || labels::channel(i18n, row.channel)}
            </td>
            <td role="cell" class="col-created">
                <Moment at=row.created_at exact=created />
            </td>
            <td role="cell" class="col-latest">
                {row.latest_conversation_at.zip(latest).map(|(at, exact)| view! { <Moment at exact /> })}
            </td>
            <td role="cell" class="col-action" title=hint>
                <button
                    hidden=!calling.offered
                    class="icon-button callback"
                    type="button"
                    tabindex=move || stop.get().map(|_| "-1")
                    aria-disabled=callback_blocker.is_some().to_string()
                    aria-label=move || label(i18n, callback_blocker, &called)
                    on:click=move |_| calling.call(key, callback_blocker)
                ></button>
            </td>
        </tr>
    }
}

/// Returns the accessible name of the callback button, including what blocks the callback.
fn label(i18n: I18n, callback_blocker: Option<Reason>, name: &str) -> String {
    let does = t_string!(i18n, callback.of, name = name);
    match callback_blocker {
        Some(reason) => format!("{does}: {}", labels::reason(i18n, reason)),
        None => does,
    }
}

fn named(tags: &[Tag], id: TagId) -> Option<Tag> {
    tags.iter().find(|tag| tag.id == id).cloned()
}

/// Returns the text of the name column and the field it comes from: the nickname, else the real
/// name, else the ID.
fn shown_name(row: &Row) -> (String, MatchedField) {
    if !row.nickname.is_empty() {
        (row.nickname.clone(), MatchedField::Nickname)
    } else if !row.real_name.is_empty() {
        (row.real_name.clone(), MatchedField::RealName)
    } else {
        (row.id.to_string(), MatchedField::Id)
    }
}

/// Returns a matching field that is not visible in the row, with its text and CSS class. The real
/// name has no column; the style sheet hides the e-mail and phone columns while a customer is open
/// and shows their match here.
fn hidden_match(row: &Row, shown: MatchedField) -> Option<(MatchedField, &str, &'static str)> {
    let found = |field| row.matches.iter().any(|found| found.field == field);
    if found(shown) || found(MatchedField::Id) {
        return None;
    }
    let fields = [
        (MatchedField::RealName, &row.real_name, "matched"),
        (MatchedField::Email, &row.email, "matched is-email"),
        (MatchedField::Phone, &row.phone, "matched is-phone"),
    ];
    fields
        .into_iter()
        .find(|(field, text, _)| found(*field) && **text != row.nickname)
        .map(|(field, text, class)| (field, text.as_str(), class))
}

/// Returns the avatar colour of a customer, derived from the ID so that it never changes.
pub(super) fn hue(id: &str) -> u32 {
    id.bytes().fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % HUES
}

/// Returns the initials of a name: one character for wide scripts, two letters for others, `·` if
/// there is no letter or digit.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let second = words.next_back().and_then(|word| word.chars().next());
    let shown = match (first, second) {
        (Some(first), Some(second)) if first < '\u{2E80}' && second < '\u{2E80}' => String::from_iter([first, second]),
        (Some(first), _) => first.to_string(),
        _ => "·".to_owned(),
    };
    if shown.is_ascii() { shown.to_ascii_uppercase() } else { browser::upper(&shown) }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_one_wide_character_or_two_letters() {
        for (name, expected) in
            [("张伟", "张"), ("zhang wei", "ZW"), ("Zhang 张", "Z"), ("moon", "M"), ("🌸", "·"), ("Ana da Silva", "AS")]
        {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
