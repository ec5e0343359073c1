//! Keys that work wherever the focus is, except in fields that take text, and the clipboard. Which key means what stands
//! in [`crate::editor::command`]; keys of the diagram are taken there.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::desk::Desk;
use crate::editor::command::{self, Command, Press, Scope};

/// Listens for as long as the page lives.
pub fn listen(desk: Desk) {
    let on_key = move |event: ev::KeyboardEvent| {
        if event.default_prevented() || event.is_composing() || is_covered(desk) {
            return;
        }
        if event.key() == "Escape" && desk.editor.dragged.get_untracked().is_some() {
            desk.editor.dragged.set(None);
            return;
        }
        let found = with_press(&event, |press| command::command(press, Scope::Page, desk.with_single_keys()));
        let Some(found) = found else { return };
        let takes_text = takes_text(&event);
        // Saving and searching have nothing to do with the text in a field.
        if takes_text && !matches!(found, Command::Save | Command::Search | Command::Find) {
            return;
        }
        if event.key() == " " {
            // Space on a button presses the button. Elsewhere it runs when it is let go, unless it has moved the view.
            if !is_pressable(&event) {
                event.prevent_default();
                desk.diagram.stage.update_value(|stage| stage.space = stage.space.or(Some(false)));
            }
            return;
        }
        if !event.repeat() {
            desk.run(found);
        }
        event.prevent_default();
    };
    let on_key_up = move |event: ev::KeyboardEvent| {
        if event.key() != " " {
            return;
        }
        let has_moved = desk.diagram.stage.try_update_value(|stage| stage.space.take()).flatten();
        if has_moved == Some(false) {
            desk.run(Command::TogglePlaying);
        }
    };
    let on_paste = move |event: ev::Event| {
        let Some(event) = event.dyn_ref::<web_sys::ClipboardEvent>() else { return };
        if is_covered(desk) || target(event).is_some_and(|target| is_text_field(&target)) {
            return;
        }
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default();
        desk.diagram.paste_text(&text, None);
        event.prevent_default();
    };
    let handles = [
        window_event_listener(ev::keydown, on_key),
        window_event_listener(ev::keyup, on_key_up),
        window_event_listener(ev::Custom::<ev::Event>::new("paste"), on_paste),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
}

/// Asks what a key press means.
pub fn with_press<T>(event: &ev::KeyboardEvent, ask: impl FnOnce(Press<'_>) -> T) -> T {
    let (key, code) = (event.key(), event.code());
    let control = event.ctrl_key() || event.meta_key();
    ask(Press { key: &key, code: &code, control, shift: event.shift_key(), alt: event.alt_key() })
}

/// Whether something lies over the page that has keys of its own.
fn is_covered(desk: Desk) -> bool {
    desk.help_open.get_untracked() || desk.search.with_untracked(Option::is_some)
}

fn target(event: &web_sys::Event) -> Option<web_sys::Element> {
    event.target()?.dyn_into().ok()
}

/// Whether the event goes to something that people type into.
fn takes_text(event: &ev::KeyboardEvent) -> bool {
    target(event).is_some_and(|target| is_text_field(&target))
}

fn is_text_field(target: &web_sys::Element) -> bool {
    match target.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(target.get_attribute("type").as_deref(), Some("range" | "checkbox" | "file" | "button")),
        _ => target.get_attribute("contenteditable").is_some_and(|editable| editable != "false"),
    }
}

/// Whether the event goes to something that Space presses.
fn is_pressable(event: &ev::KeyboardEvent) -> bool {
    target(event)
        .is_some_and(|target| target.closest("button, summary, label, input[type=checkbox]").ok().flatten().is_some())
}
