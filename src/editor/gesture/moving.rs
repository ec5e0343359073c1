//! Moving things: what moves along, where it comes to rest, and which frames it belongs to then.

use super::{Board, Gesture, Grabbed, Plan};
use crate::design::edit::Edit;
use crate::editor::{frames, snap};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId};
use crate::scene::{Guide, Selection};
use crate::sorted;

/// What moves when `grabbed` is: everything that is selected if it is part of that; else it alone, or with Shift all.
pub(super) fn grabbed_selection(board: &Board<'_>, is_shift: bool, grabbed: Selection) -> Selection {
    let is_part = grabbed.components.iter().all(|id| board.selection.components.contains(id))
        && grabbed.frames.iter().all(|id| board.selection.frames.contains(id));
    if is_part {
        return board.selection.clone();
    }
    let mut selection = if is_shift { board.selection.clone() } else { Selection::default() };
    selection.components.extend(grabbed.components);
    selection.frames.extend(grabbed.frames);
    selection
}

/// Starts to move what is selected, held by `grabbed` at the point `world`.
pub(super) fn start_move(
    pointer: Option<i32>,
    grabbed: Grabbed,
    world: Point,
    selection: &Selection,
    board: &Board<'_>,
) -> (Gesture, Vec<Plan>) {
    let Some(held) = anchor(grabbed, board) else { return (Gesture::Idle, Vec::new()) };
    let moving = frames::with_content(board.design, selection);
    let starts = moving.components.iter().filter_map(|&id| Some((id, board.design.component(id)?.position)));
    let areas = moving.frames.iter().filter_map(|&id| Some((id, board.design.frame(id)?.area)));
    let offset = Point::new(held.x - world.x, held.y - world.y);
    let gesture = Gesture::Moving {
        pointer,
        grabbed,
        offset,
        starts: starts.collect(),
        frames: areas.collect(),
        guides: Vec::new(),
    };
    let mut plans = Vec::new();
    if *selection != *board.selection {
        plans.push(Plan::Select(selection.clone()));
    }
    plans.push(Plan::Begin);
    (gesture, plans)
}

/// The point of what the pointer holds that is put in line.
pub(super) fn anchor(grabbed: Grabbed, board: &Board<'_>) -> Option<Point> {
    match grabbed {
        Grabbed::Component(id) => board.design.component(id).map(|component| component.position),
        Grabbed::Frame(id) => board.design.frame(id).map(|frame| frame.area.origin),
    }
}

/// Moves everything so that what the pointer holds comes to rest near `wanted`; also where that is then in line.
pub(super) fn move_to(
    wanted: Point,
    grabbed: Grabbed,
    starts: &sorted::Map<ComponentId, Point>,
    areas: &sorted::Map<FrameId, Rect>,
    board: &Board<'_>,
) -> (Vec<Plan>, Vec<Guide>) {
    let (start, (rest, guides)) = match grabbed {
        Grabbed::Component(id) => {
            let ids: sorted::Set<ComponentId> = starts.keys().copied().collect();
            (starts.get(&id).copied(), snap::at_rest(board.layout, &ids, wanted, board.camera.zoom))
        }
        Grabbed::Frame(id) => (areas.get(&id).map(|area| area.origin), (snap::to_grid(wanted), Vec::new())),
    };
    let Some(start) = start else { return (Vec::new(), guides) };
    let (dx, dy) = (rest.x - start.x, rest.y - start.y);
    let cards = starts
        .iter()
        .map(|(&id, start)| (id, start.offset(dx, dy)))
        .filter(|&(id, to)| board.design.component(id).is_some_and(|component| component.position != to))
        .map(|(id, to)| Edit::Move(id, to));
    let areas = areas
        .iter()
        .map(|(&id, &area)| (id, frames::moved(area, dx, dy)))
        .filter(|&(id, to)| board.design.frame(id).is_some_and(|frame| frame.area != to))
        .map(|(id, to)| Edit::SetArea(id, to));
    let edits: Vec<Edit> = cards.chain(areas).collect();
    (if edits.is_empty() { Vec::new() } else { vec![Plan::Edit(Edit::Batch(edits))] }, guides)
}

/// Puts what was moved down: it now belongs to the frame that it stands in.
pub(super) fn finish_move(
    starts: &sorted::Map<ComponentId, Point>,
    areas: &sorted::Map<FrameId, Rect>,
    board: &Board<'_>,
) -> Vec<Plan> {
    let moved = Selection {
        components: starts.keys().copied().collect(),
        frames: areas.keys().copied().collect(),
        ..Selection::default()
    };
    let mut plans = settling(&moved, board);
    plans.push(Plan::End);
    plans
}

/// Puts what was moved into the frames that it now stands in.
pub(super) fn settling(moved: &Selection, board: &Board<'_>) -> Vec<Plan> {
    let edits = frames::settle(board.design, moved);
    if edits.is_empty() { Vec::new() } else { vec![Plan::Edit(Edit::Batch(edits))] }
}
