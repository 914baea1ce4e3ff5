//! The few things that only a browser has. Each has one signature for both sides; on the server it does nothing.

use leptos::web_sys::HtmlFormElement;
#[cfg(feature = "hydrate")]
use leptos::{prelude::*, wasm_bindgen::JsCast};

/// The cookie that tells the server the browser's time zone.
#[cfg_attr(feature = "hydrate", allow(dead_code))]
pub const ZONE_COOKIE: &str = "clientele_zone";

/// Tells the server the browser's time zone with every later request.
pub fn remember_zone() {
    #[cfg(feature = "hydrate")]
    {
        let options =
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
        let zone = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
        if let Some(zone) = zone {
            set_cookie(ZONE_COOKIE, &zone);
        }
    }
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

/// Says on the document that the script has taken over: tests and styles may wait for it.
pub fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "");
    }
}

/// Milliseconds since 1970, or nothing on the server: what is shown first must not depend on when.
pub fn now() -> Option<f64> {
    #[cfg(feature = "hydrate")]
    return Some(js_sys::Date::now());
    #[cfg(not(feature = "hydrate"))]
    None
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

/// Goes to another page by loading it: what the session was is forgotten.
pub fn load_page(path: &str) {
    #[cfg(feature = "hydrate")]
    let _ = window().location().set_href(path);
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// The path and query of the page.
pub fn here() -> String {
    #[cfg(feature = "hydrate")]
    {
        let location = window().location();
        format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Copies a text.
pub fn copy(text: &str) {
    #[cfg(feature = "hydrate")]
    let _ = window().navigator().clipboard().write_text(text);
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

/// What stands in a form's field.
pub fn field(form: Option<&HtmlFormElement>, name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return web_sys::FormData::new_with_form(form?).ok()?.get(name).as_string();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (form, name);
        None
    }
}

/// Moves the keyboard's focus to the first element that a selector finds; says whether there is one.
pub fn focus(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let element = document().query_selector(selector).ok().flatten();
        element
            .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
            .is_some_and(|element| element.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Opens the link in the row after (or before) the first row that a selector finds; says whether there is one.
pub fn open_beside(selector: &str, after: bool) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let open = || {
            let row = document().query_selector(selector).ok()??;
            let beside = if after { row.next_element_sibling() } else { row.previous_element_sibling() }?;
            beside.query_selector("a").ok()??.dyn_into::<web_sys::HtmlElement>().ok()
        };
        open().map(|link| link.click()).is_some()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (selector, after);
        false
    }
}

/// Calls `act` for each key that is pressed outside of fields and menus, with the key's name. It says whether the key
/// was for it. Ends with the component that asked.
pub fn on_key(act: impl Fn(&str) -> bool + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let elsewhere = event.default_prevented()
                || event.ctrl_key()
                || event.meta_key()
                || event.alt_key()
                || event.is_composing();
            let typing = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                .and_then(|element| {
                    element.closest("input, textarea, select, [contenteditable], dialog[open]").ok().flatten()
                })
                .is_some_and(|element| !matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio")));
            let escape = event.key() == "Escape";
            if !elsewhere && (!typing || escape) && act(&event.key()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// Listens to the server's events at an address. `act` is called with each event's name and data, with `open` whenever the
/// connection is made and with `lost` when it is not. Ends with the component that asked.
pub fn on_server_event(address: &str, names: &'static [&'static str], act: impl Fn(&str, &str) + 'static) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::prelude::Closure;
        let Ok(source) = web_sys::EventSource::new(address) else { return };
        let act = std::rc::Rc::new(act);
        for name in names.iter().chain(&["open", "error"]) {
            let act = act.clone();
            let listener = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
                let data = event.dyn_ref::<web_sys::MessageEvent>().and_then(|event| event.data().as_string());
                act(if *name == "error" { "lost" } else { name }, data.as_deref().unwrap_or_default());
            });
            let _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
            // Lives as long as the source, which the browser keeps while it is open.
            listener.forget();
        }
        let source = send_wrapper::SendWrapper::new(source);
        on_cleanup(move || source.close());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (address, names);
        drop(act);
    }
}

/// A key for a request that is to be carried out once, however often it is sent.
pub fn request_key() -> String {
    #[cfg(feature = "hydrate")]
    return window()
        .crypto()
        .map(|crypto| crypto.random_uuid())
        // Pages that came by plain http from another machine have no `randomUUID`.
        .unwrap_or_else(|_| format!("{}-{}", js_sys::Date::now(), js_sys::Math::random()));
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Calls `act` after so many milliseconds.
pub fn after(millis: u32, act: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    set_timeout(act, std::time::Duration::from_millis(millis.into()));
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = millis;
        drop(act);
    }
}

/// Moves the focus to the element after (or before) the one of a kind that has it, or to the first; says whether there is one.
pub fn focus_beside(selector: &str, after: bool) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let Ok(all) = document().query_selector_all(selector) else { return false };
        let focused = document().active_element();
        let own = (0..all.length()).find(|place| {
            all.item(*place)
                .is_some_and(|node| focused.as_ref().is_some_and(|focused| focused.is_same_node(Some(&node))))
        });
        let place = match (own, after) {
            (Some(own), true) => own + 1,
            (Some(own), false) => own.saturating_sub(1),
            (None, _) => 0,
        };
        let element = all.item(place).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok());
        element.is_some_and(|element| element.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (selector, after);
        false
    }
}

/// Scrolls what a selector finds to its end once what was added is there, if `always` or if the end is in sight now.
pub fn keep_end(selector: &'static str, always: bool) {
    #[cfg(feature = "hydrate")]
    {
        let find = move || document().query_selector(selector).ok().flatten();
        let near =
            |element: &web_sys::Element| element.scroll_height() - element.scroll_top() - element.client_height() < 120;
        if always || find().as_ref().is_none_or(near) {
            request_animation_frame(move || {
                if let Some(element) = find() {
                    element.set_scroll_top(element.scroll_height());
                }
            });
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (selector, always);
}

/// Carries out a change of what scrolls, and keeps the message that is at the top of it where it is.
pub fn hold_place(selector: &'static str, change: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let find = move || document().query_selector(selector).ok().flatten();
        let top = |element: &web_sys::Element| element.get_bounding_client_rect().top();
        let held = find().and_then(|element| {
            let edge = top(&element);
            let messages = element.query_selector_all("[data-message]").ok()?;
            let mut all =
                (0..messages.length()).filter_map(|place| messages.item(place)?.dyn_into::<web_sys::Element>().ok());
            let first = all.find(|message| message.get_bounding_client_rect().bottom() > edge)?;
            Some((first.id(), top(&first)))
        });
        change();
        request_animation_frame(move || {
            let Some((id, before)) = held else { return };
            if let (Some(element), Some(message)) = (find(), document().get_element_by_id(&id)) {
                let moved = top(&message) - before;
                element.set_scroll_top(element.scroll_top() + moved.round() as i32);
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        drop(change);
    }
}

/// Scrolls an element to the middle of what scrolls around it, and nothing else.
pub fn bring_into_middle(selector: &'static str, id: &str) {
    #[cfg(feature = "hydrate")]
    {
        let id = id.to_owned();
        request_animation_frame(move || {
            let around = document().query_selector(selector).ok().flatten();
            if let (Some(around), Some(element)) = (around, document().get_element_by_id(&id)) {
                let (outer, inner) = (around.get_bounding_client_rect(), element.get_bounding_client_rect());
                let middle = inner.top() + inner.height() / 2.0 - outer.top() - outer.height() / 2.0;
                around.set_scroll_top(around.scroll_top() + middle.round() as i32);
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (selector, id);
}

/// Whether what scrolls is at its upper (true) or lower (false) edge, or nearly.
pub fn scrolled_to_edge(selector: &str) -> Option<bool> {
    #[cfg(feature = "hydrate")]
    {
        const NEAR: i32 = 120;
        let element = document().query_selector(selector).ok().flatten()?;
        let below = element.scroll_height() - element.scroll_top() - element.client_height();
        if element.scroll_top() < NEAR { Some(true) } else { (below < NEAR).then_some(false) }
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        None
    }
}
