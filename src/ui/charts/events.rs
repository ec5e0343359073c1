//! What has happened: deaths, failovers, targets taken out. A line leads to its component.

use leptos::prelude::*;

use crate::sim::snapshot::{Happening, LogEntry};
use crate::text::text;
use crate::ui::editor::{Selection, use_editor};
use crate::ui::engine::use_engine;
use crate::ui::words;

/// Lines shown; older ones are in the way on screens.
const SHOWN: usize = 60;

/// The log, newest first.
#[component]
pub fn Events() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let entries = Memo::new(move |_| {
        engine.tick.track();
        engine.with_log(|log| log.iter().rev().take(SHOWN).cloned().collect::<Vec<_>>())
    });
    let line = move |entry: LogEntry| {
        let snapshot = engine.latest();
        let n_machines = |id| snapshot.stations.iter().filter(|station| station.component == id).count();
        let words = editor.design().with_untracked(|design| words::event(design, &entry, n_machines));
        let tone = match entry.happening {
            Happening::Killed | Happening::OutOfMemory | Happening::NoReplicaToPromote => "down",
            Happening::AlertFired { .. } | Happening::SplitEnded { .. } | Happening::RestoreBegan { .. } => "hot",
            Happening::AlertResolved(_) | Happening::Acted(_) => "healthy",
            Happening::FailoverStarted
            | Happening::TargetEjected(..)
            | Happening::FaultBegan(_)
            | Happening::DeploymentRolledBack
            | Happening::CircuitOpened => "hot",
            Happening::Promoted { lost_writes } if lost_writes > 0 => "hot",
            Happening::Restored
            | Happening::Starting
            | Happening::Started
            | Happening::Stopped
            | Happening::DeploymentStarted
            | Happening::DeploymentFinished
            | Happening::FaultEnded(_)
            | Happening::CircuitClosed
            | Happening::TargetReturned(..)
            | Happening::Promoted { .. }
            | Happening::Rejoined => "healthy",
        };
        view! {
            <li>
                <button
                    type="button"
                    class="event"
                    data-tone=tone
                    on:click=move |_| {
                        if editor.design().with_untracked(|design| design.component(entry.component).is_some()) {
                            editor.selection.set(Selection::component(entry.component));
                        }
                    }
                >
                    <time class="figure">{words::clock(entry.at.as_secs_f64())}</time>
                    <span>{words}</span>
                </button>
            </li>
        }
    };
    view! {
        <section class="events" aria-label=text("charts.events")>
            <h3 class="chart-title">{text("charts.events")}</h3>
            {move || {
                let entries = entries.get();
                if entries.is_empty() {
                    view! { <p class="quiet">{text("charts.no_events")}</p> }.into_any()
                } else {
                    view! { <ol>{entries.into_iter().map(line).collect_view()}</ol> }.into_any()
                }
            }}
        </section>
    }
}
