//! Effects, memos and derived signals from closures in boxes.
//!
//! Leptos copies the code that runs them for each closure that it is given. With a box around the closure that code is
//! there once, or once for each type of value, which is a good part of what the page would weigh otherwise.

use leptos::prelude::*;

/// Runs `work` soon, and again whenever a signal that it has read has changed, until its owner is gone.
pub fn effect(work: impl FnMut() + 'static) {
    fn start(mut work: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| work());
    }
    start(Box::new(work));
}

/// A value that is found anew when a signal that it comes from has changed, and tells of it only if it is another.
pub fn memo<T: PartialEq + Send + Sync + 'static>(work: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    fn start<T: PartialEq + Send + Sync + 'static>(work: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
        Memo::new(move |_| work())
    }
    start(Box::new(work))
}

/// A value that is found anew each time it is asked for.
pub fn derived<T: Send + Sync + 'static>(work: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    fn start<T: Send + Sync + 'static>(work: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T> {
        Signal::derive(work)
    }
    start(Box::new(work))
}
