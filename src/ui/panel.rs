//! Panels around the diagram. On a wide screen each stands beside it and collapses to a strip; on a narrow one they
//! share one place below it, chosen by tabs.

use leptos::prelude::*;

use super::parts::{Icon, IconButton};
use super::places::{Mode, use_places};
use super::preferences::{Sheet, use_preferences};
use super::words;
use crate::text::text;
use crate::ui::reaction::derived;

/// A panel that collapses.
#[component]
pub fn Panel(
    /// Which panel.
    sheet: Sheet,
    /// Whether it is open beside the diagram.
    open: RwSignal<bool>,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let preferences = use_preferences();
    let key = sheet.key();
    let title = words::say(&format!("panels.{key}"));
    let label = derived(move || {
        let act = if open.get() { "hide" } else { "show" };
        words::say(&format!("panels.{act}_{key}"))
    });
    let icon = derived(move || match (sheet, open.get()) {
        (Sheet::Palette | Sheet::Guide, true) | (Sheet::Inspector, false) => Icon::CollapseLeft,
        (Sheet::Palette | Sheet::Guide, false) | (Sheet::Inspector, true) => Icon::CollapseRight,
        (Sheet::Charts, true) => Icon::CollapseDown,
        (Sheet::Charts, false) => Icon::ExpandUp,
    });
    let heading = title.clone();
    view! {
        <aside
            id=key
            class="panel"
            class:closed=move || !open.get()
            class:chosen=move || preferences.sheet.get() == Some(sheet)
            aria-label=title
        >
            <div class="panel-head">
                <h2>{heading}</h2>
                <IconButton
                    class="collapse"
                    icon=icon
                    label=label
                    on_press=move |()| open.update(|open| *open = !*open)
                />
                <IconButton
                    class="sheet-close"
                    icon=Icon::Close
                    label=words::say(&format!("panels.hide_{key}"))
                    on_press=move |()| preferences.sheet.set(None)
                />
            </div>
            <div class="panel-body">{children()}</div>
        </aside>
    }
}

/// Tabs that choose the sheet on a narrow screen.
#[component]
pub fn SheetTabs() -> impl IntoView {
    let preferences = use_preferences();
    let places = use_places();
    let tab = move |sheet: Sheet, icon: Icon| {
        view! {
            <IconButton
                class="sheet-tab"
                wordy=true
                icon=icon
                label=words::say(&format!("panels.{}", sheet.key()))
                pressed=derived(move || preferences.sheet.get() == Some(sheet))
                on_press=move |()| {
                    preferences
                        .sheet
                        .update(|chosen| *chosen = if *chosen == Some(sheet) { None } else { Some(sheet) })
                }
            />
        }
    };
    view! {
        <nav class="sheet-tabs" aria-label=text("panels.sheets")>
            {move || (places.mode() != Mode::Play).then(|| tab(Sheet::Guide, Icon::Guide))}
            {move || (places.mode() != Mode::Learn).then(|| tab(Sheet::Palette, Icon::Parts))}
            {tab(Sheet::Inspector, Icon::Details)}
            {tab(Sheet::Charts, Icon::Charts)}
        </nav>
    }
}
