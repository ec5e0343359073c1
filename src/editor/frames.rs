//! Frames as people handle them: what they hold and take along, which one a part belongs to, and where a new one goes.
//!
//! A component belongs to the smallest frame that its centre stands in. [`settle`] keeps it so after whatever was moved;
//! frames lie in each other by their extents alone.

use crate::design::edit::Edit;
use crate::design::{Design, Frame, FrameConfig, FrameKind};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId};
use crate::scene::route::card_area;
use crate::scene::{FRAME_HEAD, Selection};
use crate::sorted;
use crate::text::text;

/// Room between a frame and what it is drawn around.
const PADDING: f64 = 28.0;
/// Least extent that a frame can be given.
pub const LEAST: Rect = Rect { origin: Point::new(0.0, 0.0), width: 96.0, height: 64.0 };
/// Extent of a frame that was put down and not drawn.
pub const fn usual(kind: FrameKind) -> Rect {
    let (width, height) = if kind.holds_parts() { (480.0, 320.0) } else { (216.0, 96.0) };
    Rect { origin: Point::new(0.0, 0.0), width, height }
}

/// The smallest frame that `point` lies in; `None` on open ground.
pub fn innermost(design: &Design, point: Point) -> Option<FrameId> {
    let around = design.holding_frames().filter(|frame| frame.area.contains(point));
    around.min_by(|a, b| a.area.extent().total_cmp(&b.area.extent())).map(|frame| frame.id)
}

/// Everything that `frame` takes along: the frames that lie in it, and the components that belong to it or to these.
pub fn content(design: &Design, frame: FrameId) -> Selection {
    let holder = design.frame(frame).filter(|frame| frame.kind.holds_parts());
    let Some(area) = holder.map(|frame| frame.area) else { return Selection::default() };
    let lies_in = |other: &&Frame| other.id != frame && area.holds(other.area) && other.area != area;
    let frames: sorted::Set<FrameId> = design.frames().filter(lies_in).map(|frame| frame.id).collect();
    let belongs = |owner: FrameId| owner == frame || frames.contains(&owner);
    let components = design.components().filter(|component| component.frame.is_some_and(belongs));
    Selection { components: components.map(|component| component.id).collect(), frames, ..Selection::default() }
}

/// What is selected, and everything that selected frames hold.
pub fn with_content(design: &Design, selection: &Selection) -> Selection {
    let mut all = selection.clone();
    for &frame in &selection.frames {
        let inside = content(design, frame);
        all.components.extend(inside.components);
        all.frames.extend(inside.frames);
    }
    all
}

/// The edits that put components into the frames that they stand in: those that were `moved`, and those that stand in a
/// frame that was, or belong to one.
pub fn settle(design: &Design, moved: &Selection) -> Vec<Edit> {
    let stands_in = |at: Point| moved.frames.iter().any(|&id| design.frame(id).is_some_and(|f| f.area.contains(at)));
    design
        .components()
        .filter(|component| {
            moved.components.contains(&component.id)
                || component.frame.is_some_and(|frame| moved.frames.contains(&frame))
                || stands_in(component.position)
        })
        .map(|component| (component, innermost(design, component.position)))
        .filter(|(component, frame)| component.frame != *frame)
        .map(|(component, frame)| Edit::SetFrame(component.id, frame))
        .collect()
}

/// `edit` together with what puts components into the frames that they then stand in. An edit that cannot be made comes
/// back as it is, for whoever makes it to be told why.
pub fn settled(design: &Design, edit: Edit, moved: &Selection) -> Edit {
    let mut draft = design.clone();
    if draft.apply(edit.clone()).is_err() {
        return edit;
    }
    let settling = settle(&draft, moved);
    if settling.is_empty() { edit } else { Edit::Batch(core::iter::once(edit).chain(settling).collect()) }
}

/// The extent of a frame around these parts; `None` if there are none.
pub fn around(design: &Design, parts: &Selection) -> Option<Rect> {
    let cards = parts.components.iter().filter_map(|&id| design.component(id)).map(|one| card_area(one.position));
    let frames = parts.frames.iter().filter_map(|&id| design.frame(id)).map(|frame| frame.area);
    let bounds = cards.chain(frames).reduce(Rect::union)?.inflate(PADDING);
    // Names and figures need their room, too.
    let head = FRAME_HEAD - 8.0;
    Some(Rect { origin: bounds.origin.offset(0.0, -head), height: bounds.height + head, ..bounds })
}

/// The edit that adds a frame of `area` under the identity `id`, with everything that then stands in it.
pub fn add(design: &Design, kind: FrameKind, area: Rect, id: FrameId) -> Edit {
    let frame = Frame { id, name: unused_name(design, kind), kind, area, config: FrameConfig::default() };
    settled(design, Edit::AddFrame(frame), &Selection::frame(id))
}

/// The edit that puts a frame around what is selected; `None` if nothing is that a frame could hold.
pub fn group(design: &Design, selection: &Selection, id: FrameId) -> Option<Edit> {
    let area = around(design, &with_content(design, selection))?;
    Some(add(design, FrameKind::Group, area, id))
}

/// The edit that takes the selected frames away and leaves what they hold; `None` if no frame is selected.
pub fn ungroup(design: &Design, selection: &Selection) -> Option<Edit> {
    let mut draft = design.clone();
    let frames = design.holding_frames().map(|frame| frame.id).filter(|id| selection.frames.contains(id));
    let mut edits: Vec<Edit> = frames.map(Edit::RemoveFrame).collect();
    let freed: sorted::Set<ComponentId> = design
        .components()
        .filter(|component| component.frame.is_some_and(|frame| selection.frames.contains(&frame)))
        .map(|component| component.id)
        .collect();
    draft.apply(Edit::Batch(edits.clone())).ok()?;
    edits.extend(settle(&draft, &Selection { components: freed, ..Selection::default() }));
    (!edits.is_empty()).then_some(Edit::Batch(edits))
}

/// The edit that draws a frame closely around what it holds; `None` if it holds nothing.
pub fn fit(design: &Design, frame: FrameId) -> Option<Edit> {
    let area = around(design, &content(design, frame))?;
    Some(settled(design, Edit::SetArea(frame, area), &Selection::frame(frame)))
}

/// The edits that move all of `parts` by (`dx`, `dy`).
pub fn moves(design: &Design, parts: &Selection, dx: f64, dy: f64) -> Vec<Edit> {
    let components = parts.components.iter().filter_map(|&id| design.component(id));
    let components = components.map(|one| Edit::Move(one.id, one.position.offset(dx, dy)));
    let frames = parts.frames.iter().filter_map(|&id| design.frame(id));
    let frames = frames.map(|frame| Edit::SetArea(frame.id, moved(frame.area, dx, dy)));
    components.chain(frames).collect()
}

/// `area` moved by (`dx`, `dy`).
pub fn moved(area: Rect, dx: f64, dy: f64) -> Rect {
    Rect { origin: area.origin.offset(dx, dy), ..area }
}

fn unused_name(design: &Design, kind: FrameKind) -> String {
    let name = text(&format!("frames.{}.name", kind.key())).to_owned();
    let is_free = |name: &str| design.frames().all(|frame| frame.name != name);
    core::iter::once(name.clone())
        .chain((2..).map(|number| format!("{name} {number}")))
        .find(|name| is_free(name))
        .expect("numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::gesture::tests::three_in_a_row;

    const GROUP: FrameId = FrameId(50);

    fn grouped() -> Design {
        let mut design = three_in_a_row();
        let selection = Selection { components: [2, 3].map(ComponentId).into(), ..Selection::default() };
        let edit = group(&design, &selection, GROUP).expect("two parts can be grouped");
        design.apply(edit).expect("the frame can be drawn");
        design
    }

    fn frame_of(design: &Design, id: u32) -> Option<FrameId> {
        design.component(ComponentId(id)).expect("never removed").frame
    }

    #[test]
    fn a_group_holds_what_was_selected_and_nothing_else() {
        let design = grouped();
        assert_eq!([1, 2, 3].map(|id| frame_of(&design, id)), [None, Some(GROUP), Some(GROUP)]);
        let area = design.frame(GROUP).unwrap().area;
        assert!([2, 3].iter().all(|&id| area.holds(card_area(design.component(ComponentId(id)).unwrap().position))));
    }

    #[test]
    fn ungrouping_gives_parts_back_to_the_frame_around() {
        let mut design = grouped();
        let outer = FrameId(60);
        let area = design.frame(GROUP).unwrap().area.inflate(40.0);
        design.apply(add(&design.clone(), FrameKind::Region, area, outer)).unwrap();
        assert_eq!(frame_of(&design, 2), Some(GROUP), "the smaller one counts");
        assert_eq!(content(&design, outer).components, [2, 3].map(ComponentId).into());
        assert_eq!(content(&design, outer).frames, [GROUP].into());
        let edit = ungroup(&design, &Selection::frame(GROUP)).expect("there is a frame");
        design.apply(edit).unwrap();
        assert_eq!(frame_of(&design, 2), Some(outer));
    }

    #[test]
    fn parts_belong_to_the_frame_that_they_stand_in() {
        let mut design = grouped();
        design.apply(Edit::Move(ComponentId(2), Point::new(0.0, 900.0))).unwrap();
        let edits = settle(&design, &Selection::component(ComponentId(2)));
        assert_eq!(edits, [Edit::SetFrame(ComponentId(2), None)]);
        // Who is moved out by the frame's going away leaves it, too.
        let away = moved(design.frame(GROUP).unwrap().area, 5000.0, 0.0);
        let edit = settled(&design, Edit::SetArea(GROUP, away), &Selection::frame(GROUP));
        design.apply(edit).unwrap();
        assert_eq!(frame_of(&design, 3), None);
    }

    #[test]
    fn a_note_takes_nothing_in_and_nothing_along_but_goes_with_its_frame() {
        let mut design = grouped();
        let (note, area) = (FrameId(70), design.frame(GROUP).unwrap().area.inflate(-1.0));
        design.apply(add(&design.clone(), FrameKind::Note, area, note)).unwrap();
        assert_eq!(frame_of(&design, 2), Some(GROUP));
        assert!(content(&design, note).is_empty());
        assert_eq!(ungroup(&design, &Selection::frame(note)), None);
        assert!(content(&design, GROUP).frames.contains(&note));
    }

    #[test]
    fn a_frame_that_is_fitted_holds_the_same_as_before() {
        let mut design = grouped();
        let large = design.frame(GROUP).unwrap().area.inflate(40.0);
        design.apply(Edit::SetArea(GROUP, large)).unwrap();
        let edit = fit(&design, GROUP).expect("it holds something");
        design.apply(edit).unwrap();
        assert!(design.frame(GROUP).unwrap().area.extent() < large.extent());
        assert_eq!(content(&design, GROUP).components.len(), 2);
    }
}
