//! Characters that people do not see. Texts are searched without them, and a name of nothing else counts as empty.

/// Returns `true` for characters without a shape: Unicode's Default_Ignorable_Code_Point, other control characters, and
/// the Arabic tatweel, which only makes a word longer. Line ends and tabs are blanks.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && !c.is_ascii_whitespace() && c != '\u{B}';
    }
    matches!(c, '\u{80}'..='\u{9F}' if c != '\u{85}')
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{640}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Returns `true` for all kinds of blanks, the empty Braille pattern and the Hangul fillers among them: they take room.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

/// Returns `true` if nothing of a text is seen: it is empty, or blank, or has characters without a shape only.
#[must_use]
pub fn is_blank_text(text: &str) -> bool {
    text.chars().all(|c| is_blank(c) || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_show_nothing_are_blank() {
        for text in ["", " \t", "\u{200B}", "\u{3164}", "\u{2800}", "\u{AD}\u{2060}", "\u{202E}\u{FE0F}\u{3000}"] {
            assert!(is_blank_text(text), "{text:?}");
        }
        for text in ["a", "\u{200B}张", "´", "-", "\u{E415}"] {
            assert!(!is_blank_text(text), "{text:?}");
        }
    }
}
