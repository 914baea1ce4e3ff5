//! The browser's memory: cookies, and its two storages.

#[cfg(not(feature = "ssr"))]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;

/// The cookie that tells the server the browser's time zone.
#[cfg_attr(feature = "hydrate", allow(dead_code))]
pub const ZONE_COOKIE: &str = "clientele_zone";

/// Tells the server the browser's time zone with every later request. Returns `true` if it knew another one, or none, until now.
pub fn remember_zone() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let zone = zone();
        if zone.is_empty() {
            return false;
        }
        let told = document().dyn_into::<web_sys::HtmlDocument>().ok().and_then(|document| document.cookie().ok());
        let told = told
            .unwrap_or_default()
            .split("; ")
            .any(|told| told.split_once('=').is_some_and(|(name, value)| name == ZONE_COOKIE && value == zone));
        set_cookie(ZONE_COOKIE, &zone);
        !told
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// The name of the browser's time zone.
pub fn zone() -> String {
    #[cfg(feature = "hydrate")]
    {
        let options =
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
        let zone = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
        zone.unwrap_or_default()
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// The cookie that tells the server the language that was chosen.
#[cfg_attr(feature = "hydrate", allow(dead_code))]
pub const LOCALE_COOKIE: &str = "clientele_locale";

/// Keeps the language that was chosen, and says on the document that it is in it now.
pub fn remember_locale(locale: crate::i18n::Locale) {
    #[cfg(feature = "hydrate")]
    {
        set_cookie(LOCALE_COOKIE, locale.tag());
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", locale.tag());
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = locale;
}

/// The language the document is in.
#[cfg(not(feature = "ssr"))]
pub fn locale() -> crate::i18n::Locale {
    let lang = document().document_element().and_then(|root| root.get_attribute("lang"));
    lang.and_then(|lang| crate::i18n::Locale::parse(&lang)).unwrap_or_default()
}

/// Keeps a choice for a year, on this site only.
#[cfg(feature = "hydrate")]
fn set_cookie(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&format!("{name}={value}; path=/; max-age=31536000; samesite=lax"));
    }
}

/// The colour theme of the document: `light`, `dark`, or the system's when empty. Remembered by the browser.
pub fn set_theme(theme: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        let storage = window().local_storage().ok().flatten();
        let _ = if theme.is_empty() {
            storage.map(|storage| storage.remove_item("theme"));
            root.remove_attribute("data-theme")
        } else {
            storage.map(|storage| storage.set_item("theme", theme));
            root.set_attribute("data-theme", theme)
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = theme;
}

/// The theme that was chosen, or nothing.
pub fn theme() -> String {
    #[cfg(feature = "hydrate")]
    return document().document_element().and_then(|root| root.get_attribute("data-theme")).unwrap_or_default();
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Returns what the tab keeps under a name.
pub fn kept(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return window().session_storage().ok()??.get_item(name).ok()?;
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// Keeps something under a name for as long as the tab is there, reloads and crashes included; `None` forgets it.
pub fn keep(name: &str, value: Option<&str>) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().session_storage() {
        // Full, or forbidden by the user: then nothing is kept.
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}

/// Returns what this browser remembers under a name, whatever tab wrote it.
pub fn remembered(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return window().local_storage().ok()??.get_item(name).ok()?;
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// Remembers something in this browser. Nothing is remembered where the user forbids it.
pub fn remember(name: &str, value: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, value);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}
