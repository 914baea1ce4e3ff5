//! HTML escaping for the few pages that are written as text, outside the console.

/// Escapes a text for use in HTML, between tags or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_that_is_written_becomes_markup() {
        assert_eq!(escape("<a b=\"'\">&张"), "&lt;a b=&quot;&#39;&quot;&gt;&amp;张");
    }
}
