//! Which part of the drawing is seen, and how large: world units to pixels of the screen and back.

use crate::geometry::{Point, Rect};

/// Least and greatest magnification.
pub const ZOOM_RANGE: core::ops::RangeInclusive<f64> = 0.05..=3.0;

/// Magnification beyond which [`Camera::fit`] does not go: a single card should not fill the screen.
const FIT_ZOOM_MAX: f64 = 1.25;

/// A view of the drawing. `screen = (world - origin) × zoom`, in CSS pixels from the upper left corner of the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The place of the drawing that is seen in the upper left corner.
    pub origin: Point,
    /// Pixels per world unit, in [`ZOOM_RANGE`].
    pub zoom: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self { origin: Point::default(), zoom: 1.0 }
    }
}

impl Camera {
    /// Where a place of the drawing is seen.
    pub fn screen_from_world(self, world: Point) -> Point {
        Point::new((world.x - self.origin.x) * self.zoom, (world.y - self.origin.y) * self.zoom)
    }

    /// The place of the drawing that is seen at `screen`.
    pub fn world_from_screen(self, screen: Point) -> Point {
        Point::new(self.origin.x + screen.x / self.zoom, self.origin.y + screen.y / self.zoom)
    }

    /// The view after the drawing has been dragged by (`dx`, `dy`) pixels.
    pub fn panned(self, dx: f64, dy: f64) -> Self {
        Self { origin: self.origin.offset(-dx / self.zoom, -dy / self.zoom), ..self }
    }

    /// The view magnified by `factor`, with what is seen at `screen` staying there.
    pub fn zoomed_at(self, screen: Point, factor: f64) -> Self {
        let zoom = (self.zoom * factor).clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        let fixed = self.world_from_screen(screen);
        Self { origin: Point::new(fixed.x - screen.x / zoom, fixed.y - screen.y / zoom), zoom }
    }

    /// The view that shows `bounds` as large as it goes, in the middle of a view of `width` by `height` pixels, with
    /// `margin` pixels left free on each side.
    pub fn fit(bounds: Rect, width: f64, height: f64, margin: f64) -> Self {
        let across = (width - 2.0 * margin).max(1.0) / bounds.width.max(1.0);
        let down = (height - 2.0 * margin).max(1.0) / bounds.height.max(1.0);
        let zoom = across.min(down).clamp(*ZOOM_RANGE.start(), FIT_ZOOM_MAX);
        let centre = bounds.centre();
        Self { origin: centre.offset(-width / 2.0 / zoom, -height / 2.0 / zoom), zoom }
    }

    /// The view of `width` by `height` pixels with `centre` in its middle, as near to `zoom` as it goes.
    pub fn centred(centre: Point, zoom: f64, width: f64, height: f64) -> Self {
        let zoom = zoom.clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        Self { origin: centre.offset(-width / 2.0 / zoom, -height / 2.0 / zoom), zoom }
    }

    /// The part of the drawing that a view of `width` by `height` pixels shows.
    pub fn visible(self, width: f64, height: f64) -> Rect {
        Rect { origin: self.origin, width: width / self.zoom, height: height / self.zoom }
    }

    /// The view that shows `target`, moved no further than needed, in a view of `width` by `height` pixels with
    /// `margin` pixels of free space around it.
    pub fn revealing(self, target: Rect, width: f64, height: f64, margin: f64) -> Self {
        let corner = self.screen_from_world(target.origin);
        let shift = |start: f64, extent: f64, room: f64| {
            if start < margin {
                margin - start
            } else if start + extent > room - margin {
                // What does not fit shows its beginning.
                (room - margin - start - extent).max(margin - start)
            } else {
                0.0
            }
        };
        self.panned(
            shift(corner.x, target.width * self.zoom, width),
            shift(corner.y, target.height * self.zoom, height),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: Camera = Camera { origin: Point::new(-40.0, 25.0), zoom: 0.8 };

    #[test]
    fn there_and_back_is_the_same_place() {
        let place = Point::new(123.0, -77.0);
        let back = CAMERA.world_from_screen(CAMERA.screen_from_world(place));
        assert!(back.distance(place) < 1e-9);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let pointer = Point::new(300.0, 200.0);
        let before = CAMERA.world_from_screen(pointer);
        for factor in [0.01, 0.5, 1.3, 100.0] {
            let zoomed = CAMERA.zoomed_at(pointer, factor);
            assert!(zoomed.world_from_screen(pointer).distance(before) < 1e-9);
            assert!(ZOOM_RANGE.contains(&zoomed.zoom));
        }
    }

    #[test]
    fn fitting_shows_everything_in_the_middle() {
        let bounds = Rect { origin: Point::new(100.0, 50.0), width: 2000.0, height: 400.0 };
        let camera = Camera::fit(bounds, 1000.0, 800.0, 40.0);
        let visible = camera.visible(1000.0, 800.0);
        assert_eq!(visible.union(bounds), visible);
        assert!(visible.centre().distance(bounds.centre()) < 1e-9);
        let tiny = Camera::fit(Rect::centred(Point::default(), 10.0, 10.0), 1000.0, 800.0, 40.0);
        assert!(tiny.zoom <= FIT_ZOOM_MAX);
    }

    #[test]
    fn revealing_moves_only_if_something_is_hidden() {
        let seen = Rect::centred(CAMERA.world_from_screen(Point::new(400.0, 300.0)), 100.0, 50.0);
        assert_eq!(CAMERA.revealing(seen, 800.0, 600.0, 20.0), CAMERA);
        let hidden = Rect::centred(CAMERA.world_from_screen(Point::new(-400.0, 900.0)), 100.0, 50.0);
        let moved = CAMERA.revealing(hidden, 800.0, 600.0, 20.0);
        let corner = moved.screen_from_world(hidden.origin);
        assert!((corner.x - 20.0).abs() < 1e-9);
        assert!((corner.y + 50.0 * 0.8 - 580.0).abs() < 1e-9);
    }
}
