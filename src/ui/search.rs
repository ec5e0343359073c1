//! The search: every command, every part to add, everything on the drawing, found by a few letters.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::desk::{Desk, Search, keys, use_desk};
use super::parts::{Icon, PathIcon};
use super::pieces::{Later, Sheets, use_pieces};
use crate::editor::command::{Command, TABLE};
use crate::editor::menu::{icon_of, link_name};
use crate::editor::place::{Offer, free_place};
use crate::editor::search;
use crate::scene::{Selection, icon};
use crate::text::{fill, text};
use crate::ui::reaction::{derived, effect};

/// Most results that are shown.
const SHOWN: usize = 40;

/// What choosing a result does.
#[derive(Clone)]
enum Find {
    Command(Command),
    Offer(Offer),
    Thing(Selection),
}

#[derive(Clone)]
struct Found {
    words: String,
    /// What it is, beside its name.
    kind: String,
    icon: Option<&'static str>,
    find: Find,
}

/// The search; it is shown while [`Desk::search`] says so.
#[component]
pub fn SearchDialog() -> impl IntoView {
    let desk = use_desk();
    let sheets = use_pieces().sheets;
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        let is_wanted = desk.search.get().is_some();
        if is_wanted && !dialog.open() {
            // Fails only for a dialog that is open already.
            let _ = dialog.show_modal();
        } else if !is_wanted && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            id="search"
            node_ref=dialog
            aria-label=text("search.label")
            on:close=move |_| desk.search.set(None)
            on:click=move |event| {
                // A click on the dialog itself is one on the backdrop: what it shows lies in an element inside.
                if event.target() == event.current_target() {
                    desk.search.set(None);
                }
            }
        >
            {move || {
                let search = desk.search.get()?;
                Some(view! { <Later piece=sheets view=move |sheets: Sheets| (sheets.search)(desk, search)/> })
            }}
        </dialog>
    }
}

/// What the dialog holds.
#[component]
pub fn SearchInside(desk: Desk, search: Search) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let field = NodeRef::<html::Input>::new();
    let all = StoredValue::new(everything(desk, search));
    let results = derived(move || {
        let mut found = search::best(&typed.get(), all.get_value(), |found| &found.words);
        found.truncate(SHOWN);
        found
    });
    let is_empty = move || results.with(Vec::is_empty);
    effect(move || {
        if let Some(field) = field.get() {
            // Refused only for an element that is not on the page.
            let _ = field.focus();
        }
    });
    let take = move |find: Find| {
        desk.search.set(None);
        match find {
            // Once the dialog has given the focus back.
            Find::Command(command) => request_animation_frame(move || desk.run(command)),
            Find::Offer(offer) => add(desk, offer, search),
            Find::Thing(selection) => request_animation_frame(move || desk.diagram.go_to(selection)),
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        event.stop_propagation();
        let n = results.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|chosen| *chosen = (*chosen + 1) % n),
            "ArrowUp" => chosen.update(|chosen| *chosen = (*chosen + n - 1) % n),
            "Enter" => {
                let found = results.with_untracked(|found| found.get(chosen.get_untracked()).cloned());
                if let Some(found) = found {
                    take(found.find);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let placeholder = match search {
        Search::Everything => "search.everything",
        Search::Things => "search.things",
        Search::Parts(_) => "search.parts",
    };
    let lines = move || {
        let found = results.get();
        if found.is_empty() {
            return view! { <p class="quiet">{text("search.none")}</p> }.into_any();
        }
        let lines = found.into_iter().enumerate().map(|(position, found)| {
            let keys = if let Find::Command(command) = found.find { keys(command) } else { String::new() };
            let find = found.find;
            view! {
                <li
                    id=format!("search-{position}")
                    role="option"
                    aria-selected=move || (chosen.get() == position).to_string()
                    on:pointermove=move |_| {
                        if chosen.get_untracked() != position {
                            chosen.set(position);
                        }
                    }
                    on:click=move |_| take(find.clone())
                >
                    {match found.icon {
                        Some(path) => view! { <PathIcon path=path/> }.into_any(),
                        None => view! { <span class="icon"></span> }.into_any(),
                    }}
                    <span class="words">{found.words}</span>
                    <span class="quiet">{found.kind}</span>
                    {(!keys.is_empty()).then(|| view! { <kbd aria-hidden="true">{keys}</kbd> })}
                </li>
            }
        });
        let lines = lines.collect_view();
        view! { <ul id="search-results" role="listbox" aria-label=text("search.label")>{lines}</ul> }.into_any()
    };
    // What is chosen by keys comes into view.
    effect(move || {
        let id = format!("search-{}", chosen.get());
        if let Some(line) = document().get_element_by_id(&id) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            line.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    view! {
        <div class="search-inside">
            <label class="search-field">
                <Icon icon=Icon::Search/>
                <input
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    spellcheck="false"
                    aria-expanded=move || (!is_empty()).to_string()
                    aria-controls=move || (!is_empty()).then_some("search-results")
                    aria-activedescendant=move || (!is_empty()).then(|| format!("search-{}", chosen.get()))
                    aria-label=text("search.label")
                    placeholder=text(placeholder)
                    node_ref=field
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        chosen.set(0);
                    }
                    on:keydown=on_key
                />
            </label>
            {lines}
        </div>
    }
}

/// Everything that can be found.
fn everything(desk: Desk, search: Search) -> Vec<Found> {
    let mut all = Vec::new();
    let is_everything = search == Search::Everything;
    if is_everything {
        let mut last = "";
        for row in TABLE {
            // Commands that differ only in direction are for keys.
            let is_for_keys = matches!(
                row.command,
                Command::Nudge(..) | Command::Stretch(..) | Command::Page(_) | Command::Choose | Command::Search
            );
            if !is_for_keys && row.key != last && desk.offers(row.command) {
                let words = text(&format!("commands.{}", row.key)).to_owned();
                let kind = text(&format!("command_groups.{}", row.group.key())).to_owned();
                all.push(Found { words, kind, icon: None, find: Find::Command(row.command) });
            }
            last = row.key;
        }
    }
    if matches!(search, Search::Everything | Search::Parts(_)) && desk.offers(Command::Add) {
        for offer in Offer::all() {
            let name = offer.name();
            let words = if is_everything { fill("search.add", &[("name", &name)]) } else { name };
            let kind = text(&format!("groups.{}", offer.kind.group().key())).to_owned();
            all.push(Found { words, kind, icon: Some(icon_of(offer)), find: Find::Offer(offer) });
        }
    }
    if matches!(search, Search::Everything | Search::Things) {
        desk.editor.design().with_untracked(|design| {
            for component in design.components() {
                let kind = component.config.kind();
                let words = component.name.clone();
                let name = text(&format!("kinds.{}.name", kind.key())).to_owned();
                let find = Find::Thing(Selection::component(component.id));
                all.push(Found { words, kind: name, icon: Some(icon::of_kind(kind)), find });
            }
            for frame in design.frames() {
                let kind = text(&format!("frames.{}.name", frame.kind.key())).to_owned();
                let find = Find::Thing(Selection::frame(frame.id));
                all.push(Found { words: frame.name.clone(), kind, icon: None, find });
            }
            for link in design.links() {
                let find = Find::Thing(Selection::link(link.id));
                all.push(Found { words: link_name(design, link.id), kind: String::new(), icon: None, find });
            }
        });
    }
    all
}

/// Adds a part where it was asked for, else in the middle of the view.
fn add(desk: Desk, offer: Offer, search: Search) {
    let wanted = match search {
        Search::Parts(Some(at)) => at,
        _ => desk.editor.view_centre.get_untracked(),
    };
    let place = desk.editor.design().with_untracked(|design| free_place(design, wanted));
    desk.diagram.keep_camera();
    let id = desk.editor.place(offer, place);
    desk.editor.tell(fill("diagram.added", &[("name", &offer.name())]));
    request_animation_frame(move || desk.diagram.go_to(Selection::component(id)));
}
