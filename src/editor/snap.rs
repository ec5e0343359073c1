//! Where a card comes to rest: in line with others nearby, else on the grid.

use crate::geometry::Point;
use crate::ids::ComponentId;
use crate::scene::route::{CARD_HEIGHT, CARD_WIDTH};
use crate::scene::{Guide, Layout};
use crate::sorted;

/// Distance of the lines that cards rest on.
pub const GRID: f64 = 8.0;
/// How near to being in line a card must come to be pulled there [pixels].
const PULL: f64 = 6.0;

/// `point` on the grid.
pub fn to_grid(point: Point) -> Point {
    Point::new((point.x / GRID).round() * GRID, (point.y / GRID).round() * GRID)
}

/// Where a card whose centre is wanted at `wanted` comes to rest, and along which lines it is then in line with cards
/// that do not move too. Seen at `zoom` pixels per world unit.
pub fn at_rest(layout: &Layout, moving: &sorted::Set<ComponentId>, wanted: Point, zoom: f64) -> (Point, Vec<Guide>) {
    let resting = || layout.cards.iter().filter(|(id, _)| !moving.contains(id)).map(|(_, area)| area.centre());
    let pull = PULL / zoom;
    let nearest = |wanted: f64, coordinate: fn(Point) -> f64| {
        resting()
            .map(coordinate)
            .filter(|other| (other - wanted).abs() <= pull)
            .min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()))
    };
    let in_line_x = nearest(wanted.x, |point| point.x);
    let in_line_y = nearest(wanted.y, |point| point.y);
    let grid = to_grid(wanted);
    let rest = Point::new(in_line_x.unwrap_or(grid.x), in_line_y.unwrap_or(grid.y));
    let mut guides = Vec::new();
    if let Some(x) = in_line_x {
        let column = resting().filter(|point| point.x == x).chain([rest]).map(|point| point.y);
        let (top, bottom) = extremes(column);
        guides.push(Guide {
            from: Point::new(x, top - CARD_HEIGHT / 2.0 - GRID),
            to: Point::new(x, bottom + CARD_HEIGHT / 2.0 + GRID),
        });
    }
    if let Some(y) = in_line_y {
        let row = resting().filter(|point| point.y == y).chain([rest]).map(|point| point.x);
        let (left, right) = extremes(row);
        guides.push(Guide {
            from: Point::new(left - CARD_WIDTH / 2.0 - GRID, y),
            to: Point::new(right + CARD_WIDTH / 2.0 + GRID, y),
        });
    }
    (rest, guides)
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::gesture::tests::three_in_a_row;

    #[test]
    fn cards_are_pulled_into_line_with_others_nearby() {
        let layout = Layout::of(&three_in_a_row());
        let moving = sorted::Set::from([ComponentId(2)]);
        let (rest, guides) = at_rest(&layout, &moving, Point::new(481.0, 4.0), 1.0);
        assert_eq!(rest, Point::new(480.0, 0.0));
        assert_eq!(guides.len(), 1, "in line with the row, but with no column");
        assert_eq!(guides[0].from.y, 0.0);
    }

    #[test]
    fn elsewhere_cards_rest_on_the_grid() {
        let layout = Layout::of(&three_in_a_row());
        let moving = sorted::Set::from([ComponentId(2)]);
        let (rest, guides) = at_rest(&layout, &moving, Point::new(333.0, 99.0), 1.0);
        assert_eq!(rest, Point::new(336.0, 96.0));
        assert!(guides.is_empty());
    }
}
