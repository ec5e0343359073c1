//! Edits the name of a component or a frame, or what a note says, in its place.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::stage::Diagram;
use crate::design::edit::Edit;
use crate::editor::hit::Spot;
use crate::geometry::Point;
use crate::text::text;
use crate::ui::reaction::effect;
use crate::web;

/// A field over the name.
#[component]
pub fn RenameField(
    /// The diagram.
    diagram: Diagram,
    /// Whose name.
    spot: Spot,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let before = diagram.editor.design().with_untracked(|design| match spot {
        Spot::Frame(id) => design.frame(id).map(|frame| frame.name.clone()),
        _ => spot.component().and_then(|id| design.component(id)).map(|component| component.name.clone()),
    });
    let before = before.unwrap_or_default();
    let shown = before.clone();
    effect(move || {
        if let Some(field) = field.get() {
            // Before it is selected: a new value would drop the selection.
            field.set_value(&shown);
            // Refused only for an element that is not on the page.
            let _ = field.focus();
            field.select();
        }
    });
    let close = move || {
        diagram.renaming.set(None);
        match spot {
            Spot::Frame(id) => web::focus(&format!("[data-frame='{id}']")),
            Spot::Component(id) => web::focus(&format!("[data-component='{id}']")),
            _ => {}
        }
    };
    let commit = move || {
        // Closing takes the focus away, which commits again.
        if diagram.renaming.get_untracked().is_none() {
            return;
        }
        let name = field.get_untracked().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        if !name.is_empty() && name != before {
            match spot {
                Spot::Component(id) => diagram.editor.perform(Edit::Rename(id, name)),
                Spot::Frame(id) => diagram.editor.perform(Edit::RenameFrame(id, name)),
                _ => {}
            }
        }
        close();
    };
    let on_blur = commit.clone();
    let area = move || {
        let camera = diagram.camera.get();
        let area = diagram.stage.with_value(|stage| match spot {
            Spot::Frame(id) => stage.layout.frames.get(&id).copied(),
            _ => spot.component().and_then(|id| stage.layout.cards.get(&id).copied()),
        });
        let area = area.unwrap_or_default();
        (camera.screen_from_world(area.origin), area.width * camera.zoom)
    };
    view! {
        <input
            class="rename"
            type="text"
            maxlength="200"
            aria-label=text("diagram.rename")
            node_ref=field
            style:transform=move || {
                let (Point { x, y }, _) = area();
                format!("translate({x}px, {y}px)")
            }
            style:width=move || format!("{}px", area().1.clamp(140.0, 480.0))
            on:keydown=move |event: ev::KeyboardEvent| {
                event.stop_propagation();
                match event.key().as_str() {
                    "Enter" => commit(),
                    "Escape" => close(),
                    _ => {}
                }
            }
            on:pointerdown=|event| event.stop_propagation()
            on:dblclick=|event| event.stop_propagation()
            on:contextmenu=|event| event.stop_propagation()
            on:blur=move |_| on_blur()
        />
    }
}
