//! What the diagram knows between two frames, and how plans and commands are carried out. The decisions themselves are
//! made in [`crate::editor`] and [`crate::scene`], which know no browser.

use std::collections::BTreeSet;
use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;

use super::dots::DotPainter;
use super::paint::Painter;
use crate::design::Kind;
use crate::design::edit::Edit;
use crate::editor::clip::{self, Clip};
use crate::editor::command::Command;
use crate::editor::connect;
use crate::editor::gesture::{Board, Gesture, Input, Plan};
use crate::editor::hit::{self, Spot};
use crate::editor::snap::{self, GRID};
use crate::geometry::{Point, Rect};
use crate::ids::ComponentId;
use crate::scene::replay::Replay;
use crate::scene::{Camera, Figures, Layout, Marks, Selection, Shape, Theme, View, picture};
use crate::sim::snapshot::Snapshot;
use crate::ui::editor::Editor;
use crate::ui::engine::Engine;
use crate::web::frame_loop::FrameLoop;

/// Room left around the drawing when all of it is shown [pixels].
const FIT_MARGIN: f64 = 48.0;
/// What one step of a zoom key magnifies by.
const ZOOM_STEP: f64 = 1.2;

/// What the diagram knows between two frames.
#[derive(Default)]
pub struct Stage {
    pub layout: Layout,
    pub figures: Figures,
    pub gesture: Gesture,
    /// What the pointer is on.
    pub hovered: Option<Spot>,
    /// What has the focus of the keyboard.
    pub focused: Option<Spot>,
    /// What is being dragged from the palette, and where its card would be.
    pub ghost: Option<(Kind, Point)>,
    /// Extent of the view [CSS pixels].
    pub size: (f64, f64),
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    pub replay: Replay,
    /// The snapshot taken in last.
    seen: Option<Rc<Snapshot>>,
    shapes: Vec<Shape>,
    painter: Option<Painter>,
    dots: Option<DotPainter>,
    /// Whether cards and links have to be painted anew.
    is_stale: bool,
    /// Whether the person has chosen what is seen; until then all of it is.
    is_camera_chosen: bool,
    clip: Clip,
}

/// Handle to the diagram.
#[derive(Clone, Copy)]
pub struct Diagram {
    pub editor: Editor,
    pub engine: Engine,
    pub stage: StoredValue<Stage, LocalStorage>,
    frame_loop: StoredValue<Option<FrameLoop>, LocalStorage>,
    /// Which part of the drawing is seen.
    pub camera: RwSignal<Camera>,
    /// The component whose name is being edited.
    pub renaming: RwSignal<Option<ComponentId>>,
    /// What the moving dots mean.
    pub legend: RwSignal<Option<crate::scene::replay::Legend>>,
    pub theme: Signal<Theme>,
    /// Whether the person wants no motion.
    pub is_still: Signal<bool>,
    pub base: NodeRef<html::Canvas>,
    pub overlay: NodeRef<html::Canvas>,
}

impl Diagram {
    pub fn new(editor: Editor, engine: Engine, theme: Signal<Theme>, is_still: Signal<bool>) -> Self {
        let diagram = Self {
            editor,
            engine,
            stage: StoredValue::new_local(Stage { ratio: 1.0, ..Stage::default() }),
            frame_loop: StoredValue::new_local(None),
            camera: RwSignal::default(),
            renaming: RwSignal::new(None),
            legend: RwSignal::new(None),
            theme,
            is_still,
            base: NodeRef::new(),
            overlay: NodeRef::new(),
        };
        diagram.frame_loop.set_value(Some(FrameLoop::new(move |now_ms| diagram.frame(now_ms))));
        diagram.follow();
        diagram
    }

    /// Paints anew whenever something changes that is seen.
    fn follow(self) {
        let design = self.editor.design();
        Effect::new(move |_| {
            design.track();
            self.lay_out();
        });
        Effect::new(move |_| {
            self.editor.selection.track();
            self.theme.track();
            self.is_still.track();
            self.engine.tick.track();
            self.refresh();
        });
        Effect::new(move |_| {
            if self.editor.dragged_kind.get().is_none() {
                self.stage.update_value(|stage| stage.ghost = None);
                self.refresh();
            }
        });
        Effect::new(move |_| {
            let camera = self.camera.get();
            let (width, height) = self.stage.with_value(|stage| stage.size);
            self.editor.view_centre.set(camera.world_from_screen(Point::new(width / 2.0, height / 2.0)));
        });
    }

    /// Has cards and links painted anew in the next frame.
    pub fn refresh(self) {
        // The page may be on its way out.
        let _ = self.stage.try_update_value(|stage| stage.is_stale = true);
        self.frame_loop.with_value(|frame_loop| {
            if let Some(frame_loop) = frame_loop {
                frame_loop.ask();
            }
        });
    }

    /// Lays the drawing out anew after it has changed.
    fn lay_out(self) {
        let layout = self.editor.design().with_untracked(Layout::of);
        let must_fit = self.stage.try_update_value(|stage| {
            // Another drawing may lie somewhere else altogether.
            let camera = self.camera.get_untracked();
            let visible = camera.visible(stage.size.0, stage.size.1);
            let is_lost = layout.bounds().is_some_and(|bounds| !bounds.intersects(visible));
            stage.replay.keep_only(&layout);
            stage.layout = layout;
            is_lost || !stage.is_camera_chosen
        });
        if must_fit == Some(true) {
            self.fit();
        }
        self.refresh();
    }

    /// Takes over the extent of the view.
    pub fn resize(self, width: f64, height: f64, ratio: f64) {
        for canvas in [self.base.get_untracked(), self.overlay.get_untracked()].into_iter().flatten() {
            canvas.set_width((width * ratio).round() as u32);
            canvas.set_height((height * ratio).round() as u32);
        }
        let (before, is_chosen) = self.stage.with_value(|stage| (stage.size, stage.is_camera_chosen));
        self.stage.update_value(|stage| (stage.size, stage.ratio) = ((width, height), ratio));
        if is_chosen {
            // What was in the middle stays there.
            self.camera.update(|camera| *camera = camera.panned((width - before.0) / 2.0, (height - before.1) / 2.0));
        } else {
            self.fit();
        }
        self.refresh();
        // Changing the extent has wiped the canvas; waiting for the next frame would flash.
        self.paint();
    }

    /// Shows the whole drawing.
    pub fn fit(self) {
        let camera = self.stage.with_value(|stage| {
            let (width, height) = stage.size;
            let bounds = stage.layout.bounds().unwrap_or_else(|| Rect::centred(Point::default(), 400.0, 300.0));
            // On a small screen every pixel counts.
            let margin = FIT_MARGIN.min(width.min(height) * 0.06);
            // Figures stand below the cards.
            Camera::fit(Rect { height: bounds.height + 20.0, ..bounds }, width, height, margin)
        });
        self.stage.update_value(|stage| stage.is_camera_chosen = false);
        self.camera.set(camera);
        self.refresh();
    }

    /// Looks at another part of the drawing, as the person wants.
    pub fn look(self, camera: Camera) {
        self.keep_camera();
        self.camera.set(camera);
        self.refresh();
    }

    /// Keeps looking at what is seen now, as the person does who changes the drawing.
    pub fn keep_camera(self) {
        self.stage.update_value(|stage| stage.is_camera_chosen = true);
    }

    /// Magnifies around `at` [pixels], or around the middle.
    pub fn zoom(self, factor: f64, at: Option<Point>) {
        let (width, height) = self.stage.with_value(|stage| stage.size);
        let at = at.unwrap_or_else(|| Point::new(width / 2.0, height / 2.0));
        self.look(self.camera.get_untracked().zoomed_at(at, factor));
    }

    /// Moves the view so that a component can be seen.
    pub fn reveal(self, id: ComponentId) {
        let camera = self.camera.get_untracked();
        let revealed = self.stage.with_value(|stage| {
            let area = stage.layout.cards.get(&id)?;
            Some(camera.revealing(*area, stage.size.0, stage.size.1, 24.0))
        });
        if let Some(revealed) = revealed.filter(|&revealed| revealed != camera) {
            self.look(revealed);
        }
    }

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
        self.stage.with_value(|stage| snap::at_rest(&stage.layout, &BTreeSet::new(), wanted, camera.zoom).0)
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

    /// One frame: takes in the newest snapshot, paints what has changed. Whether another frame is needed.
    fn frame(self, now_ms: f64) -> bool {
        // The page may be on its way out.
        let Some(is_still) = self.is_still.try_get_untracked() else { return false };
        let latest = self.engine.latest();
        let is_playing = self.engine.playing.get_untracked();
        self.stage.update_value(|stage| {
            if stage.seen.as_ref().is_none_or(|seen| !Rc::ptr_eq(seen, &latest)) {
                let figures = &mut stage.figures;
                self.editor.design().with_untracked(|design| figures.observe(&latest, design));
                if !is_still {
                    let layout = &stage.layout;
                    let replay = &mut stage.replay;
                    self.editor.design().with_untracked(|design| replay.take_in(&latest, design, layout, now_ms));
                }
                stage.seen = Some(Rc::clone(&latest));
            }
        });
        if self.stage.with_value(|stage| stage.is_stale) {
            self.paint();
        }
        let is_moving = self.move_dots(now_ms, is_playing, is_still);
        is_playing || is_moving
    }

    /// Paints cards, links and marks.
    fn paint(self) {
        let (Some(camera), Some(theme)) = (self.camera.try_get_untracked(), self.theme.try_get_untracked()) else {
            return;
        };
        let Some(canvas) = self.base.get_untracked() else { return };
        self.stage.update_value(|stage| {
            stage.is_stale = false;
            let visible = camera.visible(stage.size.0, stage.size.1);
            let mut shapes = core::mem::take(&mut stage.shapes);
            self.editor.design().with_untracked(|design| {
                self.editor.selection.with_untracked(|selection| {
                    let board = Board { design, layout: &stage.layout, selection, camera };
                    let marks = stage.marks(&board);
                    let view = View {
                        design,
                        layout: &stage.layout,
                        figures: &stage.figures,
                        selection,
                        marks: &marks,
                        zoom: camera.zoom,
                        visible,
                    };
                    // While an edit is on its way to the layout, the two may differ for a moment.
                    if design.components().all(|component| stage.layout.cards.contains_key(&component.id))
                        && design.links().all(|link| stage.layout.routes.contains_key(&link.id))
                    {
                        picture(&view, &mut shapes);
                    }
                });
            });
            if stage.painter.is_none() {
                stage.painter = Painter::new(&canvas);
            }
            if let Some(painter) = &mut stage.painter {
                painter.paint(&shapes, camera, stage.size, stage.ratio, theme);
            }
            stage.shapes = shapes;
        });
    }

    /// Paints the requests under way where they are now. Whether any are.
    fn move_dots(self, now_ms: f64, is_playing: bool, is_still: bool) -> bool {
        let Some(canvas) = self.overlay.get_untracked() else { return false };
        let (camera, theme) = (self.camera.get_untracked(), self.theme.get_untracked());
        let legend = self.stage.try_update_value(|stage| {
            if stage.dots.is_none() {
                stage.dots = DotPainter::new(&canvas);
            }
            if is_still {
                stage.replay.clear();
            }
            stage.replay.advance(now_ms, is_playing, &stage.layout);
            if let Some(dots) = &mut stage.dots {
                dots.paint(stage.replay.dots(), camera, stage.size, stage.ratio, theme);
            }
            (stage.replay.legend(), !stage.replay.is_empty())
        });
        let Some((legend, is_moving)) = legend else { return false };
        if self.legend.get_untracked() != legend {
            self.legend.set(legend);
        }
        is_moving
    }
}

impl Stage {
    /// What the person is doing, as it is to be seen.
    fn marks(&self, board: &Board<'_>) -> Marks {
        let mut marks = self.gesture.marks(board);
        let spots = [self.hovered, self.focused];
        marks.hovered_component = spots.into_iter().flatten().find_map(Spot::component);
        marks.hovered_link = spots.into_iter().flatten().find_map(|spot| match spot {
            Spot::Link(id) => Some(id),
            _ => None,
        });
        marks.ghost = self.ghost;
        marks
    }
}
