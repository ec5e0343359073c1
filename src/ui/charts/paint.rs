//! Paints a chart on a canvas.

use web_sys::CanvasRenderingContext2d;

use super::data::{Data, Subject};
use crate::units::SimTime;

/// Room for the ticks' words on the left [CSS px].
const LEFT: f64 = 46.0;
/// Room on the right [CSS px].
const RIGHT: f64 = 8.0;
/// Room at the top [CSS px].
const TOP: f64 = 8.0;
/// Room for the times at the foot [CSS px].
const FOOT: f64 = 18.0;
/// Seconds between two ticks of time, and on a chart too narrow for that.
const TIME_STEPS: (u64, u64) = (15, 30);
/// Width below which a chart is narrow [CSS px].
const NARROW: f64 = 240.0;

/// Colours of a chart, as the style sheet has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Words beside ticks.
    pub text: String,
    /// Lines of ticks.
    pub grid: String,
    /// Of each line.
    pub lines: Vec<String>,
}

/// Extent of a chart and of its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Width [CSS px].
    pub width: f64,
    /// Height [CSS px].
    pub height: f64,
    /// Device pixels per CSS pixel.
    pub ratio: f64,
}

impl Extent {
    /// The time at `x`, which is measured from the left edge of the canvas [CSS px].
    pub fn time_at(self, data: &Data, x: f64) -> SimTime {
        let share = ((x - LEFT) / self.plot_width()).clamp(0.0, 1.0);
        let span = data.to.since(data.from).as_secs_f64();
        SimTime::from_secs_f64(data.from.as_secs_f64() + share * span)
    }

    fn plot_width(self) -> f64 {
        (self.width - LEFT - RIGHT).max(1.0)
    }

    fn plot_height(self) -> f64 {
        (self.height - TOP - FOOT).max(1.0)
    }

    fn x(self, data: &Data, time: SimTime) -> f64 {
        let span = data.to.since(data.from).as_secs_f64().max(1e-9);
        LEFT + (time.as_secs_f64() - data.from.as_secs_f64()) / span * self.plot_width()
    }

    fn y(self, data: &Data, value: f64) -> f64 {
        TOP + (1.0 - data.axis.height(value)) * self.plot_height()
    }
}

/// Paints everything anew.
pub fn paint(
    context: &CanvasRenderingContext2d,
    subject: Subject,
    data: &Data,
    colors: &Colors,
    extent: Extent,
    cursor: Option<SimTime>,
) {
    // A scale can always be set; only matrices without inverse are refused.
    let _ = context.set_transform(extent.ratio, 0.0, 0.0, extent.ratio, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, extent.width, extent.height);
    ticks(context, subject, data, colors, extent);
    context.save();
    context.begin_path();
    context.rect(LEFT, TOP - 2.0, extent.plot_width(), extent.plot_height() + 3.0);
    context.clip();
    if subject.is_stacked() {
        stack(context, data, colors, extent);
    } else {
        lines(context, data, colors, extent);
    }
    if let Some(position) = cursor.and_then(|cursor| data.position(cursor)) {
        context.set_stroke_style_str(&colors.text);
        context.set_line_width(1.0);
        let x = extent.x(data, data.times[position]).round() + 0.5;
        context.begin_path();
        context.move_to(x, TOP);
        context.line_to(x, TOP + extent.plot_height());
        context.stroke();
    }
    context.restore();
}

fn ticks(context: &CanvasRenderingContext2d, subject: Subject, data: &Data, colors: &Colors, extent: Extent) {
    context.set_font("11px system-ui, sans-serif");
    context.set_line_width(1.0);
    context.set_stroke_style_str(&colors.grid);
    context.set_fill_style_str(&colors.text);
    context.set_text_align("right");
    context.set_text_baseline("middle");
    for tick in data.axis.ticks() {
        let y = extent.y(data, tick).round() + 0.5;
        context.begin_path();
        context.move_to(LEFT, y);
        context.line_to(extent.width - RIGHT, y);
        context.stroke();
        write(context, &subject.measure().write_tick(tick), LEFT - 6.0, y);
    }
    context.set_text_baseline("alphabetic");
    context.set_text_align("center");
    let stride = if extent.width < NARROW { TIME_STEPS.1 } else { TIME_STEPS.0 };
    let first = data.from.as_secs_f64() as u64 / stride + 1;
    let last = data.to.as_secs_f64() as u64 / stride;
    for step in first..=last {
        let secs = (step * stride) as f64;
        let x = extent.x(data, SimTime::from_secs_f64(secs));
        // A word that would hang over the edge is left out.
        if x < extent.width - RIGHT - 12.0 {
            write(context, &time_words(step * stride), x, extent.height - 4.0);
        }
    }
}

fn time_words(secs: u64) -> String {
    format!("{}:{:02}", secs / 60, secs % 60)
}

fn write(context: &CanvasRenderingContext2d, words: &str, x: f64, y: f64) {
    // Nothing that could be refused: the numbers are finite.
    let _ = context.fill_text(words, x, y);
}

fn lines(context: &CanvasRenderingContext2d, data: &Data, colors: &Colors, extent: Extent) {
    context.set_line_join("round");
    context.set_line_width(1.5);
    // The first line is painted last: where lines meet, the usual case lies above the extreme one.
    for (line, color) in data.lines.iter().zip(&colors.lines).rev() {
        context.set_stroke_style_str(color);
        context.begin_path();
        let mut is_open = false;
        for (&time, &value) in data.times.iter().zip(&line.values) {
            // An interval in which nothing was measured carries the line on, but for a longer gap it ends.
            if !value.is_finite() {
                continue;
            }
            let (x, y) = (extent.x(data, time), extent.y(data, value));
            if is_open {
                context.line_to(x, y);
            } else {
                context.move_to(x, y);
                is_open = true;
            }
        }
        context.stroke();
    }
}

fn stack(context: &CanvasRenderingContext2d, data: &Data, colors: &Colors, extent: Extent) {
    let mut below = vec![0.0; data.times.len()];
    for (line, color) in data.lines.iter().zip(&colors.lines) {
        let above: Vec<f64> = below
            .iter()
            .zip(&line.values)
            .map(|(below, value)| below + if value.is_finite() { *value } else { 0.0 })
            .collect();
        context.set_stroke_style_str(color);
        context.set_line_width(1.5);
        context.begin_path();
        // A layer of no height has no edge: it would look like the one below having its colour.
        let mut is_open = false;
        for ((&time, &top), &value) in data.times.iter().zip(&above).zip(&line.values) {
            let (x, y) = (extent.x(data, time), extent.y(data, top));
            let has_height = value > 0.0;
            if has_height && is_open {
                context.line_to(x, y);
            } else {
                context.move_to(x, y);
            }
            is_open = has_height;
        }
        context.stroke();
        context.begin_path();
        for (&time, &top) in data.times.iter().zip(&above) {
            context.line_to(extent.x(data, time), extent.y(data, top));
        }
        for (&time, &bottom) in data.times.iter().zip(&below).rev() {
            context.line_to(extent.x(data, time), extent.y(data, bottom));
        }
        context.close_path();
        context.set_fill_style_str(color);
        context.set_global_alpha(0.22);
        context.fill();
        context.set_global_alpha(1.0);
        below = above;
    }
}
