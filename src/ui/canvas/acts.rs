//! What the pointer does to the drawing, and what comes of menus. The decisions are made in [`crate::editor`]; here they
//! are carried out. Commands stand in [`super::commands`].

use leptos::prelude::*;

use super::dots::DotPainter;
use super::picture::Picture;
use super::stage::{Diagram, Hold, OpenMenu, Stage};
use crate::design::FrameKind;
use crate::design::script::Target;
use crate::editor::command::Command;
use crate::editor::gesture::{Board, Input, Plan};
use crate::editor::hit::{self, Spot};
use crate::editor::menu::Menu;
use crate::editor::place::{Offer, Part, free_place};
use crate::editor::{connect, frames, snap};
use crate::embed::params::Access;
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId};
use crate::scene::route::CARD_WIDTH;
use crate::scene::{Marks, Selection};
use crate::sorted;
use crate::text::fill;
use crate::web;

/// How long a sentence at the pointer stays [ms].
const BUBBLE_MS: u32 = 5000;

impl Diagram {
    /// From now on things can be done.
    pub fn take_hold(self) {
        let hold = Hold {
            marks: Stage::marks,
            take_off: Self::take_off,
            fly: Self::fly,
            in_pieces: Picture::advance_in_pieces,
            crowd: DotPainter::stamp,
        };
        self.stage.update_value(|stage| stage.hold = Some(hold));
    }

    /// Lets the gesture take in what the pointer did, and carries out what comes of it.
    pub fn input(self, input: Input) {
        let plans = self.step(|gesture, board| gesture.step(input, board));
        for plan in plans {
            self.carry_out(plan);
        }
        self.refresh();
    }

    /// Replaces the gesture in progress by what `step` makes of it.
    pub fn step(
        self,
        step: impl FnOnce(crate::editor::gesture::Gesture, &Board<'_>) -> (crate::editor::gesture::Gesture, Vec<Plan>),
    ) -> Vec<Plan> {
        let camera = self.camera.get_untracked();
        let plans = self.stage.try_update_value(|stage| {
            let gesture = core::mem::take(&mut stage.gesture);
            let (gesture, plans) = self.editor.design().with_untracked(|design| {
                self.editor.selection.with_untracked(|selection| {
                    let is_locked = self.editor.access() != Access::Edit;
                    step(gesture, &Board { design, layout: &stage.layout, selection, camera, is_locked })
                })
            });
            stage.gesture = gesture;
            plans
        });
        plans.unwrap_or_default()
    }

    /// Does what a gesture plans.
    pub fn carry_out(self, plan: Plan) {
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
            Plan::Offer(from, at) => self.offer(from, at),
            Plan::AddFrame(kind, area) => self.add_frame(kind, area),
            Plan::Erase => self.command(Command::Remove),
        }
    }

    /// Connects two components, or says why they cannot be.
    pub fn connect(self, from: ComponentId, to: ComponentId) {
        let design = self.editor.design();
        let links = design.with_untracked(|design| {
            connect::links(design, from, to).map_err(|refusal| refusal.words(design, from, to))
        });
        match links {
            Ok(links) => {
                let edit = connect::edit(&links, || self.editor.fresh_id());
                self.keep_camera();
                self.editor.perform(edit);
                let name = |id| design.with_untracked(|design| super::super::words::component(design, id));
                self.editor.tell(fill("diagram.connected", &[("from", &name(from)), ("to", &name(to))]));
            }
            Err(words) => self.refuse(words, self.window_point_of(to)),
        }
    }

    /// Offers what could be added and connected, at the place where a link was let go.
    fn offer(self, from: Vec<ComponentId>, at: Point) {
        let Some(&first) = from.first() else { return };
        let (nothing_fits, name) = self.editor.design().with_untracked(|design| {
            (connect::offers(design, first).is_empty(), super::super::words::component(design, first))
        });
        let place = self.window_point(at);
        if nothing_fits {
            self.refuse(fill("menus.nothing_fits", &[("name", &name)]), place);
        } else {
            self.open_menu(Menu::Extend(from, at), place);
        }
    }

    /// Adds a part beside or at a place, connected to where the link came from, and goes on with it.
    pub fn extend(self, from: &[ComponentId], offer: Offer, at: Point) {
        let design = self.editor.design();
        let extension = design.with_untracked(|design| {
            // The pointer holds the end of the link, not the middle of the card.
            let side = from
                .first()
                .and_then(|&id| design.component(id))
                .map_or(1.0, |component| if component.position.x > at.x { -1.0 } else { 1.0 });
            let wanted = snap::to_grid(at.offset(side * CARD_WIDTH / 2.0, 0.0));
            connect::extension(design, from, offer, free_place(design, wanted))
        });
        let Some(extension) = extension else { return };
        self.keep_camera();
        self.editor.perform(extension.edit);
        let added = extension.go_on_with;
        let names: Vec<String> = design
            .with_untracked(|design| added.iter().map(|&id| super::super::words::component(design, id)).collect());
        self.editor.tell(fill("diagram.added", &[("name", &names.join(", "))]));
        self.editor.selection.set(Selection { components: added.iter().copied().collect(), ..Selection::default() });
        if let Some(&first) = added.first() {
            self.lay_out();
            self.reveal_new(&added);
            request_animation_frame(move || web::focus(&format!("[data-component='{first}']")));
        }
    }

    /// Adds a frame and selects it; what a note says is asked for at once.
    pub fn add_frame(self, kind: FrameKind, area: Rect) {
        let id = FrameId(self.editor.fresh_id());
        let edit = self.editor.design().with_untracked(|design| frames::add(design, kind, area, id));
        self.keep_camera();
        self.editor.perform(edit);
        self.editor.selection.set(Selection::frame(id));
        if !kind.holds_parts() {
            self.renaming.set(Some(Spot::Frame(id)));
        }
    }

    /// Says at a place of the window [CSS px] why something cannot be done.
    pub fn refuse(self, words: String, at: (f64, f64)) {
        self.editor.refusal.set(Some(words.clone()));
        self.bubble.set(Some((at, words.clone())));
        let is_same = move |bubble: &Option<((f64, f64), String)>| bubble.as_ref().is_some_and(|one| one.1 == words);
        gloo_timers::callback::Timeout::new(BUBBLE_MS, move || {
            if self.bubble.with_untracked(is_same) {
                self.bubble.set(None);
            }
        })
        .forget();
    }

    /// Opens a menu at a place of the window [CSS px].
    pub fn open_menu(self, menu: Menu, at: (f64, f64)) {
        self.bubble.set(None);
        self.menu.set(Some(OpenMenu { menu, at, path: Vec::new() }));
    }

    /// Opens the menu of whatever is at a place of the window, and selects that.
    pub fn open_menu_at(self, client: (f64, f64)) {
        let corner = self.corner();
        let at = Point::new(client.0 - corner.0, client.1 - corner.1);
        let camera = self.camera.get_untracked();
        let world = camera.world_from_screen(at);
        let spot = self.stage.with_value(|stage| hit::spot(&stage.layout, world, camera.zoom));
        self.select_for_menu(spot);
        let menu = self.editor.selection.with_untracked(|selection| Menu::of(spot, selection, world));
        self.open_menu(menu, client);
    }

    /// Selects what a menu is about, unless it is selected already.
    pub fn select_for_menu(self, spot: Spot) {
        let selection = self.editor.selection.get_untracked();
        let wanted = match spot {
            Spot::Component(id) | Spot::Port(id) if !selection.components.contains(&id) => Selection::component(id),
            Spot::Link(id) if !selection.links.contains(&id) || selection.count() > 1 => Selection::link(id),
            Spot::Frame(id) | Spot::Border(id, _) if !selection.frames.contains(&id) => Selection::frame(id),
            _ => return,
        };
        self.editor.selection.set(wanted);
    }

    /// The place of the window where a point of the drawing is seen [CSS px].
    pub fn window_point(self, world: Point) -> (f64, f64) {
        let (left, top) = self.corner();
        let at = self.camera.get_untracked().screen_from_world(world);
        (left + at.x, top + at.y)
    }

    /// The place of the window beside a component's card [CSS px].
    pub fn window_point_of(self, id: ComponentId) -> (f64, f64) {
        let area = self.stage.with_value(|stage| stage.layout.cards.get(&id).copied()).unwrap_or_default();
        self.window_point(Point::new(area.right(), area.origin.y))
    }

    /// The upper left corner of the diagram in the window [CSS px].
    fn corner(self) -> (f64, f64) {
        self.base.get_untracked().map_or((0.0, 0.0), |canvas| {
            let rect = canvas.get_bounding_client_rect();
            (rect.left(), rect.top())
        })
    }

    /// Notes what the pointer is on while nothing is being dragged.
    pub fn hover(self, at: Option<Point>) {
        let camera = self.camera.get_untracked();
        let hovered = self.stage.try_update_value(|stage| {
            let hovered = at
                .filter(|_| !stage.gesture.is_busy())
                .map(|at| hit::spot(&stage.layout, camera.world_from_screen(at), camera.zoom))
                .filter(|&spot| spot != Spot::Ground);
            let has_changed = hovered != stage.hovered;
            stage.hovered = hovered;
            has_changed.then_some(hovered)
        });
        if let Some(Some(hovered)) = hovered {
            self.cursor.set(cursor(hovered));
            self.refresh();
        }
    }

    /// Notes what has the focus of the keyboard; a link being drawn points there.
    pub fn focus(self, spot: Option<Spot>) {
        self.stage.update_value(|stage| {
            stage.focused = spot;
            stage.is_focus_meant = spot.is_some() && !stage.is_pressed;
        });
        if let Some(Spot::Component(id)) = spot {
            self.step(|gesture, board| (gesture.point_at(id, board), Vec::new()));
        }
        self.refresh();
    }

    /// Shows where a part from the palette would land if it were dropped at `at` [pixels]; nowhere with `None`.
    pub fn drag_over(self, at: Option<Point>) {
        let Some(part) = self.editor.dragged.get_untracked() else { return };
        let place = at.map(|at| self.landing_place(at));
        self.stage.update_value(|stage| stage.ghost = place.map(|place| (part, place)));
        self.refresh();
    }

    /// Puts down what is being dragged from the palette.
    pub fn drop_at(self, at: Point) {
        let place = self.landing_place(at);
        self.keep_camera();
        match self.editor.dragged.get_untracked() {
            Some(Part::Offer(offer)) => {
                self.editor.place(offer, place);
            }
            Some(Part::Frame(kind)) => {
                let Rect { width, height, .. } = frames::usual(kind);
                let area = Rect::centred(place, width, height);
                self.add_frame(kind, Rect { origin: snap::to_grid(area.origin), ..area });
            }
            None => {}
        }
        self.has_put_down();
    }

    /// What was put down has been; unless the tool is kept, the next click selects again.
    pub fn has_put_down(self) {
        if !self.keeps_tool.get_untracked() {
            self.editor.dragged.set(None);
        }
    }

    /// Where a part that is dropped at `at` [pixels] comes to rest.
    fn landing_place(self, at: Point) -> Point {
        let camera = self.camera.get_untracked();
        let wanted = camera.world_from_screen(at);
        self.stage.with_value(|stage| snap::at_rest(&stage.layout, &sorted::Set::new(), wanted, camera.zoom).0)
    }

    /// Puts right what is wrong anywhere.
    pub fn restore_all(self) {
        let mut targets: Vec<Target> = self.engine.at_work.with_untracked(|at_work| at_work.targets().collect());
        self.editor.design().with_untracked(|design| {
            targets.extend(design.components().map(|component| Target::Component(component.id)));
        });
        for target in targets {
            self.engine.act(crate::design::script::Action::Clear { target, fault: None });
        }
    }
}

/// The shape of the pointer over `spot`, as the style sheet names it.
const fn cursor(spot: Option<Spot>) -> &'static str {
    match spot {
        None | Some(Spot::Ground | Spot::Link(_)) => "",
        Some(Spot::Component(_) | Spot::Frame(_)) => "move",
        Some(Spot::Port(_)) => "draw",
        Some(Spot::Border(_, handle)) => match (handle.across, handle.down) {
            (0, _) => "ns",
            (_, 0) => "ew",
            (-1, -1) | (1, 1) => "nwse",
            _ => "nesw",
        },
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
        marks.hovered_frame = spots.into_iter().flatten().find_map(Spot::frame);
        match self.ghost {
            Some((Part::Offer(offer), at)) => marks.ghost = Some((offer.kind, at)),
            Some((Part::Frame(kind), at)) => {
                let Rect { width, height, .. } = frames::usual(kind);
                marks.ghost_frame = Some(Rect::centred(at, width, height));
            }
            None => {}
        }
        marks
    }
}
