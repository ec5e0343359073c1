//! Paints the moving requests on a canvas of their own, above cards and links that stay as they are.
//!
//! Dots of the same look become one path, filled once. Nothing is made per dot and frame: positions go into lists that
//! are kept, one for each look, and where the drawing is so small that a disc cannot be told from a square, squares are
//! drawn, which cost a fraction. Where such squares are very many they are set pixel by pixel, in memory that is kept,
//! and handed to the canvas in one piece: a canvas takes several times as long to fill them.

use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::paint::{Sight, set_transform};
use crate::geometry::Point;
use crate::scene::pixels::Pixels;
use crate::scene::replay::{Dot, Mark};
use crate::scene::{Camera, Ink, Theme};

/// Dots become no smaller than this however small the drawing is shown [of their size].
const LEAST_SCALE: f64 = 0.65;
/// Magnification below which round marks are drawn as squares.
const SQUARE_ZOOM: f64 = 0.34;
/// Pixels of the canvas for each dot from which on down dots are a crowd: handing over all pixels then costs less than
/// filling the dots.
const CROWD_PIXELS: f64 = 500.0;
/// Edge of a square of the same area as a disc [radii].
const SQUARE: f64 = 1.77;
/// Radii of discs, how far diamonds reach, and half the edge of pieces of logs [px].
const REQUEST: f64 = 3.2;
const ANSWER: f64 = 2.1;
const HIT: f64 = 4.4;
const LOG: f64 = 2.8;

/// Radius of the ring around a request that is looked at [px].
const RING: f64 = 8.0;

/// The overlay canvas.
pub struct DotPainter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// What a crowd of dots is set in.
    pixels: Pixels,
    /// Where the dots of each look are on the screen, by [`slot`]; memory is reused.
    places: Vec<Vec<Point>>,
    /// Whether the canvas is empty.
    is_clear: bool,
}

/// What sets a crowd of dots: at which scale, with how many device pixels for one of CSS, in which theme.
pub type Crowd = fn(&mut DotPainter, f64, f64, Theme);

/// How one look is drawn.
#[derive(Clone, Copy)]
struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    mark: Mark,
    scale: f64,
    has_squares: bool,
}

impl DotPainter {
    /// A painter for `canvas`; `None` if the browser gives it no context.
    pub fn new(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let places = vec![Vec::new(); Mark::ALL.len() * Ink::ALL.len()];
        Some(Self { canvas: canvas.clone(), context, pixels: Pixels::default(), places, is_clear: true })
    }

    /// Paints `dots` as `sight` has it. Crowds of them are set by `crowd`, which is [`DotPainter::stamp`], once the page
    /// has it.
    pub fn paint(&mut self, crowd: Option<Crowd>, dots: &[Dot], sight: Sight) {
        let Sight { camera, size, ratio, theme, .. } = sight;
        if dots.is_empty() && self.is_clear {
            return;
        }
        self.is_clear = dots.is_empty();
        set_transform(&self.context, ratio, 0.0, 0.0);
        self.places.iter_mut().for_each(Vec::clear);
        for dot in dots {
            let at = camera.screen_from_world(dot.at);
            if (-8.0..=size.0 + 8.0).contains(&at.x) && (-8.0..=size.1 + 8.0).contains(&at.y) {
                self.places[slot(dot.mark, dot.ink)].push(at);
            }
        }
        // Dots keep their size when the drawing shrinks, down to a point.
        let scale = camera.zoom.clamp(LEAST_SCALE, 1.3);
        let has_squares = camera.zoom < SQUARE_ZOOM;
        let is_many = dots.len() as f64 * CROWD_PIXELS > size.0 * size.1 * ratio * ratio;
        let crowd = crowd.filter(|_| has_squares && is_many);
        let is_crowd = crowd.is_some();
        match crowd {
            Some(stamp) => stamp(self, scale, ratio, theme),
            None => self.context.clear_rect(0.0, 0.0, size.0, size.1),
        }
        for mark in Mark::ALL.into_iter().filter(|mark| !(is_crowd && mark.is_filled())) {
            let pen = Pen { context: &self.context, mark, scale, has_squares };
            for ink in Ink::ALL {
                let places = &self.places[slot(mark, ink)];
                if !places.is_empty() {
                    pen.draw(places, theme.color(ink));
                }
            }
        }
    }
}

impl DotPainter {
    /// Sets the dots that are filled, pixel by pixel, in place of what is on the canvas.
    pub fn stamp(&mut self, scale: f64, ratio: f64, theme: Theme) {
        let (width, height) = (self.canvas.width(), self.canvas.height());
        self.pixels.begin(width, height);
        let scale = scale * ratio;
        for mark in Mark::ALL.into_iter().filter(|mark| mark.is_filled()) {
            for ink in Ink::ALL {
                let color = theme.rgb(ink);
                for place in &self.places[slot(mark, ink)] {
                    let at = Point::new(place.x * ratio, place.y * ratio);
                    match mark {
                        Mark::Hit => self.pixels.diamond(at, HIT * scale, color),
                        Mark::Answer => self.pixels.square(at, ANSWER * SQUARE * scale, color),
                        Mark::Log => self.pixels.square(at, 2.0 * LOG * scale, color),
                        _ => self.pixels.square(at, REQUEST * SQUARE * scale, color),
                    }
                }
            }
        }
        let bytes = wasm_bindgen::Clamped(self.pixels.bytes());
        // Refused only for a canvas without extent.
        if let Ok(image) = ImageData::new_with_u8_clamped_array_and_sh(bytes, width, height) {
            let _ = self.context.put_image_data(&image, 0.0, 0.0);
        }
    }
}

const fn slot(mark: Mark, ink: Ink) -> usize {
    mark as usize * Ink::ALL.len() + ink as usize
}

impl DotPainter {
    /// Rings the dots of one request, over what has been painted.
    pub fn ring(&self, places: impl Iterator<Item = Point>, camera: Camera, theme: Theme) {
        self.context.set_stroke_style_str(theme.color(Ink::Accent));
        self.context.set_line_width(2.0);
        for place in places {
            let Point { x, y } = camera.screen_from_world(place);
            self.context.begin_path();
            // Refused only for a negative radius.
            let _ = self.context.arc(x, y, RING, 0.0, core::f64::consts::TAU);
            self.context.stroke();
        }
    }
}

impl Pen<'_> {
    /// Draws dots that look alike.
    fn draw(self, places: &[Point], color: &str) {
        let context = self.context;
        context.begin_path();
        for &at in places {
            self.trace(at);
        }
        if self.mark.is_filled() {
            context.set_fill_style_str(color);
            context.fill();
        } else {
            context.set_stroke_style_str(color);
            context.set_line_width(1.8 * self.scale);
            context.stroke();
        }
    }

    /// Adds the outline of one mark to the path.
    fn trace(self, Point { x, y }: Point) {
        let Self { context, scale, .. } = self;
        let line = |from: (f64, f64), to: (f64, f64)| {
            context.move_to(x + from.0, y + from.1);
            context.line_to(x + to.0, y + to.1);
        };
        let diamond = |reach: f64| {
            context.move_to(x, y - reach);
            context.line_to(x + reach, y);
            context.line_to(x, y + reach);
            context.line_to(x - reach, y);
            context.close_path();
        };
        match self.mark {
            Mark::Request => self.disc(x, y, REQUEST * scale),
            Mark::Answer => self.disc(x, y, ANSWER * scale),
            Mark::Hit => diamond(HIT * scale),
            Mark::Miss => diamond(3.6 * scale),
            Mark::Stale => self.disc(x, y, 3.2 * scale),
            Mark::Refused => {
                let reach = 3.6 * scale;
                line((-reach, -reach), (reach, reach));
                line((reach, -reach), (-reach, reach));
            }
            Mark::TimedOut => {
                let reach = 4.0 * scale;
                self.ring(x, y, reach);
                line((0.0, -reach * 0.6), (0.0, 0.0));
                line((0.0, 0.0), (reach * 0.5, 0.0));
            }
            Mark::Down => {
                let reach = 4.0 * scale;
                self.ring(x, y, reach);
                line((-reach, reach), (reach, -reach));
            }
            Mark::Log => context.rect(x - LOG * scale, y - LOG * scale, 2.0 * LOG * scale, 2.0 * LOG * scale),
        }
    }

    /// A disc, or a square of the same area where nobody can tell.
    fn disc(self, x: f64, y: f64, radius: f64) {
        if self.has_squares {
            let edge = radius * SQUARE;
            self.context.rect(x - edge / 2.0, y - edge / 2.0, edge, edge);
        } else {
            self.ring(x, y, radius);
        }
    }

    fn ring(self, x: f64, y: f64, radius: f64) {
        self.context.move_to(x + radius, y);
        // Refused only for a negative radius.
        let _ = self.context.arc(x, y, radius, 0.0, core::f64::consts::TAU);
    }
}
