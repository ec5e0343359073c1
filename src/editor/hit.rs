//! What is under the pointer.

use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::scene::route::Side;
use crate::scene::{FRAME_HEAD, Layout};
use crate::sorted;

/// How far from a port the pointer still means it, inside the card [pixels].
const PORT_INSIDE: f64 = 8.0;
/// How far from a port the pointer still means it, outside the card [pixels].
const PORT_OUTSIDE: f64 = 16.0;
/// How far from a link the pointer still means it [pixels].
const LINK_REACH: f64 = 8.0;
/// How far from the border of a frame the pointer still means it [pixels].
const BORDER_REACH: f64 = 6.0;
/// How far from the corner of a frame the pointer still means it [pixels].
const CORNER_REACH: f64 = 12.0;

/// A side or corner of a frame by which it is given another extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    /// -1 the left side, 1 the right one, 0 neither.
    pub across: i8,
    /// -1 the upper side, 1 the lower one, 0 neither.
    pub down: i8,
}

impl Handle {
    /// `area` with this side or corner moved by (`dx`, `dy`), no smaller than `least`.
    pub fn pull(self, area: Rect, dx: f64, dy: f64, least: Rect) -> Rect {
        let (mut left, mut right) = (area.origin.x, area.right());
        let (mut top, mut bottom) = (area.origin.y, area.bottom());
        match self.across {
            -1 => left = (left + dx).min(right - least.width),
            1 => right = (right + dx).max(left + least.width),
            _ => {}
        }
        match self.down {
            -1 => top = (top + dy).min(bottom - least.height),
            1 => bottom = (bottom + dy).max(top + least.height),
            _ => {}
        }
        Rect::spanning(Point::new(left, top), Point::new(right, bottom))
    }
}

/// A thing that the pointer can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The ground of the drawing.
    Ground,
    /// A card.
    Component(ComponentId),
    /// A place on the edge of a card from which links are drawn.
    Port(ComponentId),
    /// A link.
    Link(LinkId),
    /// The name of a frame, or a note.
    Frame(FrameId),
    /// A side or corner of a frame.
    Border(FrameId, Handle),
}

impl Spot {
    /// The component that this belongs to.
    pub const fn component(self) -> Option<ComponentId> {
        match self {
            Self::Component(id) | Self::Port(id) => Some(id),
            Self::Ground | Self::Link(_) | Self::Frame(_) | Self::Border(..) => None,
        }
    }

    /// The frame that this belongs to.
    pub const fn frame(self) -> Option<FrameId> {
        match self {
            Self::Frame(id) | Self::Border(id, _) => Some(id),
            Self::Ground | Self::Component(_) | Self::Port(_) | Self::Link(_) => None,
        }
    }
}

/// What is at `point` of the drawing, seen at `zoom` pixels per world unit. What was added last lies on top.
pub fn spot(layout: &Layout, point: Point, zoom: f64) -> Spot {
    let port = layout.cards.iter().rev().find(|&(_, &area)| {
        let reach = if area.contains(point) { PORT_INSIDE } else { PORT_OUTSIDE } / zoom;
        Side::ALL.iter().any(|side| side.point(area, 0.0).distance(point) <= reach)
    });
    let card = layout.cards.iter().rev().find(|(_, area)| area.contains(point));
    match (port, card) {
        // A card hides the ports of the cards below it.
        (Some((&port, _)), card) if card.is_none_or(|(&card, _)| card <= port) => return Spot::Port(port),
        (_, Some((&card, _))) => return Spot::Component(card),
        _ => {}
    }
    layout
        .routes
        .iter()
        .map(|(&link, route)| (link, route.distance(point)))
        .filter(|&(_, distance)| distance <= LINK_REACH / zoom)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or_else(|| spot_of_frame(layout, point, zoom), |(link, _)| Spot::Link(link))
}

/// The frame at `point`: by its border or its name, for what is inside belongs to the ground, but in notes. Of several the
/// smallest.
fn spot_of_frame(layout: &Layout, point: Point, zoom: f64) -> Spot {
    let mut frames: Vec<_> = layout.frames.iter().collect();
    sorted::sort_by(&mut frames, |a, b| a.1.extent().total_cmp(&b.1.extent()));
    let found = frames.into_iter().find_map(|(&id, &area)| {
        let side = |at: f64, start: f64, end: f64, reach: f64| {
            if (at - start).abs() <= reach / zoom {
                -1
            } else if (at - end).abs() <= reach / zoom {
                1
            } else {
                0
            }
        };
        if !area.inflate(CORNER_REACH / zoom).contains(point) {
            return None;
        }
        let handle = |reach| Handle {
            across: side(point.x, area.origin.x, area.right(), reach),
            down: side(point.y, area.origin.y, area.bottom(), reach),
        };
        let corner = handle(CORNER_REACH);
        if corner.across != 0 && corner.down != 0 {
            return Some(Spot::Border(id, corner));
        }
        let border = handle(BORDER_REACH);
        if border != (Handle { across: 0, down: 0 }) && area.inflate(BORDER_REACH / zoom).contains(point) {
            return Some(Spot::Border(id, border));
        }
        let head = Rect { height: FRAME_HEAD.max(24.0 / zoom).min(area.height), ..area };
        let hold = if layout.notes.contains(&id) { area } else { head };
        hold.contains(point).then_some(Spot::Frame(id))
    });
    found.unwrap_or(Spot::Ground)
}

/// The frames that lie wholly in `area`.
pub fn frames_in(layout: &Layout, area: Rect) -> impl Iterator<Item = FrameId> {
    layout.frames.iter().filter(move |(_, frame)| area.holds(**frame)).map(|(&id, _)| id)
}

/// The components whose cards lie wholly or partly in `area`.
pub fn components_in(layout: &Layout, area: Rect) -> impl Iterator<Item = ComponentId> {
    layout.cards.iter().filter(move |(_, card)| card.intersects(area)).map(|(&id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::gesture::tests::three_in_a_row;

    #[test]
    fn cards_ports_links_and_ground_are_told_apart() {
        let design = three_in_a_row();
        let layout = Layout::of(&design);
        let card = layout.cards[&ComponentId(2)];
        assert_eq!(spot(&layout, card.centre(), 1.0), Spot::Component(ComponentId(2)));
        assert_eq!(spot(&layout, Side::Right.point(card, 0.0), 1.0), Spot::Port(ComponentId(2)));
        assert_eq!(spot(&layout, Side::Top.point(card, 0.0).offset(0.0, -10.0), 1.0), Spot::Port(ComponentId(2)));
        let link = design.links().next().unwrap().id;
        assert_eq!(spot(&layout, layout.routes[&link].at(0.5), 1.0), Spot::Link(link));
        assert_eq!(spot(&layout, Point::new(0.0, 4000.0), 1.0), Spot::Ground);
    }

    #[test]
    fn frames_are_met_by_name_border_and_corner_and_not_inside() {
        let mut layout = Layout::default();
        let (outer, inner) = (FrameId(1), FrameId(2));
        let area = Rect { origin: Point::new(0.0, 0.0), width: 600.0, height: 400.0 };
        layout.frames.insert(outer, area);
        layout.frames.insert(inner, area.inflate(-60.0));
        let at = |x, y| spot(&layout, Point::new(x, y), 1.0);
        assert_eq!(at(300.0, 15.0), Spot::Frame(outer));
        assert_eq!(at(300.0, 75.0), Spot::Frame(inner));
        assert_eq!(at(597.0, 200.0), Spot::Border(outer, Handle { across: 1, down: 0 }));
        assert_eq!(at(8.0, 392.0), Spot::Border(outer, Handle { across: -1, down: 1 }));
        assert_eq!(at(300.0, 200.0), Spot::Ground);
        layout.notes.insert(inner);
        assert_eq!(spot(&layout, Point::new(300.0, 200.0), 1.0), Spot::Frame(inner));
        let least = Rect { width: 50.0, height: 50.0, ..Rect::default() };
        let pulled = Handle { across: -1, down: 0 }.pull(area, 5000.0, 7.0, least);
        assert_eq!((pulled.origin.x, pulled.width, pulled.height), (550.0, 50.0, 400.0));
    }

    #[test]
    fn small_cards_are_as_easy_to_hit_ports_included() {
        let layout = Layout::of(&three_in_a_row());
        let port = Side::Bottom.point(layout.cards[&ComponentId(2)], 0.0);
        let below = port.offset(0.0, 30.0);
        assert_eq!(spot(&layout, below, 1.0), Spot::Ground);
        assert_eq!(spot(&layout, below, 0.5), Spot::Port(ComponentId(2)));
    }
}
