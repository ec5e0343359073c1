//! Buttons at the foot of the details: make another, remove.

use leptos::prelude::*;

use crate::editor::clip::{self, Clip};
use crate::text::text;
use crate::ui::editor::{Editor, Selection, use_editor};
use crate::ui::parts::{Icon, IconButton};

/// Duplicate and delete for what is selected.
#[component]
pub fn Actions(
    /// Whether it can be duplicated.
    #[prop(optional)]
    duplicates: bool,
) -> impl IntoView {
    let editor = use_editor();
    view! {
        <div class="actions">
            {duplicates
                .then(|| {
                    view! {
                        <IconButton
                            wordy=true
                            icon=Icon::Duplicate
                            label=text("inspector.duplicate")
                            keys="Ctrl D"
                            on_press=move |()| duplicate(editor)
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
fn delete_selected(editor: Editor) {
    let selection = editor.selection.get_untracked();
    if let Some(edit) = editor.design().with_untracked(|design| clip::removal(design, &selection)) {
        editor.perform(edit);
    }
}

/// Adds a copy of what is selected, with its links, and selects that.
fn duplicate(editor: Editor) {
    // A copy, for giving out identities needs the drawing to itself.
    let design = editor.design().get_untracked();
    let clip = editor.selection.with_untracked(|selection| Clip::of(&design, selection));
    let (edit, copies) = clip.paste(&design, || editor.fresh_id());
    editor.perform(edit);
    editor.selection.set(Selection { components: copies.into_iter().collect(), ..Selection::default() });
}
