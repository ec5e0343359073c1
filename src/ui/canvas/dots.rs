//! Paints the moving requests on a canvas of their own, above cards and links that stay as they are.
//!
//! Dots of the same look become one path, filled once: a thousand of them cost less than a millisecond of script.

use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::paint::set_transform;
use crate::geometry::Point;
use crate::scene::replay::{Dot, Mark};
use crate::scene::{Camera, Ink, Theme};

/// The overlay canvas.
pub struct DotPainter {
    context: CanvasRenderingContext2d,
    /// Dots of the frame in the order of their looks; memory is reused.
    sorted: Vec<Dot>,
    /// Whether the canvas is empty.
    is_clear: bool,
}

impl DotPainter {
    /// A painter for `canvas`; `None` if the browser gives it no context.
    pub fn new(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { context, sorted: Vec::new(), is_clear: true })
    }

    /// Paints `dots` as `camera` sees them on a canvas of `size` CSS pixels of `ratio` device pixels each.
    pub fn paint(&mut self, dots: &[Dot], camera: Camera, size: (f64, f64), ratio: f64, theme: Theme) {
        if dots.is_empty() && self.is_clear {
            return;
        }
        self.is_clear = dots.is_empty();
        let context = &self.context;
        set_transform(context, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, size.0, size.1);
        // Dots keep their size when the drawing shrinks, down to a point.
        let scale = camera.zoom.clamp(0.65, 1.3);
        self.sorted.clear();
        let is_seen = |at: Point| (-8.0..=size.0 + 8.0).contains(&at.x) && (-8.0..=size.1 + 8.0).contains(&at.y);
        self.sorted.extend(
            dots.iter().map(|dot| Dot { at: camera.screen_from_world(dot.at), ..*dot }).filter(|dot| is_seen(dot.at)),
        );
        self.sorted.sort_unstable_by_key(|dot| (dot.mark, dot.ink as u8));
        for alike in self.sorted.chunk_by(|a, b| (a.mark, a.ink) == (b.mark, b.ink)) {
            draw(context, alike, alike[0].mark, alike[0].ink, scale, theme);
        }
    }
}

/// Draws dots that look alike.
fn draw(context: &CanvasRenderingContext2d, dots: &[Dot], mark: Mark, ink: Ink, scale: f64, theme: Theme) {
    let color = theme.color(ink);
    context.begin_path();
    for dot in dots {
        trace(context, dot.at, mark, scale);
    }
    match mark {
        Mark::Request | Mark::Answer | Mark::Hit | Mark::Log => {
            context.set_fill_style_str(color);
            context.fill();
        }
        Mark::Stale | Mark::Refused | Mark::TimedOut | Mark::Down => {
            context.set_stroke_style_str(color);
            context.set_line_width(1.8 * scale);
            context.stroke();
        }
    }
}

/// Adds the outline of one mark to the path.
fn trace(context: &CanvasRenderingContext2d, Point { x, y }: Point, mark: Mark, scale: f64) {
    let ring = |radius: f64| {
        context.move_to(x + radius, y);
        // Refused only for a negative radius.
        let _ = context.arc(x, y, radius, 0.0, core::f64::consts::TAU);
    };
    let line = |from: (f64, f64), to: (f64, f64)| {
        context.move_to(x + from.0, y + from.1);
        context.line_to(x + to.0, y + to.1);
    };
    match mark {
        Mark::Request => ring(3.2 * scale),
        Mark::Answer => ring(2.1 * scale),
        Mark::Hit => {
            let reach = 4.4 * scale;
            context.move_to(x, y - reach);
            context.line_to(x + reach, y);
            context.line_to(x, y + reach);
            context.line_to(x - reach, y);
            context.close_path();
        }
        Mark::Stale => ring(3.2 * scale),
        Mark::Refused => {
            let reach = 3.6 * scale;
            line((-reach, -reach), (reach, reach));
            line((reach, -reach), (-reach, reach));
        }
        Mark::TimedOut => {
            let reach = 4.0 * scale;
            ring(reach);
            line((0.0, -reach * 0.6), (0.0, 0.0));
            line((0.0, 0.0), (reach * 0.5, 0.0));
        }
        Mark::Down => {
            let reach = 4.0 * scale;
            ring(reach);
            line((-reach, reach), (reach, -reach));
        }
        Mark::Log => context.rect(x - 2.8 * scale, y - 2.8 * scale, 5.6 * scale, 5.6 * scale),
    }
}
