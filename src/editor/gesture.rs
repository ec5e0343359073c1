//! Gestures of one or two pointers as a state machine: state and input give the next state and plans.
//!
//! It sees the drawing but changes nothing; the page carries the plans out, in order.

mod moving;
#[cfg(test)]
pub(crate) mod tests;

use self::moving::{anchor, finish_move, grabbed_selection, move_to, settling, start_move};
use super::hit::{self, Handle, Spot};
use super::{connect, frames, snap};
use crate::design::edit::Edit;
use crate::design::{Design, FrameKind};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId};
use crate::scene::{Camera, Connecting, Guide, Layout, Marks, Selection};
use crate::sorted;

/// How far a pressed pointer may stray before a click becomes a drag [pixels].
const SLACK: f64 = 4.0;

/// How far a new frame must be drawn to take the extent that was drawn [pixels].
const DRAWN: f64 = 32.0;

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
    /// Whether the drawing stays as it is: whatever is dragged then moves the view.
    pub is_locked: bool,
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
    /// A pointer is pressed to draw a frame, whatever is below.
    Draw {
        /// Where.
        at: Point,
        /// Which one.
        pointer: i32,
        /// What the frame stands for.
        kind: FrameKind,
    },
    /// A pointer is pressed to remove what it is drawn over.
    Erase {
        /// Where.
        at: Point,
        /// Which one.
        pointer: i32,
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
    /// Offers what these components could be connected to, for a link that was let go on open ground.
    Offer(Vec<ComponentId>, Point),
    /// Adds a frame.
    AddFrame(FrameKind, Rect),
    /// Removes what is selected.
    Erase,
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
    /// Cards and frames are being moved.
    Moving {
        /// Which pointer; `None` if they follow whatever pointer there is until a press puts them down.
        pointer: Option<i32>,
        /// What the pointer holds.
        grabbed: Grabbed,
        /// From the pointer to the point of it that is put in line.
        offset: Point,
        /// All cards that move, with where they started.
        starts: sorted::Map<ComponentId, Point>,
        /// All frames that move, with where they started.
        frames: sorted::Map<FrameId, Rect>,
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
    /// A frame gets another extent.
    Resizing {
        /// Which pointer.
        pointer: i32,
        /// Which frame.
        frame: FrameId,
        /// By which side or corner.
        handle: Handle,
        /// Its extent at the start.
        start: Rect,
        /// Where the pointer was pressed.
        from: Point,
    },
    /// A frame is being drawn.
    Framing {
        /// Which pointer.
        pointer: i32,
        /// What the frame stands for.
        kind: FrameKind,
        /// Where it started.
        from: Point,
        /// Where it is.
        to: Point,
    },
    /// The pointer is drawn over what is to be removed, which is selected meanwhile.
    Erasing {
        /// Which pointer.
        pointer: i32,
        /// Where it was last [pixels].
        last: Point,
        /// What was selected before.
        before: Selection,
    },
    /// A link is being drawn.
    Connecting {
        /// Which pointer; `None` if the target is picked by a click or a key later.
        pointer: Option<i32>,
        /// Where the link starts.
        from: ComponentId,
        /// Others that are selected too, from which links start as well where they make sense.
        also: Vec<ComponentId>,
        /// Where its loose end is.
        to: Point,
        /// The card at the loose end.
        target: Option<ComponentId>,
    },
}

/// What the pointer holds while things are being moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grabbed {
    /// A card, put in line by its centre.
    Component(ComponentId),
    /// A frame, put on the grid by its upper left corner.
    Frame(FrameId),
}

impl Gesture {
    /// The next state after `input`, and what is to be done.
    pub fn step(self, input: Input, board: &Board<'_>) -> (Self, Vec<Plan>) {
        match input {
            Input::Press { at, pointer, is_shift, is_pan } => self.press(at, pointer, is_shift, is_pan, board),
            Input::Draw { at, pointer, .. } | Input::Erase { at, pointer } if self.is_of_another(pointer, board) => {
                self.press(at, pointer, false, false, board)
            }
            Input::Draw { at, pointer, kind } => {
                let from = board.camera.world_from_screen(at);
                (Self::Framing { pointer, kind, from, to: from }, Vec::new())
            }
            Input::Erase { at, pointer } => {
                let before = board.selection.clone();
                let plans = doom(Selection::default(), at, board).into_iter().collect();
                (Self::Erasing { pointer, last: at, before }, plans)
            }
            Input::Move { at, pointer } => self.drag(at, pointer, board),
            Input::Release { at, pointer } => self.release(at, pointer, board),
            Input::Cancel => self.cancel(),
        }
    }

    /// Starts a link at `from` whose target is picked later.
    pub fn pick_target(from: ComponentId, board: &Board<'_>) -> Self {
        let to = board.layout.cards.get(&from).map_or_else(Point::default, |area| area.centre().offset(140.0, 0.0));
        Self::Connecting { pointer: None, from, also: others_selected(from, board), to, target: None }
    }

    /// Lets what is selected follow the pointer, which is at `at` of the drawing, until a press puts it down.
    pub fn carry(at: Point, board: &Board<'_>) -> (Self, Vec<Plan>) {
        let first = board.selection.components.first().copied().map(Grabbed::Component);
        match first.or_else(|| board.selection.frames.first().copied().map(Grabbed::Frame)) {
            Some(grabbed) => {
                let (gesture, mut plans) = start_move(None, grabbed, at, board.selection, board);
                // Wherever the pointer is, it holds the middle of what it carries.
                let gesture = match gesture {
                    Self::Moving { pointer, grabbed, starts, frames, guides, .. } => {
                        let offset = Point::new(0.0, 0.0);
                        Self::Moving { pointer, grabbed, offset, starts, frames, guides }
                    }
                    other => other,
                };
                plans.retain(|plan| !matches!(plan, Plan::Select(_)));
                (gesture, plans)
            }
            None => (Self::Idle, Vec::new()),
        }
    }

    /// Lets the loose end of a link being drawn point at `target`, as the focus does.
    pub fn point_at(self, target: ComponentId, board: &Board<'_>) -> Self {
        match (self, board.layout.cards.get(&target)) {
            (Self::Connecting { pointer, from, also, .. }, Some(area)) if from != target => {
                Self::Connecting { pointer, from, also, to: area.centre(), target: Some(target) }
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
            Self::Moving { guides, grabbed, frames: moving, .. } => {
                marks.guides.clone_from(guides);
                if let Grabbed::Component(id) = *grabbed
                    && let Some(component) = board.design.component(id)
                {
                    marks.entered_frame = frames::innermost(board.design, component.position)
                        .filter(|frame| !moving.contains_key(frame) && component.frame != Some(*frame));
                }
            }
            Self::Marquee { from, to, .. } | Self::Framing { from, to, .. } => {
                marks.marquee = Some(Rect::spanning(*from, *to));
            }
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
            Self::Idle
            | Self::Pressed { .. }
            | Self::Panning { .. }
            | Self::Pinching { .. }
            | Self::Erasing { .. }
            | Self::Resizing { .. } => {}
        }
        marks
    }

    fn press(self, at: Point, pointer: i32, is_shift: bool, is_pan: bool, board: &Board<'_>) -> (Self, Vec<Plan>) {
        // A second finger always means the view; what the first one began is taken back.
        if let Some((first, last)) = self.pointer_down(board)
            && first != pointer
        {
            let (_, plans) = self.cancel();
            return (Self::Pinching { pointers: [(first, last), (pointer, at)] }, plans);
        }
        let world = board.camera.world_from_screen(at);
        let spot = hit::spot(board.layout, world, board.camera.zoom);
        match self {
            Self::Connecting { pointer: None, from, also, .. } => {
                (Self::Idle, finish_link(from, also, spot, world, board))
            }
            Self::Moving { pointer: None, starts, frames, .. } => (Self::Idle, finish_move(&starts, &frames, board)),
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
            Self::Moving { pointer: moving, grabbed, offset, starts, frames, .. }
                if moving.is_none_or(|moving| moving == pointer) =>
            {
                let wanted = world.offset(offset.x, offset.y);
                let (plans, guides) = move_to(wanted, grabbed, &starts, &frames, board);
                (Self::Moving { pointer: moving, grabbed, offset, starts, frames, guides }, plans)
            }
            Self::Resizing { pointer: resizing, frame, handle, start, from } if resizing == pointer => {
                let to = snap::to_grid(world);
                let from_on_grid = snap::to_grid(from);
                let area = handle.pull(start, to.x - from_on_grid.x, to.y - from_on_grid.y, frames::LEAST);
                let has_changed = board.design.frame(frame).is_some_and(|frame| frame.area != area);
                let plans = if has_changed { vec![Plan::Edit(Edit::SetArea(frame, area))] } else { Vec::new() };
                (Self::Resizing { pointer, frame, handle, start, from }, plans)
            }
            Self::Framing { pointer: drawing, kind, from, .. } if drawing == pointer => {
                (Self::Framing { pointer, kind, from, to: world }, Vec::new())
            }
            Self::Marquee { pointer: drawing, from, before, .. } if drawing == pointer => {
                let mut selection = before.clone();
                let area = Rect::spanning(from, world);
                selection.components.extend(hit::components_in(board.layout, area));
                selection.frames.extend(hit::frames_in(board.layout, area));
                (Self::Marquee { pointer, from, to: world, before }, vec![Plan::Select(selection)])
            }
            Self::Erasing { pointer: erasing, before, .. } if erasing == pointer => {
                let plans = doom(board.selection.clone(), at, board).into_iter().collect();
                (Self::Erasing { pointer, last: at, before }, plans)
            }
            Self::Connecting { pointer: drawing, from, also, .. }
                if drawing.is_none_or(|drawing| drawing == pointer) =>
            {
                let spot = hit::spot(board.layout, world, board.camera.zoom);
                let target = spot.component().filter(|&id| id != from);
                (Self::Connecting { pointer: drawing, from, also, to: world, target }, Vec::new())
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
            Self::Moving { pointer: Some(moving), starts, frames, .. } if moving == pointer => {
                (Self::Idle, finish_move(&starts, &frames, board))
            }
            Self::Resizing { pointer: resizing, frame, .. } if resizing == pointer => {
                let mut plans = settling(&Selection::frame(frame), board);
                plans.push(Plan::End);
                (Self::Idle, plans)
            }
            Self::Framing { pointer: drawing, kind, from, .. } if drawing == pointer => {
                let to = board.camera.world_from_screen(at);
                let drawn = Rect::spanning(snap::to_grid(from), snap::to_grid(to));
                let is_drawn = drawn.width.min(drawn.height) * board.camera.zoom >= DRAWN;
                let area = if is_drawn {
                    Rect {
                        width: drawn.width.max(frames::LEAST.width),
                        height: drawn.height.max(frames::LEAST.height),
                        ..drawn
                    }
                } else {
                    Rect { origin: snap::to_grid(from), ..frames::usual(kind) }
                };
                (Self::Idle, vec![Plan::AddFrame(kind, area)])
            }
            Self::Marquee { pointer: drawing, .. } if drawing == pointer => (Self::Idle, Vec::new()),
            Self::Erasing { pointer: erasing, .. } if erasing == pointer => (Self::Idle, vec![Plan::Erase]),
            Self::Connecting { pointer: Some(drawing), from, also, .. } if drawing == pointer => {
                let world = board.camera.world_from_screen(at);
                let spot = hit::spot(board.layout, world, board.camera.zoom);
                (Self::Idle, finish_link(from, also, spot, world, board))
            }
            gesture => (gesture, Vec::new()),
        }
    }

    fn cancel(self) -> (Self, Vec<Plan>) {
        match self {
            Self::Moving { .. } | Self::Resizing { .. } => (Self::Idle, vec![Plan::TakeBack]),
            Self::Marquee { before, .. } | Self::Erasing { before, .. } => (Self::Idle, vec![Plan::Select(before)]),
            _ => (Self::Idle, Vec::new()),
        }
    }

    /// Whether it is another pointer that is down, or two of them: one more means the view.
    fn is_of_another(&self, pointer: i32, board: &Board<'_>) -> bool {
        let first = self.pointer_down(board);
        matches!(self, Self::Pinching { .. }) || first.is_some_and(|(first, _)| first != pointer)
    }

    /// The pointer that is down, and where it was last known [pixels].
    fn pointer_down(&self, board: &Board<'_>) -> Option<(i32, Point)> {
        let on_screen = |world: Point| board.camera.screen_from_world(world);
        match *self {
            Self::Pressed { pointer, at, .. } => Some((pointer, at)),
            Self::Panning { pointer, last } | Self::Erasing { pointer, last, .. } => Some((pointer, last)),
            Self::Moving { pointer: Some(pointer), grabbed, offset, .. } => {
                let held = anchor(grabbed, board)?;
                Some((pointer, on_screen(held.offset(-offset.x, -offset.y))))
            }
            Self::Marquee { pointer, to, .. }
            | Self::Framing { pointer, to, .. }
            | Self::Connecting { pointer: Some(pointer), to, .. } => Some((pointer, on_screen(to))),
            Self::Resizing { pointer, from, .. } => Some((pointer, on_screen(from))),
            Self::Idle
            | Self::Pinching { .. }
            | Self::Moving { pointer: None, .. }
            | Self::Connecting { pointer: None, .. } => None,
        }
    }
}

/// What a drag from `from` [pixels] turns out to be.
fn begin_drag(pointer: i32, from: Point, spot: Spot, is_shift: bool, board: &Board<'_>) -> (Gesture, Vec<Plan>) {
    let world = board.camera.world_from_screen(from);
    match spot {
        _ if board.is_locked => (Gesture::Panning { pointer, last: from }, Vec::new()),
        Spot::Port(id) => {
            let also = others_selected(id, board);
            (Gesture::Connecting { pointer: Some(pointer), from: id, also, to: world, target: None }, Vec::new())
        }
        Spot::Component(id) => {
            let selection = grabbed_selection(board, is_shift, Selection::component(id));
            start_move(Some(pointer), Grabbed::Component(id), world, &selection, board)
        }
        Spot::Frame(id) => {
            let selection = grabbed_selection(board, is_shift, Selection::frame(id));
            start_move(Some(pointer), Grabbed::Frame(id), world, &selection, board)
        }
        Spot::Border(frame, handle) => match board.design.frame(frame) {
            Some(one) => {
                let plans = vec![Plan::Select(Selection::frame(frame)), Plan::Begin];
                (Gesture::Resizing { pointer, frame, handle, start: one.area, from: world }, plans)
            }
            None => (Gesture::Idle, Vec::new()),
        },
        Spot::Ground if is_shift => {
            let before = board.selection.clone();
            (Gesture::Marquee { pointer, from: world, to: world, before }, Vec::new())
        }
        Spot::Ground | Spot::Link(_) => (Gesture::Panning { pointer, last: from }, Vec::new()),
    }
}

/// The other selected components, if `from` is one of those.
fn others_selected(from: ComponentId, board: &Board<'_>) -> Vec<ComponentId> {
    if !board.selection.components.contains(&from) {
        return Vec::new();
    }
    board.selection.components.iter().copied().filter(|&id| id != from).collect()
}

/// What comes of a link from `from`, and from others where it makes sense, that is let go on `spot`.
fn finish_link(from: ComponentId, also: Vec<ComponentId>, spot: Spot, world: Point, board: &Board<'_>) -> Vec<Plan> {
    match spot {
        // Whoever comes back to the start has thought better of it.
        Spot::Component(to) | Spot::Port(to) if to == from => Vec::new(),
        Spot::Component(to) | Spot::Port(to) => {
            let others = also.into_iter().filter(|&one| connect::links(board.design, one, to).is_ok());
            core::iter::once(from).chain(others).map(|one| Plan::Connect(one, to)).collect()
        }
        Spot::Ground | Spot::Link(_) | Spot::Frame(_) | Spot::Border(..) => {
            vec![Plan::Offer(core::iter::once(from).chain(also).collect(), world)]
        }
    }
}

fn click(spot: Spot, is_shift: bool, board: &Board<'_>) -> (Gesture, Vec<Plan>) {
    let mut selection = if is_shift { board.selection.clone() } else { Selection::default() };
    match spot {
        Spot::Port(id) if board.is_locked => toggle(&mut selection.components, id),
        Spot::Port(from) => return (Gesture::pick_target(from, board), Vec::new()),
        Spot::Ground if is_shift => return (Gesture::Idle, Vec::new()),
        Spot::Ground => {}
        Spot::Component(id) => toggle(&mut selection.components, id),
        Spot::Link(id) => toggle(&mut selection.links, id),
        Spot::Frame(id) | Spot::Border(id, _) => toggle(&mut selection.frames, id),
    }
    let plans = if selection == *board.selection { Vec::new() } else { vec![Plan::Select(selection)] };
    (Gesture::Idle, plans)
}

/// Adds what is at `at` [pixels] to what is to be removed; `None` if that changes nothing.
fn doom(mut doomed: Selection, at: Point, board: &Board<'_>) -> Option<Plan> {
    let world = board.camera.world_from_screen(at);
    match hit::spot(board.layout, world, board.camera.zoom) {
        Spot::Component(id) | Spot::Port(id) => doomed.components.insert(id),
        Spot::Link(id) => doomed.links.insert(id),
        Spot::Frame(id) | Spot::Border(id, _) => doomed.frames.insert(id),
        Spot::Ground => false,
    };
    (doomed != *board.selection).then_some(Plan::Select(doomed))
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
