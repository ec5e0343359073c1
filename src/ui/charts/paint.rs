//! Paints a chart on a canvas.

use web_sys::CanvasRenderingContext2d;

use super::data::{Data, Subject};
use super::plot::Sheet;
use crate::scene::axis::{Axis, Measure};
use crate::ui::words;
use crate::units::SimTime;

/// Room for the ticks' words on the left [CSS px].
const LEFT: f64 = 46.0;
/// Room on the right [CSS px].
pub const RIGHT: f64 = 8.0;
/// Room at the top [CSS px].
pub const TOP: f64 = 8.0;
/// Room for the times at the foot [CSS px].
const FOOT: f64 = 18.0;
/// Steps of time that ticks may stand at [s].
const TIME_STEPS: [f64; 15] =
    [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];
/// Least room between two words of time [CSS px].
const TIME_ROOM: f64 = 52.0;

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
    /// Room at the right of the plot [CSS px].
    pub right: f64,
    /// Device pixels per CSS pixel.
    pub ratio: f64,
}

impl Extent {
    /// The time at `x`, which is measured from the left edge of the canvas [CSS px].
    pub fn time_at(self, (from, to): (SimTime, SimTime), x: f64) -> SimTime {
        let share = ((x - LEFT) / self.plot_width()).clamp(0.0, 1.0);
        SimTime::from_secs_f64(from.as_secs_f64() + share * to.since(from).as_secs_f64())
    }

    /// Where `time` stands [CSS px].
    pub fn x(self, (from, to): (SimTime, SimTime), time: SimTime) -> f64 {
        let span = to.since(from).as_secs_f64().max(1e-9);
        LEFT + (time.as_secs_f64() - from.as_secs_f64()) / span * self.plot_width()
    }

    /// Where `value` stands [CSS px].
    pub fn y(self, axis: Axis, value: f64) -> f64 {
        TOP + (1.0 - axis.height(value)) * self.plot_height()
    }

    /// Width of the plot itself [CSS px].
    pub fn plot_width(self) -> f64 {
        (self.width - LEFT - self.right).max(1.0)
    }

    /// Height of the plot itself [CSS px].
    pub fn plot_height(self) -> f64 {
        (self.height - TOP - FOOT).max(1.0)
    }
}

/// Paints lines or a stack; `now` is the moment that the page shows, if it is an earlier one than the run has come to.
pub fn paint(sheet: &Sheet<'_>, subject: Subject, data: &Data, now: Option<SimTime>) {
    let context = sheet.context;
    ticks(sheet, subject.measure(), data.axis);
    within(sheet, || {
        if subject.is_stacked() {
            stack(sheet, data);
        } else {
            lines(sheet, data);
        }
        if let Some(now) = now {
            mark(sheet, now, &[4.0, 3.0]);
        }
        if let Some(position) = sheet.cursor.and_then(|cursor| data.position(cursor)) {
            mark(sheet, data.times[position], &[]);
        }
    });
    context.set_global_alpha(1.0);
}

/// Lets `paint` paint on the plot only.
pub fn within(sheet: &Sheet<'_>, paint: impl FnOnce()) {
    sheet.context.save();
    sheet.context.begin_path();
    sheet.context.rect(LEFT, TOP - 2.0, sheet.extent.plot_width(), sheet.extent.plot_height() + 3.0);
    sheet.context.clip();
    paint();
    sheet.context.restore();
}

/// Marks a moment by a line from top to foot.
pub fn mark(sheet: &Sheet<'_>, at: SimTime, dashes: &[f64]) {
    let context = sheet.context;
    context.set_stroke_style_str(&sheet.colors.text);
    context.set_line_width(1.0);
    let pattern = js_sys::Array::new();
    for &length in dashes {
        pattern.push(&length.into());
    }
    // Refused only for what is no list of numbers.
    let _ = context.set_line_dash(&pattern);
    let x = sheet.extent.x(sheet.span, at).round() + 0.5;
    context.begin_path();
    context.move_to(x, TOP);
    context.line_to(x, TOP + sheet.extent.plot_height());
    context.stroke();
    let _ = context.set_line_dash(&js_sys::Array::new());
}

/// Paints the lines of the grid with their words.
pub fn ticks(sheet: &Sheet<'_>, measure: Measure, axis: Axis) {
    let Sheet { context, extent, colors, span, .. } = sheet;
    context.set_font("11px system-ui, sans-serif");
    context.set_line_width(1.0);
    context.set_stroke_style_str(&colors.grid);
    context.set_fill_style_str(&colors.text);
    context.set_text_align("right");
    context.set_text_baseline("middle");
    for tick in axis.ticks() {
        let y = extent.y(axis, tick).round() + 0.5;
        context.begin_path();
        context.move_to(LEFT, y);
        context.line_to(extent.width - extent.right, y);
        context.stroke();
        write(context, &measure.write_tick(tick), LEFT - 6.0, y);
    }
    context.set_text_baseline("alphabetic");
    context.set_text_align("center");
    let (from, to) = (span.0.as_secs_f64(), span.1.as_secs_f64());
    let most = (extent.plot_width() / TIME_ROOM).max(1.0);
    let wanted = (to - from) / most;
    let longest = TIME_STEPS[TIME_STEPS.len() - 1];
    let step =
        TIME_STEPS.into_iter().find(|&step| step >= wanted).unwrap_or_else(|| (wanted / longest).ceil() * longest);
    let mut count = (from / step).floor() + 1.0;
    while count * step <= to {
        let secs = count * step;
        let x = extent.x(*span, SimTime::from_secs_f64(secs));
        // A word that would hang over the edge is left out.
        if x < extent.width - extent.right - 12.0 {
            write(context, &time_words(secs, step), x, extent.height - 4.0);
        }
        count += 1.0;
    }
}

fn time_words(secs: f64, step: f64) -> String {
    if step < 1.0 {
        return words::clock(secs + 0.001);
    }
    let secs = secs.round() as u64;
    format!("{}:{:02}", secs / 60, secs % 60)
}

/// Writes words at a place.
pub fn write(context: &CanvasRenderingContext2d, words: &str, x: f64, y: f64) {
    // Nothing that could be refused: the numbers are finite.
    let _ = context.fill_text(words, x, y);
}

fn lines(sheet: &Sheet<'_>, data: &Data) {
    let Sheet { context, extent, colors, span, .. } = sheet;
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
            let (x, y) = (extent.x(*span, time), extent.y(data.axis, value));
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

fn stack(sheet: &Sheet<'_>, data: &Data) {
    let Sheet { context, extent, colors, span, .. } = sheet;
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
            let (x, y) = (extent.x(*span, time), extent.y(data.axis, top));
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
            context.line_to(extent.x(*span, time), extent.y(data.axis, top));
        }
        for (&time, &bottom) in data.times.iter().zip(&below).rev() {
            context.line_to(extent.x(*span, time), extent.y(data.axis, bottom));
        }
        context.close_path();
        context.set_fill_style_str(color);
        context.set_global_alpha(0.22);
        context.fill();
        context.set_global_alpha(1.0);
        below = above;
    }
}
