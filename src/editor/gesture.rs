//! Gestures of one or two pointers as a state machine: state and input give the next state and plans.
//!
//! It sees the drawing but changes nothing; the page carries the plans out, in order.

use super::hit::{self, Spot};
use super::{connect, snap};
use crate::design::Design;
use crate::design::edit::Edit;
use crate::geometry::{Point, Rect};
use crate::ids::ComponentId;
use crate::scene::{Camera, Connecting, Guide, Layout, Marks, Selection};
use crate::sorted;

/// How far a pressed pointer may stray before a click becomes a drag [pixels].
const SLACK: f64 = 4.0;

/// What a gesture sees.
#[derive(Clone, Copy, Debug)]
pub struct Board<'a> {
    /// The drawing.
    pub design: &'a Design,
    /// Its layout.
    pub layout: &'a Layout,
    /// What is selected.
    pub selection: &'a Selection,
    /// What is seen.
    pub camera: Camera,
}

/// Something that the pointer did, at a point of the view [pixels].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// A pointer is pressed.
    Press {
        /// Where.
        at: Point,
        /// Which one.
        pointer: i32,
        /// Whether Shift is held.
        is_shift: bool,
        /// Whether it means panning whatever is below: the middle button.
        is_pan: bool,
    },
    /// A pointer moves, pressed or not.
    Move {
        /// Where to.
        at: Point,
        /// Which one.
        pointer: i32,
    },
    /// A pointer is released.
    Release {
        /// Where.
        at: Point,
        /// Which one.
        pointer: i32,
    },
    /// Escape, or the browser took the pointer away.
    Cancel,
}

/// What is to be done.
#[allow(clippy::large_enum_variant, reason = "plans are carried out at once")]
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// Looks at another part of the drawing.
    Look(Camera),
    /// Selects.
    Select(Selection),
    /// Starts a gesture that is undone as one.
    Begin,
    /// Makes an edit.
    Edit(Edit),
    /// Ends that gesture.
    End,
    /// Takes that gesture back.
    TakeBack,
    /// Connects two components.
    Connect(ComponentId, ComponentId),
}

/// The gesture in progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gesture {
    /// None.
    #[default]
    Idle,
    /// Pressed, and not yet clear whether it is a click or a drag.
    Pressed {
        /// Which pointer.
        pointer: i32,
        /// Where [pixels].
        at: Point,
        /// On what.
        spot: Spot,
        /// Whether Shift is held.
        is_shift: bool,
    },
    /// The drawing is being dragged.
    Panning {
        /// Which pointer.
        pointer: i32,
        /// Where it was last [pixels].
        last: Point,
    },
    /// Two pointers drag and magnify.
    Pinching {
        /// Both pointers and where they were last [pixels].
        pointers: [(i32, Point); 2],
    },
    /// Cards are being moved.
    Moving {
        /// Which pointer.
        pointer: i32,
        /// The card under the pointer.
        grabbed: ComponentId,
        /// From the pointer to the centre of that card.
        offset: Point,
        /// All cards that move, with where they started.
        starts: sorted::Map<ComponentId, Point>,
        /// Where the grabbed card is in line.
        guides: Vec<Guide>,
    },
    /// A rectangle is drawn to select what is in it.
    Marquee {
        /// Which pointer.
        pointer: i32,
        /// Where it started.
        from: Point,
        /// Where it is.
        to: Point,
        /// What was selected before.
        before: Selection,
    },
    /// A link is being drawn.
    Connecting {
        /// Which pointer; `None` if the target is picked by a click or a key later.
        pointer: Option<i32>,
        /// Where the link starts.
        from: ComponentId,
        /// Where its loose end is.
        to: Point,
        /// The card at the loose end.
        target: Option<ComponentId>,
    },
}

impl Gesture {
    /// The next state after `input`, and what is to be done.
    pub fn step(self, input: Input, board: &Board<'_>) -> (Self, Vec<Plan>) {
        match input {
            Input::Press { at, pointer, is_shift, is_pan } => self.press(at, pointer, is_shift, is_pan, board),
            Input::Move { at, pointer } => self.drag(at, pointer, board),
            Input::Release { at, pointer } => self.release(at, pointer, board),
            Input::Cancel => self.cancel(),
        }
    }

    /// Starts a link at `from` whose target is picked later.
    pub fn pick_target(from: ComponentId, board: &Board<'_>) -> Self {
        let to = board.layout.cards.get(&from).map_or_else(Point::default, |area| area.centre().offset(140.0, 0.0));
        Self::Connecting { pointer: None, from, to, target: None }
    }

    /// Lets the loose end of a link being drawn point at `target`, as the focus does.
    pub fn point_at(self, target: ComponentId, board: &Board<'_>) -> Self {
        match (self, board.layout.cards.get(&target)) {
            (Self::Connecting { pointer, from, .. }, Some(area)) if from != target => {
                Self::Connecting { pointer, from, to: area.centre(), target: Some(target) }
            }
            (gesture, _) => gesture,
        }
    }

    /// Whether what is under the pointer does not matter at the moment.
    pub const fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle | Self::Pressed { .. })
    }

    /// What the gesture shows. The words for a link being drawn are made here, so this is for painting only.
    pub fn marks(&self, board: &Board<'_>) -> Marks {
        let mut marks = Marks::default();
        match self {
            Self::Moving { guides, .. } => marks.guides.clone_from(guides),
            Self::Marquee { from, to, .. } => marks.marquee = Some(Rect::spanning(*from, *to)),
            &Self::Connecting { from, to, target, .. } => {
                let others = board.design.components().map(|component| component.id).filter(|&id| id != from);
                marks.connecting = Some(Connecting {
                    from,
                    to,
                    target,
                    is_allowed: others.map(|id| (id, connect::links(board.design, from, id).is_ok())).collect(),
                    words: target.map(|target| connect::words(board.design, from, target)),
                });
            }
            Self::Idle | Self::Pressed { .. } | Self::Panning { .. } | Self::Pinching { .. } => {}
        }
        marks
    }

    fn press(self, at: Point, pointer: i32, is_shift: bool, is_pan: bool, board: &Board<'_>) -> (Self, Vec<Plan>) {
        // A second finger always means the view; what the first one began is taken back.
        if let Some((first, last)) = self.pointer_down()
            && first != pointer
        {
            let (_, plans) = self.cancel();
            return (Self::Pinching { pointers: [(first, last), (pointer, at)] }, plans);
        }
        let world = board.camera.world_from_screen(at);
        let spot = hit::spot(board.layout, world, board.camera.zoom);
        match self {
            Self::Connecting { pointer: None, from, .. } => {
                let plans = spot.component().map(|to| Plan::Connect(from, to)).into_iter().collect();
                (Self::Idle, plans)
            }
            Self::Pinching { pointers } => (Self::Pinching { pointers }, Vec::new()),
            _ if is_pan => (Self::Panning { pointer, last: at }, Vec::new()),
            _ => {
                let mut plans = Vec::new();
                if let Spot::Component(id) = spot
                    && !is_shift
                    && !board.selection.components.contains(&id)
                {
                    plans.push(Plan::Select(Selection::component(id)));
                }
                (Self::Pressed { pointer, at, spot, is_shift }, plans)
            }
        }
    }

    fn drag(self, at: Point, pointer: i32, board: &Board<'_>) -> (Self, Vec<Plan>) {
        let world = board.camera.world_from_screen(at);
        match self {
            Self::Pressed { pointer: pressed, at: from, spot, is_shift } if pressed == pointer => {
                if from.distance(at) <= SLACK {
                    return (Self::Pressed { pointer, at: from, spot, is_shift }, Vec::new());
                }
                let (gesture, mut plans) = begin_drag(pointer, from, spot, is_shift, board);
                let (gesture, more) = gesture.drag(at, pointer, board);
                plans.extend(more);
                (gesture, plans)
            }
            Self::Panning { pointer: panning, last } if panning == pointer => {
                let camera = board.camera.panned(at.x - last.x, at.y - last.y);
                (Self::Panning { pointer, last: at }, vec![Plan::Look(camera)])
            }
            Self::Pinching { pointers } => pinch(pointers, pointer, at, board),
            Self::Moving { pointer: moving, grabbed, offset, starts, .. } if moving == pointer => {
                let ids: sorted::Set<ComponentId> = starts.keys().copied().collect();
                let wanted = world.offset(offset.x, offset.y);
                let (rest, guides) = snap::at_rest(board.layout, &ids, wanted, board.camera.zoom);
                let start = starts[&grabbed];
                let (dx, dy) = (rest.x - start.x, rest.y - start.y);
                let edits: Vec<Edit> = starts
                    .iter()
                    .map(|(&id, start)| (id, start.offset(dx, dy)))
                    .filter(|&(id, to)| board.design.component(id).is_some_and(|component| component.position != to))
                    .map(|(id, to)| Edit::Move(id, to))
                    .collect();
                let plans = if edits.is_empty() { Vec::new() } else { vec![Plan::Edit(Edit::Batch(edits))] };
                (Self::Moving { pointer, grabbed, offset, starts, guides }, plans)
            }
            Self::Marquee { pointer: drawing, from, before, .. } if drawing == pointer => {
                let mut selection = before.clone();
                selection.components.extend(hit::components_in(board.layout, Rect::spanning(from, world)));
                (Self::Marquee { pointer, from, to: world, before }, vec![Plan::Select(selection)])
            }
            Self::Connecting { pointer: drawing, from, .. } if drawing.is_none_or(|drawing| drawing == pointer) => {
                let spot = hit::spot(board.layout, world, board.camera.zoom);
                let target = spot.component().filter(|&id| id != from);
                (Self::Connecting { pointer: drawing, from, to: world, target }, Vec::new())
            }
            gesture => (gesture, Vec::new()),
        }
    }

    fn release(self, at: Point, pointer: i32, board: &Board<'_>) -> (Self, Vec<Plan>) {
        match self {
            Self::Pressed { pointer: pressed, spot, is_shift, .. } if pressed == pointer => {
                click(spot, is_shift, board)
            }
            Self::Panning { pointer: panning, .. } if panning == pointer => (Self::Idle, Vec::new()),
            Self::Pinching { pointers } => {
                // The finger that stays goes on panning.
                let staying = pointers.into_iter().find(|&(id, _)| id != pointer);
                match staying {
                    Some((pointer, last)) => (Self::Panning { pointer, last }, Vec::new()),
                    None => (Self::Idle, Vec::new()),
                }
            }
            Self::Moving { pointer: moving, .. } if moving == pointer => (Self::Idle, vec![Plan::End]),
            Self::Marquee { pointer: drawing, .. } if drawing == pointer => (Self::Idle, Vec::new()),
            Self::Connecting { pointer: Some(drawing), from, .. } if drawing == pointer => {
                let world = board.camera.world_from_screen(at);
                let target = hit::spot(board.layout, world, board.camera.zoom).component().filter(|&id| id != from);
                (Self::Idle, target.map(|to| Plan::Connect(from, to)).into_iter().collect())
            }
            gesture => (gesture, Vec::new()),
        }
    }

    fn cancel(self) -> (Self, Vec<Plan>) {
        match self {
            Self::Moving { .. } => (Self::Idle, vec![Plan::TakeBack]),
            Self::Marquee { before, .. } => (Self::Idle, vec![Plan::Select(before)]),
            _ => (Self::Idle, Vec::new()),
        }
    }

    /// The pointer that is down, and where it was last known [pixels].
    const fn pointer_down(&self) -> Option<(i32, Point)> {
        match self {
            Self::Pressed { pointer, at, .. } => Some((*pointer, *at)),
            Self::Panning { pointer, last } => Some((*pointer, *last)),
            _ => None,
        }
    }
}

/// What a drag from `from` [pixels] turns out to be.
fn begin_drag(pointer: i32, from: Point, spot: Spot, is_shift: bool, board: &Board<'_>) -> (Gesture, Vec<Plan>) {
    let world = board.camera.world_from_screen(from);
    match spot {
        Spot::Port(id) => {
            (Gesture::Connecting { pointer: Some(pointer), from: id, to: world, target: None }, Vec::new())
        }
        Spot::Component(grabbed) => {
            let position = |id| board.design.component(id).map(|component| component.position);
            let mut starts: sorted::Map<ComponentId, Point> =
                board.selection.components.iter().filter_map(|&id| Some((id, position(id)?))).collect();
            let Some(start) = position(grabbed) else { return (Gesture::Idle, Vec::new()) };
            let mut plans = Vec::new();
            // A card that is not selected moves alone; with Shift it joins the others.
            if !starts.contains_key(&grabbed) {
                let mut selection = if is_shift { board.selection.clone() } else { Selection::default() };
                selection.components.insert(grabbed);
                if !is_shift {
                    starts.clear();
                }
                starts.insert(grabbed, start);
                plans.push(Plan::Select(selection));
            }
            plans.push(Plan::Begin);
            let offset = Point::new(start.x - world.x, start.y - world.y);
            (Gesture::Moving { pointer, grabbed, offset, starts, guides: Vec::new() }, plans)
        }
        Spot::Ground if is_shift => {
            let before = board.selection.clone();
            (Gesture::Marquee { pointer, from: world, to: world, before }, Vec::new())
        }
        Spot::Ground | Spot::Link(_) => (Gesture::Panning { pointer, last: from }, Vec::new()),
    }
}

fn click(spot: Spot, is_shift: bool, board: &Board<'_>) -> (Gesture, Vec<Plan>) {
    let mut selection = if is_shift { board.selection.clone() } else { Selection::default() };
    match spot {
        Spot::Port(from) => return (Gesture::pick_target(from, board), Vec::new()),
        Spot::Ground if is_shift => return (Gesture::Idle, Vec::new()),
        Spot::Ground => {}
        Spot::Component(id) => toggle(&mut selection.components, id),
        Spot::Link(id) => toggle(&mut selection.links, id),
    }
    let plans = if selection == *board.selection { Vec::new() } else { vec![Plan::Select(selection)] };
    (Gesture::Idle, plans)
}

fn toggle<T: Ord>(set: &mut sorted::Set<T>, item: T) {
    if !set.remove(&item) {
        set.insert(item);
    }
}

fn pinch(mut pointers: [(i32, Point); 2], pointer: i32, at: Point, board: &Board<'_>) -> (Gesture, Vec<Plan>) {
    let middle = |pointers: &[(i32, Point); 2]| Rect::spanning(pointers[0].1, pointers[1].1).centre();
    let spread = |pointers: &[(i32, Point); 2]| pointers[0].1.distance(pointers[1].1).max(1.0);
    let before = (middle(&pointers), spread(&pointers));
    let Some(moved) = pointers.iter_mut().find(|(id, _)| *id == pointer) else {
        return (Gesture::Pinching { pointers }, Vec::new());
    };
    moved.1 = at;
    let after = (middle(&pointers), spread(&pointers));
    let camera =
        board.camera.panned(after.0.x - before.0.x, after.0.y - before.0.y).zoomed_at(after.0, after.1 / before.1);
    (Gesture::Pinching { pointers }, vec![Plan::Look(camera)])
}

#[cfg(test)]
pub(crate) mod tests;
