//! Keys that work wherever the focus is, except in fields that take text. Keys of the diagram stand with the diagram.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::editor::Editor;
use super::engine::Engine;
use super::keeping;
use super::notices::Notices;
use crate::editor::scale::next_speed;

/// Listens for as long as the page lives.
pub fn listen(editor: Editor, engine: Engine, notices: Notices, help_open: RwSignal<bool>) {
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.default_prevented() || event.is_composing() || help_open.get_untracked() {
            return;
        }
        let is_command = event.ctrl_key() || event.meta_key();
        if is_command && !event.alt_key() && event.key().eq_ignore_ascii_case("s") {
            event.prevent_default();
            keeping::save_file(editor, notices);
            return;
        }
        let takes_text = takes_text(&event);
        if is_command && !event.alt_key() && !takes_text {
            match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
                ("z", false) => editor.undo(),
                ("z", true) | ("y", _) => editor.redo(),
                _ => return,
            }
            event.prevent_default();
            return;
        }
        if is_command || event.alt_key() || takes_text || event.repeat() {
            return;
        }
        match event.key().as_str() {
            // Space on a button presses the button.
            " " if !is_pressable(&event) => engine.toggle_playing(),
            "k" | "K" => engine.toggle_playing(),
            "." => engine.step(),
            "[" => engine.speed.update(|speed| *speed = next_speed(*speed, false)),
            "]" => engine.speed.update(|speed| *speed = next_speed(*speed, true)),
            "r" | "R" => engine.restart(),
            "?" => help_open.set(true),
            _ => return,
        }
        event.prevent_default();
    };
    let handle = window_event_listener(leptos::ev::keydown, on_key);
    on_cleanup(move || handle.remove());
}

/// Whether the event goes to something that people type into.
fn takes_text(event: &leptos::ev::KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return false;
    };
    match target.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(target.get_attribute("type").as_deref(), Some("range" | "checkbox" | "file" | "button")),
        _ => target.get_attribute("contenteditable").is_some_and(|editable| editable != "false"),
    }
}

/// Whether the event goes to something that Space presses.
fn is_pressable(event: &leptos::ev::KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|target| target.closest("button, summary, label, input[type=checkbox]").ok().flatten().is_some())
}
