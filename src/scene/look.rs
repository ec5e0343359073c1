//! How shapes look, in one number: whoever has painted them needs to do so again only if the number has changed. And
//! what they cover, which is all that has to be painted again.

use core::hash::Hasher;

use rustc_hash::FxHasher;

use super::icon;
use super::shape::{Align, Face, Paint, Shape, Step, Stroke, text_width};
use crate::geometry::{Point, Rect};

/// Steps in which places and lengths are told apart [pixels].
const STEP: f64 = 0.5;

/// How `shapes` look at `scale` pixels per world unit: different for those that look different, and mostly equal for those
/// that differ by less than half a pixel.
pub fn digest(shapes: &[Shape], scale: f64) -> u64 {
    let mut digest = Digest { hasher: FxHasher::default(), steps_per_unit: scale / STEP };
    for shape in shapes {
        digest.shape(shape);
    }
    digest.hasher.finish()
}

/// What `shapes` cover, or a little more, in world units; `None` for no shapes.
pub fn area(shapes: &[Shape]) -> Option<Rect> {
    shapes.iter().map(covers).reduce(Rect::union)
}

/// A digest that is being made.
struct Digest {
    hasher: FxHasher,
    steps_per_unit: f64,
}

impl Digest {
    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect { area, radius, fill, stroke } => {
                self.hasher.write_u8(0);
                self.point(area.origin);
                [area.width, area.height, *radius].into_iter().for_each(|length| self.length(length));
                self.finish(*fill, *stroke);
            }
            Shape::Circle { centre, radius, fill, stroke } => {
                self.hasher.write_u8(1);
                self.point(*centre);
                self.length(*radius);
                self.finish(*fill, *stroke);
            }
            Shape::Path { steps, fill, stroke } => {
                self.hasher.write_u8(2);
                for step in steps {
                    self.step(*step);
                }
                self.finish(*fill, *stroke);
            }
            Shape::Text { at, text, size, face, align, paint } => {
                self.hasher.write_u8(3);
                self.point(*at);
                self.length(*size);
                self.hasher.write(text.as_bytes());
                self.hasher.write_u8(*face as u8);
                self.hasher.write_u8(*align as u8);
                self.paint(*paint);
            }
            Shape::Icon { path, origin, size, paint } => {
                self.hasher.write_u8(4);
                // Paths are constants, so that a path is known by its address and need not be read.
                self.hasher.write_usize(path.as_ptr().addr());
                self.point(*origin);
                self.length(*size);
                self.paint(*paint);
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Move(to) => {
                self.hasher.write_u8(5);
                self.point(to);
            }
            Step::Line(to) => {
                self.hasher.write_u8(6);
                self.point(to);
            }
            Step::Cubic(one, two, to) => {
                self.hasher.write_u8(7);
                [one, two, to].into_iter().for_each(|point| self.point(point));
            }
            Step::Close => self.hasher.write_u8(8),
        }
    }

    fn finish(&mut self, fill: Option<Paint>, stroke: Option<Stroke>) {
        if let Some(paint) = fill {
            self.hasher.write_u8(9);
            self.paint(paint);
        }
        if let Some(Stroke { paint, width, dash }) = stroke {
            self.hasher.write_u8(10);
            self.paint(paint);
            self.length(width);
            self.hasher.write_usize(dash.len());
        }
    }

    fn paint(&mut self, Paint { ink, opacity }: Paint) {
        self.hasher.write_u8(ink as u8);
        self.hasher.write_u32(opacity.to_bits());
    }

    fn point(&mut self, Point { x, y }: Point) {
        self.length(x);
        self.length(y);
    }

    fn length(&mut self, length: f64) {
        self.hasher.write_i64((length * self.steps_per_unit).round() as i64);
    }
}

/// What a shape covers, or a little more.
fn covers(shape: &Shape) -> Rect {
    let with_line = |area: Rect, stroke: &Option<Stroke>| area.inflate(stroke.map_or(0.0, |stroke| stroke.width / 2.0));
    match shape {
        Shape::Rect { area, stroke, .. } => with_line(*area, stroke),
        Shape::Circle { centre, radius, stroke, .. } => {
            with_line(Rect::centred(*centre, 2.0 * radius, 2.0 * radius), stroke)
        }
        Shape::Path { steps, stroke, .. } => {
            let points = steps.iter().flat_map(|step| match *step {
                Step::Move(to) | Step::Line(to) => [Some(to), None, None],
                // A curve stays between its ends and what it is drawn towards.
                Step::Cubic(one, two, to) => [Some(one), Some(two), Some(to)],
                Step::Close => [None; 3],
            });
            let dots = points.flatten().map(|point| Rect { origin: point, width: 0.0, height: 0.0 });
            with_line(dots.reduce(Rect::union).unwrap_or_default(), stroke)
        }
        Shape::Text { at, text, size, face, align, .. } => {
            // What is known of the widths of letters is about those that English is written in.
            let width = if text.is_ascii() {
                text_width(text, *size, *face)
            } else {
                text.chars().count() as f64 * size * if *face == Face::SansBold { 1.1 } else { 1.0 }
            };
            let left = match align {
                Align::Start => at.x,
                Align::Middle => at.x - width / 2.0,
                Align::End => at.x - width,
            };
            Rect { origin: Point::new(left, at.y - size), width, height: 1.4 * size }
        }
        Shape::Icon { origin, size, .. } => {
            Rect { origin: *origin, width: *size, height: *size }.inflate(icon::LINE_WIDTH * size / icon::EXTENT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::tests::three_in_a_row;
    use crate::scene::{Figures, Ink, Layout, Marks, Selection, View, picture};
    use crate::sim::snapshot::Snapshot;

    fn gauge(length: f64, ink: Ink) -> Vec<Shape> {
        let area = Rect { origin: Point::new(10.0, 20.0), width: length, height: 6.0 };
        vec![Shape::Rect { area, radius: 3.0, fill: Some(ink.into()), stroke: None }]
    }

    #[test]
    fn what_nobody_can_see_is_no_difference_and_all_else_is() {
        let look = |length, ink, scale| digest(&gauge(length, ink), scale);
        assert_eq!(look(100.0, Ink::Calm, 0.2), look(100.9, Ink::Calm, 0.2));
        assert_ne!(look(100.0, Ink::Calm, 1.0), look(100.9, Ink::Calm, 1.0));
        assert_ne!(look(100.0, Ink::Calm, 0.2), look(103.0, Ink::Calm, 0.2));
        assert_ne!(look(100.0, Ink::Calm, 0.2), look(100.0, Ink::Warm, 0.2));
    }

    #[test]
    fn every_shape_of_a_picture_counts() {
        let design = three_in_a_row();
        let layout = Layout::of(&design);
        let figures = Figures::of(&Snapshot::default(), &design);
        let visible = layout.bounds().unwrap().inflate(50.0);
        let (selection, marks) = (Selection::default(), Marks::default());
        let mut shapes = Vec::new();
        let view = View {
            design: &design,
            layout: &layout,
            figures: &figures,
            selection: &selection,
            marks: &marks,
            zoom: 1.0,
            visible,
            is_still: false,
        };
        picture(&view, &mut shapes);
        let whole = digest(&shapes, 1.0);
        assert!(visible.holds(area(&shapes).unwrap()));
        for left_out in 0..shapes.len() {
            let mut fewer = shapes.clone();
            fewer.remove(left_out);
            assert_ne!(digest(&fewer, 1.0), whole, "{:?}", shapes[left_out]);
        }
    }

    #[test]
    fn words_of_any_script_lie_within_what_they_cover() {
        let words = |text: &str, align| Shape::Text {
            at: Point::new(100.0, 50.0),
            text: text.to_owned(),
            size: 10.0,
            face: Face::Sans,
            align,
            paint: Ink::Text.into(),
        };
        let area = covers(&words("データベース", Align::End));
        assert!(area.origin.x <= 40.0 && area.right() >= 100.0 && area.origin.y <= 41.0 && area.bottom() >= 53.0);
        let middle = covers(&words("Cache", Align::Middle));
        assert!((middle.centre().x - 100.0).abs() < 1e-9);
    }
}
