//! Where cards stand and how links run between them: sides, ports, smooth curves. Painting, hit testing and the moving
//! requests all read the same [`Layout`].
//!
//! Links that leave or reach the same side of a card share it evenly, in the order of where they come from, so that
//! they cross as little as may be.

use super::shape::Step;
use crate::design::{Design, LinkRole};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::sorted;

/// Width of a card.
pub const CARD_WIDTH: f64 = 176.0;
/// Height of a card.
pub const CARD_HEIGHT: f64 = 96.0;

/// Most distance between two ports on the same side of a card.
const PORT_PITCH: f64 = 20.0;
/// Part of a side, at each end, that stays free of ports.
const CORNER: f64 = 16.0;
/// Room between two cards that a curve from side to side needs.
const SIDEWAYS: f64 = 40.0;
/// Pieces of equal length that stand for a curve.
const PIECES: usize = 24;
/// Pieces that a curve is measured in.
const MEASURED: usize = 4 * PIECES;

/// The extent of the card of a component whose centre is at `position`.
pub fn card_area(position: Point) -> Rect {
    Rect::centred(position, CARD_WIDTH, CARD_HEIGHT)
}

/// A side of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Facing left.
    Left,
    /// Facing right.
    Right,
    /// Facing up.
    Top,
    /// Facing down.
    Bottom,
}

impl Side {
    /// All sides.
    pub const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Top, Self::Bottom];

    /// The direction that the side faces, of length 1.
    pub const fn normal(self) -> (f64, f64) {
        match self {
            Self::Left => (-1.0, 0.0),
            Self::Right => (1.0, 0.0),
            Self::Top => (0.0, -1.0),
            Self::Bottom => (0.0, 1.0),
        }
    }

    /// The point of this side of `area` that lies `offset` from its middle.
    pub fn point(self, area: Rect, offset: f64) -> Point {
        let centre = area.centre();
        match self {
            Self::Left => Point::new(area.origin.x, centre.y + offset),
            Self::Right => Point::new(area.right(), centre.y + offset),
            Self::Top => Point::new(centre.x + offset, area.origin.y),
            Self::Bottom => Point::new(centre.x + offset, area.bottom()),
        }
    }

    fn length(self, area: Rect) -> f64 {
        match self {
            Self::Left | Self::Right => area.height,
            Self::Top | Self::Bottom => area.width,
        }
    }

    /// The side of `from` that a link to `to` leaves by.
    fn towards(from: Rect, to: Rect) -> Self {
        let (a, b) = (from.centre(), to.centre());
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        // Designs read from left to right: wherever there is room for a curve between two cards, it runs that way.
        let gap_x = dx.abs() - (from.width + to.width) / 2.0;
        let gap_y = dy.abs() - (from.height + to.height) / 2.0;
        if gap_x >= SIDEWAYS || gap_x >= gap_y {
            if dx >= 0.0 { Self::Right } else { Self::Left }
        } else if dy >= 0.0 {
            Self::Bottom
        } else {
            Self::Top
        }
    }
}

/// The way of a link: one cubic curve from port to port, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Start, both control points, end.
    pub curve: [Point; 4],
    /// The side of the first card.
    pub leaves: Side,
    /// The side of the second card.
    pub enters: Side,
    /// Points along the curve, each as far from the one before.
    points: [Point; PIECES + 1],
    length: f64,
}

impl Route {
    /// The smooth way from a point of one side to a point of another.
    pub fn between(start: Point, leaves: Side, end: Point, enters: Side) -> Self {
        let distance = start.distance(end);
        let reach = (distance * 0.45).clamp(12.0, 160.0);
        let ahead = |point: Point, side: Side| {
            let (x, y) = side.normal();
            point.offset(x * reach, y * reach)
        };
        let curve = [start, ahead(start, leaves), ahead(end, enters), end];
        let (mut lengths, mut before) = ([0.0; MEASURED + 1], start);
        for piece in 1..=MEASURED {
            let point = on_curve(&curve, piece as f64 / MEASURED as f64);
            lengths[piece] = lengths[piece - 1] + point.distance(before);
            before = point;
        }
        let length = lengths[MEASURED];
        let mut points = [start; PIECES + 1];
        let mut piece = 1;
        for (position, point) in points.iter_mut().enumerate() {
            let wanted = length * position as f64 / PIECES as f64;
            while piece < MEASURED && lengths[piece] < wanted {
                piece += 1;
            }
            let part = (wanted - lengths[piece - 1]) / (lengths[piece] - lengths[piece - 1]).max(1e-9);
            *point = on_curve(&curve, ((piece - 1) as f64 + part.min(1.0)) / MEASURED as f64);
        }
        Self { curve, leaves, enters, points, length }
    }

    /// Length along the curve.
    pub const fn length(&self) -> f64 {
        self.length
    }

    /// The point at `fraction` of the length, from 0 at the start to 1 at the end.
    pub fn at(&self, fraction: f64) -> Point {
        self.place(fraction).0
    }

    /// The point at `fraction` of the length, and the direction of the piece that it lies on, of length 1: what each dot
    /// asks for in each frame.
    pub fn place(&self, fraction: f64) -> (Point, (f64, f64)) {
        let wanted = fraction.clamp(0.0, 1.0) * PIECES as f64;
        let piece = (wanted as usize).min(PIECES - 1);
        let part = wanted - piece as f64;
        let (a, b) = (self.points[piece], self.points[piece + 1]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let pace = 1.0 / (self.length / PIECES as f64).max(1e-9);
        (Point::new(a.x + dx * part, a.y + dy * part), (dx * pace, dy * pace))
    }

    /// The direction of travel at `fraction` of the length, of length 1.
    pub fn direction(&self, fraction: f64) -> (f64, f64) {
        let (a, b) = (self.at((fraction - 0.04).max(0.0)), self.at((fraction + 0.04).min(1.0)));
        let distance = a.distance(b).max(1e-9);
        ((b.x - a.x) / distance, (b.y - a.y) / distance)
    }

    /// How far `point` lies from the curve.
    pub fn distance(&self, point: Point) -> f64 {
        self.points.windows(2).map(|pair| distance_to_segment(point, pair[0], pair[1])).fold(f64::INFINITY, f64::min)
    }

    /// The curve as steps of a path.
    pub fn steps(&self) -> Vec<Step> {
        let [start, one, two, end] = self.curve;
        vec![Step::Move(start), Step::Cubic(one, two, end)]
    }

    /// The smallest upright rectangle around the curve.
    pub fn bounds(&self) -> Rect {
        self.points.iter().fold(Rect::spanning(self.points[0], self.points[PIECES]), |bounds, &point| {
            bounds.union(Rect { origin: point, width: 0.0, height: 0.0 })
        })
    }
}

/// Places of all cards and ways of all links of one design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Extents of the cards.
    pub cards: sorted::Map<ComponentId, Rect>,
    /// Ways of the links.
    pub routes: sorted::Map<LinkId, Route>,
    /// Extents of the frames.
    pub frames: sorted::Map<FrameId, Rect>,
    /// Those of the frames that are notes: ones that can be taken hold of anywhere.
    pub notes: sorted::Set<FrameId>,
}

impl Layout {
    /// The layout of `design`.
    ///
    /// # Complexity
    /// O(components + links · log links).
    pub fn of(design: &Design) -> Self {
        let cards: sorted::Map<_, _> =
            design.components().map(|component| (component.id, card_area(component.position))).collect();
        let mut sides: sorted::Map<(ComponentId, Side), Vec<PortWish>> = sorted::Map::new();
        let mut ends: sorted::Map<LinkId, (Side, Side)> = sorted::Map::new();
        for link in design.links() {
            let (from, to) = (cards[&link.from], cards[&link.to]);
            let (leaves, enters) = (Side::towards(from, to), Side::towards(to, from));
            ends.insert(link.id, (leaves, enters));
            let wish = |side: Side, other: Rect, is_start| PortWish {
                link: link.id,
                is_start,
                order: match side {
                    Side::Left | Side::Right => other.centre().y,
                    Side::Top | Side::Bottom => other.centre().x,
                },
                role: link.role,
            };
            sides.get_or_insert_with((link.from, leaves), Vec::new).push(wish(leaves, to, true));
            sides.get_or_insert_with((link.to, enters), Vec::new).push(wish(enters, from, false));
        }
        let mut ports: sorted::Map<(LinkId, bool), Point> = sorted::Map::new();
        for ((component, side), mut wishes) in sides {
            sorted::sort_by(&mut wishes, |a, b| {
                a.order.total_cmp(&b.order).then(a.role.word().cmp(b.role.word())).then(a.link.cmp(&b.link))
            });
            let area = cards[&component];
            let gaps = wishes.len() as f64 - 1.0;
            let pitch = if gaps > 0.0 { PORT_PITCH.min((side.length(area) - 2.0 * CORNER) / gaps) } else { 0.0 };
            for (position, wish) in wishes.into_iter().enumerate() {
                let offset = (position as f64 - gaps / 2.0) * pitch;
                ports.insert((wish.link, wish.is_start), side.point(area, offset));
            }
        }
        let routes = ends
            .into_iter()
            .map(|(link, (leaves, enters))| {
                (link, Route::between(ports[&(link, true)], leaves, ports[&(link, false)], enters))
            })
            .collect();
        let frames = design.frames().map(|frame| (frame.id, frame.area)).collect();
        let notes = design.frames().filter(|frame| !frame.kind.holds_parts()).map(|frame| frame.id).collect();
        Self { cards, routes, frames, notes }
    }

    /// The smallest rectangle around everything; `None` for an empty drawing.
    pub fn bounds(&self) -> Option<Rect> {
        let boxes = self.cards.values().chain(self.frames.values()).copied();
        boxes.chain(self.routes.values().map(Route::bounds)).reduce(Rect::union)
    }
}

/// A link's end that wants a place on a side.
struct PortWish {
    link: LinkId,
    is_start: bool,
    /// Where along the side the other end lies.
    order: f64,
    role: LinkRole,
}

fn on_curve(&[a, b, c, d]: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    let (wa, wb, wc, wd) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
    Point::new(wa * a.x + wb * b.x + wc * c.x + wd * d.x, wa * a.y + wb * b.y + wc * c.y + wd * d.y)
}

fn distance_to_segment(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    let along =
        if square > 0.0 { (((point.x - a.x) * dx + (point.y - a.y) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    point.distance(a.offset(dx * along, dy * along))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_starts_and_ends_at_its_ports_and_runs_evenly() {
        let route = Route::between(Point::new(0.0, 0.0), Side::Right, Point::new(200.0, 120.0), Side::Left);
        assert_eq!(route.at(0.0), Point::new(0.0, 0.0));
        assert!(route.at(1.0).distance(Point::new(200.0, 120.0)) < 1e-9);
        assert!(route.length() >= Point::new(0.0, 0.0).distance(Point::new(200.0, 120.0)));
        let steps: Vec<f64> = (0..10)
            .map(|step| route.at(f64::from(step) / 10.0).distance(route.at(f64::from(step + 1) / 10.0)))
            .collect();
        for step in &steps {
            assert!((step - route.length() / 10.0).abs() < route.length() * 0.01, "{steps:?}");
        }
    }

    #[test]
    fn cards_side_by_side_are_joined_by_the_sides_that_face_each_other() {
        let left = card_area(Point::new(0.0, 0.0));
        let right = card_area(Point::new(260.0, 60.0));
        let below = card_area(Point::new(20.0, 200.0));
        assert_eq!((Side::towards(left, right), Side::towards(right, left)), (Side::Right, Side::Left));
        assert_eq!((Side::towards(left, below), Side::towards(below, left)), (Side::Bottom, Side::Top));
    }

    #[test]
    fn a_point_beside_the_curve_is_as_far_away_as_it_looks() {
        let route = Route::between(Point::new(0.0, 0.0), Side::Right, Point::new(200.0, 0.0), Side::Left);
        assert!((route.distance(Point::new(100.0, 7.0)) - 7.0).abs() < 1e-6);
        assert!((route.distance(Point::new(210.0, 0.0)) - 10.0).abs() < 1e-6);
    }
}
