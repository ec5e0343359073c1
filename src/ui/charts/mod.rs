//! The panel below the diagram: charts over simulated time, what is scarcest, traces, the script and the log of events.
//!
//! Each chart looks at the same time; the moment under the pointer is marked in all of them.

mod busiest;
mod chart;
mod data;
mod events;
mod heat;
mod paint;
mod plot;
mod view;

use leptos::prelude::*;

use self::busiest::Busiest;
use self::chart::Chart;
use self::data::Subject;
use self::events::Events;
use self::heat::HeatMap;
use self::view::{LENGTHS, Range, View};
use super::editor::use_editor;
use super::engine::use_engine;
use super::parts::{Icon, IconButton, Show};
use super::preferences::{Sheet, Tab, use_preferences};
use super::timeline::Timeline;
use super::traces::Traces;
use super::words;
use crate::format;
use crate::text::text;
use crate::web;

/// The whole panel.
#[component]
pub fn Charts() -> impl IntoView {
    let view = View::new();
    provide_context(view);
    let (engine, editor, preferences) = (use_engine(), use_editor(), use_preferences());
    let chosen = preferences.tab;
    // Whoever picks a dot on the diagram wants to see its request.
    Effect::new(move |before: Option<u32>| {
        let picked = engine.picked.get();
        if before.is_some_and(|before| before != picked) {
            chosen.set(Tab::Traces);
            preferences.charts_open.set(true);
            preferences.sheet.set(Some(Sheet::Charts));
        }
        picked
    });
    // What was picked of another drawing's run is no time of this one's.
    Effect::new(move |before: Option<()>| {
        editor.opened.track();
        if before.is_some() {
            view.reset();
        }
    });
    let body = move || match chosen.get() {
        Tab::Overview => {
            let charts = Subject::ALL.into_iter().map(|subject| view! { <Chart subject=subject/> }).collect_view();
            view! { {charts} <Events/> }.into_any()
        }
        Tab::Latency => view! { <Chart subject=Subject::Latency/> <HeatMap/> }.into_any(),
        Tab::Errors => view! { <Chart subject=Subject::Errors/> <Chart subject=Subject::Throughput/> }.into_any(),
        Tab::Saturation => view! { <Chart subject=Subject::Utilisation/> <Busiest/> }.into_any(),
        Tab::Traces => view! { <Traces/> }.into_any(),
        Tab::Script => view! { <Timeline/> }.into_any(),
        Tab::Events => view! { <Events/> }.into_any(),
    };
    view! {
        <div class="panel-tabs">
            <Tabs chosen=chosen/>
            <Show when=move || chosen.get().has_charts()>
                <RangeChoice view=view/>
            </Show>
        </div>
        <div
            class="charts-grid"
            id="charts-body"
            role="tabpanel"
            data-tab=move || chosen.get().key()
            aria-label=move || words::say(&format!("panel.tabs.{}", chosen.get().key()))
        >
            {body}
        </div>
        <p id="charts-keys" class="visually-hidden">{text("charts.keys")}</p>
    }
}

/// One tab is chosen; arrow keys go from one to the next.
#[component]
fn Tabs(chosen: RwSignal<Tab>) -> impl IntoView {
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let position = Tab::ALL.iter().position(|&tab| tab == chosen.get_untracked()).unwrap_or_default();
        let next = match event.key().as_str() {
            "ArrowLeft" => (position + Tab::ALL.len() - 1) % Tab::ALL.len(),
            "ArrowRight" => (position + 1) % Tab::ALL.len(),
            "Home" => 0,
            "End" => Tab::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        chosen.set(Tab::ALL[next]);
        web::focus(&format!("[data-panel='{}']", Tab::ALL[next].key()));
    };
    view! {
        <div class="tabs" role="tablist" aria-label=text("panel.label") on:keydown=on_key>
            {Tab::ALL
                .map(|tab| {
                    let is_chosen = move || chosen.get() == tab;
                    view! {
                        <button
                            type="button"
                            role="tab"
                            class="tab"
                            data-panel=tab.key()
                            aria-selected=move || if is_chosen() { "true" } else { "false" }
                            aria-controls="charts-body"
                            tabindex=move || if is_chosen() { "0" } else { "-1" }
                            on:click=move |_| chosen.set(tab)
                        >
                            {words::say(&format!("panel.tabs.{}", tab.key()))}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// Which time the charts show, and whether they are painted or told.
#[component]
fn RangeChoice(view: View) -> impl IntoView {
    let engine = use_engine();
    let range = view.range;
    let on_change = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        range.set(chosen.parse().map_or(Range::Whole, Range::Last));
    };
    let value = move || match range.get() {
        Range::Last(secs) => secs.to_string(),
        Range::Whole => "whole".to_owned(),
        Range::Picked(..) => "picked".to_owned(),
    };
    let picked = move || match range.get() {
        Range::Picked(from, to) => {
            Some(format!("{} – {}", words::clock(from.as_secs_f64()), words::clock(to.as_secs_f64())))
        }
        Range::Last(_) | Range::Whole => None,
    };
    view! {
        <div class="range-choice">
            <select id="charts-range" aria-label=text("charts.range") prop:value=value on:change=on_change>
                {LENGTHS
                    .map(|secs| {
                        let words = crate::text::fill("charts.last", &[("span", &format::duration(secs as f64))]);
                        view! { <option value=secs.to_string() selected=move || range.get() == Range::Last(secs)>{words}</option> }
                    })
                    .collect_view()}
                <option value="whole" selected=move || range.get() == Range::Whole>{text("charts.whole")}</option>
                {move || picked().map(|words| view! { <option value="picked" selected=true>{words}</option> })}
            </select>
            <Show when=move || matches!(range.get(), Range::Picked(..))>
                <IconButton
                    id="charts-unzoom"
                    icon=Icon::Close
                    label=text("charts.unzoom")
                    keys="Esc"
                    on_press=move |()| view.reset()
                />
                <button
                    type="button"
                    class="text-button"
                    on:click=move |_| {
                        if let Range::Picked(from, _) = range.get_untracked() {
                            engine.seek(from);
                        }
                    }
                >
                    {text("charts.go_there")}
                </button>
            </Show>
            <button
                type="button"
                id="charts-table"
                class="text-button"
                aria-pressed=move || if view.is_table.get() { "true" } else { "false" }
                on:click=move |_| view.is_table.update(|is_table| *is_table = !*is_table)
            >
                {text("charts.table")}
            </button>
        </div>
    }
}
