//! Details of one frame: its name and its parameters.

use leptos::prelude::*;

use super::actions::Actions;
use super::parameters::{Owner, Parameters};
use crate::design::edit::Edit;
use crate::ids::FrameId;
use crate::text::text;
use crate::ui::editor::use_editor;

/// Name and parameters of the frame `id`.
#[component]
pub fn FrameDetails(
    /// Which.
    id: FrameId,
) -> impl IntoView {
    let editor = use_editor();
    let name = Memo::new(move |_| {
        editor.design().with(|design| design.frame(id).map(|frame| frame.name.clone()).unwrap_or_default())
    });
    view! {
        <header class="subject">
            <div>
                <label>
                    <span class="visually-hidden">{text("inspector.name")}</span>
                    <input
                        class="subject-name"
                        type="text"
                        autocomplete="off"
                        maxlength="200"
                        prop:value=move || name.get()
                        on:change=move |event| {
                            let entered = event_target_value(&event).trim().to_owned();
                            if !entered.is_empty() && entered != name.get_untracked() {
                                editor.perform(Edit::RenameFrame(id, entered));
                            }
                        }
                    />
                </label>
                <p class="subject-kind">{text("inspector.frame")}</p>
            </div>
        </header>
        <Parameters owner=Owner::Frame(id)/>
        <Actions/>
    }
}
