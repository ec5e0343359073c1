//! The curve of traffic: a line over time with points to drag.

use leptos::ev;
use leptos::prelude::*;

use super::{Line, capture, place_of};
use crate::editor::timeline::{self, GREATEST_FACTOR};
use crate::format;
use crate::text::{fill, text};
use crate::ui::parts::Show;
use crate::ui::reaction::{effect, memo};
use crate::ui::words;

/// Corners that the line is drawn with.
const CORNERS: u32 = 240;
/// How far arrow keys move a point: seconds, and the multiple.
const KEY_STEPS: (f64, f64) = (1.0, 0.1);
/// The curve's first points: time as a share of what is shown, and multiple.
const FIRST: [(f64, f64); 3] = [(0.0, 1.0), (0.4, 1.0), (0.6, 2.0)];

/// Least top of the curve's axis.
const LEAST_TOP: f64 = 2.0;

impl Line {
    /// Multiple at the top.
    fn top(self) -> f64 {
        let traffic = self.traffic();
        let length = self.length_secs.get();
        let at = |corner: u32| traffic.factor(length * f64::from(corner) / f64::from(CORNERS));
        let greatest = (0..=CORNERS).map(at).fold(LEAST_TOP, f64::max);
        // Room to pull a point higher than all others.
        (greatest * 1.25).ceil()
    }

    fn set_points(self, points: Vec<(f64, f64)>) {
        let traffic = timeline::with_points(
            &self.editor.design().with_untracked(|design| design.settings().traffic.clone()),
            points,
        );
        self.traffic.set(Some(traffic));
    }

    fn points(self) -> Vec<(f64, f64)> {
        timeline::points(&self.traffic()).map(<[_]>::to_vec).unwrap_or_default()
    }
}

/// The curve with its points.
#[component]
pub fn Curve(line: Line) -> impl IntoView {
    let n_points = memo(move || line.points().len());
    // Fixed while a point is being pulled, else the ground would move under it.
    let top = RwSignal::new(LEAST_TOP);
    let is_pulled = RwSignal::new(false);
    effect(move || {
        let next = line.top();
        if !is_pulled.get() {
            top.set(next);
        }
    });
    let path = move || {
        let (traffic, length, top) = (line.traffic(), line.length_secs.get(), top.get());
        let mut path = String::new();
        for corner in 0..=CORNERS {
            let x = f64::from(corner) / f64::from(CORNERS);
            let y = 1.0 - (traffic.factor(length * x) / top).min(1.0);
            let step = if corner == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{step}{:.2} {:.2}", x * 1_000.0, y * 100.0));
        }
        path
    };
    let area = move || format!("{}L1000 100L0 100Z", path());
    let add_at = move |event: ev::MouseEvent| {
        use wasm_bindgen::JsCast;
        let element = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(area) = element.map(|element| element.get_bounding_client_rect()) else { return };
        let across = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
        let up = 1.0 - (f64::from(event.client_y()) - area.top()) / area.height().max(1.0);
        let secs = across * line.length_secs.get_untracked();
        let points = untrack(move || line.points());
        if points.is_empty() {
            line.set_points(vec![(0.0, 1.0), (secs.max(1.0), up * top.get_untracked())]);
        } else {
            line.set_points(timeline::point_added(&points, (secs, up * top.get_untracked())));
        }
        line.commit();
    };
    view! {
        <div class="lane curve-lane">
            <span class="lane-name">{text("script.traffic")}</span>
            <div class="line-area curve" on:dblclick=add_at>
                <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
                    <path class="curve-area" d=area></path>
                    <path class="curve-line" d=path></path>
                </svg>
                <span class="curve-top figure" aria-hidden="true">{move || format!("{}×", format::number(top.get()))}</span>
                {move || {
                    (0..n_points.get())
                        .map(|index| view! { <PointHandle line=line index=index top=top is_pulled=is_pulled/> })
                        .collect_view()
                }}
            </div>
        </div>
        <p id="script-keys" class="visually-hidden">{text("script.keys")}</p>
    }
}

/// A point: dragged by the pointer, moved by arrow keys, removed by Delete.
#[component]
fn PointHandle(line: Line, index: usize, top: RwSignal<f64>, is_pulled: RwSignal<bool>) -> impl IntoView {
    let before = StoredValue::new(None::<Vec<(f64, f64)>>);
    let point = memo(move || line.points().get(index).copied().unwrap_or_default());
    let spoken = move || {
        let (secs, factor) = point.get();
        fill("script.point", &[("at", &words::clock(secs)), ("factor", &format::number(factor))])
    };
    let on_down = move |event: ev::PointerEvent| {
        event.stop_propagation();
        capture(&event);
        is_pulled.set(true);
        before.set_value(Some(untrack(move || line.points())));
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some((secs, up)) = place_of(&event, line.length_secs.get_untracked()) else { return };
        if let Some(points) = before.get_value() {
            line.set_points(timeline::point_moved(&points, index, (secs, up * top.get_untracked())));
        }
    };
    let end = move || {
        before.set_value(None);
        is_pulled.set(false);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let points = untrack(move || line.points());
        let (secs, factor) = point.get_untracked();
        let times = if event.shift_key() { 10.0 } else { 1.0 };
        let (dt, df) = (KEY_STEPS.0 * times, KEY_STEPS.1 * times);
        let to = match event.key().as_str() {
            "ArrowLeft" => (secs - dt, factor),
            "ArrowRight" => (secs + dt, factor),
            "ArrowUp" => (secs, (factor + df).min(GREATEST_FACTOR)),
            "ArrowDown" => (secs, factor - df),
            "Delete" | "Backspace" => {
                event.prevent_default();
                event.stop_propagation();
                line.set_points(timeline::point_removed(&points, index));
                line.commit();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        line.set_points(timeline::point_moved(&points, index, to));
        line.commit();
    };
    view! {
        <button
            type="button"
            class="point"
            data-point=index.to_string()
            aria-label=spoken
            aria-describedby="script-keys"
            title=spoken
            style:left=move || format!("{:.3}%", line.place(point.get().0))
            style:bottom=move || format!("{:.3}%", (point.get().1 / top.get()).min(1.0) * 100.0)
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| {
                if before.with_value(Option::is_some) {
                    end();
                    line.commit();
                }
            }
            on:pointercancel=move |_| {
                end();
                line.cancel();
            }
            on:dblclick=|event| event.stop_propagation()
            on:keydown=on_key
        ></button>
    }
}

/// Begins a curve, adds a point to it, or takes it away.
#[component]
pub fn CurveButtons(line: Line) -> impl IntoView {
    let has_points = memo(move || !line.points().is_empty());
    let add = move |_| {
        let points = untrack(move || line.points());
        let length = line.length_secs.get_untracked();
        match points.last() {
            None => line.set_points(FIRST.iter().map(|&(share, factor)| (share * length, factor)).collect()),
            Some(&(last, factor)) => {
                let secs = if last + 1.0 < length * 0.9 { (last + length) / 2.0 } else { last + length / 10.0 };
                line.set_points(timeline::point_added(&points, (secs, factor)));
            }
        }
        line.commit();
    };
    let clear = move |_| {
        let traffic = line.editor.design().with_untracked(|design| design.settings().traffic.clone());
        line.traffic.set(Some(timeline::without_points(&traffic)));
        line.commit();
    };
    view! {
        <button type="button" id="add-point" class="text-button" on:click=add>
            {move || text(if has_points.get() { "script.add_point" } else { "script.draw_curve" })}
        </button>
        <Show when=move || has_points.get()>
            <button type="button" id="clear-curve" class="text-button" on:click=clear>{text("script.clear_curve")}</button>
        </Show>
    }
}
