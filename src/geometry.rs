//! Points and rectangles of the drawing, in world units (one unit is one CSS pixel at zoom 1).

use serde::{Deserialize, Serialize};

/// A place on the drawing; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Distance to the right of the origin.
    pub x: f64,
    /// Distance below the origin.
    pub y: f64,
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Upper left corner.
    pub origin: Point,
    /// Extent to the right, not negative.
    pub width: f64,
    /// Extent downwards, not negative.
    pub height: f64,
}

impl Point {
    /// The point at (`x`, `y`).
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// This point moved by (`dx`, `dy`).
    pub fn offset(self, dx: f64, dy: f64) -> Self {
        Self::new(self.x + dx, self.y + dy)
    }

    /// Straight distance to `other`.
    pub fn distance(self, other: Self) -> f64 {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        (dx * dx + dy * dy).sqrt()
    }
}

impl Rect {
    /// The rectangle of the given extent around `centre`.
    pub fn centred(centre: Point, width: f64, height: f64) -> Self {
        Self { origin: centre.offset(-width / 2.0, -height / 2.0), width, height }
    }

    /// The smallest rectangle with corners at `a` and `b`.
    pub fn spanning(a: Point, b: Point) -> Self {
        Self { origin: Point::new(a.x.min(b.x), a.y.min(b.y)), width: (a.x - b.x).abs(), height: (a.y - b.y).abs() }
    }

    /// The middle.
    pub fn centre(self) -> Point {
        self.origin.offset(self.width / 2.0, self.height / 2.0)
    }

    /// Right edge.
    pub fn right(self) -> f64 {
        self.origin.x + self.width
    }

    /// Lower edge.
    pub fn bottom(self) -> f64 {
        self.origin.y + self.height
    }

    /// Whether `point` lies inside or on the border.
    pub fn contains(self, point: Point) -> bool {
        (self.origin.x..=self.right()).contains(&point.x) && (self.origin.y..=self.bottom()).contains(&point.y)
    }

    /// Whether all of `other` lies inside or on the border.
    pub fn holds(self, other: Self) -> bool {
        self.contains(other.origin) && self.contains(Point::new(other.right(), other.bottom()))
    }

    /// Width times height.
    pub fn extent(self) -> f64 {
        self.width * self.height
    }

    /// Whether the two share any area.
    pub fn intersects(self, other: Self) -> bool {
        self.origin.x < other.right()
            && other.origin.x < self.right()
            && self.origin.y < other.bottom()
            && other.origin.y < self.bottom()
    }

    /// The smallest rectangle around both.
    pub fn union(self, other: Self) -> Self {
        Self::spanning(
            Point::new(self.origin.x.min(other.origin.x), self.origin.y.min(other.origin.y)),
            Point::new(self.right().max(other.right()), self.bottom().max(other.bottom())),
        )
    }

    /// The rectangle grown by `margin` on each side.
    pub fn inflate(self, margin: f64) -> Self {
        Self {
            origin: self.origin.offset(-margin, -margin),
            width: self.width + 2.0 * margin,
            height: self.height + 2.0 * margin,
        }
    }
}
