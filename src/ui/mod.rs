//! The page, in Leptos. Signals carry what people read, a few times a second; the canvas paints from the newest
//! snapshot in its own frame loop.
//!
//! Here is what the page begins with: the diagram, moving. All the rest comes in [`pieces`].

mod around;
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

use leptos::mount::mount_to_body;
use leptos::prelude::*;

use self::canvas::DiagramStage;
use self::editor::Editor;
use self::engine::Engine;
use self::notices::Notices;
use self::pieces::{Around, AroundLost, NotFetched, Pieces};
use self::places::{Mode, Places};
use self::preferences::{Preferences, Sheet};
use crate::design::examples;
use crate::design::file::Shared;
use crate::embed::params::{Params, Surroundings};
use crate::text;
use crate::web;

/// Opens the page: at once with the design that a visitor meets first, or once there is what reads another one.
pub fn open() {
    if keeping::begins_afresh() {
        show(Params::default(), None);
        return;
    }
    web::spawn(async move {
        match Around::fetch().await {
            Ok(around) => show((around.params)(), Some(around)),
            Err(NotFetched) => web::announce("headroom-lost", ""),
        }
    });
}

fn show(params: Params, around: Option<Around>) {
    mount_to_body(move || view! { <App params around/> });
    web::announce("headroom-shown", "");
}

/// The whole page.
#[component]
fn App(
    /// What the address presets.
    params: Params,
    /// What stands around the diagram, if it is there already.
    around: Option<Around>,
) -> impl IntoView {
    let notices = Notices::new();
    let preferences = Preferences::restore(&params);
    let Shared { design, seed, sight, faults } = match around {
        Some(around) => {
            text::add(around.texts);
            (around.first_design)(&params, notices)
        }
        None => Shared::of(examples::starter()),
    };
    let editor = Editor::new(design, params.access);
    editor.want_sight(sight.or_else(|| params.sight_of(&editor.design().get_untracked())));
    let engine = Engine::start(editor, &params, seed);
    engine.begin_with(faults);
    let places = Places::new(editor, engine, notices);
    let diagram = canvas::new_diagram(editor, engine, preferences);
    let (is_embedded, is_whole) = (params.embed, params.surroundings == Surroundings::Full);
    provide_context(StoredValue::new(params));
    provide_context(notices);
    provide_context(preferences);
    provide_context(editor);
    provide_context(engine);
    provide_context(places);
    provide_context(diagram);
    let pieces = Pieces::new(around, places, editor, engine);
    provide_context(pieces);
    if let Some(around) = around {
        (around.begin)();
    }
    pieces.fetch_in_peace(engine, diagram);
    let around = pieces.around;
    view! {
        <div
            class="app"
            class:embed=!is_whole
            class:inside=is_embedded && is_whole
            class:guided=move || places.mode() != Mode::Play
            class:without-guide=move || !preferences.guide_open.get()
            class:zen=move || preferences.is_zen.get()
            class:without-palette=move || !preferences.palette_open.get()
            class:without-inspector=move || !preferences.inspector_open.get()
            class:without-charts=move || !preferences.charts_open.get()
            data-mode=move || places.mode().key()
            data-sheet=move || preferences.sheet.get().map_or("none", Sheet::key)
        >
            {move || around.here().map_or_else(|| head_to_come(is_whole), |around| (around.head)())}
            <main class="stage">
                <DiagramStage>{move || around.here().map(|around| (around.hands)())}</DiagramStage>
                {move || around.here().map(|around| (around.over)())}
                <AroundLost/>
            </main>
            {move || around.here().map_or_else(|| tail_to_come(is_whole, preferences), |around| (around.tail)())}
        </div>
    }
}

/// The places of what will stand above and to the left, so that nothing jumps when it comes.
fn head_to_come(is_whole: bool) -> AnyView {
    is_whole
        .then(|| {
            view! {
                <header class="top-bar">
                    <top_bar::Brand/>
                </header>
                <aside id="palette" class="panel"></aside>
            }
        })
        .into_any()
}

/// The places of what will stand below and to the right.
fn tail_to_come(is_whole: bool, preferences: Preferences) -> AnyView {
    let closed = !preferences.charts_open.get_untracked();
    is_whole
        .then(|| {
            view! {
                <aside id="charts" class="panel" class:closed=closed></aside>
                <footer class="dock"></footer>
                <aside id="inspector" class="panel"></aside>
            }
        })
        .into_any()
}

/// What the address presets, as the page provided it.
pub fn use_params() -> StoredValue<Params> {
    expect_context()
}
