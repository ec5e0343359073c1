//! Sampled requests one by one: the slowest of the last minute and the one picked, as a waterfall of its calls.

use std::sync::Arc;

use leptos::prelude::*;

use super::editor::{Selection, use_editor};
use super::engine::use_engine;
use super::words;
use crate::format;
use crate::ids::ComponentId;
use crate::learn::shelf::{Pinned, took};
use crate::learn::why_slow::{Row, parts, waterfall, why};
use crate::scene::axis::Axis;
use crate::sim::snapshot::{Outcome, RequestClass, Span, Trace};
use crate::text::{fill, text};
use crate::ui::reaction::memo;
use crate::units::SimTime;

/// A line of the list of slow requests.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slow {
    request: u64,
    class: RequestClass,
    outcome: Outcome,
    took: String,
}

/// List and waterfall.
#[component]
pub fn Traces() -> impl IntoView {
    let engine = use_engine();
    let slowest = memo(move || {
        engine.tick.track();
        engine.with_shelf(|shelf| {
            let line = |trace: &Trace| Slow {
                request: trace.request,
                class: trace.class,
                outcome: trace.outcome,
                took: format::duration(took(trace).as_secs_f64()),
            };
            shelf.slowest().iter().map(line).collect::<Vec<_>>()
        })
    });
    let line = move |slow: Slow| {
        let request = slow.request;
        let is_picked =
            move || engine.pinned.with(|pinned| pinned.as_ref().is_some_and(|pinned| pinned.request() == request));
        let outcome = (slow.outcome != Outcome::Answered)
            .then(|| view! { <span class="trace-outcome">{words::say(&format!("outcomes.{}.name", slow.outcome.key()))}</span> });
        view! {
            <li>
                <button
                    type="button"
                    class="trace-line"
                    data-trace=request.to_string()
                    aria-pressed=move || if is_picked() { "true" } else { "false" }
                    on:click=move |_| engine.pin(request)
                >
                    <span class="figure">{slow.took.clone()}</span>
                    <span class="class-key" data-class=slow.class.key()>{words::say(&format!("diagram.classes.{}", slow.class.key()))}</span>
                    {outcome}
                </button>
            </li>
        }
    };
    view! {
        <section class="traces" aria-label=text("panel.tabs.traces")>
            <div class="trace-list">
                <h3 class="chart-title">{text("traces.slowest")}</h3>
                {move || slowest.with(Vec::is_empty).then(|| view! { <p class="quiet">{text("traces.none")}</p> })}
                <ol>
                    <For each=move || slowest.get() key=|slow| slow.request let:slow>
                        {line(slow)}
                    </For>
                </ol>
            </div>
            <div class="trace-body" id="trace">
                {move || match engine.pinned.get() {
                    Some(Pinned::Ended(trace)) => view! { <Waterfall trace=trace/> }.into_any(),
                    Some(Pinned::UnderWay(request)) => {
                        let words = fill("traces.under_way", &[("request", &format::grouped(request))]);
                        view! { <p class="quiet" data-under-way="">{words}</p> }.into_any()
                    }
                    None => view! { <p class="quiet">{text("traces.pick")}</p> }.into_any(),
                }}
            </div>
        </section>
    }
}

/// One request: why it took so long, and its calls over time.
#[component]
fn Waterfall(trace: Arc<Trace>) -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let (sentence, parts) = editor.design().with_untracked(|design| {
        let sentence = why(&trace, design);
        let part = |part: &crate::learn::why_slow::Part| {
            let cause = words::say(&format!("traces.causes.{}", part.cause.key()));
            format!("{cause} · {} · {}", words::component(design, part.component), format::duration(part.secs))
        };
        (sentence, parts(&trace).iter().take(4).map(part).collect::<Vec<_>>())
    });
    let total = took(&trace).as_secs_f64().max(1e-9);
    let at = trace.wanted;
    let head = fill(
        "traces.head",
        &[
            ("request", &format::grouped(trace.request)),
            ("class", &words::say(&format!("diagram.classes.{}", trace.class.key()))),
            ("at", &words::clock(at.as_secs_f64())),
            ("total", &format::duration(total)),
        ],
    );
    let rows: Vec<AnyView> = waterfall(&trace).into_iter().map(|row| self::row(&trace, row, total)).collect();
    let axis = Axis::from_zero(total, f64::MIN_POSITIVE).ticks().into_iter().filter(|&tick| tick <= total);
    let axis = axis.map(|tick| {
        let left = format!("{:.3}%", tick / total * 100.0);
        view! { <span class="waterfall-tick" style:left=left>{format::duration(tick)}</span> }
    });
    let axis = axis.collect_view();
    let keys = ["waiting", "service", "network", "calls"];
    view! {
        <header class="trace-head">
            <p class="trace-why">{sentence}</p>
            <button type="button" class="text-button" on:click=move |_| engine.seek(at)>
                {text("traces.go_there")}
            </button>
            <button type="button" class="text-button" id="unpin" on:click=move |_| engine.pinned.set(None)>
                {text("traces.unpin")}
            </button>
            <p class="quiet figure">{head}</p>
            <ul class="trace-parts">{parts.into_iter().map(|part| view! { <li>{part}</li> }).collect_view()}</ul>
        </header>
        <ul class="legend waterfall-legend">
            {keys
                .map(|key| {
                    view! {
                        <li class="waterfall-key" data-piece=key>
                            <span class="swatch"></span>
                            {words::say(&format!("traces.causes.{key}"))}
                        </li>
                    }
                })
                .collect_view()}
            <li class="waterfall-key" data-piece="critical">
                <span class="swatch"></span>
                {text("traces.critical")}
            </li>
        </ul>
        <p class="span waterfall-axis" aria-hidden="true">
            <span class="span-name"></span>
            <span class="span-bar figure">{axis}</span>
        </p>
        <ol class="waterfall">{rows}</ol>
    }
}

fn row(trace: &Trace, row: Row, total: f64) -> AnyView {
    let editor = use_editor();
    let span = &trace.spans[row.span];
    let id: ComponentId = span.component;
    let name = editor.design().with_untracked(|design| words::component(design, id));
    let place = |at: SimTime| (at.since(trace.wanted).as_secs_f64() / total * 100.0).min(100.0);
    let pieces: Vec<AnyView> = pieces(span)
        .into_iter()
        .filter(|(_, from, to)| to > from)
        .map(|(key, from, to)| {
            let (left, right) = (place(from), place(to));
            view! {
                <span class="piece" data-piece=key style:left=format!("{left:.3}%") style:width=format!("{:.3}%", right - left)></span>
            }
            .into_any()
        })
        .collect();
    let network = span.arrived.since(span.sent) + span.answered.since(span.finished);
    let mut told = fill(
        "traces.span",
        &[
            ("waited", &format::duration(span.waited.as_secs_f64())),
            ("served", &format::duration(span.served.as_secs_f64())),
            ("network", &format::duration(network.as_secs_f64())),
        ],
    );
    let mut notes = Vec::new();
    if span.outcome != Outcome::Answered {
        notes.push(words::say(&format!("outcomes.{}.name", span.outcome.key())));
    }
    if let Some(hit) = span.hit {
        notes.push(words::say(if hit { "traces.hit" } else { "traces.miss" }));
    }
    if span.stale {
        notes.push(words::say("traces.stale"));
    }
    let notes = notes.join(", ");
    if !notes.is_empty() {
        told = format!("{told}, {notes}");
    }
    if row.is_critical {
        told = format!("{told}. {}", text("traces.critical"));
    }
    let label = format!("{name}: {told}");
    let took = format::duration(span.answered.since(span.sent).as_secs_f64());
    view! {
        <li class="span" class:critical=row.is_critical>
            <button
                type="button"
                class="span-name"
                style=("--depth", row.depth.to_string())
                aria-label=label
                title=told
                on:click=move |_| {
                    if editor.design().with_untracked(|design| design.component(id).is_some()) {
                        editor.selection.set(Selection::component(id));
                    }
                }
            >
                {name}
            </button>
            <span class="span-bar" aria-hidden="true">{pieces}</span>
            <span class="figure span-time" aria-hidden="true">{took}</span>
            <span class="span-note" aria-hidden="true">{notes}</span>
        </li>
    }
    .into_any()
}

/// The pieces of a span: what they are, from when, until when.
fn pieces(span: &Span) -> [(&'static str, SimTime, SimTime); 5] {
    let waited = (span.arrived + span.waited).min(span.finished);
    let served = (waited + span.served).min(span.finished);
    [
        ("network", span.sent, span.arrived),
        ("waiting", span.arrived, waited),
        ("service", waited, served),
        // Work and calls take turns; what is not work is waiting for others.
        ("calls", served, span.finished),
        ("network", span.finished, span.answered),
    ]
}
