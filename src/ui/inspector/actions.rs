//! Buttons at the foot of the details: make another, remove.

use leptos::prelude::*;

use crate::design::edit::Edit;
use crate::design::{Component, Link};
use crate::editor::place::{free_place, unused_name};
use crate::ids::{ComponentId, LinkId};
use crate::text::text;
use crate::ui::editor::{Editor, Selection, use_editor};
use crate::ui::parts::{Icon, IconButton};

/// Duplicate and delete for what is selected.
#[component]
pub fn Actions(
    /// Whether it can be duplicated.
    #[prop(optional)]
    duplicates: Option<ComponentId>,
) -> impl IntoView {
    let editor = use_editor();
    view! {
        <div class="actions">
            {duplicates
                .map(|id| {
                    view! {
                        <IconButton
                            wordy=true
                            icon=Icon::Duplicate
                            label=text("inspector.duplicate")
                            keys="Ctrl D"
                            on_press=move |()| duplicate(editor, id)
                        />
                    }
                })}
            <IconButton
                wordy=true
                class="danger"
                icon=Icon::Delete
                label=text("inspector.delete")
                keys="Del"
                on_press=move |()| delete_selected(editor)
            />
        </div>
    }
}

/// Removes everything that is selected.
pub fn delete_selected(editor: Editor) {
    let selection = editor.selection.get_untracked();
    let links = editor.design().with_untracked(|design| {
        // A removed component takes its links along.
        let stays =
            |link: &Link| !selection.components.contains(&link.from) && !selection.components.contains(&link.to);
        let is_selected = |id: &LinkId| design.link(*id).is_some_and(stays);
        selection.links.iter().copied().filter(is_selected).collect::<Vec<_>>()
    });
    let edits: Vec<Edit> = links
        .into_iter()
        .map(Edit::RemoveLink)
        .chain(selection.components.into_iter().map(Edit::RemoveComponent))
        .chain(selection.frames.into_iter().map(Edit::RemoveFrame))
        .collect();
    editor.perform(Edit::Batch(edits));
}

/// Adds another component like `id`, with the same links, beside it.
fn duplicate(editor: Editor, id: ComponentId) {
    let design = editor.design().get_untracked();
    let Some(original) = design.component(id) else { return };
    let copy = Component {
        id: ComponentId(editor.fresh_id()),
        name: unused_name(
            &design,
            original.name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ' '),
        ),
        config: original.config.clone(),
        position: free_place(&design, original.position),
        frame: original.frame,
    };
    let copy_id = copy.id;
    let incoming = design.links_to(id).into_iter().map(|link| Link { to: copy_id, ..link.clone() });
    let outgoing = design.links_from(id).into_iter().map(|link| Link { from: copy_id, ..link.clone() });
    let links = incoming.chain(outgoing).map(|link| Edit::AddLink(Link { id: LinkId(editor.fresh_id()), ..link }));
    let edits = std::iter::once(Edit::AddComponent(copy)).chain(links).collect();
    editor.perform(Edit::Batch(edits));
    editor.selection.set(Selection::component(copy_id));
}
