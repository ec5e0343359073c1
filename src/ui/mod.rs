//! The page, in Leptos. Signals carry what people read, a few times a second; the canvas paints from the newest
//! snapshot in its own frame loop.

pub mod canvas;
mod charts;
mod designs;
pub mod desk;
pub mod editor;
mod embedded;
mod empty;
pub mod engine;
mod help;
mod hints;
mod host;
mod inspector;
mod interview;
mod keeping;
mod learn;
mod menu;
mod notices;
mod palette;
mod panel;
pub mod parts;
pub mod pieces;
mod places;
pub mod preferences;
mod problems;
mod reaction;
mod search;
mod share;
mod shortcuts;
mod time_controls;
mod timeline;
mod top_bar;
mod traces;
mod users_slider;
mod verdict;
mod words;

use leptos::prelude::*;

use self::desk::Desk;
use self::editor::Editor;
use self::engine::Engine;
use self::keeping::Keeper;
use self::notices::{NoticeList, Notices, Weight};
use self::panel::{Panel, SheetTabs};
use self::pieces::{Guides, Later, Panels, Pieces, use_pieces};
use self::places::{Mode, Places};
use self::preferences::{Preferences, Sheet};
use crate::design::file::Shared;
use crate::embed::params::{Params, Surroundings};
use crate::text::text;
use crate::ui::parts::Show;
use crate::ui::reaction::{effect, memo};
use crate::web::location;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let params = location::params();
    let notices = Notices::new();
    let preferences = Preferences::restore(&params);
    let Shared { design, seed, sight, faults } = keeping::first_design(&params, notices);
    let editor = Editor::new(design, params.access);
    editor.want_sight(sight.or_else(|| params.sight_of(&editor.design().get_untracked())));
    let keeper = (!params.embed).then(|| Keeper::start(editor, notices, preferences));
    let engine = Engine::start(editor, &params, seed);
    engine.begin_with(faults);
    let places = Places::new(editor, engine, notices, keeper);
    let help_open = RwSignal::new(false);
    let (is_embedded, surroundings) = (params.embed, params.surroundings);
    let host = params.api.then(|| params.origin.clone());
    provide_context(StoredValue::new(params));
    provide_context(notices);
    provide_context(preferences);
    provide_context(editor);
    provide_context(engine);
    provide_context(places);
    places.follow_address(preferences);
    let diagram = canvas::new_diagram(editor, engine, preferences);
    let search = RwSignal::new(None);
    let desk = Desk { diagram, editor, engine, notices, preferences, help_open, search };
    provide_context(desk);
    let pieces = Pieces::new(places, editor, engine);
    provide_context(pieces);
    pieces.fetch_in_peace(desk);
    shortcuts::listen(desk);
    effect(move || {
        if let Some(reason) = engine.failure.get() {
            notices.tell(Weight::Failure, reason);
        }
    });
    if is_embedded {
        embedded::rest_out_of_view(engine);
    }
    if let Some(origin) = host {
        host::talk(desk, origin);
    }
    if surroundings == Surroundings::Full {
        view! { <Whole help_open is_embedded/> }.into_any()
    } else {
        view! {
            <div class="app embed">
                <embedded::Embedded/>
                <NoticeList/>
                <Announcer/>
                <search::SearchDialog/>
                <help::HelpSheet/>
            </div>
        }
        .into_any()
    }
}

/// The page with everything around the diagram.
#[component]
fn Whole(
    /// Whether the sheet of keys is shown.
    help_open: RwSignal<bool>,
    /// Whether it stands inside another page.
    is_embedded: bool,
) -> impl IntoView {
    let editor = editor::use_editor();
    let notices = notices::use_notices();
    let preferences = preferences::use_preferences();
    let places = places::use_places();
    let Pieces { panels, guides, .. } = use_pieces();
    let has_guide = move || places.mode() != Mode::Play;
    view! {
        <div
            class="app"
            class:inside=is_embedded
            class:guided=has_guide
            class:without-guide=move || !preferences.guide_open.get()
            class:without-palette=move || !preferences.palette_open.get()
            class:without-inspector=move || !preferences.inspector_open.get()
            class:without-charts=move || !preferences.charts_open.get()
            data-mode=move || places.mode().key()
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
                <Later piece=panels patient=true view=|panels: Panels| (panels.palette)()/>
            </Panel>
            <Show when=has_guide>
                <Panel sheet=Sheet::Guide open=preferences.guide_open>
                    <Guide/>
                </Panel>
            </Show>
            <main class="stage">
                <canvas::DiagramCanvas/>
                <empty::EmptyState/>
                {(!is_embedded).then(|| view! { <hints::Hints/> })}
                <menu::MenuLayer/>
            </main>
            <Panel sheet=Sheet::Charts open=preferences.charts_open>
                <Later piece=panels patient=true view=|panels: Panels| (panels.charts)()/>
            </Panel>
            <footer class="dock">
                <verdict::Verdict/>
                <users_slider::UsersSlider/>
                <time_controls::TimeControls/>
            </footer>
            <Panel sheet=Sheet::Inspector open=preferences.inspector_open>
                <Later piece=panels patient=true view=|panels: Panels| (panels.inspector)()/>
            </Panel>
            <SheetTabs/>
            <NoticeList/>
            <Announcer/>
            <search::SearchDialog/>
            <help::HelpSheet/>
            {move || guides.here().map(|guides| (guides.report)())}
        </div>
    }
}

/// What stands beside the diagram in the modes that have a guide.
#[component]
fn Guide() -> impl IntoView {
    let places = places::use_places();
    let mode = memo(move || places.mode());
    let piece = use_pieces().guides;
    view! {
        <Later
            piece
            view=move |guides: Guides| {
                let panel = move || match mode.get() {
                    Mode::Learn => (guides.learn)(),
                    Mode::Interview => (guides.interview)(),
                    Mode::Play => ().into_any(),
                };
                panel.into_any()
            }
        />
    }
}

/// What the address presets, as the page provided it.
pub fn use_params() -> StoredValue<Params> {
    expect_context()
}

/// Says to screen readers what has been done, and what could not be.
#[component]
fn Announcer() -> impl IntoView {
    let editor = editor::use_editor();
    view! {
        <p id="announcer" class="visually-hidden" aria-live="polite">
            <span>{move || editor.refusal.get()}</span>
            " "
            <span>{move || editor.news.get()}</span>
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
