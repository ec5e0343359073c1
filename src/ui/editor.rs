//! The drawing and everything that may change it: one `Copy` handle, every write through one door.

use leptos::prelude::*;

use crate::design::Design;
use crate::design::edit::{Edit, EditError};
use crate::design::file::Sight;
use crate::design::history::History;
use crate::editor::place::{self, Offer, Part};
use crate::embed::params::Access;
use crate::geometry::Point;
use crate::ids::ComponentId;
pub use crate::scene::Selection;
use crate::text::text;

/// Drawings that can be brought back after others were opened over them.
const COVERED_KEPT: usize = 5;

/// A drawing put aside, with everything that had been done to it.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    design: Design,
    history: History,
    covered: Vec<(Design, History)>,
}

impl Desk {
    /// A drawing to which nothing has been done.
    pub fn new(design: Design) -> Self {
        Self { design, ..Self::default() }
    }
}

/// Handle to the drawing, its history and what is selected.
#[derive(Clone, Copy)]
pub struct Editor {
    design: RwSignal<Design>,
    /// The drawing, for those who only read it. Made once: every handle to a signal takes room for as long as the page
    /// lives.
    shown: ReadSignal<Design>,
    history: StoredValue<History>,
    /// Drawings that others were opened over, with what had been done to them; the last one last.
    covered: StoredValue<Vec<(Design, History)>>,
    /// The drawing that the present one has grown out of before people's eyes, until the diagram has taken it.
    grown_from: StoredValue<Option<Design>>,
    /// What the diagram is to look at next, instead of all of it.
    wanted_sight: StoredValue<Option<Sight>>,
    /// What the person has chosen to look at; the diagram keeps it up to date. `None` while all of it is shown.
    pub sight: StoredValue<Option<Sight>>,
    /// What may be done to the drawing here.
    granted: Access,
    /// Whether the person wants the drawing to stay as it is.
    is_locked: RwSignal<bool>,
    /// Counts drawings opened: what runs has nothing to do with what ran before.
    pub opened: RwSignal<u32>,
    /// What is selected.
    pub selection: RwSignal<Selection>,
    /// What is being dragged from the palette onto the drawing, or put down there by the next click.
    pub dragged: RwSignal<Option<Part>>,
    /// The point of the drawing in the middle of the view; the diagram keeps it up to date.
    pub view_centre: RwSignal<Point>,
    /// A sentence about the last thing that could not be done, for a polite announcement.
    pub refusal: RwSignal<Option<String>>,
    /// A sentence about the last thing that was done.
    pub news: RwSignal<Option<String>>,
}

impl Editor {
    /// Starts editing `design`, as far as `access` goes.
    pub fn new(design: Design, access: Access) -> Self {
        let design = RwSignal::new(design);
        Self {
            design,
            shown: design.read_only(),
            history: StoredValue::new(History::default()),
            covered: StoredValue::default(),
            grown_from: StoredValue::new(None),
            wanted_sight: StoredValue::new(None),
            sight: StoredValue::new(None),
            granted: access,
            is_locked: RwSignal::new(false),
            opened: RwSignal::new(0),
            selection: RwSignal::default(),
            dragged: RwSignal::new(None),
            view_centre: RwSignal::default(),
            refusal: RwSignal::new(None),
            news: RwSignal::new(None),
        }
    }

    /// What may be done to the drawing.
    pub fn access(self) -> Access {
        if self.is_locked.get_untracked() { self.granted.min(Access::Play) } else { self.granted }
    }

    /// Locks the drawing, which then runs and breaks but stays as it is; or unlocks it.
    pub fn lock(self) {
        let is_locked = !self.is_locked.get_untracked();
        self.is_locked.set(is_locked);
        self.dragged.set(None);
        self.tell(text(if is_locked { "tools.locked" } else { "tools.unlocked" }).to_owned());
    }

    /// Whether the person wants the drawing to stay as it is; to follow.
    pub fn is_locked(self) -> bool {
        self.is_locked.get()
    }

    /// Says politely what has been done, to those who cannot see it.
    pub fn tell(self, words: String) {
        self.news.set(Some(words));
    }

    /// The drawing, to read; it changes by [`Editor::perform`] only.
    pub const fn design(self) -> ReadSignal<Design> {
        self.shown
    }

    /// Makes an edit of the person's, which can be undone. One that cannot be made changes nothing but
    /// [`Editor::refusal`].
    pub fn perform(self, edit: Edit) {
        if !self.allows(&edit) {
            self.refusal.set(Some(text("embed.locked").to_owned()));
            return;
        }
        let result = self.change(|design, history| history.perform(design, edit));
        self.refusal.set(result.err().map(|error: EditError| error.to_string()));
        self.drop_dead_selection();
    }

    /// Makes an edit like [`Editor::perform`], but hands the reason back if it cannot be made.
    ///
    /// # Errors
    /// Why it cannot be made; nothing has changed then.
    pub fn try_perform(self, edit: Edit) -> Result<(), EditError> {
        if !self.allows(&edit) {
            self.refusal.set(Some(text("embed.locked").to_owned()));
            return Ok(());
        }
        self.change(|design, history| history.perform(design, edit))
    }

    /// An identity for something that is about to be added.
    pub fn fresh_id(self) -> u32 {
        // Giving out an identity changes nothing that anyone could see.
        self.design.try_update_untracked(Design::fresh_id).expect("the editor lives as long as the page")
    }

    /// Adds what the palette offers with its centre at `at` and selects it.
    pub fn place(self, offer: Offer, at: Point) -> ComponentId {
        let id = ComponentId(self.fresh_id());
        // A copy, for giving out identities needs the drawing to itself.
        let design = self.design.get_untracked();
        self.perform(place::plan(&design, offer, at, id, || self.fresh_id()));
        self.selection.set(Selection::component(id));
        id
    }

    /// Starts a gesture, whose edits are undone together.
    pub fn begin_gesture(self) {
        self.history.update_value(History::begin_gesture);
    }

    /// Ends the gesture.
    pub fn end_gesture(self) {
        self.history.update_value(History::end_gesture);
        self.design.update(|_| {});
    }

    /// Takes back the gesture in progress.
    pub fn cancel_gesture(self) {
        self.change(|design, history| history.cancel_gesture(design));
    }

    /// Takes back the last edit; if there is none, brings back the drawing that the present one was opened over.
    pub fn undo(self) {
        if !self.change(|design, history| history.undo(design))
            && let Some((design, history)) = self.covered.try_update_value(Vec::pop).flatten()
        {
            self.show(design, history);
        }
        self.drop_dead_selection();
    }

    /// Repeats the last edit taken back.
    pub fn redo(self) {
        self.change(|design, history| history.redo(design));
        self.drop_dead_selection();
    }

    /// Whether there is something to take back; follows the drawing.
    pub fn can_undo(self) -> bool {
        self.design.track();
        self.history.with_value(History::can_undo) || self.covered.with_value(|covered| !covered.is_empty())
    }

    /// Whether there is something to repeat; follows the drawing.
    pub fn can_redo(self) -> bool {
        self.design.track();
        self.history.with_value(History::can_redo)
    }

    /// Replaces the whole drawing, as opening a file does. Its history starts anew; undoing beyond its start brings the
    /// drawing before back.
    pub fn open(self, design: Design) {
        let before = (self.design.get_untracked(), self.history.get_value());
        self.covered.update_value(|covered| {
            covered.push(before);
            covered.drain(..covered.len().saturating_sub(COVERED_KEPT));
        });
        self.show(design, History::default());
    }

    /// Replaces the whole drawing by one that it grows into: parts that both have stay where they are. Nothing of the
    /// drawing before is left to take back.
    pub fn grow_into(self, design: Design) {
        self.grown_from.set_value(Some(self.design.get_untracked()));
        self.covered.update_value(Vec::clear);
        self.show(design, History::default());
    }

    /// Makes an edit like [`Editor::perform`] before people's eyes: parts slide to their new places.
    pub fn glide(self, edit: Edit) {
        self.grown_from.set_value(Some(self.design.get_untracked()));
        self.perform(edit);
    }

    /// The drawing that the present one has grown out of; once.
    pub fn take_grown_from(self) -> Option<Design> {
        self.grown_from.try_update_value(Option::take).flatten()
    }

    /// Has the diagram look there, as soon as it can.
    pub fn want_sight(self, sight: Option<Sight>) {
        self.wanted_sight.set_value(sight);
    }

    /// What the diagram is to look at; once.
    pub fn take_wanted_sight(self) -> Option<Sight> {
        self.wanted_sight.try_update_value(Option::take).flatten()
    }

    /// Puts the drawing aside and takes another one out.
    pub fn exchange(self, desk: Desk) -> Desk {
        let aside = Desk {
            design: self.design.get_untracked(),
            history: self.history.get_value(),
            covered: self
                .covered
                .try_update_value(|covered| core::mem::replace(covered, desk.covered))
                .unwrap_or_default(),
        };
        self.show(desk.design, desk.history);
        aside
    }

    /// Whether an edit may be made: of a drawing that stays as it is, only the number of users changes.
    fn allows(self, edit: &Edit) -> bool {
        match self.access() {
            Access::Edit => true,
            Access::Play => matches!(edit, Edit::SetSettings(_)),
            Access::View => false,
        }
    }

    fn show(self, design: Design, history: History) {
        self.history.set_value(history);
        self.selection.set(Selection::default());
        self.opened.update(|opened| *opened += 1);
        self.design.set(design);
    }

    fn change<T>(self, change: impl FnOnce(&mut Design, &mut History) -> T) -> T {
        let mut history = self.history.write_value();
        let mut design = self.design.write();
        change(&mut design, &mut history)
    }

    /// Forgets selected things that are no longer there.
    fn drop_dead_selection(self) {
        let mut selection = self.selection.get_untracked();
        self.design.with_untracked(|design| {
            selection.components.retain(|&id| design.component(id).is_some());
            selection.links.retain(|&id| design.link(id).is_some());
            selection.frames.retain(|&id| design.frame(id).is_some());
        });
        if self.selection.with_untracked(|before| *before != selection) {
            self.selection.set(selection);
        }
    }
}

/// The editor that the page provided.
pub fn use_editor() -> Editor {
    expect_context()
}
