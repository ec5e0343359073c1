//! One chart: title, legend with values at the marked moment, and the plot or a table of its figures.

use leptos::html;
use leptos::prelude::*;

use super::data::{Data, Subject};
use super::paint::{RIGHT, paint};
use super::plot::{Painting, Plot};
use super::view::use_view;
use crate::format;
use crate::text::{fill, text};
use crate::ui::editor::use_editor;
use crate::ui::engine::use_engine;
use crate::ui::reaction::{derived, memo};
use crate::ui::words;
use crate::units::SimTime;

/// Rows of the table that stands for a chart.
const ROWS: usize = 12;

/// What decides which data a chart shows.
type Seen = (u64, (SimTime, SimTime));

/// A chart of `subject`, painted anew when there are new samples, another cursor, another size or another theme.
#[component]
pub fn Chart(
    /// What it is about.
    subject: Subject,
) -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let view = use_view().at(subject as usize);
    let legend = NodeRef::<html::Ul>::new();
    let data = Memo::new(move |before: Option<&(Seen, Data)>| {
        let span = view.span();
        let seen = (engine.with_series(crate::learn::series::Series::version), span);
        match before {
            Some((known, data)) if *known == seen => (seen, data.clone()),
            _ => {
                let design = editor.design();
                let data = engine.with_series(|series| {
                    design.with_untracked(|design| Data::of(subject, series, span, design, words::say))
                });
                (seen, data)
            }
        }
    });
    // Names and colours of the lines, which seldom change.
    let keys = memo(move || {
        data.with(|(_, data)| data.lines.iter().map(|line| (line.name.clone(), line.class.clone())).collect::<Vec<_>>())
    });
    let position = memo(move || {
        data.with(|(_, data)| match view.cursor.get() {
            Some(at) => data.position(at),
            None => data.times.len().checked_sub(1),
        })
    });
    let value_of = move |line: usize| {
        data.with(|(_, data)| {
            let value = *data.lines.get(line)?.values.get(position.get()?)?;
            Some(written(subject, value))
        })
    };
    let now = move || {
        view.follow();
        let (now, live) = (engine.latest().now, engine.reach.get().live);
        (now < live).then_some(now)
    };
    let on_paint = Callback::new(move |painting: Painting| {
        keys.track();
        let now = now();
        data.with(|(_, data)| paint(&painting.sheet(), subject, data, now));
    });
    let title = words::say(&format!("charts.{}", subject.key()));
    let values = move || {
        let values = keys.get().into_iter().enumerate();
        let values = values.filter_map(|(line, (name, _))| Some(format!("{name} {}", value_of(line)?)));
        values.collect::<Vec<String>>().join(", ")
    };
    let described = Signal::derive({
        let title = title.clone();
        move || {
            let (from, to) = view.span();
            let span = format::duration(to.since(from).as_secs_f64());
            fill("charts.described", &[("title", &title), ("span", &span), ("values", &values())])
        }
    });
    let said = derived(move || {
        let at = position.get().and_then(|position| data.with(|(_, data)| data.times.get(position).copied()));
        at.map_or_else(String::new, |at| format!("{}: {}", words::clock(at.as_secs_f64()), values()))
    });
    let nothing = move || {
        data.with(|(_, data)| {
            let is_empty = data.lines.is_empty() || data.times.is_empty();
            is_empty.then(|| match subject {
                Subject::Errors if !data.times.is_empty() => text("charts.all_well"),
                _ => text("charts.nothing"),
            })
        })
    };
    let caption = title.clone();
    view! {
        <figure class="chart" data-chart=subject.key()>
            <figcaption>
                <span class="chart-title">{title}</span>
                <ul class="legend" node_ref=legend>
                    {move || {
                        keys.get()
                            .into_iter()
                            .enumerate()
                            .map(|(line, (name, class))| {
                                view! {
                                    <li class=format!("series {class}")>
                                        <span class="swatch"></span>
                                        <span class="series-name">{name}</span>
                                        <span class="figure">{move || value_of(line)}</span>
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                </ul>
            </figcaption>
            {move || {
                if view.is_table.get() {
                    table(subject, &caption, &data.with(|(_, data)| data.clone()))
                } else {
                    view! {
                        <div class="chart-area">
                            <Plot view=view right=RIGHT legend=legend described=described said=said paint=on_paint/>
                            <p class="chart-empty">{nothing}</p>
                        </div>
                    }
                        .into_any()
                }
            }}
        </figure>
    }
}

fn written(subject: Subject, value: f64) -> String {
    if value.is_finite() { subject.measure().write(value) } else { "–".to_owned() }
}

/// The same figures at some moments, in words.
fn table(subject: Subject, caption: &str, data: &Data) -> AnyView {
    let stride = data.times.len().div_ceil(ROWS).max(1);
    let rows = (0..data.times.len()).rev().step_by(stride).map(|position| {
        let values =
            data.lines.iter().map(|line| view! { <td class="figure">{written(subject, line.values[position])}</td> });
        view! {
            <tr>
                <th scope="row" class="figure">{words::clock(data.times[position].as_secs_f64())}</th>
                {values.collect_view()}
            </tr>
        }
    });
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=caption.to_owned()>
            <table>
                <caption class="visually-hidden">{caption.to_owned()}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text("charts.time")}</th>
                        {data.lines.iter().map(|line| view! { <th scope="col">{line.name.clone()}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
