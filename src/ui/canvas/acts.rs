//! What pointer and keys do to the drawing. The decisions are made in [`crate::editor`]; here they are carried out.

use leptos::prelude::*;

use super::stage::Diagram;
use crate::design::edit::Edit;
use crate::editor::clip::{self, Clip};
use crate::editor::command::Command;
use crate::editor::connect;
use crate::editor::gesture::{Board, Gesture, Input, Plan};
use crate::editor::hit::{self, Spot};
use crate::editor::snap::{self, GRID};
use crate::geometry::Point;
use crate::ids::ComponentId;
use crate::scene::Selection;
use crate::sorted;

/// What one step of a zoom key magnifies by.
const ZOOM_STEP: f64 = 1.2;

impl Diagram {
    /// Lets the gesture take in what the pointer did, and carries out what comes of it.
    pub fn input(self, input: Input) {
        let camera = self.camera.get_untracked();
        let plans = self.stage.try_update_value(|stage| {
            let gesture = core::mem::take(&mut stage.gesture);
            let (gesture, plans) = self.editor.design().with_untracked(|design| {
                self.editor.selection.with_untracked(|selection| {
                    let board = Board { design, layout: &stage.layout, selection, camera };
                    gesture.step(input, &board)
                })
            });
            stage.gesture = gesture;
            plans
        });
        for plan in plans.unwrap_or_default() {
            self.carry_out(plan);
        }
        self.refresh();
    }

    fn carry_out(self, plan: Plan) {
        match plan {
            Plan::Look(camera) => self.look(camera),
            Plan::Select(selection) => self.editor.selection.set(selection),
            Plan::Begin => self.editor.begin_gesture(),
            Plan::Edit(edit) => {
                self.keep_camera();
                self.editor.perform(edit);
                self.lay_out();
            }
            Plan::End => self.editor.end_gesture(),
            Plan::TakeBack => self.editor.cancel_gesture(),
            Plan::Connect(from, to) => self.connect(from, to),
        }
    }

    /// Connects two components, or says why they cannot be.
    pub fn connect(self, from: ComponentId, to: ComponentId) {
        let links = self.editor.design().with_untracked(|design| {
            connect::links(design, from, to).map_err(|refusal| refusal.words(design, from, to))
        });
        match links {
            Ok(links) => {
                let edit = connect::edit(&links, || self.editor.fresh_id());
                self.editor.perform(edit);
            }
            Err(words) => self.editor.refusal.set(Some(words)),
        }
    }

    /// Notes what the pointer is on while nothing is being dragged.
    pub fn hover(self, at: Option<Point>) {
        let camera = self.camera.get_untracked();
        let has_changed = self.stage.try_update_value(|stage| {
            let hovered = at
                .filter(|_| !stage.gesture.is_busy())
                .map(|at| hit::spot(&stage.layout, camera.world_from_screen(at), camera.zoom))
                .filter(|&spot| spot != Spot::Ground);
            let has_changed = hovered != stage.hovered;
            stage.hovered = hovered;
            has_changed
        });
        if has_changed == Some(true) {
            self.refresh();
        }
    }

    /// Notes what has the focus of the keyboard; a link being drawn points there.
    pub fn focus(self, spot: Option<Spot>) {
        let camera = self.camera.get_untracked();
        self.stage.update_value(|stage| {
            stage.focused = spot;
            if let Some(Spot::Component(id)) = spot {
                let gesture = core::mem::take(&mut stage.gesture);
                stage.gesture = self.editor.design().with_untracked(|design| {
                    self.editor.selection.with_untracked(|selection| {
                        gesture.point_at(id, &Board { design, layout: &stage.layout, selection, camera })
                    })
                });
            }
        });
        self.refresh();
    }

    /// Shows where a part from the palette would land if it were dropped at `at` [pixels]; nowhere with `None`.
    pub fn drag_over(self, at: Option<Point>) {
        let Some(kind) = self.editor.dragged_kind.get_untracked() else { return };
        let place = at.map(|at| self.landing_place(at));
        self.stage.update_value(|stage| stage.ghost = place.map(|place| (kind, place)));
        self.refresh();
    }

    /// Where a part that is dropped at `at` [pixels] comes to rest.
    pub fn landing_place(self, at: Point) -> Point {
        let camera = self.camera.get_untracked();
        let wanted = camera.world_from_screen(at);
        self.stage.with_value(|stage| snap::at_rest(&stage.layout, &sorted::Set::new(), wanted, camera.zoom).0)
    }

    /// Does what a key means. `focused` is the proxy that has the focus.
    pub fn command(self, command: Command, focused: Option<Spot>) {
        match command {
            Command::Remove => self.remove_selected(),
            Command::Undo => self.editor.undo(),
            Command::Redo => self.editor.redo(),
            Command::SelectAll => {
                let components = self
                    .editor
                    .design()
                    .with_untracked(|design| design.components().map(|component| component.id).collect());
                self.editor.selection.set(Selection { components, ..Selection::default() });
            }
            Command::Duplicate => {
                let clip = self.clip_of_selected();
                self.paste(&clip);
            }
            Command::Copy => self.copy(),
            Command::Cut => {
                self.copy();
                self.remove_selected();
            }
            Command::Paste => {
                let clip = self.stage.with_value(|stage| stage.clip.clone());
                self.paste(&clip);
            }
            Command::Connect => self.start_link(focused),
            Command::Cancel => self.cancel(),
            Command::Choose => self.choose(focused),
            Command::Rename => self.rename(focused),
            Command::Nudge(right, down) => self.nudge(right, down),
            Command::Fit => self.fit(),
            Command::ZoomIn => self.zoom(ZOOM_STEP, None),
            Command::ZoomOut => self.zoom(1.0 / ZOOM_STEP, None),
            Command::ZoomReset => self.zoom(1.0 / self.camera.get_untracked().zoom, None),
        }
    }

    fn remove_selected(self) {
        let edit = self.editor.design().with_untracked(|design| {
            self.editor.selection.with_untracked(|selection| clip::removal(design, selection))
        });
        if let Some(edit) = edit {
            self.keep_camera();
            self.editor.selection.set(Selection::default());
            self.editor.perform(edit);
        }
    }

    fn clip_of_selected(self) -> Clip {
        self.editor
            .design()
            .with_untracked(|design| self.editor.selection.with_untracked(|selection| Clip::of(design, selection)))
    }

    fn copy(self) {
        let clip = self.clip_of_selected();
        if !clip.is_empty() {
            self.stage.update_value(|stage| stage.clip = clip);
        }
    }

    fn paste(self, clip: &Clip) {
        if clip.is_empty() {
            return;
        }
        // A copy of the drawing, for giving out identities needs the drawing to itself.
        let design = self.editor.design().get_untracked();
        let (edit, copies) = clip.paste(&design, || self.editor.fresh_id());
        self.keep_camera();
        self.editor.perform(edit);
        self.editor.selection.set(Selection { components: copies.into_iter().collect(), ..Selection::default() });
    }

    /// The one component that keys mean: the focused one, else the selected one.
    fn meant(self, focused: Option<Spot>) -> Option<ComponentId> {
        focused.and_then(Spot::component).or_else(|| {
            self.editor.selection.with_untracked(|selection| {
                let mut components = selection.components.iter();
                components.next().copied().filter(|_| components.next().is_none())
            })
        })
    }

    fn start_link(self, focused: Option<Spot>) {
        let Some(from) = self.meant(focused) else { return };
        let camera = self.camera.get_untracked();
        self.stage.update_value(|stage| {
            stage.gesture = self.editor.design().with_untracked(|design| {
                self.editor.selection.with_untracked(|selection| {
                    Gesture::pick_target(from, &Board { design, layout: &stage.layout, selection, camera })
                })
            });
        });
        self.refresh();
    }

    fn cancel(self) {
        let is_busy = self.stage.with_value(|stage| stage.gesture != Gesture::Idle);
        if self.editor.dragged_kind.get_untracked().is_some() {
            self.editor.dragged_kind.set(None);
        } else if is_busy {
            self.input(Input::Cancel);
        } else {
            self.editor.selection.set(Selection::default());
        }
    }

    /// Enter: ends a link being drawn at what has the focus; else selects it, or edits its name if it is selected.
    fn choose(self, focused: Option<Spot>) {
        let drawn_from = self.stage.with_value(|stage| match stage.gesture {
            Gesture::Connecting { pointer: None, from, .. } => Some(from),
            _ => None,
        });
        let is_selected = |id| self.editor.selection.with_untracked(|selection| selection.components.contains(&id));
        match (drawn_from, focused) {
            (Some(from), Some(Spot::Component(to))) if from != to => {
                self.stage.update_value(|stage| stage.gesture = Gesture::Idle);
                self.connect(from, to);
                self.refresh();
            }
            (_, Some(Spot::Component(id))) if is_selected(id) => self.renaming.set(Some(id)),
            (_, Some(Spot::Component(id))) => self.editor.selection.set(Selection::component(id)),
            (_, Some(Spot::Link(id))) => self.editor.selection.set(Selection::link(id)),
            _ => self.rename(focused),
        }
    }

    fn rename(self, focused: Option<Spot>) {
        if let Some(id) = self.meant(focused) {
            self.renaming.set(Some(id));
        }
    }

    fn nudge(self, right: i32, down: i32) {
        let moves: Vec<Edit> = self.editor.design().with_untracked(|design| {
            self.editor.selection.with_untracked(|selection| {
                let selected = selection.components.iter().filter_map(|&id| design.component(id));
                selected
                    .map(|component| {
                        let to = component.position.offset(f64::from(right) * GRID, f64::from(down) * GRID);
                        Edit::Move(component.id, snap::to_grid(to))
                    })
                    .collect()
            })
        });
        if moves.is_empty() {
            // Without a selection, arrows move the view.
            let camera = self.camera.get_untracked();
            self.look(camera.panned(-f64::from(right) * 40.0, -f64::from(down) * 40.0));
        } else {
            self.keep_camera();
            self.editor.perform(Edit::Batch(moves));
        }
    }
}
