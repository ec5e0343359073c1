//! The sheet of help: what the picture shows, and the keys, read from the table of commands.

use leptos::prelude::*;

use super::desk::{is_mac, use_desk};
use super::parts::Dialog;
use super::pieces::{Later, Sheets, use_pieces};
use crate::editor::command::{Group, TABLE};
use crate::text::text;
use crate::ui::words;

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

/// What stands on the diagram: its key in the texts, and how it looks.
const PICTURE: [(&str, &str); 14] = [
    (
        "request",
        r#"<circle class="read" cx="7" cy="8" r="3.2"/><circle class="write" cx="16" cy="8" r="3.2"/><circle class="static" cx="25" cy="8" r="3.2"/>"#,
    ),
    ("answer", r#"<circle class="read" cx="16" cy="8" r="2"/>"#),
    ("cache", r#"<path class="read" d="M10 4l4 4-4 4-4-4z"/><path class="read line" d="M22 4l4 4-4 4-4-4z"/>"#),
    ("stale", r#"<circle class="read line" cx="16" cy="8" r="3.4"/>"#),
    ("refused", r#"<path class="saturated line" d="M12 4l8 8M20 4l-8 8"/>"#),
    ("timed_out", r#"<path class="saturated line" d="M20.5 8a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M16 5v3h2.5"/>"#),
    ("target_down", r#"<path class="saturated line" d="M20.5 8a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M12.5 11.5l7-7"/>"#),
    ("log", r#"<path class="replication" d="M13 5h6v6h-6z"/>"#),
    ("picked", r#"<circle class="read" cx="16" cy="8" r="2.6"/><circle class="accent line" cx="16" cy="8" r="6.2"/>"#),
    ("link", r#"<path class="link line" d="M2 4h28"/><path class="link line wide" d="M2 11h28"/>"#),
    (
        "gauge",
        r#"<path class="hollow" d="M2 5.5h28v5H2z"/><path class="hot pale" d="M2 5.5h24v5H2z"/><path class="hot" d="M2 5.5h17v5H2z"/>"#,
    ),
    (
        "machines",
        r#"<path class="calm pale" d="M2 5h6v6H2z"/><path class="calm" d="M2 8.5h6V11H2z"/><path class="muted line" d="M13 5h6v6h-6z"/><path class="saturated line" d="M24 5l6 6M30 5l-6 6"/>"#,
    ),
    ("queue", r#"<path class="hot" d="M10 11h12v2.5H10zM10 7h12v2.5H10zM10 3h12v2.5H10z"/>"#),
    ("down", r#"<rect class="muted line dashed" x="5" y="2.5" width="22" height="11" rx="3"/>"#),
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
            <h3>{text("help.picture.title")}</h3>
            <ul class="picture-keys">
                {PICTURE
                    .map(|(key, look)| {
                        view! {
                            <li>
                                <svg class="picture-key" viewBox="0 0 32 16" aria-hidden="true" inner_html=look></svg>
                                <span>{words::say(&format!("help.picture.{key}"))}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <h3>{text("help.keys")}</h3>
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
