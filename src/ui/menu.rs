//! Menus at the pointer, and sentences at the pointer. What a menu offers comes from [`crate::editor::menu`].

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::canvas::OpenMenu;
use super::desk::{Desk, keys, use_desk};
use super::parts::PathIcon;
use super::pieces::{Later, use_pieces};
use crate::editor::menu::{Act, Entry, Item};
use crate::entry::small;
use crate::text::text;
use crate::ui::reaction::effect;

/// Least distance between a menu and the border of the window [CSS px].
const MARGIN: f64 = 8.0;
/// Longest pause between letters of one word [ms].
const WORD_MS: f64 = 800.0;
/// The arrow of entries that open another menu.
const ONWARD: &str = "M9.5 6.5L15 12l-5.5 5.5";
/// The arrow back.
const BACK: &str = "M14.5 6.5L9 12l5.5 5.5";
/// The mark of what is on.
const TICK: &str = "M5 12.5l4.5 4.5L19 7.5";

/// What had the focus before the first of a chain of menus.
pub type FocusBefore = StoredValue<Option<HtmlElement>, LocalStorage>;

/// Shows the open menu, and what is said at the pointer.
#[component]
pub fn MenuLayer() -> impl IntoView {
    let desk = use_desk();
    let sheets = use_pieces().sheets;
    let before: FocusBefore = StoredValue::new_local(None);
    let menu = move || {
        let Some(open) = desk.diagram.menu.get() else { return ().into_any() };
        if open.path.is_empty() {
            before.set_value(focused());
        }
        let (left, top) = open.at;
        match sheets.here() {
            Some(sheets) => (sheets.menu)(desk, open, before),
            None => view! {
                <div class="menu" style:left=format!("{left}px") style:top=format!("{top}px")>
                    <Later piece=sheets view=|_| ().into_any()/>
                </div>
            }
            .into_any(),
        }
    };
    let bubble = move || {
        desk.diagram.bubble.get().map(|((x, y), words)| {
            view! {
                <p class="bubble" style:left=format!("{x}px") style:top=format!("{y}px")>
                    {words}
                </p>
            }
        })
    };
    view! {
        {menu}
        {bubble}
    }
}

/// A menu. `before` gets the focus back when it closes.
#[component]
pub fn MenuSheet(desk: Desk, open: OpenMenu, before: FocusBefore) -> impl IntoView {
    let sheet = NodeRef::<html::Div>::new();
    let place = RwSignal::new(open.at);
    let (title, entries) = desk.editor.design().with_untracked(|design| {
        let entries = desk.engine.at_work.with_untracked(|at_work| open.menu.entries(design, at_work, desk.reach()));
        (open.menu.title(design), entries)
    });
    let close = move || {
        desk.diagram.menu.set(None);
        if let Some(before) = before.get_value() {
            // What is gone cannot be focused.
            let _ = before.focus();
        }
    };
    effect(move || {
        let Some(sheet) = sheet.get() else { return };
        // Within the window, whatever the place.
        let rect = sheet.get_bounding_client_rect();
        let room = |extent: Result<wasm_bindgen::JsValue, _>| {
            extent.ok().and_then(|extent: wasm_bindgen::JsValue| extent.as_f64()).unwrap_or(f64::INFINITY)
        };
        let fitted = |at: f64, extent: f64, room: f64| at.min(room - extent - MARGIN).max(MARGIN);
        place.update(|(x, y)| {
            *x = fitted(*x, rect.width(), room(window().inner_width()));
            *y = fitted(*y, rect.height(), room(window().inner_height()));
        });
        step(&sheet, Step::First);
    });
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let is_inside = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|target| target.closest(".menu").ok().flatten().is_some());
        if !is_inside {
            desk.diagram.menu.set(None);
        }
    });
    on_cleanup(move || outside.remove());
    let open = StoredValue::new(open);
    let back = move || {
        let mut chain = open.get_value();
        match chain.path.pop() {
            Some(menu) => desk.diagram.menu.set(Some(OpenMenu { menu, ..chain })),
            None => close(),
        }
    };
    let choose = move |act: Act| {
        let chain = open.get_value();
        if !matches!(act, Act::Open(_)) {
            close();
        }
        desk.act(act, &chain);
    };
    let typed = StoredValue::new((String::new(), f64::NEG_INFINITY));
    let on_key = move |event: ev::KeyboardEvent| {
        event.stop_propagation();
        let Some(sheet) = sheet.get_untracked() else { return };
        let key = event.key();
        match key.as_str() {
            "ArrowDown" => step(&sheet, Step::Next),
            "ArrowUp" => step(&sheet, Step::Before),
            "Home" => step(&sheet, Step::First),
            "End" => step(&sheet, Step::Last),
            "ArrowLeft" if open.with_value(|open| !open.path.is_empty()) => back(),
            "ArrowRight" => {
                if let Some(item) = focused().filter(|item| item.has_attribute("aria-haspopup")) {
                    item.click();
                }
            }
            "Escape" => back(),
            "Tab" => close(),
            letter if letter.chars().count() == 1 && letter != " " => {
                // Letters in quick succession are the beginning of one word.
                let now_ms = event.time_stamp();
                typed.update_value(|(word, at_ms)| {
                    if now_ms - *at_ms > WORD_MS {
                        word.clear();
                    }
                    word.push_str(&small(letter));
                    *at_ms = now_ms;
                });
                typed.with_value(|(word, _)| step(&sheet, Step::Word(word)));
            }
            _ => return,
        }
        event.prevent_default();
    };
    let label = title.clone();
    let has_icons = entries
        .iter()
        .any(|entry| matches!(entry, Entry::Item(Item { icon, is_on, .. }) if icon.is_some() || is_on.is_some()));
    let has_path = open.with_value(|open| !open.path.is_empty());
    view! {
        <div
            class="menu"
            role="menu"
            aria-label=label
            tabindex="-1"
            node_ref=sheet
            style:left=move || format!("{}px", place.get().0)
            style:top=move || format!("{}px", place.get().1)
            on:keydown=on_key
            on:contextmenu=|event| event.prevent_default()
        >
            <p class="menu-title" aria-hidden="true">{title}</p>
            {has_path
                .then(|| {
                    view! {
                        <button type="button" role="menuitem" tabindex="-1" on:click=move |_| back()>
                            <PathIcon path=BACK/>
                            <span>{text("menus.back")}</span>
                        </button>
                    }
                })}
            {entries.into_iter().map(|entry| line(entry, has_icons, choose)).collect_view()}
        </div>
    }
}

fn line(entry: Entry, has_icons: bool, choose: impl Fn(Act) + Copy + 'static) -> AnyView {
    let Item { words, act, icon, is_on, is_grave } = match entry {
        Entry::Item(item) => item,
        Entry::Heading(words) => return view! { <p class="menu-heading" role="none">{words}</p> }.into_any(),
        Entry::Line => return view! { <hr/> }.into_any(),
    };
    let leads_on = matches!(act, Act::Open(_));
    let keys = if let Act::Run(command) = &act { keys(*command) } else { String::new() };
    let icon = icon.or(is_on.filter(|&is_on| is_on).map(|_| TICK));
    let act = StoredValue::new(act);
    view! {
        <button
            type="button"
            role=if is_on.is_some() { "menuitemcheckbox" } else { "menuitem" }
            aria-checked=is_on.map(|is_on| is_on.to_string())
            aria-haspopup=leads_on.then_some("menu")
            class:grave=is_grave
            tabindex="-1"
            on:click=move |_| choose(act.get_value())
        >
            {match icon {
                Some(path) => view! { <PathIcon path=path/> }.into_any(),
                None if has_icons => view! { <span class="icon"></span> }.into_any(),
                None => ().into_any(),
            }}
            <span class="words">{words}</span>
            {(!keys.is_empty()).then(|| view! { <kbd aria-hidden="true">{keys}</kbd> })}
            {leads_on.then(|| view! { <PathIcon path=ONWARD/> })}
        </button>
    }
    .into_any()
}

/// Where the focus goes within a menu.
#[derive(Clone, Copy)]
enum Step<'a> {
    First,
    Last,
    Next,
    Before,
    /// The next entry that begins so; the present one, if it still does after a second letter.
    Word(&'a str),
}

fn step(sheet: &web_sys::HtmlDivElement, step: Step<'_>) {
    let children = sheet.children();
    let items: Vec<HtmlElement> = (0..children.length())
        .filter_map(|index| children.item(index)?.dyn_into::<HtmlElement>().ok())
        .filter(|child| child.tag_name() == "BUTTON")
        .collect();
    let present = focused().and_then(|focused| items.iter().position(|item| *item == focused));
    let n = items.len();
    let begins = |item: &HtmlElement, word: &str| small(&item.text_content().unwrap_or_default()).starts_with(word);
    let chosen = match step {
        Step::First => items.first(),
        Step::Last => items.last(),
        Step::Next => items.get(present.map_or(0, |present| (present + 1) % n.max(1))),
        Step::Before => items.get(present.map_or(0, |present| (present + n - 1) % n.max(1))),
        Step::Word(word) => {
            let start = present.map_or(0, |present| present + usize::from(word.chars().count() == 1));
            (start..start + n).map(|index| &items[index % n]).find(|item| begins(item, word))
        }
    };
    if let Some(item) = chosen {
        // Refused only for an element that is not on the page.
        let _ = item.focus();
    }
}

fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}
