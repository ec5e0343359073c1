//! How latency spreads: a heat map over time, and beside it the histogram of all that is shown.

use leptos::html;
use leptos::prelude::*;

use super::paint::{TOP, mark, ticks, within, write};
use super::plot::{Painting, Plot, Sheet};
use super::view::use_view;
use crate::format;
use crate::learn::series::Series;
use crate::scene::axis::{Axis, Measure};
use crate::sim::snapshot::bands::{Bands, begins_secs};
use crate::text::{fill, text};
use crate::ui::engine::use_engine;
use crate::ui::reaction::{derived, memo};
use crate::ui::words;
use crate::units::{SimDuration, SimTime};

/// Columns of the map.
const COLUMNS: usize = 120;
/// Room for the histogram at the right [CSS px].
const HISTOGRAM: f64 = 104.0;
/// Gap between map and histogram [CSS px].
const GAP: f64 = 10.0;

/// What the map shows.
#[derive(Clone, Debug, PartialEq)]
struct Heat {
    /// Where the first column begins, and how wide columns are.
    from: SimTime,
    width: SimDuration,
    /// Answers by latency, column by column.
    columns: Vec<Bands>,
    /// All of them.
    all: Bands,
    axis: Axis,
}

impl Heat {
    fn of(series: &Series, (from, to): (SimTime, SimTime)) -> Self {
        let width = SimDuration::from_nanos((to.since(from).as_nanos() / COLUMNS as u64).max(1));
        let mut columns = vec![Bands::default(); COLUMNS];
        let mut all = Bands::default();
        // Intervals longer than a column fill all that they cover, so that coarse tiers leave no gaps.
        for point in series.between(from, to) {
            let column = |at: SimTime| (at.since(from).as_nanos() / width.as_nanos()) as usize;
            let last = column(point.sample.at - SimDuration::from_nanos(1)).min(COLUMNS - 1);
            for covered in &mut columns[column(point.begins()).min(last)..=last] {
                covered.merge(&point.sample.latency_bands);
            }
            all.merge(&point.sample.latency_bands);
        }
        let ends = all.0.first().zip(all.0.last());
        let axis = ends.map_or(Axis::decades(0.001, 1.0), |(first, last)| {
            Axis::decades(begins_secs(first.0), begins_secs(last.0 + 1))
        });
        Self { from, width, columns, all, axis }
    }

    /// What is at a moment and a latency, in words.
    fn words(&self, at: SimTime, secs: f64) -> Option<String> {
        let column = self.columns.get((at.since(self.from).as_nanos() / self.width.as_nanos()) as usize)?;
        let &(band, count) =
            column.0.iter().find(|&&(band, _)| (begins_secs(band)..begins_secs(band + 1)).contains(&secs))?;
        let share = f64::from(count) / column.total() as f64;
        let [low, high] = [band, band + 1].map(|band| format::duration(begins_secs(band)));
        Some(fill("charts.band", &[("low", &low), ("high", &high), ("share", &format::share(share))]))
    }
}

/// Heat map and histogram of latency.
#[component]
pub fn HeatMap() -> impl IntoView {
    let engine = use_engine();
    let view = use_view().at(1);
    let legend = NodeRef::<html::Ul>::new();
    let heat = memo(move || {
        let span = view.span();
        engine.with_series(|series| Heat::of(series, span))
    });
    let hovered = RwSignal::new(None::<String>);
    let on_paint = Callback::new(move |painting: Painting| {
        let sheet = painting.sheet();
        heat.with(|heat| {
            paint(&sheet, heat);
            let words = sheet.pointer_y.zip(sheet.cursor).and_then(|(y, at)| {
                let height = 1.0 - (y - TOP) / sheet.extent.plot_height();
                heat.words(at, heat.axis.value_at(height))
            });
            if hovered.with_untracked(|before| *before != words) {
                hovered.set(words);
            }
        });
    });
    let percentiles = move || {
        heat.with(|heat| {
            let quantile = |share| heat.all.quantile_secs(share).map_or_else(|| "–".to_owned(), format::duration);
            fill("charts.percentiles", &[("p50", &quantile(0.5)), ("p95", &quantile(0.95)), ("p99", &quantile(0.99))])
        })
    };
    let described = derived(move || format!("{}. {}", text("charts.spread"), percentiles()));
    let said = derived(move || {
        let at = view.cursor.get().unwrap_or(SimTime::ZERO);
        heat.with(|heat| {
            let column = heat.columns.get((at.since(heat.from).as_nanos() / heat.width.as_nanos()) as usize);
            let quantile = |share| column.and_then(|column| column.quantile_secs(share)).map(format::duration);
            let quantile = |share| quantile(share).unwrap_or_else(|| "–".to_owned());
            let values = [("p50", &*quantile(0.5)), ("p95", &*quantile(0.95)), ("p99", &*quantile(0.99))];
            format!("{}: {}", words::clock(at.as_secs_f64()), fill("charts.percentiles", &values))
        })
    });
    view! {
        <figure class="chart" data-chart="spread">
            <figcaption>
                <span class="chart-title">{text("charts.spread")}</span>
                <ul class="legend" node_ref=legend>
                    <li class="series answered">
                        <span class="swatch"></span>
                        <span class="figure">{move || hovered.get().unwrap_or_else(percentiles)}</span>
                    </li>
                </ul>
            </figcaption>
            <div class="chart-area">
                <Plot view=view right=HISTOGRAM legend=legend described=described said=said paint=on_paint/>
                <p class="chart-empty">{move || heat.with(|heat| heat.all.0.is_empty()).then(|| text("charts.nothing"))}</p>
            </div>
        </figure>
    }
}

fn paint(sheet: &Sheet<'_>, heat: &Heat) {
    let Sheet { context, extent, colors, span, .. } = sheet;
    ticks(sheet, Measure::Time, heat.axis);
    let Some(color) = colors.lines.first() else { return };
    context.set_fill_style_str(color);
    let rows = |band: u8| {
        let (foot, top) = (extent.y(heat.axis, begins_secs(band)), extent.y(heat.axis, begins_secs(band + 1)));
        (top, (foot - top).max(1.0))
    };
    within(sheet, || {
        for (position, column) in heat.columns.iter().enumerate() {
            let greatest = column.0.iter().map(|&(_, count)| count).max().unwrap_or(0);
            let begin = heat.from + SimDuration::from_nanos(heat.width.as_nanos() * position as u64);
            let (left, right) = (extent.x(*span, begin), extent.x(*span, begin + heat.width));
            for &(band, count) in &column.0 {
                // The root keeps the rare, slow ones to be seen.
                context.set_global_alpha(0.08 + 0.92 * libm::sqrt(f64::from(count) / f64::from(greatest)));
                let (top, height) = rows(band);
                context.fill_rect(left, top, right - left + 0.3, height);
            }
        }
        context.set_global_alpha(1.0);
        if let Some(cursor) = sheet.cursor {
            mark(sheet, cursor, &[]);
        }
    });
    let greatest = heat.all.0.iter().map(|&(_, count)| count).max().unwrap_or(0);
    let left = extent.width - extent.right + GAP;
    context.set_fill_style_str(color);
    for &(band, count) in &heat.all.0 {
        let (top, height) = rows(band);
        let width = (HISTOGRAM - GAP - 4.0) * f64::from(count) / f64::from(greatest);
        context.fill_rect(left, top + 0.5, width.max(1.0), (height - 1.0).max(1.0));
    }
    context.set_fill_style_str(&colors.text);
    context.set_text_align("left");
    write(context, text("charts.histogram"), left, extent.height - 4.0);
}
