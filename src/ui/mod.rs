//! The page, in Leptos. Signals carry what people read, a few times a second; the canvas paints from the newest
//! snapshot in its own frame loop.

pub mod canvas;
pub mod editor;
pub mod engine;

use leptos::prelude::*;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    view! { <canvas::DiagramCanvas/> }
}
