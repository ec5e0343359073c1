//! The bar at the top: what the design is called, undo and redo, files, theme, help.

use leptos::html;
use leptos::prelude::*;

use super::designs::DesignsDialog;
use super::desk::{keys, use_desk};
use super::editor::use_editor;
use super::keeping;
use super::notices::use_notices;
use super::parts::{Icon, IconButton};
use super::places::ModeSwitch;
use super::preferences::use_preferences;
use super::share::ShareDialog;
use crate::design::Settings;
use crate::design::edit::Edit;
use crate::editor::command::Command;
use crate::embed::params::Theme;
use crate::text::text;
use crate::ui::reaction::{derived, effect};
use crate::ui::words;

/// Mark and name.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <span class="brand">
            <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                <path class="brand-limit" d="M5 8h22"></path>
                <path class="brand-load" d="M8 26v-5M16 26v-9M24 26V13"></path>
            </svg>
            <span class="brand-name">{text("app.name")}</span>
        </span>
    }
}

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let editor = use_editor();
    let notices = use_notices();
    let desk = use_desk();
    let preferences = use_preferences();
    let menu_open = RwSignal::new(false);
    let share_open = RwSignal::new(false);
    let designs_open = RwSignal::new(false);
    let file_input = NodeRef::<html::Input>::new();

    let title = move || editor.design().with(|design| design.settings().title.clone());
    // The tab is found by the design's name.
    effect(move || document().set_title(&format!("{} · {}", title(), text("app.name"))));
    let on_title = move |event: leptos::ev::Event| {
        let entered = event_target_value(&event).trim().to_owned();
        let title = if entered.is_empty() { text("app.untitled").to_owned() } else { entered };
        let settings = editor.design().with_untracked(|design| design.settings().clone());
        if settings.title != title {
            editor.perform(Edit::SetSettings(Settings { title, ..settings }));
        }
    };
    let on_file = move |_| {
        menu_open.set(false);
        let Some(input) = file_input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            keeping::open_file(editor, notices, file);
        }
        // The same file may be opened again.
        input.set_value("");
    };
    let theme_icon = derived(move || match preferences.theme.get() {
        Theme::Auto => Icon::ThemeAuto,
        Theme::Light => Icon::ThemeLight,
        Theme::Dark => Icon::ThemeDark,
    });
    let theme_label = derived(move || words::say(&format!("top.theme.{}", preferences.theme.get().key())));
    let close_then = move |act: fn(super::editor::Editor, super::notices::Notices)| {
        menu_open.set(false);
        act(editor, notices);
    };

    view! {
        <header class="top-bar" aria-label=text("top.label")>
            <Brand/>
            <input
                id="title"
                type="text"
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                aria-label=text("top.title")
                prop:value=title
                on:change=on_title
                on:keydown=move |event| {
                    if matches!(event.key().as_str(), "Enter" | "Escape") {
                        let _ = event_target::<web_sys::HtmlElement>(&event).blur();
                    }
                }
            />
            <div class="top-history">
                <IconButton
                    id="undo"
                    icon=Icon::Undo
                    label=text("top.undo")
                    keys="Ctrl Z"
                    disabled=derived(move || !editor.can_undo())
                    on_press=move |()| editor.undo()
                />
                <IconButton
                    id="redo"
                    icon=Icon::Redo
                    label=text("top.redo")
                    keys="Ctrl Shift Z"
                    disabled=derived(move || !editor.can_redo())
                    on_press=move |()| editor.redo()
                />
            </div>
            <ModeSwitch/>
            <IconButton
                class="top-more"
                icon=Icon::More
                label=text("top.menu")
                pressed=derived(move || menu_open.get())
                on_press=move |()| menu_open.update(|open| *open = !*open)
            />
            <div class="top-actions" class:open=move || menu_open.get()>
                <IconButton
                    id="designs"
                    wordy=true
                    icon=Icon::Designs
                    label=text("top.designs")
                    on_press=move |()| {
                        menu_open.set(false);
                        designs_open.set(true);
                    }
                />
                <label class="icon-button wordy" title=text("top.open")>
                    <Icon icon=Icon::Open/>
                    <span class="words">{text("top.open")}</span>
                    <input
                        id="import"
                        class="visually-hidden"
                        type="file"
                        accept=".json,application/json"
                        node_ref=file_input
                        on:change=on_file
                    />
                </label>
                <IconButton
                    id="save"
                    wordy=true
                    icon=Icon::Save
                    label=text("top.save")
                    keys="Ctrl S"
                    on_press=move |()| close_then(keeping::save_file)
                />
                <IconButton
                    id="share"
                    wordy=true
                    icon=Icon::Share
                    label=text("top.share")
                    on_press=move |()| {
                        menu_open.set(false);
                        share_open.set(true);
                    }
                />
                <IconButton
                    id="find"
                    wordy=true
                    icon=Icon::Search
                    label=text("top.search")
                    keys=keys(Command::Search)
                    on_press=move |()| {
                        menu_open.set(false);
                        desk.run(Command::Search);
                    }
                />
                <IconButton
                    id="theme"
                    wordy=true
                    icon=theme_icon
                    label=theme_label
                    on_press=move |()| preferences.theme.update(|theme| *theme = theme.next())
                />
                <IconButton
                    id="help"
                    wordy=true
                    icon=Icon::Help
                    label=text("top.help")
                    keys="?"
                    on_press=move |()| {
                        menu_open.set(false);
                        desk.help_open.set(true);
                    }
                />
            </div>
            <ShareDialog open=share_open/>
            <DesignsDialog open=designs_open/>
        </header>
    }
}
