//! What has happened: deaths, failovers, targets taken out, alerts, and what people did. A line selects what it is about
//! and shows the moment at which it happened.

use leptos::prelude::*;

use crate::bridge::message::Deed;
use crate::design::Design;
use crate::design::script::{Action, Target};
use crate::format;
use crate::ids::{ComponentId, LinkId};
use crate::learn::alerts::{Alert, Limit};
use crate::sim::snapshot::{Happening, LogEntry};
use crate::sorted;
use crate::text::{fill, text};
use crate::ui::editor::{Selection, use_editor};
use crate::ui::engine::use_engine;
use crate::ui::reaction::memo;
use crate::ui::words;
use crate::units::SimTime;

/// Lines shown; older ones are in the way on screens.
const SHOWN: usize = 100;

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
    fn selection(&self, design: &Design) -> Option<Selection> {
        let component = |id: ComponentId| design.component(id).map(|_| Selection::component(id));
        let link = |id: LinkId| design.link(id).map(|_| Selection::link(id));
        match self {
            Self::Log(LogEntry { link: Some(id), .. }) => link(*id),
            Self::Log(entry) => component(entry.component),
            Self::Deed(Deed { action: Some(Action::SetParameter { target, .. }), .. }) => match *target {
                Target::Component(id) | Target::Instance(id, _) => component(id),
                Target::Link(id) => link(id),
                Target::Frame(_) => None,
            },
            Self::Alert(_) | Self::Deed(_) => None,
        }
    }
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
            if let Some(selection) = editor.design().with_untracked(|design| event.selection(design)) {
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
        Some(Action::SetUsers(users)) => fill("panel.deeds.users", &[("users", &format::grouped(*users))]),
        Some(Action::SetParameter { target: Target::Component(id) | Target::Instance(id, _), .. }) => {
            fill("panel.deeds.parameter", &[("name", &words::component(design, *id))])
        }
        Some(_) => text("panel.deeds.other").to_owned(),
        None => text("panel.deeds.edit").to_owned(),
    }
}
