//! The page, in Leptos. Signals carry what people read, a few times a second; the canvas paints from the newest
//! snapshot in its own frame loop.

pub mod canvas;
mod charts;
pub mod editor;
pub mod engine;
mod help;
mod inspector;
mod keeping;
mod notices;
mod palette;
mod panel;
pub mod parts;
pub mod preferences;
mod problems;
mod shortcuts;
mod time_controls;
mod top_bar;
mod users_slider;
mod verdict;
mod words;

use leptos::prelude::*;

use self::editor::Editor;
use self::engine::Engine;
use self::notices::{NoticeList, Notices, Weight};
use self::panel::{Panel, SheetTabs};
use self::preferences::{Preferences, Sheet};
use crate::text::text;
use crate::web::location;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let params = location::params();
    let notices = Notices::new();
    let preferences = Preferences::restore(&params);
    let editor = Editor::new(keeping::first_design(&params, notices));
    if !params.embed {
        keeping::keep(editor, notices);
    }
    let engine = Engine::start(editor, &params);
    let help_open = RwSignal::new(false);
    provide_context(notices);
    provide_context(preferences);
    provide_context(editor);
    provide_context(engine);
    shortcuts::listen(editor, engine, notices, help_open);
    Effect::new(move |_| {
        if let Some(reason) = engine.failure.get() {
            notices.tell(Weight::Failure, reason);
        }
    });

    view! {
        <div
            class="app"
            class:embed=params.embed
            class:without-palette=move || !preferences.palette_open.get()
            class:without-inspector=move || !preferences.inspector_open.get()
            class:without-charts=move || !preferences.charts_open.get()
            data-sheet=move || preferences.sheet.get().map_or("none", Sheet::key)
            on:dragover=move |event| {
                if carries_files(&event) {
                    event.prevent_default();
                }
            }
            on:drop=move |event| {
                if carries_files(&event) {
                    event.prevent_default();
                    let files = event.data_transfer().and_then(|data| data.files());
                    if let Some(file) = files.and_then(|files| files.get(0)) {
                        keeping::open_file(editor, notices, file);
                    }
                }
            }
        >
            <a class="skip" href="#canvas" on:click=skip_to_diagram>
                {text("app.skip")}
            </a>
            <top_bar::TopBar help_open=help_open/>
            <Panel sheet=Sheet::Palette open=preferences.palette_open>
                <palette::Palette/>
            </Panel>
            <main class="stage">
                <canvas::DiagramCanvas/>
            </main>
            <Panel sheet=Sheet::Charts open=preferences.charts_open>
                <charts::Charts/>
            </Panel>
            <footer class="dock">
                <verdict::Verdict/>
                <users_slider::UsersSlider/>
                <time_controls::TimeControls/>
            </footer>
            <Panel sheet=Sheet::Inspector open=preferences.inspector_open>
                <inspector::Inspector/>
            </Panel>
            <SheetTabs/>
            <NoticeList/>
            <Announcer/>
            <help::HelpSheet open=help_open/>
        </div>
    }
}

/// Says to screen readers what could not be done.
#[component]
fn Announcer() -> impl IntoView {
    let editor = editor::use_editor();
    view! {
        <p id="announcer" class="visually-hidden" aria-live="polite">
            {move || editor.refusal.get()}
        </p>
    }
}

/// Whether something from the desktop is being dragged.
fn carries_files(event: &leptos::ev::DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Moves the focus to the diagram without touching the address, which may carry a design.
fn skip_to_diagram(event: leptos::ev::MouseEvent) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    let target = document()
        .query_selector("#proxies [tabindex='0'], #proxies button, #canvas")
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(target) = target {
        // An element that cannot take the focus leaves it where it is.
        let _ = target.focus();
    }
}
