//! The whole design: totals, capacity, objective, problems, and the fingerprint of the run.

use leptos::prelude::*;

use super::live::{Figure, Figures, a_month, errors};
use crate::design::Settings;
use crate::design::edit::Edit;
use crate::entry::decimal;
use crate::format;
use crate::learn::explain::carries;
use crate::learn::figures::{self, Totals};
use crate::learn::series::Cost;
use crate::objective::Objective;
use crate::sim::snapshot::Snapshot;
use crate::text::{fill, text};
use crate::ui::editor::{Editor, use_editor};
use crate::ui::engine::{CapacityState, use_engine};
use crate::ui::parts::{NumberField, Writing};
use crate::ui::problems::Problems;
use crate::ui::reaction::{derived, memo};

/// Percentiles that an objective may limit.
const PERCENTILES: [f64; 5] = [50.0, 90.0, 95.0, 99.0, 99.9];

/// Details of the whole design.
#[component]
pub fn Whole() -> impl IntoView {
    let engine = use_engine();
    let design = use_editor().design();
    let totals = memo(move || {
        let snapshot = engine.watched();
        let recent = engine.recent(snapshot.now);
        // Where nothing runs, the design alone knows of users.
        let users = if snapshot.users == 0 { engine.users.get() } else { snapshot.users };
        totals(&snapshot, users, &design.with(|design| figures::told_by_users(design, &snapshot, recent)))
    });
    let costs = memo(move || {
        let snapshot = engine.watched();
        costs(engine.cost(snapshot.now), snapshot.users)
    });
    let capacity = move || match engine.capacity.get() {
        CapacityState::Unknown => text("whole.capacity_unknown").to_owned(),
        CapacityState::Measuring(_) => text("whole.measuring").to_owned(),
        CapacityState::Known(capacity) => carries(capacity),
    };
    let fingerprint = move || {
        let snapshot = engine.watched();
        fill(
            "whole.fingerprint",
            &[
                ("seed", &engine.seed.get().to_string()),
                ("time", &snapshot.now.to_string()),
                ("digest", &format!("{:016x}", snapshot.fingerprint)),
            ],
        )
    };
    view! {
        <header class="subject">
            <h2 class="subject-title">{text("inspector.whole")}</h2>
        </header>
        <Problems/>
        <section class="live">
            <h3>{text("whole.totals")}</h3>
            <Figures figures=totals/>
        </section>
        <section class="cost">
            <h3>{text("whole.cost")}</h3>
            <Figures figures=costs/>
        </section>
        <section class="capacity">
            <h3>{text("whole.capacity")}</h3>
            <p>{capacity}</p>
        </section>
        <ObjectiveFields/>
        <section>
            <h3>{text("whole.run")}</h3>
            <p id="fingerprint" class="figure" title=text("whole.fingerprint_hint")>
                {fingerprint}
            </p>
        </section>
    }
}

fn totals(snapshot: &Snapshot, users: u64, recent: &Totals) -> Vec<Figure> {
    let latency = &recent.latency;
    let percentile = |secs: f64| if latency.count == 0 { "–".to_owned() } else { format::duration(secs) };
    vec![
        Figure::new("figures.users", format::count(users as f64)),
        Figure::new("figures.arrival_rate", format::quantity(recent.arrival_rate, "req/s")),
        Figure::new("figures.answered", format::quantity(recent.answered_rate(), "req/s")),
        Figure::new("figures.errors", errors(&recent.outcomes)),
        Figure::new("figures.in_flight", format::count(snapshot.in_flight as f64)),
        Figure::new("figures.p50", percentile(latency.p50_secs)),
        Figure::new("figures.p95", percentile(latency.p95_secs)),
        Figure::new("figures.p99", percentile(latency.p99_secs)),
    ]
}

fn costs(cost: Cost, users: u64) -> Vec<Figure> {
    let whole = cost.monthly_rent_usd + cost.monthly_usage_usd;
    vec![
        Figure::new("figures.rent", a_month(cost.monthly_rent_usd)),
        Figure::new("figures.usage", a_month(cost.monthly_usage_usd)),
        Figure::new("figures.per_thousand_users", a_month(whole / users as f64 * 1e3)),
    ]
}

/// What the design promises.
#[component]
fn ObjectiveFields() -> impl IntoView {
    let editor = use_editor();
    let objective = memo(move || editor.design().with(|design| design.settings().objective));
    let refuse = |ok: bool, key: &'static str| if ok { Ok(()) } else { Err(text(key).to_owned()) };
    let set_latency = move |latency_secs: f64| {
        refuse(latency_secs > 0.0, "refusals.latency")?;
        change(editor, |objective| Objective { latency_secs, ..objective })
    };
    let set_errors = move |error_share: f64| {
        refuse((0.0..=1.0).contains(&error_share), "refusals.errors")?;
        change(editor, |objective| Objective { error_share, ..objective })
    };
    let on_percentile = move |event: leptos::ev::Event| {
        if let Some(percentile) = decimal(&event_target_value(&event)) {
            // The choices are all allowed.
            let _ = change(editor, |objective| Objective { percentile, ..objective });
        }
    };
    view! {
        <section class="objective">
            <h3>{text("whole.objective")}</h3>
            <div class="parameter" data-field="objective.latency">
                <div class="field-row">
                    <select
                        aria-label=text("whole.percentile")
                        prop:value=move || objective.get().percentile.to_string()
                        on:change=on_percentile
                    >
                        {move || {
                            let present = objective.get().percentile;
                            let mut choices = PERCENTILES.to_vec();
                            if !choices.contains(&present) {
                                choices.push(present);
                            }
                            choices
                                .into_iter()
                                .map(|percentile| {
                                    view! {
                                        <option value=percentile.to_string() selected=percentile == present>
                                            {format!("p{percentile}")}
                                        </option>
                                    }
                                })
                                .collect_view()
                        }}
                    </select>
                    <span class="between">{text("whole.latency")}</span>
                    <NumberField
                        value=derived(move || objective.get().latency_secs)
                        writing=Writing::Secs
                        label=text("whole.latency")
                        on_enter=set_latency
                    />
                </div>
            </div>
            <div class="parameter" data-field="objective.errors">
                <div class="field-row">
                    <span class="between">{text("whole.errors")}</span>
                    <NumberField
                        value=derived(move || objective.get().error_share)
                        writing=Writing::Share
                        label=text("whole.errors")
                        on_enter=set_errors
                    />
                </div>
            </div>
        </section>
    }
}

fn change(editor: Editor, change: impl FnOnce(Objective) -> Objective) -> Result<(), String> {
    let settings = editor.design().with_untracked(|design| design.settings().clone());
    let objective = change(settings.objective);
    editor.try_perform(Edit::SetSettings(Settings { objective, ..settings })).map_err(|error| error.to_string())
}
