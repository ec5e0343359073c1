//! The diagram: canvas, pointer and key gestures, and the moving picture.
//!
//! Two canvases lie above each other: one with cards and links, painted only when something changes, and one with the
//! moving requests. Above them lies what comes once the picture moves: the proxies, which the keyboard and screen readers
//! meet, and what listens to pointer and keys.

mod acts;
mod commands;
mod dots;
mod flying;
mod frame;
mod hands;
mod minimap;
pub mod paint;
mod picture;
mod proxies;
mod rename;
mod stage;
mod view;

use leptos::prelude::*;

pub use self::hands::Hands;
pub use self::stage::{Diagram, OpenMenu};
use crate::embed::params;
use crate::scene::Theme;
use crate::text::text;
use crate::ui::editor::Editor;
use crate::ui::engine::Engine;
use crate::ui::preferences::Preferences;
use crate::ui::reaction::{derived, effect};
use crate::web::observe;

/// The diagram of what `editor` holds and `engine` tells, in the theme that the person likes.
pub fn new_diagram(editor: Editor, engine: Engine, preferences: Preferences) -> Diagram {
    let prefers_dark = media_signal("(prefers-color-scheme: dark)");
    let theme = derived(move || match preferences.theme.get() {
        params::Theme::Dark => Theme::Dark,
        params::Theme::Auto if prefers_dark.get() => Theme::Dark,
        params::Theme::Light | params::Theme::Auto => Theme::Light,
    });
    let is_still = media_signal("(prefers-reduced-motion: reduce)").into();
    Diagram::new(editor, engine, theme, is_still, preferences.has_grid)
}

/// The diagram, filling its container; `children` lie above it.
#[component]
pub fn DiagramStage(children: Children) -> impl IntoView {
    let diagram = expect_context::<Diagram>();
    let watch = StoredValue::new_local(None);
    effect(move || {
        if let Some(frame) = diagram.frame_element.get() {
            let on_size = move |width, height| diagram.resize(width, height, window().device_pixel_ratio());
            watch.set_value(observe::size(&frame, on_size).ok());
        }
    });
    view! {
        <div
            class="diagram"
            data-tool=move || diagram.tool.get().key()
            data-cursor=move || diagram.cursor.get()
            node_ref=diagram.frame_element
        >
            <canvas
                id="canvas"
                node_ref=diagram.base
                tabindex="0"
                role="application"
                aria-label=text("diagram.label")
                aria-describedby="diagram-help"
            ></canvas>
            <canvas class="diagram-dots" node_ref=diagram.overlay aria-hidden="true"></canvas>
            {children()}
        </div>
    }
}

/// Whether the system fits a media query.
fn media_signal(query: &str) -> RwSignal<bool> {
    let fits = RwSignal::new(false);
    let listener = observe::media(query, move |now| fits.set(now));
    // Kept for as long as the diagram.
    StoredValue::new_local(listener);
    fits
}
