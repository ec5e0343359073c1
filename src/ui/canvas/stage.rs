//! What the diagram knows between two frames, and when it is painted anew. What people do is carried out in
//! [`super::acts`], what is seen is chosen in [`super::view`] and painted in [`super::frame`]. The decisions themselves
//! are made in [`crate::editor`] and [`crate::scene`], which know no browser.

use std::collections::VecDeque;
use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;

use super::dots::{Crowd, DotPainter};
use super::flying::Flying;
use super::frame::FRAME_MS;
use super::picture::{InPieces, Picture};
use crate::design::Design;
use crate::design::file::Sight;
use crate::editor::clip::Clip;
use crate::editor::gesture::{Board, Gesture};
use crate::editor::hit::Spot;
use crate::editor::menu::Menu;
use crate::editor::place::Part;
use crate::geometry::Point;
use crate::scene::replay::Replay;
use crate::scene::{Camera, Figures, Layout, Marks, Theme};
use crate::sim::snapshot::Snapshot;
use crate::ui::editor::Editor;
use crate::ui::engine::{Engine, Turn};
use crate::ui::reaction::effect;
use crate::web;
use crate::web::frame_loop::FrameLoop;

/// Parts that the proxies of a large drawing are taken in.
const TURNS: usize = 16;
/// Components and links of a drawing that is not large.
const SMALL: usize = 64;

/// Whether a drawing has so few parts that something may be done for each of them at any time.
pub fn is_small(design: &Design) -> bool {
    design.components().count() + design.link_count() <= SMALL
}

/// What the diagram knows between two frames.
#[derive(Default)]
pub struct Stage {
    pub layout: Layout,
    pub figures: Figures,
    pub gesture: Gesture,
    /// What it takes to do something; `None` as long as nothing can be done.
    pub hold: Option<Hold>,
    /// What the pointer is on.
    pub hovered: Option<Spot>,
    /// What has the focus of the keyboard.
    pub focused: Option<Spot>,
    /// What is being dragged from the palette, and where its middle would be.
    pub ghost: Option<(Part, Point)>,
    /// Extent of the view [CSS pixels].
    pub size: (f64, f64),
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    pub replay: Replay,
    /// The request whose dot is being pressed, and where the pointer was.
    pub pressed_dot: Option<(u64, Point)>,
    /// The snapshot that came last.
    pub seen: Option<Rc<Snapshot>>,
    /// Snapshots whose requests are still to be taken in, the oldest first.
    pub coming: VecDeque<Rc<Snapshot>>,
    /// Whether its figures are still to be read.
    pub is_unread: bool,
    /// When figures were read last, by the page's clock [ms].
    pub read_ms: f64,
    pub picture: Option<Picture>,
    pub dots: Option<DotPainter>,
    /// What the dots of the last frame took [ms].
    pub dots_ms: f64,
    /// Whether cards and links have to be painted anew.
    pub is_stale: bool,
    /// Whether the person has chosen what is seen; until then all of it is.
    pub is_camera_chosen: bool,
    /// Whether a hint stands at the upper edge.
    pub has_hint: bool,
    pub clip: Clip,
    /// Parts on their way to their places.
    pub flying: Option<Flying>,
    /// The clip as it was put on the system's clipboard.
    pub clip_text: String,
    /// Whether a pointer is down, so that what gets the focus got it from there.
    pub is_pressed: bool,
    /// Whether the focus came by keys and is newer than the selection.
    pub is_focus_meant: bool,
    /// Whether the space bar is held, and whether it has moved the view since.
    pub space: Option<bool>,
}

/// What the diagram can do once people can do something to it. What it begins with is small and needs none of it.
#[derive(Clone, Copy)]
pub struct Hold {
    /// Tells what the person is doing, as it is to be seen.
    pub marks: fn(&Stage, &Board<'_>) -> Marks,
    /// Lets the parts of the drawing set out from where they were in another one, which a camera looked at.
    pub take_off: fn(Diagram, &Design, Camera),
    /// Moves the parts that are on their way. Whether any still are.
    pub fly: fn(Diagram, f64) -> bool,
    /// Paints a large drawing.
    pub in_pieces: InPieces,
    /// Sets very many dots.
    pub crowd: Crowd,
}

/// A menu that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenMenu {
    /// Which.
    pub menu: Menu,
    /// Where in the window [CSS px].
    pub at: (f64, f64),
    /// The menus that led to it.
    pub path: Vec<Menu>,
}

/// What the pointer does, if it does not put something down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Selects and moves things.
    #[default]
    Pointer,
    /// Moves the view, whatever it is on.
    Hand,
    /// Removes what it is drawn over.
    Erase,
}

impl Tool {
    /// Name in style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pointer => "pointer",
            Self::Hand => "hand",
            Self::Erase => "erase",
        }
    }
}

/// Handle to the diagram.
#[derive(Clone, Copy)]
pub struct Diagram {
    /// The drawing.
    pub editor: Editor,
    /// The run.
    pub engine: Engine,
    /// What it knows between two frames.
    pub stage: StoredValue<Stage, LocalStorage>,
    frame_loop: StoredValue<Option<FrameLoop>, LocalStorage>,
    /// Changes whenever the layout has.
    pub laid_out: RwSignal<u32>,
    /// Which part of the drawing is seen.
    pub camera: RwSignal<Camera>,
    /// The component or frame whose name is being edited.
    pub renaming: RwSignal<Option<Spot>>,
    /// The menu that is shown.
    pub menu: RwSignal<Option<OpenMenu>>,
    /// A sentence at the pointer, and where in the window [CSS px].
    pub bubble: RwSignal<Option<((f64, f64), String)>>,
    /// What the pointer does.
    pub tool: RwSignal<Tool>,
    /// Whether what the next click puts down is put down by those after it, too.
    pub keeps_tool: RwSignal<bool>,
    /// The shape of the pointer, as the style sheet names it.
    pub cursor: RwSignal<&'static str>,
    /// Change when names of proxies have to be read anew: all of them in a small drawing, one after the other in a large
    /// one.
    pub turns: [RwSignal<u32>; TURNS],
    /// Whether a dot has been seen.
    pub has_moved: RwSignal<bool>,
    /// What the moving dots mean.
    pub legend: RwSignal<Option<crate::scene::replay::Legend>>,
    /// Light or dark.
    pub theme: Signal<Theme>,
    /// Whether the person wants no motion.
    pub is_still: Signal<bool>,
    /// Whether the points of the grid are shown.
    pub has_grid: RwSignal<bool>,
    /// What holds the canvases.
    pub frame_element: NodeRef<html::Div>,
    /// The canvas with cards and links.
    pub base: NodeRef<html::Canvas>,
    /// The canvas with moving requests.
    pub overlay: NodeRef<html::Canvas>,
}

impl Diagram {
    /// A diagram that follows `editor` and `engine`.
    pub fn new(
        editor: Editor,
        engine: Engine,
        theme: Signal<Theme>,
        is_still: Signal<bool>,
        has_grid: RwSignal<bool>,
    ) -> Self {
        let diagram = Self {
            editor,
            engine,
            stage: StoredValue::new_local(Stage { ratio: 1.0, ..Stage::default() }),
            frame_loop: StoredValue::new_local(None),
            laid_out: RwSignal::new(0),
            camera: RwSignal::default(),
            renaming: RwSignal::new(None),
            turns: core::array::from_fn(|_| RwSignal::new(0)),
            menu: RwSignal::new(None),
            bubble: RwSignal::new(None),
            tool: RwSignal::default(),
            keeps_tool: RwSignal::new(false),
            cursor: RwSignal::new(""),
            has_moved: RwSignal::new(false),
            legend: RwSignal::new(None),
            theme,
            is_still,
            has_grid,
            frame_element: NodeRef::new(),
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
            self.stage.update_value(|stage| stage.is_focus_meant = false);
        });
        Effect::new(move |_| {
            self.editor.selection.track();
            self.theme.track();
            self.is_still.track();
            self.has_grid.track();
            self.engine.tick.track();
            self.refresh();
        });
        effect(move || {
            // Names and what is wrong somewhere are told by all proxies. If each of them followed both, it would take long
            // to find who does.
            design.track();
            self.engine.at_work.track();
            for turn in self.turns {
                turn.update(|turn| *turn = turn.wrapping_add(1));
            }
        });
        effect(move || {
            let tick = self.engine.turn(Turn::Names) as usize;
            let is_small = design.with_untracked(is_small);
            for (position, turn) in self.turns.iter().enumerate() {
                if is_small || position == tick % TURNS {
                    turn.update(|turn| *turn = turn.wrapping_add(1));
                }
            }
        });
        Effect::new(move |_| {
            if self.editor.dragged.get().is_none() {
                self.stage.update_value(|stage| stage.ghost = None);
                self.refresh();
            }
        });
        Effect::new(move |_| {
            let camera = self.camera.get();
            let (width, height) = self.stage.with_value(|stage| stage.size);
            let centre = camera.world_from_screen(Point::new(width / 2.0, height / 2.0));
            self.editor.view_centre.set(centre);
            let is_chosen = self.stage.with_value(|stage| stage.is_camera_chosen);
            self.editor.sight.set_value(is_chosen.then_some(Sight { centre, zoom: camera.zoom }));
        });
    }

    /// Reads the figures of a part again when it is its turn.
    pub fn track_turn(self, id: u32) {
        self.turns[id as usize % TURNS].track();
    }

    /// Has the figures of a part read again now: somebody wants to hear them.
    pub fn take_turn(self, id: u32) {
        self.turns[id as usize % TURNS].update(|turn| *turn = turn.wrapping_add(1));
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
    pub fn lay_out(self) {
        let layout = self.editor.design().with_untracked(Layout::of);
        let before = self.editor.take_grown_from().filter(|_| !self.is_still.get_untracked());
        let camera = self.camera.get_untracked();
        let must_fit = self.stage.try_update_value(|stage| {
            // Another drawing may lie somewhere else altogether.
            let visible = camera.visible(stage.size.0, stage.size.1);
            let is_lost = layout.bounds().is_some_and(|bounds| !bounds.intersects(visible));
            stage.replay.keep_only(&layout);
            stage.layout = layout;
            stage.flying = None;
            is_lost || !stage.is_camera_chosen || before.is_some()
        });
        self.laid_out.update(|count| *count = count.wrapping_add(1));
        if must_fit == Some(true) {
            self.fit_or_look();
        }
        if let Some((before, hold)) = before.zip(self.stage.with_value(|stage| stage.hold)) {
            (hold.take_off)(self, &before, camera);
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
        self.stage.update_value(|stage| {
            (stage.size, stage.ratio) = ((width, height), ratio);
            if let Some(picture) = &mut stage.picture {
                picture.forget();
            }
        });
        if is_chosen {
            // What was in the middle stays there.
            self.camera.update(|camera| *camera = camera.panned((width - before.0) / 2.0, (height - before.1) / 2.0));
        } else {
            self.fit_or_look();
        }
        self.refresh();
        // Changing the extent has wiped the canvas; waiting for the next frame would flash.
        self.paint(web::now_ms() + FRAME_MS);
    }
}
