//! The playground inside another page: diagram, slider and time controls, and a way to all the rest. It waits until
//! somebody starts it, rests while it is out of view, keeps nothing, and leaves the wheel to its host.

use leptos::prelude::*;

use super::editor::use_editor;
use super::engine::{Engine, use_engine};
use super::keeping;
use super::notices::use_notices;
use super::parts::{Icon, IconButton, Show};
use super::share::link_of;
use super::time_controls::TimeControls;
use super::use_params;
use super::users_slider::UsersSlider;
use super::verdict::Verdict;
use crate::design::script::Action;
use crate::embed::params::{Access, Surroundings};
use crate::ids::ComponentId;
use crate::text::{fill, text};
use crate::ui::reaction::memo;
use crate::ui::words;
use crate::web::{location, observe};

/// Whether more is shown than the diagram.
fn shows_more() -> bool {
    use_params().with_value(|params| params.surroundings != Surroundings::None)
}

/// What stands below the diagram.
#[component]
pub fn Dock() -> impl IntoView {
    let (access, controls) = use_params().with_value(|params| (params.access, params.controls));
    (shows_more() && access != Access::View).then(|| {
        view! {
            <footer class="dock">
                <Verdict/>
                <Acts/>
                <UsersSlider/>
                {controls.then(|| view! { <TimeControls/> })}
            </footer>
        }
    })
}

/// Lets the run rest while the page is out of view.
pub fn rest_out_of_view(engine: Engine) {
    engine.set_in_view(false);
    let Some(root) = document().document_element() else { return };
    match observe::in_view(&root, move |is_in_view| engine.set_in_view(is_in_view)) {
        // For as long as the page.
        Ok(watch) => {
            StoredValue::new_local(watch);
        }
        Err(_) => engine.set_in_view(true),
    }
}

/// What it shows, and a way to the whole playground.
#[component]
pub fn Bar() -> impl IntoView {
    let editor = use_editor();
    let engine = use_engine();
    let notices = use_notices();
    let params = use_params();
    let title = move || editor.design().with(|design| design.settings().title.clone());
    let elsewhere = move || {
        editor.design().track();
        location::plain_address("", &link_of(editor, engine))
    };
    let reset = move |()| {
        let shared = params.with_value(|params| keeping::first_design(params, notices));
        engine.users.set(shared.design.settings().users);
        engine.begin_with(shared.faults);
        editor.want_sight(shared.sight);
        editor.open(shared.design);
    };
    shows_more().then(|| {
        view! {
            <header class="embed-bar">
                <p class="embed-title">{title}</p>
                <IconButton id="reset" wordy=true icon=Icon::Undo label=text("embed.reset") on_press=reset/>
                <a id="remix" class="icon-button wordy" target="_blank" rel="noopener" href=elsewhere>
                    <Icon icon=Icon::Elsewhere/>
                    <span class="words">{text("embed.remix")}</span>
                </a>
            </header>
        }
    })
}

/// The button that starts it; gone once it has run.
#[component]
pub fn Start() -> impl IntoView {
    let engine = use_engine();
    let has_run = Memo::new(move |before: Option<&bool>| before.is_some_and(|ran| *ran) || engine.playing.get());
    view! {
        <Show when=move || !has_run.get()>
            <button type="button" id="start" class="embed-start" on:click=move |_| engine.playing.set(true)>
                <Icon icon=Icon::Play/>
                <span>{text("embed.start")}</span>
            </button>
        </Show>
    }
}

/// What can be done to the part that is selected.
#[component]
fn Acts() -> impl IntoView {
    let editor = use_editor();
    let engine = use_engine();
    let selected = memo(move || editor.selection.with(|selection| selection.components.first().copied()));
    let button = move |id: ComponentId, act: &'static str, icon: Icon, action: fn(ComponentId) -> Action| {
        let name = editor.design().with_untracked(|design| words::component(design, id));
        let label = fill(&format!("acts.{act}"), &[("name", &name)]);
        view! {
            <span data-act=act>
                <IconButton wordy=true icon=icon label=label on_press=move |()| engine.act(action(id))/>
            </span>
        }
    };
    view! {
        {move || {
            selected
                .get()
                .map(|id| {
                    view! {
                        <p class="acts">
                            {button(id, "kill", Icon::Kill, Action::Kill)}
                            {button(id, "restore", Icon::Restore, Action::Restore)}
                        </p>
                    }
                })
        }}
    }
}
