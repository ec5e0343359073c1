//! What is under the pointer.

use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, LinkId};
use crate::scene::Layout;
use crate::scene::route::Side;

/// How far from a port the pointer still means it, inside the card [pixels].
const PORT_INSIDE: f64 = 8.0;
/// How far from a port the pointer still means it, outside the card [pixels].
const PORT_OUTSIDE: f64 = 16.0;
/// How far from a link the pointer still means it [pixels].
const LINK_REACH: f64 = 8.0;

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
}

impl Spot {
    /// The component that this belongs to.
    pub const fn component(self) -> Option<ComponentId> {
        match self {
            Self::Component(id) | Self::Port(id) => Some(id),
            Self::Ground | Self::Link(_) => None,
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
        .map_or(Spot::Ground, |(link, _)| Spot::Link(link))
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
    fn small_cards_are_as_easy_to_hit_ports_included() {
        let layout = Layout::of(&three_in_a_row());
        let port = Side::Bottom.point(layout.cards[&ComponentId(2)], 0.0);
        let below = port.offset(0.0, 30.0);
        assert_eq!(spot(&layout, below, 1.0), Spot::Ground);
        assert_eq!(spot(&layout, below, 0.5), Spot::Port(ComponentId(2)));
    }
}
