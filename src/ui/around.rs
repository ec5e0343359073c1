//! What stands around the diagram, and all that can be done to it: it comes once the picture moves.

use leptos::ev;
use leptos::prelude::*;

use super::canvas::Diagram;
use super::desk::Desk;
use super::keeping::{self, Keeper};
use super::notices::{NoticeList, Weight, use_notices};
use super::panel::{Panel, SheetTabs};
use super::parts::Show;
use super::pieces::{Guides, Later, use_pieces};
use super::places::{Mode, use_places};
use super::preferences::{Sheet, use_preferences};
use super::reaction::{effect, memo};
use super::{
    charts, embedded, empty, help, hints, host, inspector, menu, palette, search, shortcuts, time_controls, top_bar,
    use_params, users_slider, verdict, words,
};
use crate::embed::params::Surroundings;
use crate::text::text;
use crate::web;

/// Listens to keys, files and the host, keeps what is drawn, checks and measures it, and goes where the address leads.
pub fn begin() {
    let (editor, engine) = (super::editor::use_editor(), super::engine::use_engine());
    let (notices, preferences, places) = (use_notices(), use_preferences(), use_places());
    let diagram = expect_context::<Diagram>();
    let desk = Desk {
        diagram,
        editor,
        engine,
        notices,
        preferences,
        help_open: RwSignal::new(false),
        search: RwSignal::new(None),
    };
    provide_context(desk);
    let (is_embedded, host) =
        use_params().with_value(|params| (params.embed, params.api.then(|| params.origin.clone())));
    if !is_embedded {
        places.keep_by(Keeper::start(editor, notices, preferences));
        preferences.keep();
    }
    places.follow_address(preferences);
    engine.follow_changes(editor);
    shortcuts::listen(desk);
    effect(move || {
        if let Some(failure) = engine.failure.get() {
            notices.tell(Weight::Failure, words::engine_failure(&failure));
        }
    });
    if is_embedded {
        embedded::rest_out_of_view(engine);
    } else {
        keeping::tell_if_blocked(notices);
    }
    if let Some(origin) = host {
        host::talk(desk, origin);
    }
    take_dropped_files(desk);
}

/// Opens files that are dropped on the whole page.
fn take_dropped_files(desk: Desk) {
    if use_params().with_value(|params| params.surroundings != Surroundings::Full) {
        return;
    }
    let over = window_event_listener(ev::dragover, |event| {
        if carries_files(&event) {
            event.prevent_default();
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        if carries_files(&event) {
            event.prevent_default();
            let files = event.data_transfer().and_then(|data| data.files());
            if let Some(file) = files.and_then(|files| files.get(0)) {
                keeping::open_file(desk.editor, desk.notices, file);
            }
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
    });
}

fn is_whole() -> bool {
    use_params().with_value(|params| params.surroundings == Surroundings::Full)
}

/// What stands above and to the left.
#[component]
pub fn Head() -> impl IntoView {
    if !is_whole() {
        return view! { <embedded::Bar/> }.into_any();
    }
    let preferences = use_preferences();
    let places = use_places();
    let has_guide = move || places.mode() != Mode::Play;
    view! {
        <a class="skip" href="#canvas" on:click=skip_to_diagram>
            {text("app.skip")}
        </a>
        <top_bar::TopBar/>
        <Panel sheet=Sheet::Palette open=preferences.palette_open>
            <palette::Palette/>
        </Panel>
        <Show when=has_guide>
            <Panel sheet=Sheet::Guide open=preferences.guide_open>
                <Guide/>
            </Panel>
        </Show>
    }
    .into_any()
}

/// What stands on the stage, over the diagram.
#[component]
pub fn Over() -> impl IntoView {
    let is_embedded = use_params().with_value(|params| params.embed);
    if !is_whole() {
        return view! {
            <embedded::Start/>
            <menu::MenuLayer/>
        }
        .into_any();
    }
    view! {
        <empty::EmptyState/>
        {(!is_embedded).then(|| view! { <hints::Hints/> })}
        <menu::MenuLayer/>
    }
    .into_any()
}

/// What stands below and to the right, and what lies over the page.
#[component]
pub fn Tail() -> impl IntoView {
    let preferences = use_preferences();
    let guides = use_pieces().guides;
    let panels = if is_whole() {
        view! {
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
        }
        .into_any()
    } else {
        view! { <embedded::Dock/> }.into_any()
    };
    view! {
        {panels}
        <NoticeList/>
        <Announcer/>
        <search::SearchDialog/>
        <help::HelpSheet/>
        {move || guides.here().map(|guides| (guides.report)())}
    }
}

/// What stands beside the diagram in the modes that have a guide.
#[component]
fn Guide() -> impl IntoView {
    let places = use_places();
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

/// Says to screen readers what has been done, and what could not be.
#[component]
fn Announcer() -> impl IntoView {
    let editor = super::editor::use_editor();
    view! {
        <p id="announcer" class="visually-hidden" aria-live="polite">
            <span>{move || editor.refusal.get()}</span>
            " "
            <span>{move || editor.news.get()}</span>
        </p>
    }
}

/// Whether something from the desktop is being dragged.
fn carries_files(event: &ev::DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Moves the focus to the diagram without touching the address, which may carry a design.
fn skip_to_diagram(event: ev::MouseEvent) {
    event.prevent_default();
    web::focus("#proxies [tabindex='0'], #proxies button, #canvas");
}
