//! Cookies, local storage and session storage.

#[cfg(feature = "hydrate")]
use std::cell::RefCell;
#[cfg(feature = "hydrate")]
use std::collections::BTreeMap;

#[cfg(not(feature = "ssr"))]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;

/// Name of the cookie that sends the browser's time zone to the server.
#[cfg_attr(feature = "hydrate", allow(dead_code))]
pub const ZONE_COOKIE: &str = "clientele_zone";

/// Sets the time zone cookie for all later requests. Returns `true` if it was missing or had
/// another value. The widget sends a header instead.
pub fn remember_zone() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let zone = zone();
        if zone.is_empty() || crate::host::is_embedded() {
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

/// Returns the IANA name of the browser's time zone; empty on the server.
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

/// Name of the cookie that sends the chosen language to the server.
#[cfg_attr(feature = "hydrate", allow(dead_code))]
pub const LOCALE_COOKIE: &str = "clientele_locale";

/// Stores the chosen language in its cookie and in the `lang` attribute of the document.
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

/// Returns the language of the document.
#[cfg(not(feature = "ssr"))]
pub fn locale() -> crate::i18n::Locale {
    let lang = document().document_element().and_then(|root| root.get_attribute("lang"));
    lang.and_then(|lang| crate::i18n::Locale::parse(&lang)).unwrap_or_default()
}

/// Sets a cookie for one year, `SameSite=Lax`.
#[cfg(feature = "hydrate")]
fn set_cookie(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&format!("{name}={value}; path=/; max-age=31536000; samesite=lax"));
    }
}

/// Sets and stores the colour theme: `light`, `dark`, or empty for the theme of the system.
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

/// Returns the chosen theme; empty for the theme of the system.
pub fn theme() -> String {
    #[cfg(feature = "hydrate")]
    return document().document_element().and_then(|root| root.get_attribute("data-theme")).unwrap_or_default();
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

#[cfg(feature = "hydrate")]
thread_local! {
    /// Values that the browser did not store, because the user blocks storage or it is full. They last as long as the
    /// page.
    static UNSTORED: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// Returns a value from a storage, or the one that could not be stored.
#[cfg(feature = "hydrate")]
fn item(storage: Option<web_sys::Storage>, name: &str) -> Option<String> {
    let unstored = || UNSTORED.with_borrow(|values| values.get(name).cloned());
    unstored().or_else(|| storage?.get_item(name).ok()?)
}

/// Stores a value in a storage, or keeps it in the page. `None` removes it.
#[cfg(feature = "hydrate")]
fn set_item(storage: Option<web_sys::Storage>, name: &str, value: Option<&str>) {
    let stored = storage.is_some_and(|storage| match value {
        Some(value) => storage.set_item(name, value).is_ok(),
        None => storage.remove_item(name).is_ok(),
    });
    UNSTORED.with_borrow_mut(|values| match value {
        Some(value) if !stored => drop(values.insert(name.to_owned(), value.to_owned())),
        _ => drop(values.remove(name)),
    });
}

/// Returns a value from the tab's session storage.
pub fn session_item(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return item(window().session_storage().ok().flatten(), name);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// Stores a value in the tab's session storage, which survives reloads and crashes. `None` removes
/// it. If the user blocks storage, the value lasts as long as the page.
pub fn set_session_item(name: &str, value: Option<&str>) {
    #[cfg(feature = "hydrate")]
    set_item(window().session_storage().ok().flatten(), name, value);
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}

/// Returns a value from the local storage, which all tabs share.
pub fn local_item(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return item(window().local_storage().ok().flatten(), name);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// Stores a value in the local storage. If the user blocks storage, the value lasts as long as the page.
pub fn set_local_item(name: &str, value: &str) {
    #[cfg(feature = "hydrate")]
    set_item(window().local_storage().ok().flatten(), name, Some(value));
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}
