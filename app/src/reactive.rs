//! Effects and memos with boxed closures. Leptos compiles the code of `Effect::new` and `Memo::new`
//! once per closure type, and an effect takes almost 3 kB of the download. With boxes it is
//! compiled once.

use leptos::prelude::*;

/// Runs `act` after hydration and again whenever a value that it reads changes. Does nothing on the
/// server.
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

/// Runs an effect like [`effect`] and passes `true` to `act` on the first run.
pub fn effect_from_first(act: impl Fn(bool) + 'static) {
    let first = std::cell::Cell::new(true);
    effect(move || act(first.replace(false)));
}

/// Returns a derived value that notifies its subscribers only when it changes.
pub fn memo<T: PartialEq + Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    fn boxed<T: PartialEq + Send + Sync + 'static>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
        Memo::new(move |_| value())
    }
    boxed(Box::new(value))
}
