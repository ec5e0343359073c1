//! Automatic layout of a whole drawing: in layers from left to right, the way that requests go, frames kept together.
//!
//! The layers, their order and the places within them come from `rust-sugiyama`, which knows no frames. So each frame is
//! laid out by itself, the innermost first, and then takes part in the layout around it as one box with the links of all
//! that it holds. Frames can thus neither overlap nor take in what is not theirs.
//!
//! # Sources
//! Sugiyama, Tagawa and Toda, *Methods for visual understanding of hierarchical system structures* (1981); Gansner and
//! others, *A technique for drawing directed graphs* (1993).

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

use crate::design::edit::Edit;
use crate::design::{Design, Frame};
use crate::editor::frames;
use crate::editor::snap::GRID;
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId};
use crate::scene::route::{CARD_HEIGHT, CARD_WIDTH};
use crate::scene::{FRAME_HEAD, Selection};
use crate::sorted;

/// Room between boxes of one layer, for what stands below the cards.
const GAP_DOWN: f64 = 48.0;
/// Room between layers, for links and what is written on them.
const GAP_ACROSS: f64 = 104.0;
/// Room between a frame and what it holds.
const PADDING: f64 = 32.0;
/// Width over height that drawings of several unconnected parts come near.
const SHAPE: f64 = 1.6;

/// Something that is placed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Component(ComponentId),
    Frame(FrameId),
}

/// Boxes with their places, from (0, 0) on.
#[derive(Default)]
struct Block {
    width: f64,
    height: f64,
    /// Centres of cards.
    cards: Vec<(ComponentId, Point)>,
    frames: Vec<(FrameId, Rect)>,
}

/// The edit that lays the whole drawing out anew around the place where it is; `None` for an empty drawing.
///
/// # Complexity
/// That of crossing reduction: some milliseconds for 50 components, some hundreds for 500.
pub fn arrange(design: &Design) -> Option<Edit> {
    let all = Selection {
        components: design.components().map(|component| component.id).collect(),
        frames: design.frames().map(|frame| frame.id).collect(),
        ..Selection::default()
    };
    let before = frames::around(design, &all)?.centre();
    let block = block(design, None);
    let shift = |at: Point| on_grid(at.offset(before.x - block.width / 2.0, before.y - block.height / 2.0));
    let cards = block.cards.iter().map(|&(id, at)| Edit::Move(id, shift(at)));
    let areas = block.frames.iter().map(|&(id, area)| {
        let (start, end) = (shift(area.origin), shift(Point::new(area.right(), area.bottom())));
        Edit::SetArea(id, Rect::spanning(start, end))
    });
    Some(frames::settled(design, Edit::Batch(areas.chain(cards).collect()), &all))
}

fn on_grid(at: Point) -> Point {
    Point::new((at.x / GRID).round() * GRID, (at.y / GRID).round() * GRID)
}

/// Lays out what a frame holds, or with `None` what lies in no frame.
fn block(design: &Design, frame: Option<FrameId>) -> Block {
    let parent_of = |id: FrameId| design.frames_around(Some(id)).get(1).map(|frame| frame.id);
    let inner = design.frames().filter(|inner| parent_of(inner.id) == frame);
    let inside: sorted::Map<FrameId, Block> = inner.map(|inner| (inner.id, block_of(design, inner))).collect();
    let direct = design.components().filter(|component| component.frame == frame);
    let mut pieces: Vec<Piece> = direct.map(|component| Piece::Component(component.id)).collect();
    pieces.extend(inside.keys().map(|&id| Piece::Frame(id)));
    let extent = |piece: Piece| match piece {
        Piece::Component(_) => (CARD_WIDTH, CARD_HEIGHT),
        Piece::Frame(id) => (inside[&id].width, inside[&id].height),
    };
    // Each link joins the two pieces that its ends lie in.
    let mut owners: sorted::Map<ComponentId, usize> = sorted::Map::new();
    for (position, &piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Component(id) => drop(owners.insert(id, position)),
            Piece::Frame(id) => {
                for &(card, _) in &inside[&id].cards {
                    owners.insert(card, position);
                }
            }
        }
    }
    let edges: sorted::Set<(usize, usize)> = design
        .links()
        .filter_map(|link| Some((*owners.get(&link.from)?, *owners.get(&link.to)?)))
        .filter(|(from, to)| from != to)
        .collect();
    let extents: Vec<(f64, f64)> = pieces.iter().map(|&piece| extent(piece)).collect();
    let mut whole = Block::default();
    for (position, origin) in place(&extents, &edges) {
        let (width, height) = extents[position];
        whole.width = whole.width.max(origin.x + width);
        whole.height = whole.height.max(origin.y + height);
        match pieces[position] {
            Piece::Component(id) => whole.cards.push((id, origin.offset(width / 2.0, height / 2.0))),
            Piece::Frame(id) => {
                let held = &inside[&id];
                whole.frames.push((id, Rect { origin, width, height }));
                whole
                    .frames
                    .extend(held.frames.iter().map(|&(id, area)| (id, frames::moved(area, origin.x, origin.y))));
                whole.cards.extend(held.cards.iter().map(|&(id, at)| (id, at.offset(origin.x, origin.y))));
            }
        }
    }
    whole
}

/// A frame as the layout around it sees it. A note keeps its extent.
fn block_of(design: &Design, frame: &Frame) -> Block {
    if frame.kind.holds_parts() {
        framed(block(design, Some(frame.id)))
    } else {
        Block { width: frame.area.width, height: frame.area.height, ..Block::default() }
    }
}

/// The block with the room that the frame around it needs.
fn framed(mut block: Block) -> Block {
    if block.cards.is_empty() && block.frames.is_empty() {
        return Block { width: frames::LEAST.width, height: frames::LEAST.height, ..block };
    }
    let (dx, dy) = (PADDING, PADDING + FRAME_HEAD / 2.0);
    for (_, at) in &mut block.cards {
        *at = at.offset(dx, dy);
    }
    for (_, area) in &mut block.frames {
        *area = frames::moved(*area, dx, dy);
    }
    Block { width: block.width + 2.0 * PADDING, height: block.height + PADDING + dy, ..block }
}

/// Places boxes of these extents, by their upper left corners, from (0, 0) on: each group of connected ones in layers,
/// the groups in rows.
fn place(extents: &[(f64, f64)], edges: &sorted::Set<(usize, usize)>) -> Vec<(usize, Point)> {
    // The library puts layers below each other, so across and down change places.
    let spare = GAP_ACROSS - GAP_DOWN;
    let vertices: Vec<(u32, (f64, f64))> =
        (0..).zip(extents).map(|(id, &(width, height))| (id, (height, width + spare))).collect();
    let edges: Vec<(u32, u32)> = edges.iter().map(|&(from, to)| (from as u32, to as u32)).collect();
    let config = Config { vertex_spacing: GAP_DOWN, ..Config::default() };
    let mut groups: Vec<Vec<(usize, Rect)>> = from_vertices_and_edges(&vertices, &edges, &config)
        .into_iter()
        .map(|(places, ..)| {
            let boxes = places.into_iter().map(|(id, (down, across))| {
                let (width, height) = extents[id];
                (id, Rect::centred(Point::new(across, down), width, height))
            });
            boxes.collect()
        })
        .collect();
    for group in &mut groups {
        sorted::sort_by(group, |a, b| a.0.cmp(&b.0));
        spread(group, &edges);
    }
    // What was drawn first comes first.
    let first = |group: &Vec<(usize, Rect)>| group.first().map(|(id, _)| *id);
    sorted::sort_by(&mut groups, |a, b| first(a).cmp(&first(b)));
    in_rows(groups)
}

/// Turns a group round if its links run from right to left, and pushes boxes of one layer apart that come too near.
fn spread(group: &mut [(usize, Rect)], edges: &[(u32, u32)]) {
    let across: sorted::Map<usize, f64> = group.iter().map(|(id, area)| (*id, area.centre().x)).collect();
    let run = |&(from, to): &(u32, u32)| Some(across.get(&(to as usize))? - across.get(&(from as usize))?);
    if edges.iter().filter_map(run).map(f64::signum).sum::<f64>() < 0.0 {
        for (_, area) in group.iter_mut() {
            area.origin.x = -area.right();
        }
    }
    let mut order: Vec<usize> = (0..group.len()).collect();
    sorted::sort_by(&mut order, |&a, &b| group[a].1.origin.y.total_cmp(&group[b].1.origin.y));
    for position in 1..order.len() {
        let (index, above) = (order[position], &order[..position]);
        // From the top down: whatever stands above stays.
        loop {
            let area = group[index].1;
            let near = Rect { height: area.height + GAP_DOWN / 2.0, ..area };
            let hit = above
                .iter()
                .map(|&other| group[other].1)
                .find(|other| near.intersects(Rect { height: other.height + GAP_DOWN / 2.0, ..*other }));
            match hit {
                Some(other) => group[index].1.origin.y = other.bottom() + GAP_DOWN,
                None => break,
            }
        }
    }
}

/// Puts groups beside and below each other, in rows about as long as suits the whole.
fn in_rows(groups: Vec<Vec<(usize, Rect)>>) -> Vec<(usize, Point)> {
    let bounds: Vec<Rect> = groups
        .iter()
        .map(|group| group.iter().map(|(_, area)| *area).reduce(Rect::union).unwrap_or_default())
        .collect();
    let extent: f64 = bounds.iter().map(|one| (one.width + GAP_ACROSS) * (one.height + GAP_DOWN)).sum();
    let widest = bounds.iter().map(|one| one.width).fold(0.0, f64::max);
    let length = widest.max((extent * SHAPE).sqrt());
    let (mut x, mut y, mut row) = (0.0, 0.0, 0.0_f64);
    let mut places = Vec::new();
    for (group, bounds) in groups.into_iter().zip(bounds) {
        if x > 0.0 && x + bounds.width > length {
            (x, y, row) = (0.0, y + row + GAP_DOWN, 0.0);
        }
        let (dx, dy) = (x - bounds.origin.x, y - bounds.origin.y);
        places.extend(group.into_iter().map(|(id, area)| (id, area.origin.offset(dx, dy))));
        x += bounds.width + GAP_ACROSS;
        row = row.max(bounds.height);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{Component, FrameKind, Kind, Link, LinkConfig, LinkRole};
    use crate::editor::gesture::tests::three_in_a_row;
    use crate::ids::LinkId;
    use crate::scene::route::card_area;

    fn check(design: &Design) {
        let cards: Vec<_> = design.components().collect();
        for (position, a) in cards.iter().enumerate() {
            for b in &cards[position + 1..] {
                assert!(!card_area(a.position).intersects(card_area(b.position)), "{} covers {}", a.name, b.name);
            }
            for frame in design.frames() {
                let is_inside = frames::content(design, frame.id).components.contains(&a.id);
                let card = card_area(a.position);
                assert!(
                    if is_inside { frame.area.holds(card) } else { !frame.area.intersects(card) },
                    "{} and {}",
                    a.name,
                    frame.name
                );
            }
        }
    }

    #[test]
    fn requests_run_from_left_to_right() {
        let mut design = three_in_a_row();
        for (id, x) in [(1, 900.0), (2, 0.0), (3, 400.0)] {
            design.apply(Edit::Move(ComponentId(id), Point::new(x, 0.0))).unwrap();
        }
        design.apply(arrange(&design.clone()).unwrap()).unwrap();
        let x = |id| design.component(ComponentId(id)).unwrap().position.x;
        assert!(x(1) < x(2) && x(2) < x(3), "{} {} {}", x(1), x(2), x(3));
        check(&design);
        assert_eq!(arrange(&Design::new()), None);
    }

    /// Servers in two regions with a zone in each, some outside, and links between any of them.
    fn random(seed: u64) -> Design {
        let mut random = Dice(seed);
        let mut design = Design::new();
        let n = 3 + random.below(22) as u32;
        for (id, kind) in [(100, FrameKind::Region), (101, FrameKind::Region)] {
            let area = Rect { origin: Point::new(f64::from(id - 100) * 3000.0, 0.0), width: 2000.0, height: 2000.0 };
            design.apply(frames::add(&design.clone(), kind, area, FrameId(id))).unwrap();
            let area = area.inflate(-500.0);
            design.apply(frames::add(&design.clone(), FrameKind::Zone, area, FrameId(id + 2))).unwrap();
        }
        for id in 0..n {
            let at = Point::new(random.below(5000) as f64, random.below(2500) as f64);
            let component = Component {
                id: ComponentId(id),
                name: format!("Server {id}"),
                config: Kind::Server.default_config(),
                position: at,
                frame: frames::innermost(&design, at),
            };
            design.apply(Edit::AddComponent(component)).unwrap();
        }
        for id in 0..random.below(40) as u32 {
            let mut end = || ComponentId(random.below(u64::from(n)) as u32);
            let (from, to) = (end(), end());
            let link = Link { id: LinkId(200 + id), from, to, role: LinkRole::Requests, config: LinkConfig::default() };
            // A second link between the same two, or one to itself, is refused.
            let _ = design.apply(Edit::AddLink(link));
        }
        design
    }

    struct Dice(u64);

    impl Dice {
        /// Splitmix64.
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % limit
        }
    }

    #[test]
    fn nothing_covers_anything_and_frames_keep_what_is_theirs() {
        for seed in 0..300 {
            let mut design = random(seed);
            let owners: Vec<_> = design.components().map(|component| component.frame).collect();
            let edit = arrange(&design).expect("it is not empty");
            design.apply(edit).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let after: Vec<_> = design.components().map(|component| component.frame).collect();
            assert_eq!(owners, after, "seed {seed}");
            check(&design);
        }
    }
}
