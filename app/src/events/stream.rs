//! Connection of a tab to the event stream, which `public/live.js` holds for all tabs of the
//! browser.

use clientele::domain::{AgentId, Mode};
use leptos::prelude::*;

/// Milliseconds between the keep-alive messages of a tab. Browsers slow the timers of hidden tabs
/// down to one per minute.
#[cfg(feature = "hydrate")]
const ALIVE: u64 = 30_000;

/// Subscribes the tab to an agent's event stream in a mode. Tabs with the same agent and mode share
/// one stream; `after` is the event position at which the page was rendered. `act` is called with the
/// name and data of each event, with `open` when the connection is established and with `lost` when it
/// is lost. The subscription ends with the calling component. The returned callback reconnects at once.
///
/// In the widget, `embed.js` holds the stream for all widgets of the page: a worker must have the
/// page's origin.
pub fn connect(agent: AgentId, mode: Mode, after: &str, act: impl Fn(&str, &str) + 'static) -> Callback<()> {
    let mode = match mode {
        Mode::Agent => "agent",
        Mode::Admin => "admin",
    };
    #[cfg(feature = "hydrate")]
    match crate::host::Widget::get() {
        Some(widget) => widget.subscribe(mode, after, act),
        None => browser::connect(&format!("/events?mode={mode}"), &format!("{agent} {mode}"), after, act),
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (agent, mode, after);
        drop(act);
        Callback::new(|()| ())
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    use js_sys::{Object, Reflect};
    use leptos::prelude::*;
    use leptos::wasm_bindgen::prelude::Closure;
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use send_wrapper::SendWrapper;
    use web_sys::{MessageEvent, MessagePort, SharedWorker, Worker};

    use super::ALIVE;

    const SCRIPT: &str = "/live.js";

    pub(super) fn connect(address: &str, key: &str, after: &str, act: impl Fn(&str, &str) + 'static) -> Callback<()> {
        let Some(port) = port() else { return Callback::new(|()| ()) };
        let last = Rc::new(RefCell::new(after.to_owned()));
        let heard = {
            let last = last.clone();
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let data = event.data();
                let text = |name: &str| Reflect::get(&data, &name.into()).ok().and_then(|value| value.as_string());
                if let Some(id) = text("id") {
                    *last.borrow_mut() = id;
                }
                act(&text("name").unwrap_or_default(), &text("data").unwrap_or_default());
            })
        };
        port.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let join = {
            let (port, address, key) = (port.clone(), JsValue::from(address), JsValue::from(key));
            move || {
                let after = JsValue::from(last.borrow().as_str());
                post(&port, &[("open", address.clone()), ("key", key.clone()), ("after", after)]);
            }
        };
        join();
        let (again, alive, shown) = (join.clone(), join.clone(), join);
        let alive = set_interval_with_handle(alive, Duration::from_millis(ALIVE)).ok();
        // A page restored from the back/forward cache is not loaded again.
        let shown = window_event_listener(leptos::ev::pageshow, move |_| shown());
        let leaving = port.clone();
        let hidden = window_event_listener(leptos::ev::pagehide, move |_| post(&leaving, &[("close", JsValue::TRUE)]));
        let ending = SendWrapper::new((port.clone(), heard));
        on_cleanup(move || {
            let (port, _heard) = ending.take();
            port.set_onmessage(None);
            post(&port, &[("close", JsValue::TRUE)]);
            alive.inspect(|alive| alive.clear());
            shown.remove();
            hidden.remove();
        });
        let port = SendWrapper::new((port, again));
        Callback::new(move |()| {
            // The stream may have ended with the session, so subscribe again first.
            (port.1)();
            post(&port.0, &[("retry", JsValue::TRUE)]);
        })
    }

    /// Opens the shared worker of all tabs, or a worker of this tab if the browser has no shared
    /// workers.
    fn port() -> Option<MessagePort> {
        let options = web_sys::WorkerOptions::new();
        // Not the name of the classic worker of earlier versions: browsers connect no module to it.
        options.set_name("clientele events");
        options.set_type(web_sys::WorkerType::Module);
        match SharedWorker::new_with_worker_options(SCRIPT, &options) {
            Ok(worker) => Some(worker.port()),
            // `Worker` has the same two members that `MessagePort` is used for.
            Err(_) => Worker::new_with_options(SCRIPT, &options).ok().map(JsCast::unchecked_into),
        }
    }

    fn post(port: &MessagePort, fields: &[(&str, JsValue)]) {
        let message = Object::new();
        for (name, value) in fields {
            let _ = Reflect::set(&message, &(*name).into(), value);
        }
        let _ = port.post_message(&message);
    }
}
