//! Details of one component.

use leptos::prelude::*;

use super::actions::Actions;
use super::faults::{FaultButtons, RestoreButton};
use super::live::{Figures, LiveHeading, of_component};
use super::parameters::{Owner, Parameters};
use crate::design::edit::Edit;
use crate::design::price::Priced;
use crate::design::script::{Action, Target};
use crate::design::{Kind, LinkRole};
use crate::editor::faults;
use crate::ids::ComponentId;
use crate::learn::explain::Tone;
use crate::learn::figures::ComponentFigures;
use crate::scene::figures::Reason;
use crate::scene::{State, icon, reason_words};
use crate::text::{fill, text};
use crate::ui::desk::use_desk;
use crate::ui::editor::use_editor;
use crate::ui::engine::use_engine;
use crate::ui::parts::{Icon, IconButton, PathIcon, Show};
use crate::ui::reaction::{derived, memo};
use crate::ui::words;

/// Name, health, live figures, faults and parameters of the component `id`.
#[component]
pub fn ComponentDetails(
    /// Which.
    id: ComponentId,
) -> impl IntoView {
    let editor = use_editor();
    let engine = use_engine();
    let design = editor.design();
    let Some(kind) = design.with_untracked(|design| design.component(id).map(|component| component.config.kind()))
    else {
        // Removed between being selected and being shown.
        return ().into_any();
    };
    let name = memo(move || design.with(|design| words::component(design, id)));
    // Whether replication has anything to do with it: then lag and lost writes matter.
    let replicates = memo(move || {
        design.with(|design| {
            let links = design.links_to(id).into_iter().chain(design.links_from(id));
            links.into_iter().any(|link| link.role == LinkRole::Replicate)
        })
    });
    let machine_usd = memo(move || {
        design.with(|design| match design.component(id) {
            Some(component) if !design.is_hosted(id) => component.config.monthly_usd(),
            _ => 0.0,
        })
    });
    let figures = memo(move || ComponentFigures::of(&engine.watched(), id));
    let rows = memo(move || {
        let rows = |figures: &ComponentFigures| of_component(figures, replicates.get(), machine_usd.get());
        figures.with(|figures| figures.as_ref().map(rows).unwrap_or_default())
    });
    let on_name = move |event: leptos::ev::Event| {
        let entered = event_target_value(&event).trim().to_owned();
        if !entered.is_empty() && entered != name.get_untracked() {
            editor.perform(Edit::Rename(id, entered));
        }
    };
    view! {
        <header class="subject">
            <PathIcon path=icon::of_kind(kind)/>
            <div>
                <label>
                    <span class="visually-hidden">{text("inspector.name")}</span>
                    <input
                        class="subject-name"
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="200"
                        prop:value=move || name.get()
                        on:change=on_name
                    />
                </label>
                <p class="subject-kind">{words::kind(kind)} " · " <HealthBadge id=id figures=figures/></p>
            </div>
        </header>
        <p class="about">{words::about_kind(kind)}</p>
        {(kind != Kind::Users)
            .then(|| {
                view! {
                    <Faults id=id figures=figures/>
                    <FaultButtons target=Target::Component(id) kinds=faults::of_kind(kind).collect()/>
                }
            })}
        <section class="live">
            <LiveHeading/>
            <Show
                when=move || rows.with(|rows| !rows.is_empty())
                fallback=|| view! { <p class="quiet">{text("inspector.no_figures")}</p> }
            >
                <Figures figures=rows/>
            </Show>
            <Show when=move || figures.with(|figures| figures.as_ref().is_some_and(|figures| figures.n_machines > 1))>
                <p class="quiet">{text("inspector.slowest")}</p>
            </Show>
        </section>
        <Parameters owner=Owner::Component(id)/>
        <Actions duplicates=true/>
    }
    .into_any()
}

/// How it is doing, in a word: what its card shows by its colour.
#[component]
fn HealthBadge(id: ComponentId, figures: Memo<Option<ComponentFigures>>) -> impl IntoView {
    let desk = use_desk();
    let seen = memo(move || {
        desk.engine.tick.track();
        desk.diagram.stage.with_value(|stage| {
            let card = stage.figures.components.get(&id)?;
            Some((card.state, card.is_failing(), card.reason()))
        })
    });
    let tone = move || match seen.get() {
        None => Tone::Idle,
        Some((State::Down, ..)) => Tone::Down,
        Some((State::Saturated, ..) | (_, true, _)) => Tone::Saturated,
        Some((State::Hot | State::Warm, ..)) => Tone::Hot,
        Some((State::Calm, ..)) => Tone::Healthy,
    };
    let word = move || match seen.get() {
        Some((State::Down, ..)) | None => tone().key(),
        Some((_, true, _)) => "failing",
        Some((State::Warm, ..)) => "busy",
        Some(_) => tone().key(),
    };
    // Why, where the bars below do not show it.
    let why = move || match seen.get()?.2? {
        Reason::Lost { .. } => None,
        reason => Some(format!(": {}", reason_words(reason))),
    };
    let words = move || {
        figures.with(|figures| match figures {
            Some(figures) if !figures.is_down() && figures.n_up < figures.n_machines => fill(
                "health.partly",
                &[("up", &figures.n_up.to_string()), ("machines", &figures.n_machines.to_string())],
            ),
            _ => words::say(&format!("health.{}", word())),
        })
    };
    view! {
        <span class="badge" data-tone=move || tone().key()>
            {words}
            {why}
        </span>
    }
}

/// Kill and put right.
#[component]
fn Faults(id: ComponentId, figures: Memo<Option<ComponentFigures>>) -> impl IntoView {
    let engine = use_engine();
    let is_pipeline = use_editor().design().with_untracked(|design| {
        design.component(id).is_some_and(|component| component.config.kind() == Kind::Pipeline)
    });
    let n_up = move || figures.with(|figures| figures.as_ref().map_or(0, |figures| figures.n_up));
    let n_machines = move || figures.with(|figures| figures.as_ref().map_or(0, |figures| figures.n_machines));
    let has_several = move || n_machines() > 1;
    // The first machine that is still up.
    let kill_one = move |()| {
        let alive = engine
            .latest()
            .stations
            .iter()
            .find(|station| station.component == id && station.health == crate::sim::snapshot::Health::Up)
            .map(|station| station.instance);
        if let Some(instance) = alive {
            engine.act(Action::KillInstance(id, instance));
        }
    };
    view! {
        <div class="faults" role="group" aria-label=text("inspector.acts")>
            <span data-act="kill">
                <IconButton
                    wordy=true
                    class="danger"
                    icon=Icon::Kill
                    label=text("inspector.kill")
                    disabled=derived(move || n_up() == 0)
                    on_press=move |()| engine.act(Action::Kill(id))
                />
            </span>
            <Show when=has_several>
                <IconButton
                    wordy=true
                    icon=Icon::Kill
                    label=text("inspector.kill_one")
                    disabled=derived(move || n_up() == 0)
                    on_press=kill_one
                />
            </Show>
            {is_pipeline
                .then(|| {
                    view! {
                        <span data-act="deploy">
                            <IconButton
                                wordy=true
                                icon=Icon::Restore
                                label=text("inspector.deploy")
                                on_press=move |()| engine.act(Action::Deploy(id))
                            />
                        </span>
                    }
                })}
            <RestoreButton
                target=Target::Component(id)
                is_wrong=derived(move || n_up() < n_machines())
            />
        </div>
    }
}
