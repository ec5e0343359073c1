//! The drawing and everything that may change it: one `Copy` handle, every write through one door.

use leptos::prelude::*;

use crate::design::Design;
use crate::design::edit::{Edit, EditError};
use crate::design::history::History;
use crate::design::kind::Kind;
use crate::editor::place::{self, Offer, Preset};
use crate::geometry::Point;
use crate::ids::ComponentId;
pub use crate::scene::Selection;

/// Handle to the drawing, its history and what is selected.
#[derive(Clone, Copy)]
pub struct Editor {
    design: RwSignal<Design>,
    history: StoredValue<History>,
    /// What is selected.
    pub selection: RwSignal<Selection>,
    /// A kind that is being dragged from the palette onto the drawing.
    pub dragged_kind: RwSignal<Option<Kind>>,
    /// The part that the dragged kind is to play.
    pub dragged_preset: RwSignal<Option<Preset>>,
    /// The point of the drawing in the middle of the view; the diagram keeps it up to date.
    pub view_centre: RwSignal<Point>,
    /// A sentence about the last thing that could not be done, for a polite announcement.
    pub refusal: RwSignal<Option<String>>,
}

impl Editor {
    /// Starts editing `design`.
    pub fn new(design: Design) -> Self {
        Self {
            design: RwSignal::new(design),
            history: StoredValue::new(History::default()),
            selection: RwSignal::default(),
            dragged_kind: RwSignal::new(None),
            dragged_preset: RwSignal::new(None),
            view_centre: RwSignal::default(),
            refusal: RwSignal::new(None),
        }
    }

    /// The drawing, to read; it changes by [`Editor::perform`] only.
    pub fn design(self) -> ReadSignal<Design> {
        self.design.read_only()
    }

    /// Makes an edit of the person's, which can be undone. One that cannot be made changes nothing but
    /// [`Editor::refusal`].
    pub fn perform(self, edit: Edit) {
        let result = self.change(|design, history| history.perform(design, edit));
        self.refusal.set(result.err().map(|error: EditError| error.to_string()));
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

    /// Adds what is being dragged from the palette, with its centre at `at`, and ends the drag; `None` if nothing is
    /// being dragged.
    pub fn drop_dragged(self, at: Point) -> Option<ComponentId> {
        let kind = self.dragged_kind.get_untracked()?;
        let preset = self.dragged_preset.get_untracked();
        self.dragged_kind.set(None);
        Some(self.place(Offer { kind, preset }, at))
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

    /// Takes back the last edit.
    pub fn undo(self) {
        self.change(|design, history| history.undo(design));
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
        self.history.with_value(History::can_undo)
    }

    /// Whether there is something to repeat; follows the drawing.
    pub fn can_redo(self) -> bool {
        self.design.track();
        self.history.with_value(History::can_redo)
    }

    /// Replaces the whole drawing, as opening a file does; the history starts anew.
    pub fn open(self, design: Design) {
        self.history.set_value(History::default());
        self.selection.set(Selection::default());
        self.design.set(design);
    }

    fn change<T>(self, change: impl FnOnce(&mut Design, &mut History) -> T) -> T {
        let mut history = self.history.write_value();
        let mut design = self.design.write();
        change(&mut design, &mut history)
    }

    /// Forgets selected things that are no longer there.
    fn drop_dead_selection(self) {
        self.design.with_untracked(|design| {
            self.selection.update(|selection| {
                selection.components.retain(|&id| design.component(id).is_some());
                selection.links.retain(|&id| design.link(id).is_some());
                selection.frames.retain(|&id| design.frame(id).is_some());
            });
        });
    }
}

/// The editor that the page provided.
pub fn use_editor() -> Editor {
    expect_context()
}
