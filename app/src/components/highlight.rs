use clientele::domain::{Match, MatchedField};
use leptos::either::Either;
use leptos::prelude::*;

/// A text with the parts that matched marked.
#[component]
pub fn Highlight(
    /// The text as it is shown.
    text: String,
    /// The row's matches.
    matches: Vec<Match>,
    /// Which field the text is.
    field: MatchedField,
) -> impl IntoView {
    let ranges = matches.into_iter().find(|found| found.field == field).map(|found| found.ranges).unwrap_or_default();
    if ranges.is_empty() {
        return Either::Left(text);
    }
    let parts = split(&text, &ranges);
    Either::Right(
        parts
            .into_iter()
            .map(
                |(part, marked)| if marked { Either::Left(view! { <mark>{part}</mark> }) } else { Either::Right(part) },
            )
            .collect_view(),
    )
}

/// The text in pieces, each with whether it is within a range; ranges count characters.
fn split(text: &str, ranges: &[(u32, u32)]) -> Vec<(String, bool)> {
    let mut parts: Vec<(String, bool)> = Vec::new();
    for (place, character) in text.chars().enumerate() {
        let marked = ranges.iter().any(|(from, to)| (*from as usize..*to as usize).contains(&place));
        match parts.last_mut() {
            Some((part, same)) if *same == marked => part.push(character),
            _ => parts.push((character.to_string(), marked)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn characters_are_counted_not_bytes() {
        let parts = split("张伟 Zhang", &[(1, 2), (3, 5)]);
        let shown: Vec<String> =
            parts.into_iter().map(|(part, marked)| if marked { format!("[{part}]") } else { part }).collect();
        assert_eq!(shown.concat(), "张[伟] [Zh]ang");
    }

    #[test]
    fn ranges_beyond_the_text_mark_nothing() {
        assert_eq!(split("ab", &[(5, 9)]), [("ab".to_owned(), false)]);
    }
}
