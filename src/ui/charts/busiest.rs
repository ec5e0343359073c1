//! The components by their scarcest resource, scarcest first. A row selects its component.

use leptos::prelude::*;

use crate::design::Kind;
use crate::format;
use crate::ids::ComponentId;
use crate::learn::explain::Tone;
use crate::learn::figures::ComponentFigures;
use crate::sorted;
use crate::text::text;
use crate::ui::editor::{Selection, use_editor};
use crate::ui::engine::use_engine;
use crate::ui::preferences::use_preferences;
use crate::ui::reaction::memo;
use crate::ui::words;

/// Rows shown.
const SHOWN: usize = 40;
/// Ticks between two looks at the order: rows that jump about cannot be read.
const ORDER_STAYS: u64 = 10;

/// The table.
#[component]
pub fn Busiest() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let design = editor.design();
    let turn = memo(move || engine.tick.get() / ORDER_STAYS);
    let order = memo(move || {
        turn.track();
        let figures = ComponentFigures::all(&engine.latest());
        design.with(|design| {
            let parts = design.components().filter(|component| component.config.kind() != Kind::Users);
            let mut parts: Vec<(f64, ComponentId)> =
                parts.filter_map(|part| Some((figures.get(&part.id)?.scarcity(), part.id))).collect();
            sorted::sort_by(&mut parts, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            parts.into_iter().take(SHOWN).map(|(_, id)| id).collect::<Vec<_>>()
        })
    });
    let heads = ["part", "resource", "utilisation", "waiting", "wait", "failed"];
    view! {
        <section class="busiest" aria-label=text("panel.busiest")>
            <table>
                <thead>
                    <tr>
                        {heads.map(|head| view! { <th scope="col">{words::say(&format!("panel.heads.{head}"))}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || order.get() key=|id| *id let:id>
                        <Row id=id/>
                    </For>
                </tbody>
            </table>
        </section>
    }
}

#[component]
fn Row(id: ComponentId) -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let preferences = use_preferences();
    let figures = memo(move || ComponentFigures::of(&engine.watched(), id));
    let of = move |tell: fn(&ComponentFigures) -> String| {
        move || figures.with(|figures| figures.as_ref().map_or_else(|| "–".to_owned(), tell))
    };
    let share = move || figures.with(|figures| figures.as_ref().map_or(0.0, ComponentFigures::utilisation));
    let name = move || editor.design().with(|design| words::component(design, id));
    let is_selected = move || editor.selection.with(|selection| selection.components.contains(&id));
    view! {
        <tr class:selected=is_selected data-row=id.to_string()>
            <th scope="row">
                <button
                    type="button"
                    class="row-button"
                    on:click=move |_| {
                        editor.selection.set(Selection::component(id));
                        preferences.inspector_open.set(true);
                    }
                >
                    {name}
                </button>
            </th>
            <td>
                {of(|figures| {
                    figures
                        .scarcest()
                        .map_or_else(|| "–".to_owned(), |used| words::say(&format!("resources.{}", used.resource.key())))
                })}
            </td>
            <td class="figure">
                <span class="bar" data-tone=move || Tone::of_utilisation(share()).key() style=("--share", move || format!("{:.3}", share()))></span>
                {of(|figures| figures.scarcest().map_or_else(|| "–".to_owned(), |used| format::share(used.utilisation())))}
            </td>
            <td class="figure">{of(|figures| format::count(figures.waiting as f64))}</td>
            <td class="figure">
                {of(|figures| if figures.wait.count == 0 { "–".to_owned() } else { format::duration(figures.wait.p99_secs) })}
            </td>
            <td class="figure">{of(|figures| format::share(figures.outcomes.error_share()))}</td>
        </tr>
    }
}
