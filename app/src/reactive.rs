//! Effects and memos of one type each. Leptos compiles the machinery of `Effect::new` and `Memo::new` once for each closure, and
//! an effect takes almost 3 kB of the download; behind a box they are compiled once.

use leptos::prelude::*;

/// Does `act` once the page is taken over, and again whenever what it reads changes. On the server it does nothing.
pub fn effect(act: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        fn boxed(act: Box<dyn Fn()>) {
            Effect::new(move |_: Option<()>| act());
        }
        boxed(Box::new(act));
    }
    #[cfg(not(feature = "hydrate"))]
    drop(act);
}

/// As [`effect`], and tells `act` whether it is the first time.
pub fn effect_from_first(act: impl Fn(bool) + 'static) {
    let first = std::cell::Cell::new(true);
    effect(move || act(first.replace(false)));
}

/// Returns a value that follows what it reads, and tells of it only when it is another one.
pub fn memo<T: PartialEq + Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    fn boxed<T: PartialEq + Send + Sync + 'static>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
        Memo::new(move |_| value())
    }
    boxed(Box::new(value))
}
