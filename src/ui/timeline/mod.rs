//! The script on a timeline: traffic as a curve of points, faults as blocks. What is pulled is shown at once and becomes
//! one edit of the design when it is let go.

mod blocks;
mod curve;
mod fields;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::blocks::Blocks;
use self::curve::Curve;
use super::editor::{Editor, use_editor};
use super::engine::use_engine;
use super::words;
use crate::design::edit::Edit;
use crate::design::fault::FaultKind;
use crate::design::script::{ScriptEvent, Target};
use crate::design::traffic::Traffic;
use crate::design::{Design, Settings};
use crate::editor::{faults, timeline};
use crate::text::text;
use crate::ui::reaction::{effect, memo};

/// How long a new fault lasts [s].
const NEW_SECS: f64 = 15.0;
/// How far ahead of the present moment a new fault begins [s].
const AHEAD_SECS: f64 = 5.0;

/// What the parts of the timeline have in common.
#[derive(Clone, Copy)]
struct Line {
    editor: Editor,
    /// Script while it is being pulled.
    script: RwSignal<Option<Vec<ScriptEvent>>>,
    /// Traffic while it is being pulled.
    traffic: RwSignal<Option<Traffic>>,
    /// How much time it shows [s].
    length_secs: Memo<f64>,
    /// The block whose fields are shown.
    picked: RwSignal<Option<usize>>,
}

impl Line {
    /// The script as it is seen.
    fn script(self) -> Vec<ScriptEvent> {
        self.script.get().unwrap_or_else(|| self.editor.design().with(|design| design.settings().script.clone()))
    }

    /// The curve as it is seen.
    fn traffic(self) -> Traffic {
        self.traffic.get().unwrap_or_else(|| self.editor.design().with(|design| design.settings().traffic.clone()))
    }

    /// Makes what has been pulled an edit.
    fn commit(self) {
        let script = self.script.try_update(Option::take).flatten();
        let traffic = self.traffic.try_update(Option::take).flatten();
        let settings = self.editor.design().with_untracked(|design| design.settings().clone());
        let changed = Settings {
            script: script.unwrap_or_else(|| settings.script.clone()),
            traffic: traffic.unwrap_or_else(|| settings.traffic.clone()),
            ..settings.clone()
        };
        if changed != settings {
            self.editor.perform(Edit::SetSettings(changed));
        }
    }

    /// Forgets what has been pulled.
    fn cancel(self) {
        self.script.set(None);
        self.traffic.set(None);
    }

    /// Place of a time, in per cent of the width.
    fn place(self, secs: f64) -> f64 {
        (secs / self.length_secs.get() * 100.0).clamp(0.0, 100.0)
    }
}

/// Time [s] and height, 0 at the foot to 1, of the pointer on the element with the class `line-area` around it.
fn place_of(event: &leptos::ev::PointerEvent, length_secs: f64) -> Option<(f64, f64)> {
    let element: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let area = element.closest(".line-area").ok()??.get_bounding_client_rect();
    let across = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
    let up = 1.0 - (f64::from(event.client_y()) - area.top()) / area.height().max(1.0);
    Some((across * length_secs, up.clamp(0.0, 1.0)))
}

/// Takes the pointer until it is let go.
fn capture(event: &leptos::ev::PointerEvent) {
    let element = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(element) = element {
        // Refused only if the pointer is gone already.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// The whole timeline.
#[component]
pub fn Timeline() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let now_secs = memo(move || engine.watched().now.as_secs_f64());
    let length_secs = memo(move || {
        // Not while something is being pulled: the ground would move under it.
        let now = (now_secs.get() / 10.0).ceil() * 10.0;
        editor.design().with(|design| timeline::length_secs(&design.settings().script, &design.settings().traffic, now))
    });
    let line = Line {
        editor,
        script: RwSignal::new(None),
        traffic: RwSignal::new(None),
        length_secs,
        picked: RwSignal::new(None),
    };
    let ticks = move || {
        let length = length_secs.get();
        (0..=6).map(|part| length * f64::from(part) / 6.0).map(|secs| tick(line, secs)).collect_view()
    };
    view! {
        <section class="timeline" aria-label=text("panel.tabs.script")>
            <AddFault line=line/>
            <div class="lanes">
                <div class="line-ticks" aria-hidden="true">{ticks}</div>
                <Curve line=line/>
                <Blocks line=line/>
                <span class="line-now" aria-hidden="true">
                    <span class="line-now-mark" style:left=move || format!("{:.3}%", line.place(now_secs.get()))></span>
                </span>
            </div>
        </section>
    }
}

fn tick(line: Line, secs: f64) -> AnyView {
    let place = move || format!("{:.3}%", line.place(secs));
    let whole = secs.round() as u64;
    view! { <span style:left=place>{format!("{}:{:02}", whole / 60, whole % 60)}</span> }.into_any()
}

/// Everything that a fault can strike, with its key and its name.
fn targets(design: &Design) -> Vec<(String, String, Target)> {
    let parts = design.components().map(|part| (part.id.to_string(), Target::Component(part.id)));
    let links = design.links().map(|link| (link.id.to_string(), Target::Link(link.id)));
    let frames = design.holding_frames().map(|frame| (frame.id.to_string(), Target::Frame(frame.id)));
    parts
        .chain(links)
        .chain(frames)
        .filter(|(_, target)| !faults::of_target(design, *target).is_empty())
        .map(|(key, target)| (key, words::target(design, &target), target))
        .collect()
}

/// Chooses what goes wrong where, and puts it onto the timeline.
#[component]
fn AddFault(line: Line) -> impl IntoView {
    let engine = use_engine();
    let editor = line.editor;
    let targets = memo(move || editor.design().with(self::targets));
    let chosen = RwSignal::new(String::new());
    // What is selected on the diagram is meant here too.
    effect(move || {
        let selected = editor.selection.with(|selection| {
            let component = selection.components.first().map(ToString::to_string);
            let link = || selection.links.first().map(ToString::to_string);
            component.or_else(link).or_else(|| selection.frames.first().map(ToString::to_string))
        });
        if let Some(selected) =
            selected.filter(|key| targets.with_untracked(|all| all.iter().any(|(known, ..)| known == key)))
        {
            chosen.set(selected);
        }
    });
    let target = move || {
        let key = chosen.get();
        targets.with(|all| all.iter().find(|(known, ..)| *known == key).or_else(|| all.first()).map(|found| found.2))
    };
    let kind = RwSignal::new(FaultKind::Crash);
    let kinds = memo(move || {
        let target = target();
        editor.design().with(|design| target.map(|target| faults::of_target(design, target)).unwrap_or_default())
    });
    effect(move || {
        if let Some(first) =
            kinds.with(|kinds| kinds.first().filter(|_| !kinds.contains(&kind.get_untracked())).copied())
        {
            kind.set(first);
        }
    });
    let add = move |_| {
        let Some(target) = untrack(target) else { return };
        let script = editor.design().with_untracked(|design| design.settings().script.clone());
        let from = engine.latest().now.as_secs_f64() + AHEAD_SECS;
        line.script.set(Some(timeline::with_fault(&script, target, kind.get_untracked(), from, NEW_SECS)));
        line.commit();
    };
    view! {
        <div class="add-fault">
            <select id="fault-target" aria-label=text("script.target") on:change=move |event| chosen.set(event_target_value(&event))>
                {move || {
                    targets
                        .get()
                        .into_iter()
                        .map(|(key, name, _)| {
                            let is_chosen = { let key = key.clone(); move || chosen.get() == key };
                            view! { <option value=key selected=is_chosen>{name}</option> }
                        })
                        .collect_view()
                }}
            </select>
            <select
                id="fault-kind"
                aria-label=text("script.fault")
                on:change=move |event| {
                    if let Some(chosen) = FaultKind::from_key(&event_target_value(&event)) {
                        kind.set(chosen);
                    }
                }
            >
                {move || {
                    kinds
                        .get()
                        .into_iter()
                        .map(|of| {
                            view! {
                                <option value=of.key() selected=move || kind.get() == of>
                                    {words::say(&format!("faults.{}.name", of.key()))}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
            <button type="button" id="add-fault" class="text-button" on:click=add>{text("script.add_fault")}</button>
            <curve::CurveButtons line=line/>
            <span class="quiet script-hint">{text("script.hint")}</span>
        </div>
    }
}
