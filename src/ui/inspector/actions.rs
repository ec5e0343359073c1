//! Buttons at the foot of the details: make another, remove.

use leptos::prelude::*;

use crate::editor::command::Command;
use crate::text::text;
use crate::ui::desk::{keys, use_desk};
use crate::ui::parts::{Icon, IconButton};

/// Duplicate and delete for what is selected.
#[component]
pub fn Actions(
    /// Whether it can be duplicated.
    #[prop(optional)]
    duplicates: bool,
) -> impl IntoView {
    let desk = use_desk();
    view! {
        <div class="actions">
            {duplicates
                .then(|| {
                    view! {
                        <IconButton
                            wordy=true
                            icon=Icon::Duplicate
                            label=text("inspector.duplicate")
                            keys=keys(Command::Duplicate)
                            on_press=move |()| desk.run(Command::Duplicate)
                        />
                    }
                })}
            <IconButton
                wordy=true
                class="danger"
                icon=Icon::Delete
                label=text("inspector.delete")
                keys=keys(Command::Remove)
                on_press=move |()| desk.run(Command::Remove)
            />
        </div>
    }
}
