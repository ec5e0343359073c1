//! Paints shapes on a canvas. Decides nothing: what is to be seen comes as a list from [`crate::scene`].

use std::collections::HashMap;

use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, Path2d};

use crate::format;
use crate::geometry::{Point, Rect};
use crate::scene::shape::{Align, Face, Paint, Step, Stroke};
use crate::scene::{Camera, Ink, Shape, Theme, icon};

/// Least distance between two points of the grid [pixels].
const GRID_PIXELS: f64 = 20.0;

/// From where and in which light a drawing is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Which part of the drawing is seen.
    pub camera: Camera,
    /// Extent of the canvas [CSS pixels].
    pub size: (f64, f64),
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    /// Light or dark.
    pub theme: Theme,
    /// Whether the points of the grid are shown.
    pub has_grid: bool,
}

impl Sight {
    /// The part of the drawing that is seen.
    pub fn visible(&self) -> Rect {
        self.camera.visible(self.size.0, self.size.1)
    }
}

/// A canvas with what is known about its state, so that nothing is set twice.
pub struct Painter {
    context: CanvasRenderingContext2d,
    icons: HashMap<&'static str, Path2d>,
    fill: Option<Ink>,
    stroke: Option<Ink>,
    opacity: f32,
    type_set: Option<(Face, u64, Align)>,
    no_dash: JsValue,
}

impl Painter {
    /// A painter for `canvas`; `None` if the browser gives it no context.
    pub fn new(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self {
            context,
            icons: HashMap::new(),
            fill: None,
            stroke: None,
            opacity: 1.0,
            type_set: None,
            no_dash: js_sys::Array::new().into(),
        })
    }

    /// Paints everything: ground, grid and `shapes`, as `sight` has it.
    pub fn paint(&mut self, shapes: &[Shape], sight: Sight) {
        self.begin(sight);
        self.add(shapes, sight.theme);
    }

    /// Paints ground and grid, and makes ready for shapes.
    pub fn begin(&mut self, sight: Sight) {
        self.clear(sight);
        self.look(sight);
        if sight.has_grid {
            self.grid(sight.visible(), sight.camera.zoom, sight.theme);
        }
    }

    /// Paints `shapes` above what is there.
    pub fn add(&mut self, shapes: &[Shape], theme: Theme) {
        for shape in shapes {
            self.shape(shape, theme);
        }
    }

    /// Paints the ground and on it a picture that was painted as `from` has it, moved and magnified so that it fits
    /// `sight`, and makes ready for shapes.
    pub fn show(&mut self, picture: &HtmlCanvasElement, from: Sight, sight: Sight) {
        self.clear(sight);
        // In device pixels: a picture that is neither moved nor magnified is copied as it is.
        set_transform(&self.context, 1.0, 0.0, 0.0);
        let Point { x, y } = sight.camera.screen_from_world(from.camera.origin);
        let scale = sight.camera.zoom / from.camera.zoom * sight.ratio / from.ratio;
        let (width, height) = (f64::from(picture.width()) * scale, f64::from(picture.height()) * scale);
        // Refused only for a picture without extent.
        let _ = self.context.draw_image_with_html_canvas_element_and_dw_and_dh(
            picture,
            x * sight.ratio,
            y * sight.ratio,
            width,
            height,
        );
        self.look(sight);
    }

    /// Paints a part of the drawing anew: all pixels that `area` touches as `below` has them, which has the same extent and
    /// was painted as `sight` has it, and on them what `paint` adds. Nothing else changes.
    pub fn patch(&mut self, below: &HtmlCanvasElement, area: Rect, sight: Sight, paint: impl FnOnce(&mut Self)) {
        let corner = |point: Point| {
            let Point { x, y } = sight.camera.screen_from_world(point);
            (x * sight.ratio, y * sight.ratio)
        };
        let ((left, top), (right, bottom)) = (corner(area.origin), corner(Point::new(area.right(), area.bottom())));
        let (left, top) = (left.floor().max(0.0), top.floor().max(0.0));
        let width = right.ceil().min(f64::from(below.width())) - left;
        let height = bottom.ceil().min(f64::from(below.height())) - top;
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        let before = (self.fill, self.stroke, self.opacity, self.type_set);
        self.context.save();
        set_transform(&self.context, 1.0, 0.0, 0.0);
        self.context.begin_path();
        self.context.rect(left, top, width, height);
        self.context.clip();
        self.set_opacity(1.0);
        // Refused only for a picture without extent.
        let _ = self.context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            below, left, top, width, height, left, top, width, height,
        );
        self.look(sight);
        paint(self);
        self.context.restore();
        (self.fill, self.stroke, self.opacity, self.type_set) = before;
    }

    fn clear(&mut self, Sight { size, ratio, theme, .. }: Sight) {
        // Resizing a canvas forgets its state, so nothing is taken for granted.
        (self.fill, self.stroke, self.type_set) = (None, None, None);
        set_transform(&self.context, ratio, 0.0, 0.0);
        self.context.set_global_alpha(1.0);
        self.opacity = 1.0;
        self.context.set_fill_style_str(theme.color(Ink::Ground));
        self.context.fill_rect(0.0, 0.0, size.0, size.1);
    }

    /// Takes the drawing's units.
    fn look(&self, Sight { camera, ratio, .. }: Sight) {
        let scale = ratio * camera.zoom;
        set_transform(&self.context, scale, -camera.origin.x * scale, -camera.origin.y * scale);
        self.context.set_line_cap("round");
        self.context.set_line_join("round");
    }

    fn grid(&mut self, visible: Rect, zoom: f64, theme: Theme) {
        let mut step = 24.0;
        while step * zoom < GRID_PIXELS {
            step *= 2.0;
        }
        let edge = 1.5 / zoom;
        let (left, top) = ((visible.origin.x / step).floor() * step, (visible.origin.y / step).floor() * step);
        self.context.begin_path();
        let mut y = top;
        while y < visible.bottom() {
            let mut x = left;
            while x < visible.right() {
                self.context.rect(x - edge / 2.0, y - edge / 2.0, edge, edge);
                x += step;
            }
            y += step;
        }
        self.set_fill(Ink::Grid.into(), theme);
        self.context.fill();
    }

    fn shape(&mut self, shape: &Shape, theme: Theme) {
        match shape {
            Shape::Rect { area, radius, fill, stroke } => {
                self.context.begin_path();
                let Rect { origin, width, height } = *area;
                // Refused only for a negative radius, which no shape has.
                let _ = self.context.round_rect_with_f64(origin.x, origin.y, width, height, *radius);
                self.finish(*fill, *stroke, theme);
            }
            Shape::Circle { centre, radius, fill, stroke } => {
                self.context.begin_path();
                // Refused only for a negative radius, which no shape has.
                let _ = self.context.arc(centre.x, centre.y, *radius, 0.0, core::f64::consts::TAU);
                self.finish(*fill, *stroke, theme);
            }
            Shape::Path { steps, fill, stroke } => {
                self.context.begin_path();
                for step in steps {
                    match *step {
                        Step::Move(to) => self.context.move_to(to.x, to.y),
                        Step::Line(to) => self.context.line_to(to.x, to.y),
                        Step::Cubic(one, two, to) => {
                            self.context.bezier_curve_to(one.x, one.y, two.x, two.y, to.x, to.y);
                        }
                        Step::Close => self.context.close_path(),
                    }
                }
                self.finish(*fill, *stroke, theme);
            }
            Shape::Text { at, text, size, face, align, paint } => {
                self.set_type(*face, *size, *align);
                self.set_fill(*paint, theme);
                // Refused only for coordinates that are no numbers, which no shape has.
                let _ = self.context.fill_text(text, at.x, at.y);
            }
            Shape::Icon { path, origin, size, paint } => {
                let scale = size / icon::EXTENT;
                self.set_stroke(Stroke::solid(*paint, icon::LINE_WIDTH), theme);
                let context = &self.context;
                context.save();
                // Refused only for coordinates that are no numbers, which no shape has.
                let _ = context.translate(origin.x, origin.y);
                let _ = context.scale(scale, scale);
                let icon = self
                    .icons
                    .entry(path)
                    .or_insert_with(|| Path2d::new_with_path_string(path).expect("browsers make paths of any text"));
                context.stroke_with_path(icon);
                context.restore();
            }
        }
    }

    fn finish(&mut self, fill: Option<Paint>, stroke: Option<Stroke>, theme: Theme) {
        if let Some(paint) = fill {
            self.set_fill(paint, theme);
            self.context.fill();
        }
        if let Some(stroke) = stroke {
            self.set_stroke(stroke, theme);
            if stroke.dash.is_empty() {
                self.context.stroke();
            } else {
                let dash: js_sys::Array = stroke.dash.iter().copied().map(JsValue::from_f64).collect();
                // Refused only for negative lengths, which no shape has.
                let _ = self.context.set_line_dash(&dash);
                self.context.set_line_cap("butt");
                self.context.stroke();
                self.context.set_line_cap("round");
                let _ = self.context.set_line_dash(&self.no_dash);
            }
        }
    }

    fn set_opacity(&mut self, opacity: f32) {
        if self.opacity != opacity {
            self.opacity = opacity;
            self.context.set_global_alpha(f64::from(opacity));
        }
    }

    fn set_fill(&mut self, paint: Paint, theme: Theme) {
        self.set_opacity(paint.opacity);
        if self.fill != Some(paint.ink) {
            self.fill = Some(paint.ink);
            self.context.set_fill_style_str(theme.color(paint.ink));
        }
    }

    fn set_stroke(&mut self, stroke: Stroke, theme: Theme) {
        self.set_opacity(stroke.paint.opacity);
        if self.stroke != Some(stroke.paint.ink) {
            self.stroke = Some(stroke.paint.ink);
            self.context.set_stroke_style_str(theme.color(stroke.paint.ink));
        }
        self.context.set_line_width(stroke.width);
    }

    fn set_type(&mut self, face: Face, size: f64, align: Align) {
        let type_set = Some((face, size.to_bits(), align));
        if self.type_set == type_set {
            return;
        }
        self.type_set = type_set;
        self.context.set_font(&format!("{} {}px {}", face.weight(), format::plain(size, 2), face.families()));
        self.context.set_text_align(match align {
            Align::Start => "left",
            Align::Middle => "center",
            Align::End => "right",
        });
    }
}

/// Makes one unit of the drawing `scale` device pixels, with its origin at (`x`, `y`) device pixels.
pub fn set_transform(context: &CanvasRenderingContext2d, scale: f64, x: f64, y: f64) {
    // Refused only for values that are no numbers.
    let _ = context.set_transform(scale, 0.0, 0.0, scale, x, y);
}
