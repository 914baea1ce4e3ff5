//! The page around the console: its own document or, in the widget, the page of another application.
//! One instance of the WebAssembly module is never both. `public/embed.js` is the other side of this
//! interface.

use leptos::prelude::*;

use crate::error::Code;

#[cfg(feature = "hydrate")]
pub use embedded::{mount, refused, report_crash, token};

/// Returns `true` if the console is a widget in a page of another application.
pub fn is_embedded() -> bool {
    #[cfg(feature = "hydrate")]
    return embedded::base().is_some();
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Returns the address of the Clientele server, without a slash at the end: `https://clientele.example`.
/// Empty on our own pages, where addresses are relative.
pub fn base() -> &'static str {
    #[cfg(feature = "hydrate")]
    return embedded::base().unwrap_or_default();
    #[cfg(not(feature = "hydrate"))]
    ""
}

/// Host of one mounted widget; a context of its components. Without the context, on our own pages,
/// nothing is sent.
#[derive(Clone, Copy)]
pub struct Widget {
    #[cfg(feature = "hydrate")]
    host: StoredValue<leptos::wasm_bindgen::JsValue, LocalStorage>,
}

impl Widget {
    /// Returns the host from the context; `None` on our own pages.
    pub fn get() -> Option<Self> {
        use_context()
    }

    /// Sends an event to the host page. `detail` is JSON and contains IDs only: the host page may not
    /// be allowed to see what customers write.
    pub fn emit(self, name: &str, detail: &str) {
        #[cfg(feature = "hydrate")]
        self.host.try_with_value(|host| embedded::call(host, "emit", &[name, detail]));
        #[cfg(not(feature = "hydrate"))]
        let _ = (name, detail);
    }

    /// Sends `ready` when the first list is drawn, or `load-error` if it failed.
    pub fn report_loaded(self, failed: Option<Code>) {
        match failed {
            None => self.emit("ready", "{}"),
            Some(code) => self.emit("load-error", &format!(r#"{{"reason":"{}"}}"#, code.as_str())),
        }
    }
}

#[cfg(feature = "hydrate")]
mod embedded {
    use std::cell::{Cell, RefCell};

    use js_sys::{Array, Function, Promise, Reflect};
    use leptos::prelude::*;
    use leptos::wasm_bindgen::closure::Closure;
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use send_wrapper::SendWrapper;

    use super::Widget;

    thread_local! {
        /// Address of the server; `None` on our own pages.
        static BASE: Cell<Option<&'static str>> = const { Cell::new(None) };
        /// `host` of the first widget. What all widgets of a page share, such as the token, comes
        /// from any of them.
        static SHARED: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
    }

    pub(super) fn base() -> Option<&'static str> {
        BASE.get()
    }

    /// Registers the host of a widget that is being mounted. Called inside the widget's owner.
    pub fn mount(host: &JsValue) -> Widget {
        if BASE.get().is_none() {
            let base = Reflect::get(host, &"base".into()).ok().and_then(|base| base.as_string());
            // The module stays as long as the page, and so does its address.
            let base: &'static str = base.unwrap_or_default().leak();
            BASE.set(Some(base));
            let _ = server_fn::client::try_set_server_url(base);
            SHARED.set(host.clone());
        }
        Widget { host: StoredValue::new_local(host.clone()) }
    }

    /// Calls a function of the `host` object with texts.
    pub(super) fn call(host: &JsValue, name: &str, arguments: &[&str]) -> Option<JsValue> {
        let function = function(host, name)?;
        let arguments: Array = arguments.iter().map(|argument| JsValue::from_str(argument)).collect();
        function.apply(host, &arguments).ok()
    }

    fn function(host: &JsValue, name: &str) -> Option<Function> {
        Reflect::get(host, &name.into()).ok()?.dyn_into().ok()
    }

    /// Tells the page that the module has panicked, so that no widget works any more.
    pub fn report_crash(message: &str) {
        let host = SHARED.with_borrow(Clone::clone);
        call(&host, "crashed", &[message]);
    }

    /// Returns the token for the next request; `None` if the session is over.
    pub async fn token() -> Option<String> {
        ask_token(&[]).await
    }

    /// Returns another token than `token`, which the server has refused; `None` if the session is over.
    /// Empty if `token` was a token of another session: the agent has signed out since.
    pub async fn refused(token: &str) -> Option<String> {
        ask_token(&[token]).await
    }

    async fn ask_token(arguments: &[&str]) -> Option<String> {
        let host = SHARED.with_borrow(Clone::clone);
        let promise: Promise = call(&host, "token", arguments)?.dyn_into().ok()?;
        js_sys::futures::JsFuture::from(promise).await.ok()?.as_string()
    }

    impl Widget {
        /// Subscribes to the event stream, which all widgets of the page share. `act` is called with the
        /// name and the data of each event until the calling component is disposed. The returned callback
        /// reconnects at once.
        pub fn subscribe(self, mode: &str, after: &str, act: impl Fn(&str, &str) + 'static) -> Callback<()> {
            let heard =
                Closure::<dyn Fn(String, JsValue, JsValue)>::new(move |name: String, data: JsValue, _: JsValue| {
                    act(&name, &data.as_string().unwrap_or_default());
                });
            let host = self.host.get_value();
            let end = function(&host, "subscribe").and_then(|subscribe| {
                subscribe.call3(&host, &mode.into(), &after.into(), heard.as_ref()).ok()?.dyn_into::<Function>().ok()
            });
            let ending = SendWrapper::new((end, heard));
            on_cleanup(move || {
                if let (Some(end), _heard) = ending.take() {
                    let _ = end.call0(&JsValue::UNDEFINED);
                }
            });
            Callback::new(move |()| {
                self.host.try_with_value(|host| call(host, "reconnect", &[]));
            })
        }
    }
}
