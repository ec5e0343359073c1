//! Details of one frame: its name, what it stands for, its extent, its faults and its parameters.

use leptos::prelude::*;

use super::actions::Actions;
use super::faults::{FaultButtons, RestoreButton};
use super::parameters::{Owner, Parameters};
use crate::design::FrameKind;
use crate::design::edit::Edit;
use crate::design::script::Target;
use crate::editor::command::Command;
use crate::editor::{faults, frames};
use crate::geometry::Rect;
use crate::ids::FrameId;
use crate::scene::Selection;
use crate::text::text;
use crate::ui::desk::use_desk;
use crate::ui::editor::use_editor;
use crate::ui::parts::{NumberField, Show, Writing};
use crate::ui::reaction::{derived, memo};
use crate::ui::words;

/// Name and parameters of the frame `id`.
#[component]
pub fn FrameDetails(
    /// Which.
    id: FrameId,
) -> impl IntoView {
    let editor = use_editor();
    let name = memo(move || {
        editor.design().with(|design| design.frame(id).map(|frame| frame.name.clone()).unwrap_or_default())
    });
    let desk = use_desk();
    let area = memo(move || editor.design().with(|design| design.frame(id).map(|one| one.area)).unwrap_or_default());
    let kind =
        memo(move || editor.design().with(|design| design.frame(id).map_or(FrameKind::Group, |frame| frame.kind)));
    let extent = move |label: &'static str, get: fn(Rect) -> f64, set: fn(&mut Rect, f64)| {
        let enter = move |length: f64| {
            let mut area = area.get_untracked();
            set(&mut area, length.max(get(frames::LEAST)).round());
            let edit = editor
                .design()
                .with_untracked(|design| frames::settled(design, Edit::SetArea(id, area), &Selection::frame(id)));
            editor.try_perform(edit).map_err(|error| error.to_string())
        };
        view! {
            <div class="field-row minor">
                <span class="minor-label">{text(label)}</span>
                <NumberField
                    value=derived(move || get(area.get()))
                    writing=Writing::Plain
                    label=text(label)
                    on_enter=enter
                />
            </div>
        }
    };
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
                <p class="subject-kind">
                    {move || text(if kind.get().holds_parts() { "inspector.frame" } else { "frames.note.name" })}
                </p>
            </div>
        </header>
        <div class="parameter" data-field="kind">
            <div class="field-row">
            <label class="parameter-label" for="frame-kind">{text("inspector.stands_for")}</label>
            <select
                id="frame-kind"
                on:change=move |event| {
                    if let Some(kind) = FrameKind::from_key(&event_target_value(&event)) {
                        editor.perform(Edit::SetFrameKind(id, kind));
                    }
                }
            >
                {FrameKind::ALL
                    .into_iter()
                    .map(|choice| {
                        view! {
                            <option value=choice.key() selected=move || kind.get() == choice>
                                {words::say(&format!("frames.{}.name", choice.key()))}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            </div>
            <p class="about">{move || words::say(&format!("frames.{}.about", kind.get().key()))}</p>
        </div>
        <div class="parameter" data-field="extent">
            {extent("inspector.width", |area| area.width, |area, width| area.width = width)}
            {extent("inspector.height", |area| area.height, |area, height| area.height = height)}
            <Show when=move || kind.get().holds_parts()>
            <div class="faults">
                <button type="button" class="text-button" on:click=move |_| desk.run(Command::FitFrame)>
                    {words::say("commands.fit_frame")}
                </button>
                <button type="button" class="text-button" on:click=move |_| desk.run(Command::Ungroup)>
                    {words::say("commands.ungroup")}
                </button>
            </div>
            </Show>
        </div>
        <Show when=move || kind.get().holds_parts()>
            <div class="faults" role="group" aria-label=text("inspector.acts")>
                <RestoreButton target=Target::Frame(id) always=true/>
            </div>
            <FaultButtons target=Target::Frame(id) kinds=faults::of_frames().collect()/>
            <Parameters owner=Owner::Frame(id)/>
        </Show>
        <Actions/>
    }
}
