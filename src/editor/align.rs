//! Several cards in line, or at equal distances. All cards have one size, so their centres are all that counts.

use crate::design::edit::Edit;
use crate::design::{Component, Design};
use crate::editor::frames;
use crate::geometry::Point;
use crate::scene::Selection;
use crate::scene::route::{CARD_HEIGHT, CARD_WIDTH};
use crate::sorted;

/// Least room between cards that are spread out.
const GAP: f64 = 32.0;

/// Where cards are put in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Below the leftmost.
    Left,
    /// Below each other, halfway between the outermost.
    Centre,
    /// Below the rightmost.
    Right,
    /// Beside the topmost.
    Top,
    /// Beside each other, halfway between the outermost.
    Middle,
    /// Beside the lowest.
    Bottom,
}

/// The direction in which cards are spread out evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// From left to right.
    Across,
    /// From top to bottom.
    Down,
}

/// The edit that puts the selected components in line; `None` if fewer than two are selected.
pub fn align(design: &Design, selection: &Selection, line: Line) -> Option<Edit> {
    let cards = selected(design, selection);
    let across = |at: Point| match line {
        Line::Left | Line::Centre | Line::Right => at.x,
        Line::Top | Line::Middle | Line::Bottom => at.y,
    };
    let (least, most) = cards
        .iter()
        .map(|card| across(card.position))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), at| (least.min(at), most.max(at)));
    let goal = match line {
        Line::Left | Line::Top => least,
        Line::Centre | Line::Middle => ((least + most) / 2.0).round(),
        Line::Right | Line::Bottom => most,
    };
    let place = |at: Point| match line {
        Line::Left | Line::Centre | Line::Right => Point::new(goal, at.y),
        Line::Top | Line::Middle | Line::Bottom => Point::new(at.x, goal),
    };
    moved(design, selection, cards.iter().map(|card| (*card, place(card.position))).collect())
}

/// The edit that puts the selected components at equal distances between the outermost of them, further apart if they
/// would cover each other; `None` if fewer than three are selected.
pub fn distribute(design: &Design, selection: &Selection, axis: Axis) -> Option<Edit> {
    let mut cards = selected(design, selection);
    let along = |at: Point| match axis {
        Axis::Across => at.x,
        Axis::Down => at.y,
    };
    sorted::sort_by(&mut cards, |a, b| along(a.position).total_cmp(&along(b.position)));
    let (first, last) = (cards.first()?, cards.last()?);
    if cards.len() < 3 {
        return None;
    }
    let start = along(first.position);
    let least = GAP
        + match axis {
            Axis::Across => CARD_WIDTH,
            Axis::Down => CARD_HEIGHT,
        };
    let pitch = ((along(last.position) - start) / (cards.len() - 1) as f64).max(least);
    let places = cards.iter().enumerate().map(|(position, card)| {
        let at = (start + pitch * position as f64).round();
        let place = match axis {
            Axis::Across => Point::new(at, card.position.y),
            Axis::Down => Point::new(card.position.x, at),
        };
        (*card, place)
    });
    moved(design, selection, places.collect())
}

fn selected<'a>(design: &'a Design, selection: &Selection) -> Vec<&'a Component> {
    selection.components.iter().filter_map(|&id| design.component(id)).collect()
}

fn moved(design: &Design, selection: &Selection, places: Vec<(&Component, Point)>) -> Option<Edit> {
    if places.len() < 2 {
        return None;
    }
    let moves = places.into_iter().map(|(card, place)| Edit::Move(card.id, place)).collect();
    Some(frames::settled(design, Edit::Batch(moves), selection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::gesture::tests::three_in_a_row;
    use crate::ids::ComponentId;

    fn all() -> Selection {
        Selection { components: [1, 2, 3].map(ComponentId).into(), ..Selection::default() }
    }

    fn scattered() -> Design {
        let mut design = three_in_a_row();
        for (id, x, y) in [(1, 0.0, 0.0), (2, 700.0, 90.0), (3, 300.0, -200.0)] {
            design.apply(Edit::Move(ComponentId(id), Point::new(x, y))).unwrap();
        }
        design
    }

    fn places(edit: Option<Edit>) -> Vec<(f64, f64)> {
        let mut design = scattered();
        design.apply(edit.expect("three are selected")).unwrap();
        design.components().map(|card| (card.position.x, card.position.y)).collect()
    }

    #[test]
    fn cards_come_in_line_and_keep_their_other_coordinate() {
        let design = scattered();
        assert_eq!(places(align(&design, &all(), Line::Left)), [(0.0, 0.0), (0.0, 90.0), (0.0, -200.0)]);
        assert_eq!(places(align(&design, &all(), Line::Centre)), [(350.0, 0.0), (350.0, 90.0), (350.0, -200.0)]);
        assert_eq!(places(align(&design, &all(), Line::Bottom)), [(0.0, 90.0), (700.0, 90.0), (300.0, 90.0)]);
    }

    #[test]
    fn cards_are_spread_evenly_and_never_over_each_other() {
        let design = scattered();
        assert_eq!(places(distribute(&design, &all(), Axis::Across)), [(0.0, 0.0), (700.0, 90.0), (350.0, -200.0)]);
        let down: Vec<f64> = places(distribute(&design, &all(), Axis::Down)).into_iter().map(|(_, y)| y).collect();
        assert_eq!(down, [-200.0 + 145.0, -200.0 + 290.0, -200.0]);
    }

    #[test]
    fn one_card_is_in_line_with_itself() {
        let design = scattered();
        assert_eq!(align(&design, &Selection::component(ComponentId(1)), Line::Top), None);
        assert_eq!(distribute(&design, &Selection::component(ComponentId(1)), Axis::Down), None);
    }
}
