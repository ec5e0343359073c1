//! Details of several things at once: how many, put them in line, remove them.

use leptos::prelude::*;

use super::actions::Actions;
use crate::editor::align::{Axis, Line};
use crate::editor::command::Command;
use crate::text::{fill, text};
use crate::ui::desk::use_desk;
use crate::ui::parts::{PathIcon, Show};
use crate::ui::words;

/// Ways to put several components in order, with their icons.
const WAYS: [(Command, &str); 8] = [
    (Command::Align(Line::Left), "M4 4v16M8 6.5h11v4H8zM8 13.5h7v4H8z"),
    (Command::Align(Line::Centre), "M12 3v18M5.5 6.5h13v4h-13zM8 13.5h8v4H8z"),
    (Command::Align(Line::Right), "M20 4v16M5 6.5h11v4H5zM9 13.5h7v4H9z"),
    (Command::Align(Line::Top), "M4 4h16M6.5 8v11h4V8zM13.5 8v7h4V8z"),
    (Command::Align(Line::Middle), "M3 12h18M6.5 5.5v13h4v-13zM13.5 8v8h4V8z"),
    (Command::Align(Line::Bottom), "M4 20h16M6.5 5v11h4V5zM13.5 9v7h4V9z"),
    (Command::Distribute(Axis::Across), "M4 4v16M20 4v16M9.5 7h5v10h-5z"),
    (Command::Distribute(Axis::Down), "M4 4h16M4 20h16M7 9.5h10v5H7z"),
];

/// What can be done with several things.
#[component]
pub fn Several() -> impl IntoView {
    let desk = use_desk();
    let selection = desk.editor.selection;
    let count = move || selection.with(|selection| selection.count().to_string());
    let can_align = move || selection.with(|selection| selection.components.len() > 1);
    let button = move |(command, path): (Command, &'static str)| {
        let key = command.row().key;
        view! {
            <button
                type="button"
                data-command=key
                aria-label=text(&format!("commands.{key}")).to_owned()
                title=desk.tip(command)
                on:click=move |_| desk.run(command)
            >
                <PathIcon path=path/>
            </button>
        }
    };
    view! {
        <header class="subject">
            <h2 class="subject-title">{move || fill("inspector.several", &[("count", &count())])}</h2>
        </header>
        <Show when=can_align>
            <div class="ways" role="group" aria-label=text("menus.align")>
                {WAYS.into_iter().map(button).collect_view()}
            </div>
        </Show>
        <div class="ungrouped">
            <button
                type="button"
                class="text-button"
                data-command=Command::Group.row().key
                title=desk.tip(Command::Group)
                on:click=move |_| desk.run(Command::Group)
            >
                {words::say("commands.group")}
            </button>
        </div>
        <Actions duplicates=true/>
    }
}
