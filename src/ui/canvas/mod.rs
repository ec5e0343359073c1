//! The diagram: canvas, pointer and key gestures, and the moving picture.

use leptos::prelude::*;

/// The diagram, filling its container.
#[component]
pub fn DiagramCanvas() -> impl IntoView {
    view! { <canvas></canvas> }
}
