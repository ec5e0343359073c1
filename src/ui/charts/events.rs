//! What has happened: deaths, failovers, targets taken out, alerts, and what people did. A line selects what it is about
//! and shows the moment at which it happened.

use leptos::prelude::*;

use crate::bridge::message::Deed;
use crate::design::script::{Action, Target};
use crate::design::{Design, Kind};
use crate::format;
use crate::learn::alerts::{Alert, Limit};
use crate::sim::snapshot::{Happening, LogEntry};
use crate::sorted;
use crate::text::{fill, text};
use crate::ui::editor::{Selection, use_editor};
use crate::ui::engine::{Engine, use_engine};
use crate::ui::reaction::memo;
use crate::ui::words;
use crate::units::{SimDuration, SimTime};

/// Lines shown; older ones are in the way on screens.
const SHOWN: usize = 100;

/// How long something that went wrong may stay without effect.
const SHORTLY: SimDuration = SimDuration::from_secs(10);
/// How long is looked back for what was the scarcest.
const LATELY: SimDuration = SimDuration::from_secs(2);

/// Something that happened, wherever it is known from.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Log(LogEntry),
    Alert(Alert),
    Deed(Deed),
}

impl Event {
    const fn at(&self) -> SimTime {
        match self {
            Self::Log(entry) => entry.at,
            Self::Alert(alert) => alert.at,
            Self::Deed(deed) => deed.at,
        }
    }

    /// Class in style sheets.
    const fn tone(&self) -> &'static str {
        match self {
            Self::Log(entry) => tone(&entry.happening),
            Self::Alert(Alert { is_missed: true, .. }) => "down",
            Self::Alert(_) => "healthy",
            Self::Deed(_) => "deed",
        }
    }

    /// What it is about.
    fn selection(&self, design: &Design, engine: Engine) -> Option<Selection> {
        let target = match self {
            Self::Log(entry) => target(entry),
            Self::Deed(Deed { action: Some(Action::SetParameter { target, .. }), .. }) => *target,
            Self::Deed(Deed { action: Some(Action::SetUsers(_)), .. }) => {
                Target::Component(design.components().find(|part| part.config.kind() == Kind::Users)?.id)
            }
            Self::Deed(_) => return None,
            Self::Alert(alert) => blamed(engine, alert.at)?,
        };
        match target {
            Target::Component(id) | Target::Instance(id, _) => design.component(id).map(|_| Selection::component(id)),
            Target::Link(id) => design.link(id).map(|_| Selection::link(id)),
            Target::Frame(id) => design.frame(id).map(|_| Selection::frame(id)),
        }
    }
}

fn target(entry: &LogEntry) -> Target {
    entry.link.map_or(Target::Component(entry.component), Target::Link)
}

/// What is to be looked at first where the objective began to be missed, or was kept again, at `at`: what had gone wrong
/// shortly before, or else the component whose resources were the scarcest.
fn blamed(engine: Engine, at: SimTime) -> Option<Target> {
    let wrong = engine.with_log(|log| {
        let before = log.iter().rev().skip_while(|entry| entry.at > at);
        let mut shortly = before.take_while(|entry| at.since(entry.at) <= SHORTLY);
        shortly.find(|entry| tone(&entry.happening) != "healthy").map(target)
    });
    wrong.or_else(|| engine.with_series(|series| series.scarcest(at, LATELY)).map(Target::Component))
}

const fn tone(happening: &Happening) -> &'static str {
    match happening {
        Happening::Killed | Happening::OutOfMemory | Happening::NoReplicaToPromote => "down",
        Happening::FailoverStarted
        | Happening::AlertFired { .. }
        | Happening::SplitEnded { .. }
        | Happening::RestoreBegan { .. }
        | Happening::DeploymentRolledBack
        | Happening::TargetEjected(..)
        | Happening::FaultBegan(_)
        | Happening::CircuitOpened => "hot",
        Happening::Promoted { lost_writes } if *lost_writes > 0 => "hot",
        Happening::Restored
        | Happening::AlertResolved(_)
        | Happening::DeploymentStarted
        | Happening::DeploymentFinished
        | Happening::Acted(_)
        | Happening::Starting
        | Happening::Started
        | Happening::Stopped
        | Happening::FaultEnded(_)
        | Happening::CircuitClosed
        | Happening::TargetReturned(..)
        | Happening::Promoted { .. }
        | Happening::Rejoined => "healthy",
    }
}

/// The log, newest first.
#[component]
pub fn Events() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let events = memo(move || {
        engine.tick.track();
        let newest = |events: &mut dyn Iterator<Item = Event>| events.take(SHOWN).collect::<Vec<_>>();
        let mut events = engine.with_log(|log| newest(&mut log.iter().rev().cloned().map(Event::Log)));
        events.extend(engine.with_alerts(|alerts| newest(&mut alerts.iter().rev().copied().map(Event::Alert))));
        events.extend(engine.with_deeds(|deeds| {
            // Faults and deaths stand in the engine's own log.
            let tells =
                |deed: &&Deed| matches!(deed.action, None | Some(Action::SetUsers(_) | Action::SetParameter { .. }));
            newest(&mut deeds.iter().rev().filter(tells).cloned().map(Event::Deed))
        }));
        sorted::sort_by(&mut events, |a, b| b.at().cmp(&a.at()));
        events.truncate(SHOWN);
        events
    });
    let line = move |event: Event| {
        let snapshot = engine.latest();
        let n_machines = |id| snapshot.stations.iter().filter(|station| station.component == id).count();
        let words = editor.design().with_untracked(|design| match &event {
            Event::Log(entry) => words::event(design, entry, n_machines),
            Event::Alert(alert) => alert_words(alert),
            Event::Deed(deed) => deed_words(design, deed),
        });
        let at = event.at();
        let tone = event.tone();
        let on_click = move |_| {
            if let Some(selection) = editor.design().with_untracked(|design| event.selection(design, engine)) {
                editor.selection.set(selection);
            }
            engine.seek(at);
        };
        view! {
            <li>
                <button type="button" class="event" data-tone=tone title=text("panel.go_there") on:click=on_click>
                    <time class="figure">{words::clock(at.as_secs_f64())}</time>
                    <span>{words}</span>
                </button>
            </li>
        }
    };
    view! {
        <section class="events" aria-label=text("charts.events")>
            {move || {
                let events = events.get();
                if events.is_empty() {
                    view! { <p class="quiet">{text("charts.no_events")}</p> }.into_any()
                } else {
                    view! { <ol>{events.into_iter().map(line).collect_view()}</ol> }.into_any()
                }
            }}
        </section>
    }
}

fn alert_words(alert: &Alert) -> String {
    match (alert.limit, alert.is_missed) {
        (Limit::Errors, true) => fill("panel.alerts.errors", &[("share", &format::share(alert.value))]),
        (Limit::Latency, true) => fill("panel.alerts.latency", &[("latency", &format::duration(alert.value))]),
        (Limit::Errors, false) => text("panel.alerts.errors_over").to_owned(),
        (Limit::Latency, false) => text("panel.alerts.latency_over").to_owned(),
    }
}

fn deed_words(design: &Design, deed: &Deed) -> String {
    match &deed.action {
        Some(action) => fill("panel.deeds.act", &[("what", &words::action(design, action))]),
        None => text("panel.deeds.edit").to_owned(),
    }
}
