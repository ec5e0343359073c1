//! One chart: title, legend with values under the pointer, and the canvas.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

use super::Cursor;
use super::data::{Data, Subject, WINDOW};
use super::paint::{Colors, Extent, paint};
use crate::format;
use crate::text::{fill, text};
use crate::ui::editor::use_editor;
use crate::ui::engine::use_engine;
use crate::ui::preferences::use_preferences;
use crate::ui::words;
use crate::web::observe;

/// A chart of `subject`, painted anew when there are new samples, another cursor, another size or another theme.
#[component]
pub fn Chart(
    /// What it is about.
    subject: Subject,
) -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let preferences = use_preferences();
    let cursor = expect_context::<Cursor>().0;
    let canvas = NodeRef::<html::Canvas>::new();
    let legend = NodeRef::<html::Ul>::new();
    let size = RwSignal::new((0.0, 0.0));
    let system_changes = RwSignal::new(0_u32);

    // Both end with the chart.
    let watches =
        StoredValue::new_local((None, observe::system_theme(move || system_changes.update(|count| *count += 1))));
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        let watch = observe::size(&canvas, move |width, height| size.set((width, height)));
        watches.update_value(|watches| watches.0 = watch.ok());
    });

    let data = Memo::new(move |before: Option<&(u64, Data)>| {
        engine.tick.track();
        let version = engine.with_series(crate::learn::series::Series::version);
        match before {
            Some((seen, data)) if *seen == version => (version, data.clone()),
            _ => {
                let design = editor.design();
                let data = engine.with_series(|series| {
                    design.with_untracked(|design| Data::of(subject, series, design, words::say))
                });
                (version, data)
            }
        }
    });
    // Names and colours of the lines, which seldom change.
    let keys = Memo::new(move |_| {
        data.with(|(_, data)| data.lines.iter().map(|line| (line.name.clone(), line.class.clone())).collect::<Vec<_>>())
    });
    let position = Memo::new(move |_| {
        data.with(|(_, data)| match cursor.get() {
            Some(at) => data.position(at),
            None => data.times.len().checked_sub(1),
        })
    });
    let value_of = move |line: usize| {
        data.with(|(_, data)| {
            let value = *data.lines.get(line)?.values.get(position.get()?)?;
            Some(if value.is_finite() { subject.measure().write(value) } else { "–".to_owned() })
        })
    };

    Effect::new(move |_| {
        preferences.theme.track();
        system_changes.track();
        keys.track();
        let (width, height) = size.get();
        let (Some(canvas), Some(legend)) = (canvas.get(), legend.get()) else { return };
        if width < 1.0 || height < 1.0 {
            return;
        }
        let extent = Extent { width, height, ratio: window().device_pixel_ratio() };
        resize(&canvas, extent);
        let Some(context) = context_of(&canvas) else { return };
        let colors = colors(&canvas, &legend);
        data.with(|(_, data)| paint(&context, subject, data, &colors, extent, cursor.get()));
    });

    let on_move = move |event: leptos::ev::PointerEvent| {
        let (width, height) = size.get_untracked();
        let extent = Extent { width, height, ratio: 1.0 };
        let at = data.with_untracked(|(_, data)| extent.time_at(data, f64::from(event.offset_x())));
        cursor.set(Some(at));
    };
    let title = words::say(&format!("charts.{}", subject.key()));
    let described = {
        let title = title.clone();
        move || {
            let values: Vec<String> = keys
                .get()
                .into_iter()
                .enumerate()
                .filter_map(|(line, (name, _))| Some(format!("{name} {}", value_of(line)?)))
                .collect();
            fill(
                "charts.described",
                &[("title", &title), ("span", &format::duration(WINDOW.as_secs_f64())), ("values", &values.join(", "))],
            )
        }
    };
    let nothing = move || {
        data.with(|(_, data)| {
            let is_empty = data.lines.is_empty() || data.times.is_empty();
            is_empty.then(|| match subject {
                Subject::Errors if !data.times.is_empty() => text("charts.all_well"),
                _ => text("charts.nothing"),
            })
        })
    };

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
            <div class="chart-area">
                <canvas
                    node_ref=canvas
                    role="img"
                    aria-label=described
                    on:pointermove=on_move
                    on:pointerdown=on_move
                    on:pointerleave=move |_| cursor.set(None)
                ></canvas>
                <p class="chart-empty">{nothing}</p>
            </div>
        </figure>
    }
}

/// Gives the canvas as many pixels as the screen shows, if it has another number.
fn resize(canvas: &web_sys::HtmlCanvasElement, extent: Extent) {
    let (width, height) = ((extent.width * extent.ratio).round() as u32, (extent.height * extent.ratio).round() as u32);
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
}

fn context_of(canvas: &web_sys::HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// The colours that the style sheet gives to the canvas and to the lines of the legend.
fn colors(canvas: &web_sys::Element, legend: &web_sys::Element) -> Colors {
    let color = |element: &web_sys::Element, property: &str| {
        window()
            .get_computed_style(element)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value(property).ok())
            .unwrap_or_default()
    };
    let items = legend.children();
    Colors {
        text: color(canvas, "color"),
        grid: color(canvas, "outline-color"),
        lines: (0..items.length())
            .filter_map(|item| items.item(item))
            .map(|item| color(&item, "border-left-color"))
            .collect(),
    }
}
