//! The few things that only a browser has. Each has one signature for both sides; on the server it does nothing.

use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlElement, HtmlFormElement};

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

/// The midnight in UTC at which a date begins, `2026-11-18`, in milliseconds since 1970.
pub fn parse_date(date: &str) -> f64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::parse(date);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = date;
        0.0
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

/// Returns `true` if the server answers and has a file of the page's version no more: another version runs there now.
pub async fn is_gone(file: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        const BESIDE: &str = "__wasm_split.js";
        let link = document().query_selector(&format!("link[href$='{BESIDE}']")).ok().flatten();
        let Some(address) = link.and_then(|link| link.get_attribute("href")) else { return false };
        let request = window().fetch_with_str(&address.replace(BESIDE, file));
        let answer = js_sys::futures::JsFuture::from(request).await;
        let status = answer.and_then(|answer| js_sys::Reflect::get(&answer, &"status".into()));
        status.is_ok_and(|status| status == 404)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = file;
        false
    }
}

/// Copies a text. Pages that came by plain http from another machine have no clipboard, but an older way to it.
pub fn copy(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        if window().is_secure_context() {
            let _ = window().navigator().clipboard().write_text(text);
            return;
        }
        let document = document();
        let focused = document.active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let field = document.create_element("textarea").ok();
        let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) else { return };
        field.set_value(text);
        field.set_class_name("visually-hidden");
        // Inside the dialog that is open, if one is: elsewhere nothing can be selected then.
        let place = focused.as_ref().and_then(|element| element.parent_element());
        if place.and_then(|place| place.append_child(&field).ok()).is_none() {
            return;
        }
        field.select();
        if let Ok(document) = document.dyn_into::<web_sys::HtmlDocument>() {
            let _ = document.exec_command("copy");
        }
        field.remove();
        focused.map(|element| element.focus());
    }
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
            .and_then(|element| element.dyn_into::<HtmlElement>().ok())
            .is_some_and(|element| element.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Closes what a selector finds, which has a summary, and moves the focus to the summary if it was inside; `false` if nothing is
/// open.
pub fn close_details(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let Some(open) = document().query_selector(selector).ok().flatten() else { return false };
        let held = open.contains(document().active_element().as_deref());
        let _ = open.remove_attribute("open");
        if held && let Ok(Some(summary)) = open.query_selector("summary") {
            let _ = summary.dyn_into::<HtmlElement>().map(|summary| summary.focus());
        }
        true
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

/// Calls `act` after each step back or forward through the history. Ends with the component or the effect that asked.
pub fn on_history(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::popstate, move |_| act());
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// Calls `act` after each click that is not in what a selector finds. Ends with the component or the effect that asked.
pub fn on_click_outside(selector: &'static str, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::click, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            if target.is_none_or(|target| matches!(target.closest(selector), Ok(None))) {
                act();
            }
        });
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        drop(act);
    }
}

/// The panes of the pages, and what has the focus first in each.
#[cfg(feature = "hydrate")]
const PANES: [(&str, &str); 4] = [
    (".list-pane", ".list-window a:not([tabindex=\"-1\"])"),
    (".detail", ".detail"),
    (".desk-list", ".desk-item"),
    (".desk-thread", ".desk-thread"),
];

/// Moves the focus to the pane after the one that has it, round and round; `false` where there are no panes.
pub fn focus_next_pane() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let document = document();
        let shown = |selector: &str| document.query_selector(selector).ok().flatten().filter(is_seen);
        let panes: Vec<_> =
            PANES.iter().filter_map(|(pane, first)| shown(pane).map(|element| (element, *first))).collect();
        let focused = document.active_element();
        let own = panes.iter().position(|(pane, _)| pane.contains(focused.as_deref()));
        (1..=panes.len()).any(|step| {
            let (_, first) = &panes[(own.map_or(0, |own| own + step)) % panes.len()];
            focus(first)
        })
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Returns `true` if what a selector finds is seen.
pub fn is_shown(selector: &str) -> bool {
    #[cfg(feature = "hydrate")]
    return document().query_selector(selector).ok().flatten().as_ref().is_some_and(is_seen);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        false
    }
}

#[cfg(feature = "hydrate")]
fn is_seen(element: &web_sys::Element) -> bool {
    let style = window().get_computed_style(element).ok().flatten();
    element.get_bounding_client_rect().width() > 0.0
        && style.is_none_or(|style| style.get_property_value("visibility").is_ok_and(|value| value != "hidden"))
}

/// Calls `act` whenever the size of an element changes, and once at first. Ends with the component or the effect that asked.
pub fn on_resize(element: &HtmlElement, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::prelude::Closure;
        let act = Closure::<dyn Fn()>::new(act);
        let Ok(observer) = web_sys::ResizeObserver::new(act.as_ref().unchecked_ref()) else { return };
        observer.observe(element);
        let ending = send_wrapper::SendWrapper::new((observer, act));
        on_cleanup(move || ending.0.disconnect());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = element;
        drop(act);
    }
}

/// The choice to do without keys that are a single letter or sign, as WCAG 2.1.4 asks for: for who speaks to the browser, or
/// presses keys by accident.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
const SINGLE_KEYS: &str = "single-keys";

/// Returns `true` if single letters and signs are keys.
pub fn single_keys() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let storage = window().local_storage().ok().flatten();
        storage.and_then(|storage| storage.get_item(SINGLE_KEYS).ok().flatten()).as_deref() != Some("off")
    }
    #[cfg(not(feature = "hydrate"))]
    true
}

/// Chooses whether single letters and signs are keys.
pub fn set_single_keys(on: bool) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = if on { storage.remove_item(SINGLE_KEYS) } else { storage.set_item(SINGLE_KEYS, "off") };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = on;
}

/// Calls `act` for each key that is the page's, with the key's name. `act` returns `true` if the key was for it. Ends with the
/// component that asked.
///
/// Not the page's are keys of an open dialog, of an IME, and of the control that has the focus: letters of a field, Escape
/// that leaves a field, arrows of anything but the lists.
pub fn on_key(act: impl Fn(&str) -> bool + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if is_pages(&event) && act(&event.key()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

#[cfg(feature = "hydrate")]
fn is_pages(event: &web_sys::KeyboardEvent) -> bool {
    let key = event.key();
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() || is_composing(event) {
        return false;
    }
    if document().query_selector("dialog:modal").ok().flatten().is_some() {
        return false;
    }
    if key.chars().count() == 1 && !single_keys() {
        return false;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return true;
    };
    let within = |selector: &str| target.closest(selector).ok().flatten();
    // Types nothing anywhere.
    if key == "F6" {
        return true;
    }
    let field = within("input, textarea, select, [contenteditable]")
        .filter(|field| !matches!(field.get_attribute("type").as_deref(), Some("checkbox" | "radio")));
    if let Some(field) = field {
        if key == "Escape" {
            leave(&field);
        }
        return false;
    }
    !key.starts_with("Arrow") || within(".list, .desk-list").is_some() || target.tag_name() == "BODY"
}

/// The first Escape in a field leaves it, or clears a search, which is the browser's; what is behind it closes with the next.
#[cfg(feature = "hydrate")]
fn leave(field: &web_sys::Element) {
    let searched = field
        .dyn_ref::<web_sys::HtmlInputElement>()
        .is_some_and(|input| input.type_() == "search" && !input.value().is_empty());
    if let Some(field) = field.dyn_ref::<HtmlElement>().filter(|_| !searched) {
        let _ = field.blur();
    }
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

/// Returns `true` for an Enter that is no part of an IME's composition. Safari ends the composition before the Enter that
/// confirms it, which only the key code 229 tells.
pub fn is_enter(event: &leptos::ev::KeyboardEvent) -> bool {
    event.key() == "Enter" && !is_composing(event)
}

/// Returns `true` for a key that belongs to an IME's composition.
pub fn is_composing(event: &leptos::ev::KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// A key for a request that is to be carried out once, however often it is sent.
pub fn request_key() -> String {
    #[cfg(feature = "hydrate")]
    {
        // Not `randomUUID`, which pages that came by plain http from another machine do not have.
        let mut bytes = [0; 16];
        if window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)).is_err() {
            bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
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

/// Calls `act` every so many milliseconds. Ends with the component or the effect that asked.
pub fn each(millis: u32, act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    if let Ok(handle) = set_interval_with_handle(act, std::time::Duration::from_millis(millis.into())) {
        on_cleanup(move || handle.clear());
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = millis;
        drop(act);
    }
}

/// Calls `act` whenever somebody comes back to the tab. Ends with the component or the effect that asked.
pub fn on_return(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        // The document's event, which bubbles; when the tab is left it is as well to act.
        let handle = window_event_listener_untyped("visibilitychange", move |_| act());
        on_cleanup(move || handle.remove());
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// Work that is done a moment after it was first called for, once for all calls within the moment.
#[derive(Clone, Copy)]
pub struct Soon {
    moment: u32,
    waiting: StoredValue<bool>,
    act: Callback<()>,
}

impl Soon {
    /// Makes the work. It ends with the component that asks.
    pub fn new(moment: u32, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { moment, waiting: StoredValue::new(false), act: Callback::new(move |()| act()) }
    }

    /// Calls for the work.
    pub fn call(self) {
        if self.waiting.try_get_value() == Some(false) {
            self.waiting.set_value(true);
            after(self.moment, move || {
                if self.waiting.try_set_value(false).is_none() {
                    self.act.try_run(());
                }
            });
        }
    }
}

/// Work that is done after a pause in the calls for it. It ends with the component that made it.
#[derive(Clone, Copy)]
pub struct Debounced {
    pause: u32,
    /// Number of calls, and `true` while the last one waits.
    calls: StoredValue<(u32, bool)>,
    act: Callback<()>,
}

impl Debounced {
    /// Makes the work.
    pub fn new(pause: u32, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { pause, calls: StoredValue::default(), act: Callback::new(move |()| act()) }
    }

    /// Calls for the work.
    pub fn call(self) {
        let number = self.calls.get_value().0 + 1;
        self.calls.set_value((number, true));
        after(self.pause, move || {
            if self.calls.try_get_value() == Some((number, true)) {
                self.cancel();
                self.act.try_run(());
            }
        });
    }

    /// Returns `true` while there is work that waits.
    pub fn is_waiting(self) -> bool {
        self.calls.get_value().1
    }

    /// Forgets the work that waits.
    pub fn cancel(self) {
        self.calls.update_value(|calls| calls.1 = false);
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
        let element = all.item(place).and_then(|node| node.dyn_into::<HtmlElement>().ok());
        element.is_some_and(|element| element.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (selector, after);
        false
    }
}

/// Scrolls what a selector finds to its end, once what was added is there.
pub fn scroll_to_end(selector: &'static str) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        if let Ok(Some(element)) = document().query_selector(selector) {
            element.set_scroll_top(element.scroll_height());
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// Returns the number of the conversation that is read in what scrolls. It is the one of a marked element while that is in sight;
/// else the one at a line that moves from the upper to the lower edge as somebody scrolls from the first message to the last.
pub fn conversation_in_sight(selector: &str, marked: &str) -> Option<u32> {
    #[cfg(feature = "hydrate")]
    {
        let around = document().query_selector(selector).ok()??;
        let edges = around.get_bounding_client_rect();
        let number = |element: web_sys::Element| element.get_attribute("data-conversation")?.parse().ok();
        let marked = document().get_element_by_id(marked).filter(|marked| {
            let own = marked.get_bounding_client_rect();
            own.bottom() > edges.top() && own.top() < edges.bottom()
        });
        if marked.is_some() {
            return number(marked?);
        }
        let hidden = around.scroll_height() - around.client_height();
        let share = if hidden > 0 { f64::from(around.scroll_top()) / f64::from(hidden) } else { 1.0 };
        let line = edges.top() + edges.height() * share.clamp(0.0, 1.0);
        let items = around.query_selector_all("[data-conversation]").ok()?;
        let at = |place| items.item(place)?.dyn_into::<web_sys::Element>().ok();
        let (mut low, mut high) = (0, items.length());
        while low < high {
            let middle = (low + high) / 2;
            if at(middle)?.get_bounding_client_rect().top() <= line { low = middle + 1 } else { high = middle }
        }
        number(at(low.saturating_sub(1))?)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (selector, marked);
        None
    }
}

/// Scrolls what a selector finds to its top.
pub fn scroll_to_top(selector: &'static str) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        if let Ok(Some(element)) = document().query_selector(selector) {
            element.set_scroll_top(0);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// Returns what somebody has typed into a field of the page that the server made, before the script takes it over.
pub fn typed_already(selector: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        let field = document().query_selector(selector).ok()??.dyn_into::<web_sys::HtmlInputElement>().ok()?;
        (field.value() != field.default_value()).then(|| field.value())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        None
    }
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
                // Not by `scrollTop`, which is known in whole pixels only.
                element.scroll_by_with_x_and_y(0.0, top(&message) - before);
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

/// Whether what scrolls is at its upper edge and at its lower edge, or nearly.
pub fn scrolled_to_edges(selector: &str) -> (bool, bool) {
    #[cfg(feature = "hydrate")]
    {
        const NEAR: i32 = 120;
        let Ok(Some(element)) = document().query_selector(selector) else { return (true, true) };
        let below = element.scroll_height() - element.scroll_top() - element.client_height();
        (element.scroll_top() < NEAR, below < NEAR)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        (true, true)
    }
}

/// Moves the focus to an element, unless it is on something else than the page or one of a kind.
pub fn focus_unless_elsewhere(selector: &str, from: &str) {
    #[cfg(feature = "hydrate")]
    {
        let focused = document().active_element();
        if focused.is_none_or(|own| own.tag_name() == "BODY" || own.matches(from).unwrap_or(false)) {
            focus(selector);
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (selector, from);
}

/// Returns `true` if the tab can be seen.
pub fn is_visible() -> bool {
    #[cfg(feature = "hydrate")]
    return !document().hidden();
    #[cfg(not(feature = "hydrate"))]
    false
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
