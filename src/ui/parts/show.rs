//! What is there only while a condition holds.

use leptos::children::ViewFn;
use leptos::prelude::*;

use crate::ui::reaction::memo;

/// Shows its children while a condition holds, and something else, or nothing, otherwise. Unlike that of Leptos it takes
/// the condition as a signal, so that its code is there once.
#[component]
pub fn Show(
    /// Whether the children are shown.
    #[prop(into)]
    when: Signal<bool>,
    /// What is shown otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// Shown while the condition holds, made anew each time it begins to.
    children: ChildrenFn,
) -> impl IntoView {
    let is_shown = memo(move || when.get());
    move || if is_shown.get() { children() } else { fallback.run() }
}
