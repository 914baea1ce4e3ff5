//! Mounts the widget. `public/embed.js` calls these functions.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Once;

use clientele::domain::{CustomerKey, Feature, Features, Mode};
use clientele_app::widget::{Control, Options, widget};
use clientele_app::{Locale, host};
use js_sys::Reflect;
use leptos::mount::mount_to;
use leptos::web_sys::HtmlElement;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// A mounted widget.
#[wasm_bindgen]
pub struct Mount {
    control: Control,
    /// Handle that removes the widget when it is dropped.
    view: Box<dyn Any>,
}

/// Mounts a widget into an element of a shadow root. `host` and `options` are the objects that
/// `embed.js` documents.
#[wasm_bindgen]
pub fn mount(root: HtmlElement, host: &JsValue, options: &JsValue) -> Mount {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            console_error_panic_hook::hook(panic);
            // After a panic the state of the module is undefined.
            host::report_crash(&panic.to_string());
        }));
    });
    let (host, options) = (host.clone(), read(options));
    let control = Rc::new(OnceCell::new());
    let made = control.clone();
    let view = mount_to(root, move || {
        // Inside the owner of the widget, so that the host object is released with it.
        let (view, methods) = widget(options, host::mount(&host));
        let _ = made.set(methods);
        view
    });
    let control = *control.get().unwrap_or_else(|| unreachable!("the view is built at once"));
    Mount { control, view: Box::new(view) }
}

#[wasm_bindgen]
impl Mount {
    /// Opens a customer in the pane; `undefined` closes the pane.
    pub fn open(&self, customer: Option<f64>) {
        self.control.open(customer.map(key));
    }

    /// Replaces filter and sort order by those of a query of the Customers page.
    pub fn set_query(&self, query: &str) {
        self.control.set_query(query);
    }

    /// Loads everything displayed again.
    pub fn refresh(&self) {
        self.control.refresh();
    }

    /// Changes the language.
    pub fn set_locale(&self, tag: &str) {
        self.control.set_locale(locale(tag));
    }

    /// Continues after the session was over.
    pub fn resume(&self) {
        self.control.resume();
    }

    /// Removes the widget and ends everything that it runs.
    pub fn unmount(self) {
        drop(self.view);
    }
}

fn read(options: &JsValue) -> Options {
    let value = |name: &str| Reflect::get(options, &name.into()).unwrap_or_default();
    let text = |name: &str| value(name).as_string().unwrap_or_default();
    let features: js_sys::Array = js_sys::Array::from(&value("features"));
    Options {
        mode: if text("mode") == "admin" { Mode::Admin } else { Mode::Agent },
        locale: locale(&text("locale")),
        customer: value("customer").as_f64().map(key),
        query: text("query"),
        features: features.iter().filter_map(|name| Feature::parse(&name.as_string()?)).collect::<Features>(),
    }
}

/// Keys are below 2⁵³, so a JavaScript number holds them exactly.
fn key(number: f64) -> CustomerKey {
    CustomerKey(number as u64)
}

fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap_or_default()
}
