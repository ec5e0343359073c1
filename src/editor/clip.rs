//! Copies of a part of the drawing: duplicate, copy, cut, paste, and the removal of what is selected. Copies travel
//! between pages as text, in the same form as files.

use super::frames;
use crate::design::edit::Edit;
use crate::design::{Component, Design, Frame, Link};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::scene::Selection;
use crate::scene::route::{CARD_HEIGHT, card_area};
use crate::sorted;

/// Free space between copies and what stands above them.
const GAP: f64 = 32.0;

/// Components, links and frames that have been copied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clip {
    components: Vec<Component>,
    /// All links that start or end at one of them.
    links: Vec<Link>,
    frames: Vec<Frame>,
}

impl Clip {
    /// A copy of the selected components with all their links, and of the selected frames with all that they hold.
    pub fn of(design: &Design, selection: &Selection) -> Self {
        let selection = frames::with_content(design, selection);
        let is_selected = |id: &ComponentId| selection.components.contains(id);
        Self {
            components: design.components().filter(|component| is_selected(&component.id)).cloned().collect(),
            links: design.links().filter(|link| is_selected(&link.from) || is_selected(&link.to)).cloned().collect(),
            frames: design.frames().filter(|frame| selection.frames.contains(&frame.id)).cloned().collect(),
        }
    }

    /// Whether there is nothing to paste.
    pub const fn is_empty(&self) -> bool {
        self.components.is_empty() && self.frames.is_empty()
    }

    /// The copy as the text of a design file. Links that lead out of it are left out.
    ///
    /// # Panics
    /// Never: what was drawn in one design can be drawn in an empty one.
    pub fn to_text(&self) -> String {
        let mut design = Design::new();
        let frames = self.frames.iter().cloned().map(Edit::AddFrame);
        let has_frame = |id: &FrameId| self.frames.iter().any(|frame| frame.id == *id);
        let components = self.components.iter().map(|component| {
            Edit::AddComponent(Component { frame: component.frame.filter(has_frame), ..component.clone() })
        });
        for edit in frames.chain(components) {
            design.apply(edit).expect("identities of one design differ");
        }
        for link in &self.links {
            // Fails where an end is not part of the copy.
            let _ = design.apply(Edit::AddLink(link.clone()));
        }
        design.to_json()
    }

    /// Reads what [`Clip::to_text`] wrote, or any design file; `None` for any other text.
    pub fn from_text(text: &str) -> Option<Self> {
        let design = Design::from_json(text).ok()?;
        let all = Selection {
            components: design.components().map(|component| component.id).collect(),
            frames: design.frames().map(|frame| frame.id).collect(),
            ..Selection::default()
        };
        Some(Self::of(&design, &all)).filter(|clip| !clip.is_empty())
    }

    /// The edit that adds the copy to `design`, with its middle at `place`, or straight below the original where there is
    /// room; and what is new. Links to components outside the copy lead to these again, so that a second server is in
    /// service at once.
    pub fn paste(&self, design: &Design, place: Option<Point>, mut fresh_id: impl FnMut() -> u32) -> (Edit, Selection) {
        let (dx, dy) = match (place, self.bounds()) {
            (Some(place), Some(bounds)) => (place.x - bounds.centre().x, place.y - bounds.centre().y),
            _ => (0.0, self.shift(design)),
        };
        let mut draft = design.clone();
        let mut edits = Vec::new();
        let mut new = Selection::default();
        for frame in &self.frames {
            let id = FrameId(fresh_id());
            new.frames.insert(id);
            edits.push(Edit::AddFrame(Frame { id, area: frames::moved(frame.area, dx, dy), ..frame.clone() }));
        }
        let mut copies: sorted::Map<ComponentId, ComponentId> = sorted::Map::new();
        for component in &self.components {
            let id = ComponentId(fresh_id());
            copies.insert(component.id, id);
            let copy = Component {
                id,
                name: name_of_copy(&draft, &component.name),
                config: component.config,
                position: component.position.offset(dx, dy),
                frame: None,
            };
            let edit = Edit::AddComponent(copy);
            draft.apply(edit.clone()).expect("a fresh identity is free");
            edits.push(edit);
        }
        for link in &self.links {
            let end = |id: ComponentId| copies.get(&id).copied().unwrap_or(id);
            let copy = Link { id: LinkId(fresh_id()), from: end(link.from), to: end(link.to), ..link.clone() };
            let edit = Edit::AddLink(copy);
            // What the link led to may be gone since.
            if draft.apply(edit.clone()).is_ok() {
                edits.push(edit);
            }
        }
        new.components = copies.into_iter().map(|(_, copy)| copy).collect();
        (frames::settled(design, Edit::Batch(edits), &new), new)
    }

    /// The smallest rectangle around the originals.
    fn bounds(&self) -> Option<Rect> {
        let cards = self.components.iter().map(|component| card_area(component.position));
        cards.chain(self.frames.iter().map(|frame| frame.area)).reduce(Rect::union)
    }

    /// How far down the copies cover no card and no frame.
    fn shift(&self, design: &Design) -> f64 {
        let is_free = |shift: f64| {
            let cards: Vec<_> =
                self.components.iter().map(|component| card_area(component.position.offset(0.0, shift))).collect();
            let areas: Vec<_> = self.frames.iter().map(|frame| frames::moved(frame.area, 0.0, shift)).collect();
            let mut taken = design.components().map(|component| card_area(component.position));
            // A copied frame would take in what it covers, and be taken for part of the frame below it.
            let mut framed = design.frames().map(|frame| frame.area);
            !taken.any(|card| cards.iter().chain(&areas).any(|place| place.intersects(card)))
                && !framed.any(|frame| areas.iter().any(|area| area.intersects(frame)))
        };
        // What was cut goes back to its place.
        (0..)
            .map(|step| f64::from(step) * (CARD_HEIGHT + GAP))
            .find(|&shift| is_free(shift))
            .expect("below the lowest card there is room")
    }
}

/// The edit that removes what is selected; `None` if nothing is.
pub fn removal(design: &Design, selection: &Selection) -> Option<Edit> {
    let mut edits = Vec::new();
    for &id in &selection.links {
        // Links of a component go with it.
        let goes_along = design
            .link(id)
            .is_none_or(|link| selection.components.contains(&link.from) || selection.components.contains(&link.to));
        if !goes_along {
            edits.push(Edit::RemoveLink(id));
        }
    }
    edits.extend(selection.components.iter().map(|&id| Edit::RemoveComponent(id)));
    edits.extend(selection.frames.iter().map(|&id| Edit::RemoveFrame(id)));
    (!edits.is_empty()).then_some(Edit::Batch(edits))
}

/// `name` if it is free, else the next free number behind it: the copy of `Server 2` is `Server 3`, not `Server 2 2`.
fn name_of_copy(design: &Design, name: &str) -> String {
    if design.component_named(name).is_none() {
        return name.to_owned();
    }
    let stem = match name.rsplit_once(' ') {
        Some((stem, number)) if !stem.is_empty() && number.chars().all(|letter| letter.is_ascii_digit()) => stem,
        _ => name,
    };
    (2..)
        .map(|number| format!("{stem} {number}"))
        .find(|name| design.component_named(name).is_none())
        .expect("numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::LinkRole;
    use crate::editor::gesture::tests::three_in_a_row;

    fn paste(design: &mut Design, clip: &Clip) -> Vec<ComponentId> {
        let mut ids = design.clone();
        let (edit, new) = clip.paste(design, None, || ids.fresh_id());
        design.apply(edit).expect("a copy can be pasted");
        new.components.into_iter().collect()
    }

    #[test]
    fn a_duplicate_server_is_in_service_at_once() {
        let mut design = three_in_a_row();
        let clip = Clip::of(&design, &Selection::component(ComponentId(2)));
        let copies = paste(&mut design, &clip);
        assert_eq!(copies.len(), 1);
        let roles = |links: Vec<&Link>| links.iter().map(|link| link.role).collect::<Vec<_>>();
        assert_eq!(roles(design.links_to(copies[0])), [LinkRole::Requests]);
        assert_eq!(roles(design.links_from(copies[0])), [LinkRole::Queries]);
        assert_eq!(design.component(copies[0]).unwrap().name, "Part 4", "the others are taken");
    }

    #[test]
    fn copies_cover_nothing() {
        let mut design = three_in_a_row();
        let clip = Clip::of(&design, &Selection::component(ComponentId(2)));
        for _ in 0..3 {
            paste(&mut design, &clip);
        }
        let cards: Vec<_> = design.components().map(|component| card_area(component.position)).collect();
        for (position, card) in cards.iter().enumerate() {
            assert!(!cards[position + 1..].iter().any(|other| other.intersects(*card)), "{cards:?}");
        }
    }

    #[test]
    fn links_between_copies_join_the_copies() {
        let mut design = three_in_a_row();
        let selection = Selection { components: [2, 3].map(ComponentId).into(), ..Selection::default() };
        let clip = Clip::of(&design, &selection);
        let copies = paste(&mut design, &clip);
        assert!(design.links().any(|link| link.from == copies[0] && link.to == copies[1]));
    }

    #[test]
    fn a_copy_outlives_what_it_was_linked_to() {
        let mut design = three_in_a_row();
        let clip = Clip::of(&design, &Selection::component(ComponentId(2)));
        design.apply(Edit::RemoveComponent(ComponentId(3))).unwrap();
        let copies = paste(&mut design, &clip);
        assert!(design.links_from(copies[0]).is_empty());
        assert_eq!(design.links_to(copies[0]).len(), 1);
    }

    #[test]
    fn a_copy_survives_the_way_over_the_clipboard() {
        let design = three_in_a_row();
        let selection = Selection { components: [2, 3].map(ComponentId).into(), ..Selection::default() };
        let text = Clip::of(&design, &selection).to_text();
        let clip = Clip::from_text(&text).expect("it is a design");
        let mut other = Design::new();
        let copies = paste(&mut other, &clip);
        assert_eq!((copies.len(), other.links().count()), (2, 1), "the link from the users stays behind");
        assert_eq!(Clip::from_text("a shopping list"), None);
        assert_eq!(Clip::from_text(&Design::new().to_json()), None);
    }

    #[test]
    fn a_frame_is_copied_with_what_it_holds() {
        let mut design = three_in_a_row();
        let area = card_area(design.component(ComponentId(2)).unwrap().position).inflate(30.0);
        let zone = FrameId(30);
        design.apply(frames::add(&design.clone(), crate::design::FrameKind::Zone, area, zone)).unwrap();
        let clip = Clip::of(&design, &Selection::frame(zone));
        let copies = paste(&mut design, &clip);
        let copy = design.component(copies[0]).unwrap();
        assert!(copy.frame.is_some_and(|frame| frame != zone), "{copy:?}");
        assert_eq!(design.frames().count(), 2);
    }

    #[test]
    fn a_copy_is_pasted_where_it_is_wanted() {
        let mut design = three_in_a_row();
        let clip = Clip::of(&design, &Selection::component(ComponentId(2)));
        let mut ids = design.clone();
        let wanted = Point::new(1000.0, 800.0);
        let (edit, new) = clip.paste(&design, Some(wanted), || ids.fresh_id());
        design.apply(edit).unwrap();
        assert_eq!(design.component(*new.components.first().unwrap()).unwrap().position, wanted);
    }

    #[test]
    fn removal_takes_each_link_once() {
        let mut design = three_in_a_row();
        let links = design.links().map(|link| link.id).collect();
        let selection = Selection { components: [ComponentId(3)].into(), links, ..Selection::default() };
        design.apply(removal(&design, &selection).unwrap()).expect("nothing is removed twice");
        assert_eq!((design.components().count(), design.links().count()), (2, 0));
        assert_eq!(removal(&design, &Selection::default()), None);
    }
}
