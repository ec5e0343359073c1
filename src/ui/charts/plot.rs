//! A canvas over simulated time: marks the moment under the pointer in all charts, zooms by brush, and does the same by
//! keys. What is painted is the business of whoever uses it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

use super::paint::{Colors, Extent};
use super::view::View;
use crate::ui::engine::use_engine;
use crate::ui::preferences::use_preferences;
use crate::ui::reaction::effect;
use crate::units::{SimDuration, SimTime};
use crate::web::observe;

/// Pulls shorter than this are clicks [CSS px].
const BRUSH_LEAST: f64 = 6.0;
/// Parts of what is shown that an arrow key goes on by.
const KEY_PARTS: f64 = 60.0;

/// What a painter gets.
pub struct Sheet<'a> {
    /// The canvas.
    pub context: &'a CanvasRenderingContext2d,
    /// Its extent.
    pub extent: Extent,
    /// Colours of the style sheet.
    pub colors: &'a Colors,
    /// First and last moment shown.
    pub span: (SimTime, SimTime),
    /// The moment marked.
    pub cursor: Option<SimTime>,
    /// Where the pointer is below the top, if it is here [CSS px].
    pub pointer_y: Option<f64>,
}

/// A canvas that is painted anew when `paint` would paint something else.
#[component]
pub fn Plot(
    /// What it has in common with other charts.
    view: View,
    /// Room at the right of the plot [CSS px].
    right: f64,
    /// Elements whose colours are those of the lines, in order.
    legend: NodeRef<html::Ul>,
    /// What is seen, in words.
    #[prop(into)]
    described: Signal<String>,
    /// What the marked moment is about, in words, for those who mark it by keys.
    #[prop(into)]
    said: Signal<String>,
    /// Paints; what it reads decides when it is called again.
    paint: Callback<Painting>,
) -> impl IntoView {
    let engine = use_engine();
    let preferences = use_preferences();
    let canvas = NodeRef::<html::Canvas>::new();
    let size = RwSignal::new((0.0, 0.0));
    let system_changes = RwSignal::new(0_u32);
    let pointer_y = RwSignal::new(None::<f64>);
    // Where a pull began and where it is [CSS px].
    let brush = RwSignal::new(None::<(f64, f64)>);
    let is_by_keys = RwSignal::new(false);

    // Both end with the chart.
    let watches =
        StoredValue::new_local((None, observe::system_theme(move || system_changes.update(|count| *count += 1))));
    effect(move || {
        let Some(canvas) = canvas.get() else { return };
        let watch = observe::size(&canvas, move |width, height| size.set((width, height)));
        watches.update_value(|watches| watches.0 = watch.ok());
    });
    let extent = move |(width, height)| Extent { width, height, right, ratio: window().device_pixel_ratio() };
    effect(move || {
        preferences.theme.track();
        system_changes.track();
        let extent = extent(size.get());
        let (Some(canvas), Some(legend)) = (canvas.get(), legend.get()) else { return };
        if extent.width < 1.0 || extent.height < 1.0 {
            return;
        }
        resize(&canvas, extent);
        let Some(context) = context_of(&canvas) else { return };
        let colors = colors(&canvas, &legend);
        let (cursor, pointer_y) = (view.cursor.get(), pointer_y.get());
        paint.run(Painting { context, extent, colors, span: view.span(), cursor, pointer_y });
    });

    let time_at = move |x: f64| extent(size.get_untracked()).time_at(untrack(move || view.span()), x);
    let on_down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(canvas) = canvas.get_untracked() {
            // Refused only if the pointer is gone already.
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        let x = f64::from(event.offset_x());
        brush.set(Some((x, x)));
        view.cursor.set(Some(time_at(x)));
    };
    let on_move = move |event: ev::PointerEvent| {
        is_by_keys.set(false);
        let x = f64::from(event.offset_x());
        pointer_y.set(Some(f64::from(event.offset_y())));
        view.cursor.set(Some(time_at(x)));
        brush.update(|brush| *brush = brush.map(|(from, _)| (from, x)));
    };
    let on_up = move |_: ev::PointerEvent| {
        let pulled = brush.get_untracked().filter(|(from, to)| (to - from).abs() >= BRUSH_LEAST);
        brush.set(None);
        if let Some((from, to)) = pulled {
            view.pick(time_at(from), time_at(to));
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (from, to) = untrack(move || view.span());
        let step = SimDuration::from_secs_f64(to.since(from).as_secs_f64() / KEY_PARTS);
        let at = view.cursor.get_untracked().unwrap_or(to).clamp(from, to);
        let x_of = |at: SimTime| extent(size.get_untracked()).x((from, to), at);
        let go = |to_time: SimTime| {
            let to_time = to_time.clamp(from, to);
            brush.update(|brush| {
                *brush = event.shift_key().then(|| (brush.map_or_else(|| x_of(at), |(start, _)| start), x_of(to_time)));
            });
            view.cursor.set(Some(to_time));
            is_by_keys.set(true);
        };
        match event.key().as_str() {
            "ArrowLeft" => go(at - step),
            "ArrowRight" => go(at + step),
            "Home" => go(from),
            "End" => go(to),
            "Enter" => match brush.get_untracked() {
                Some((start, end)) => {
                    brush.set(None);
                    view.pick(time_at(start), time_at(end));
                }
                None => engine.seek(at),
            },
            "Escape" => {
                brush.set(None);
                view.cursor.set(None);
                view.reset();
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_double_click = move |event: ev::MouseEvent| engine.seek(time_at(f64::from(event.offset_x())));
    let brushed = move || brush.get().filter(|(from, to)| (to - from).abs() >= 1.0);
    view! {
        <canvas
            node_ref=canvas
            tabindex="0"
            role="application"
            aria-label=described
            aria-describedby="charts-keys"
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:pointercancel=move |_| brush.set(None)
            on:pointerleave=move |_| {
                pointer_y.set(None);
                if brush.get_untracked().is_none() {
                    view.cursor.set(None);
                }
            }
            on:dblclick=on_double_click
            on:keydown=on_key
            on:blur=move |_| {
                is_by_keys.set(false);
                brush.set(None);
            }
        ></canvas>
        {move || {
            brushed()
                .map(|(from, to)| {
                    let (left, width) = (from.min(to), (to - from).abs());
                    view! {
                        <span class="brush" style:left=format!("{left}px") style:width=format!("{width}px")></span>
                    }
                })
        }}
        <span class="visually-hidden" aria-live="polite">
            {move || is_by_keys.get().then(|| said.get())}
        </span>
    }
}

/// What a painter is handed over, in one piece.
pub struct Painting {
    context: CanvasRenderingContext2d,
    extent: Extent,
    colors: Colors,
    span: (SimTime, SimTime),
    cursor: Option<SimTime>,
    pointer_y: Option<f64>,
}

impl Painting {
    /// The sheet to paint on, wiped.
    pub fn sheet(&self) -> Sheet<'_> {
        let ratio = self.extent.ratio;
        // A scale can always be set; only matrices without inverse are refused.
        let _ = self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.context.clear_rect(0.0, 0.0, self.extent.width, self.extent.height);
        Sheet {
            context: &self.context,
            extent: self.extent,
            colors: &self.colors,
            span: self.span,
            cursor: self.cursor,
            pointer_y: self.pointer_y,
        }
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
