//! The panel beside the diagram: the list of tasks, the task, the clock.

use leptos::prelude::*;

use super::{Interviews, PHASES, Progress, Task};
use crate::embed::fragment::Fragment;
use crate::format;
use crate::interview::PromptEntry;
use crate::text::{fill, text};
use crate::ui::learn::Loading;
use crate::ui::learn::{failed, waiting};
use crate::ui::parts::{Icon, IconButton};
use crate::ui::places::use_places;
use crate::ui::reaction::{derived, memo};
use crate::ui::words;

/// The list of all tasks, or the one that is open.
#[component]
pub fn InterviewPanel() -> impl IntoView {
    let places = use_places();
    let interviews = expect_context::<Interviews>();
    let has_chosen = memo(move || places.place.with(|place| matches!(place, Fragment::Interview(Some(_)))));
    move || {
        if !has_chosen.get() {
            return view! { <List/> }.into_any();
        }
        match interviews.task.get() {
            Loading::Unasked | Loading::Asked => waiting(),
            Loading::Failed(reason) => failed(reason),
            Loading::Loaded(task) => view! { <Brief task/> }.into_any(),
        }
    }
}

#[component]
fn List() -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    view! {
        <p class="quiet guide-lead">{text("interview.lead")}</p>
        {move || match interviews.index.get() {
            Loading::Unasked | Loading::Asked => waiting(),
            Loading::Failed(reason) => failed(reason),
            Loading::Loaded(entries) => {
                view! { <ul class="journeys">{entries.into_iter().map(card).collect_view()}</ul> }.into_any()
            }
        }}
    }
}

fn card(entry: PromptEntry) -> impl IntoView {
    let places = use_places();
    let place = Fragment::Interview(Some(entry.key.clone()));
    view! {
        <li>
            <button type="button" class="guide-card" data-interview=entry.key on:click=move |_| places.go(place.clone())>
                <strong>{entry.title}</strong>
                <span class="quiet">{entry.about}</span>
            </button>
        </li>
    }
}

/// The task, with the clock above it once it runs.
#[component]
fn Brief(task: Task) -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    let places = use_places();
    let prompt = task.prompt;
    let objective = prompt.objective;
    let asked = [
        fill("interview.serve", &[("users", &format::grouped(prompt.users))]),
        fill("interview.grow", &[("users", &format::grouped(prompt.growth_users))]),
        fill(
            "interview.keep",
            &[
                ("percentile", &format::number(objective.percentile)),
                ("latency", &format::duration(objective.latency_secs)),
                ("errors", &format::share(objective.error_share)),
            ],
        ),
        fill("interview.survive", &[("recovery", &format::duration(prompt.recovery_secs))]),
        fill("interview.spend", &[("cost", &format::grouped(prompt.monthly_usd as u64))]),
    ];
    let is_reading = memo(move || interviews.progress.with(|progress| *progress == Progress::Reading));
    view! {
        <button type="button" class="text-button guide-back" on:click=move |_| places.go(Fragment::Interview(None))>
            {text("interview.all")}
        </button>
        {move || (!is_reading.get()).then(|| view! { <ClockFace/> })}
        <h3 class="journey-title">{text("interview.task")}</h3>
        <h4>{prompt.title.clone()}</h4>
        <p class="stage-text">{prompt.statement.clone()}</p>
        <section class="watch">
            <h5>{text("interview.known")}</h5>
            <ul>{prompt.facts.iter().map(|fact| view! { <li>{fact.clone()}</li> }).collect_view()}</ul>
        </section>
        <section class="watch">
            <h5>{text("interview.asked")}</h5>
            <ul>{asked.map(|line| view! { <li>{line}</li> })}</ul>
        </section>
        <div class="stage-ways">
            {move || if is_reading.get() { view! { <Begin/> }.into_any() } else { view! { <End/> }.into_any() }}
        </div>
        {move || interviews.hindrance.get().map(failed)}
    }
}

/// The ways to begin.
#[component]
fn Begin() -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    let has_kept = memo(move || interviews.kept().is_some());
    view! {
        {move || {
            has_kept
                .get()
                .then(|| {
                    view! {
                        <IconButton
                            id="resume-interview"
                            wordy=true
                            icon=Icon::Restart
                            label=text("interview.resume")
                            on_press=move |()| interviews.resume()
                        />
                    }
                })
        }}
        <IconButton
            id="start-interview"
            wordy=true
            class="onward"
            icon=Icon::Play
            label=text("interview.start")
            on_press=move |()| interviews.start()
        />
    }
}

/// The ways to end, and how far measuring has got.
#[component]
fn End() -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    move || {
        match interviews.progress.get() {
        Progress::Measuring(share) => view! {
            <label class="measuring">
                <span>{fill("interview.measuring", &[("share", &format::share(share))])}</span>
                <progress max="1" value=share></progress>
            </label>
            <IconButton
                wordy=true
                icon=Icon::Close
                label=text("interview.stop")
                on_press=move |()| interviews.go_on()
            />
        }
        .into_any(),
        Progress::Measured(_) => view! {
            <IconButton wordy=true icon=Icon::Restart label=text("interview.again") on_press=move |()| interviews.finish()/>
            <IconButton
                id="show-report"
                wordy=true
                class="onward"
                icon=Icon::Well
                label=text("interview.report")
                on_press=move |()| interviews.report_open.set(true)
            />
        }
        .into_any(),
        Progress::Reading | Progress::Answering => view! {
            <IconButton
                id="finish-interview"
                wordy=true
                class="onward"
                icon=Icon::Well
                label=text("interview.finish")
                on_press=move |()| interviews.finish()
            />
        }
        .into_any(),
    }
    }
}

/// Phase and time left.
#[component]
fn ClockFace() -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    let phase = memo(move || interviews.phase());
    let left = move || {
        let secs = interviews.left_secs();
        let words = words::clock(secs.abs());
        // Tenths of a second are no use here.
        let words = words.split('.').next().unwrap_or_default().to_owned();
        if secs < 0.0 { fill("interview.over", &[("time", &words)]) } else { words }
    };
    let is_last = derived(move || phase.get() + 1 == PHASES.len());
    view! {
        <section class="clock" aria-label=text("interview.clock")>
            <ol class="steps">
                {PHASES
                    .iter()
                    .enumerate()
                    .map(|(position, (key, minutes))| {
                        view! {
                            <li
                                class="phase"
                                class:done=move || position < phase.get()
                                aria-current=move || (position == phase.get()).then_some("step")
                                style:flex-grow=minutes.to_string()
                                title=text(&format!("interview.phases.{key}.name")).to_owned()
                            ></li>
                        }
                    })
                    .collect_view()}
            </ol>
            <p class="clock-line">
                <strong id="interview-phase">
                    {move || text(&format!("interview.phases.{}.name", PHASES[phase.get()].0)).to_owned()}
                </strong>
                <output id="interview-left" class="figure">{left}</output>
                <IconButton
                    id="skip-phase"
                    icon=Icon::Step
                    label=text("interview.skip")
                    disabled=is_last
                    on_press=move |()| interviews.skip()
                />
            </p>
            <p class="quiet" role="status">
                {move || text(&format!("interview.phases.{}.about", PHASES[phase.get()].0)).to_owned()}
            </p>
        </section>
    }
}
