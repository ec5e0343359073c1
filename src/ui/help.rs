//! The sheet of keys, read from the table of commands.

use leptos::prelude::*;

use super::desk::{is_mac, use_desk};
use super::parts::Dialog;
use super::pieces::{Later, Sheets, use_pieces};
use crate::editor::command::{Group, TABLE};
use crate::text::text;

/// Keys that belong to single controls or to the pointer, and so are no commands: what is pressed, and what it does.
const OTHERS: [(&str, &str); 7] = [
    ("help.hold.space", "help.pan"),
    ("help.hold.shift", "help.marquee"),
    ("help.hold.shift_click", "help.add_to_selection"),
    ("help.hold.right", "help.menu"),
    ("help.hold.double", "help.double"),
    ("help.hold.users", "help.users"),
    ("help.hold.pages", "help.users_ten"),
];

/// The sheet; it is shown while [`Desk::help_open`](super::desk::Desk::help_open) is true.
#[component]
pub fn HelpSheet() -> impl IntoView {
    let sheets = use_pieces().sheets;
    view! {
        <Dialog id="keys" title=text("help.title") open=use_desk().help_open>
            <Later piece=sheets view=|sheets: Sheets| (sheets.help)()/>
        </Dialog>
    }
}

/// What the sheet says.
#[component]
pub fn Keys() -> impl IntoView {
    let single = use_desk().preferences.single_keys;
    view! {
            <p class="help-about">{text("help.about")}</p>
            <label class="switch">
                <input
                    type="checkbox"
                    prop:checked=move || single.get()
                    on:change=move |event| single.set(event_target_checked(&event))
                />
                <span>{text("help.single")}</span>
            </label>
            <div class="help-groups">
                {Group::ALL
                    .into_iter()
                    .map(|group| section(text(&format!("command_groups.{}", group.key())).to_owned(), lines(group)))
                    .collect_view()}
                {section(
                    text("help.pointer").to_owned(),
                    OTHERS.map(|(keys, words)| (text(keys).to_owned(), text(words).to_owned())).to_vec(),
                )}
            </div>
    }
}

fn section(title: String, lines: Vec<(String, String)>) -> impl IntoView {
    let lines = lines.into_iter().map(|(keys, words)| {
        view! {
            <div>
                <dt><kbd>{keys}</kbd></dt>
                <dd>{words}</dd>
            </div>
        }
    });
    view! {
        <section>
            <h3>{title}</h3>
            <dl>{lines.collect_view()}</dl>
        </section>
    }
}

/// Keys and words of a group; rows of one name share a line.
fn lines(group: Group) -> Vec<(String, String)> {
    let is_mac = is_mac();
    let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
    for row in TABLE.iter().filter(|row| row.group == group && !row.chords.is_empty()) {
        let keys = row.chords.iter().map(|chord| chord.words(is_mac));
        match lines.last_mut().filter(|(key, _)| *key == row.key) {
            Some((_, all)) => all.extend(keys),
            None => lines.push((row.key, keys.collect())),
        }
    }
    let written = lines.into_iter().map(|(key, keys)| (in_short(&keys), text(&format!("commands.{key}")).to_owned()));
    written.collect()
}

/// Keys in one line: `Ctrl Shift Z · Ctrl Y`, and `Shift ← ↑ → ↓` where all but the last is the same.
fn in_short(keys: &[String]) -> String {
    let parts: Vec<(&str, &str)> = keys.iter().map(|keys| keys.rsplit_once(' ').unwrap_or(("", keys))).collect();
    match parts.first() {
        Some((held, _)) if parts.len() > 2 && parts.iter().all(|(one, _)| one == held) => {
            let last: Vec<&str> = parts.iter().map(|(_, last)| *last).collect();
            format!("{held} {}", last.join(" ")).trim_start().to_owned()
        }
        _ => keys.join(" · "),
    }
}
