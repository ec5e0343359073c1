//! Hints for the first visit: one at a time, each gone for good once the person has done what it says, or all of them at
//! a click.

use leptos::prelude::*;

use super::desk::use_desk;
use super::engine::use_engine;
use super::parts::{Icon, IconButton};
use super::places::{Mode, use_places};
use super::preferences::use_preferences;
use crate::text::text;
use crate::ui::reaction::{effect, memo};

/// The hints in their order.
const HINTS: [&str; 3] = ["slider", "select", "learn"];

/// Number of hints: who has seen so many has seen all.
pub const HINT_COUNT: usize = HINTS.len();

/// The hint of the moment.
#[component]
pub fn Hints() -> impl IntoView {
    let engine = use_engine();
    let places = use_places();
    let preferences = use_preferences();
    let editor = super::editor::use_editor();
    let seen = preferences.hints_seen;
    let first_users = engine.users.get_untracked();
    effect(move || {
        let is_done = match HINTS.get(seen.get()) {
            Some(&"slider") => engine.users.get() != first_users,
            Some(&"select") => !editor.selection.with(|selection| selection.components.is_empty()),
            Some(_) => places.mode() != Mode::Play,
            None => false,
        };
        if is_done {
            seen.update(|seen| *seen += 1);
        }
    });
    let hint = memo(move || HINTS.get(seen.get()).copied().filter(|_| places.mode() == Mode::Play));
    let diagram = use_desk().diagram;
    effect(move || diagram.make_room_above(hint.get().is_some()));
    move || {
        hint.get().map(|hint| {
            view! {
                <aside class="hint-bubble" data-hint=hint role="note">
                    <p>{text(&format!("hints.{hint}")).to_owned()}</p>
                    <IconButton
                        icon=Icon::Close
                        label=text("hints.close")
                        on_press=move |()| seen.set(HINT_COUNT)
                    />
                </aside>
            }
        })
    }
}
