//! The sentence that says what happens.

use leptos::prelude::*;

use super::editor::{Selection, use_editor};
use super::engine::{Advice, Engine, advice, use_engine};
use super::parts::{Icon, IconButton};
use super::preferences::use_preferences;
use super::words;
use crate::embed::params::Access;
use crate::entry::significant;
use crate::format;
use crate::learn::explain::{Capacity, Explanation, Situation, Tone, explain};
use crate::sim::snapshot::Happening;
use crate::text::{fill, text};
use crate::ui::reaction::{derived, memo};
use crate::units::SimDuration;

/// How long a process that ran out of memory is spoken of: it may be killed again as soon as it is back.
const OUT_OF_MEMORY_STAYS: SimDuration = SimDuration::from_secs(10);

/// How long figures in the sentence stay while the finding is the same [ticks]: it is read aloud, and read in peace.
const FIGURES_STAY: u64 = 10;

/// What is going on at the moment.
pub fn present(engine: Engine) -> Explanation {
    let design = use_editor().design();
    let snapshot = engine.latest();
    let recent = engine.recent(snapshot.now);
    let capacity = engine.known_capacity();
    let now = snapshot.now;
    let out_of_memory = engine.with_log(|log| {
        let recent = log.iter().rev().skip_while(|entry| entry.at > now);
        let mut recent = recent.take_while(|entry| now.since(entry.at) <= OUT_OF_MEMORY_STAYS);
        recent.find(|entry| entry.happening == Happening::OutOfMemory).map(|entry| entry.component)
    });
    design.with(|design| {
        engine.problems.with(|problems| {
            explain(&Situation { design, problems, snapshot: &snapshot, recent, out_of_memory, capacity })
        })
    })
}

/// What stands in the sentence, and since which tick.
#[derive(Clone, PartialEq)]
struct Shown {
    explanation: Explanation,
    capacity: Option<Capacity>,
    since: u64,
}

/// The sentence by itself, for those who are told and do not look.
pub fn sentence(engine: Engine) -> Memo<String> {
    let shown = shown(engine);
    memo(move || shown.with(|shown| shown.explanation.sentence.clone()))
}

fn shown(engine: Engine) -> Memo<Shown> {
    Memo::new(move |before: Option<&Shown>| {
        let (tick, capacity) = (engine.tick.get(), engine.known_capacity());
        let explanation = present(engine);
        match before {
            Some(before)
                if before.explanation.finding == explanation.finding
                    && before.explanation.component == explanation.component
                    && before.capacity == capacity
                    && tick < before.since + FIGURES_STAY =>
            {
                before.clone()
            }
            _ => Shown { explanation, capacity, since: tick },
        }
    })
}

/// The sentence, and a way to what it is about.
#[component]
pub fn Verdict() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let preferences = use_preferences();
    let shown = shown(engine);
    let about =
        memo(move || shown.with(|shown| shown.explanation.component.filter(|_| shown.explanation.tone != Tone::Down)));
    if editor.access() == Access::Edit {
        advice::keep_advised(engine, editor, about);
    }
    let tone = move || shown.with(|shown| shown.explanation.tone);
    let component = memo(move || shown.with(|shown| shown.explanation.component));
    let icon = derived(move || match tone() {
        Tone::Healthy => Icon::Well,
        Tone::Idle => Icon::About,
        Tone::Hot | Tone::Saturated => Icon::Warning,
        Tone::Down => Icon::Kill,
    });
    view! {
        <div class="verdict" data-tone=move || tone().key()>
            <Icon icon=icon/>
            <p id="verdict" role="status" aria-live="polite">
                {move || shown.with(|shown| shown.explanation.sentence.clone())}
            </p>
            {move || {
                let id = component.get()?;
                let name = editor.design().with(|design| words::component(design, id));
                Some(view! {
                    <IconButton
                        icon=Icon::CollapseRight
                        class="verdict-select"
                        label=fill("verdict.select", &[("name", &name)])
                        on_press=move |()| {
                            editor.selection.set(Selection::component(id));
                            preferences.show_inspector();
                        }
                    />
                })
            }}
            <NextStep/>
        </div>
    }
}

/// The next best step, once it has been measured.
#[component]
fn NextStep() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    move || match engine.advice.get() {
        Advice::None => ().into_any(),
        Advice::Measuring => view! { <p class="next-step quiet">{text("advice.measuring")}</p> }.into_any(),
        Advice::Best(best, before) => {
            let users = |users: u64| format::count(significant(users as f64, 2));
            let gain = fill("advice.gain", &[("before", &users(before)), ("after", &users(best.users))]);
            let edit = best.step.edit;
            view! {
                <button type="button" id="next-step" class="next-step" on:click=move |_| editor.perform(edit.clone())>
                    <Icon icon=Icon::Improve/>
                    <span>{best.step.words}</span>
                    <span class="figure">{gain}</span>
                </button>
            }
            .into_any()
        }
    }
}
