//! Details of several things at once: how many, put them in line, remove them.

use leptos::prelude::*;

use super::actions::Actions;
use crate::design::edit::Edit;
use crate::geometry::Point;
use crate::text::{fill, text};
use crate::ui::editor::{Editor, use_editor};

/// What can be done with several things.
#[component]
pub fn Several() -> impl IntoView {
    let editor = use_editor();
    let count = move || {
        editor.selection.with(|selection| selection.components.len() + selection.links.len() + selection.frames.len())
    };
    let can_align = move || editor.selection.with(|selection| selection.components.len() > 1);
    view! {
        <header class="subject">
            <h2 class="subject-title">{move || fill("inspector.several", &[("count", &count().to_string())])}</h2>
        </header>
        <Show when=can_align>
            <div class="actions" role="group" aria-label=text("inspector.align")>
                <button type="button" class="text-button" on:click=move |_| align(editor, |at, mean| Point::new(at.x, mean.y))>
                    {text("inspector.align_row")}
                </button>
                <button type="button" class="text-button" on:click=move |_| align(editor, |at, mean| Point::new(mean.x, at.y))>
                    {text("inspector.align_column")}
                </button>
            </div>
        </Show>
        <Actions/>
    }
}

/// Moves the selected components to where `place` puts them, given where they are and the middle of all.
fn align(editor: Editor, place: fn(Point, Point) -> Point) {
    let selection = editor.selection.get_untracked();
    let edits = editor.design().with_untracked(|design| {
        let chosen: Vec<_> = selection.components.iter().filter_map(|&id| design.component(id)).collect();
        let n = chosen.len().max(1) as f64;
        let (x, y) =
            chosen.iter().fold((0.0, 0.0), |(x, y), component| (x + component.position.x, y + component.position.y));
        let mean = Point::new((x / n).round(), (y / n).round());
        chosen.iter().map(|component| Edit::Move(component.id, place(component.position, mean))).collect()
    });
    editor.perform(Edit::Batch(edits));
}
