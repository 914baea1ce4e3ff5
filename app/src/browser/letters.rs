//! Upper and lower case. Rust's tables would add 8 kB to the download; browsers have their own.

/// Returns a text in upper case.
pub fn upper(text: &str) -> String {
    #[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
    return js_sys::JsString::from(text).to_upper_case().into();
    #[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
    text.to_uppercase()
}

/// Returns a text in lower case.
pub fn lower(text: &str) -> String {
    #[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
    text.to_lowercase()
}

/// Returns the comparison key of a name, equal for names that look alike. In the browser it
/// approximates `domain::text::key`; the server's result is authoritative.
pub fn name_key(text: &str) -> String {
    #[cfg(feature = "ssr")]
    return clientele::domain::text::key(text);
    #[cfg(not(feature = "ssr"))]
    {
        let text = clientele::domain::text::line(text);
        #[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
        let text = String::from(js_sys::JsString::from(text).normalize("NFKC"));
        // Convert to upper case first; only then does ß become ss.
        lower(&upper(&text))
    }
}
