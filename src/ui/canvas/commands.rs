//! What commands do to the drawing and to what is seen of it.

use leptos::prelude::*;

use super::stage::{Diagram, Tool};
use crate::design::edit::Edit;
use crate::design::script::Target;
use crate::editor::clip::{self, Clip};
use crate::editor::command::{Command, Touches};
use crate::editor::faults::AtWork;
use crate::editor::gesture::{Gesture, Input};
use crate::editor::hit::Spot;
use crate::editor::menu::Menu;
use crate::editor::place::Part;
use crate::editor::snap::{self, GRID};
use crate::editor::{align, arrange, frames};
use crate::embed::params::Access;
use crate::geometry::{Point, Rect};
use crate::ids::ComponentId;
use crate::scene::Selection;
use crate::scene::route::CARD_WIDTH;
use crate::text::{fill, text};
use crate::ui::words;
use crate::web::{self, files};

/// What one step of a zoom key magnifies by.
const ZOOM_STEP: f64 = 1.2;
/// Share of the view's height that a page key moves by.
const PAGE: f64 = 0.8;
/// How far from a component a part is put that is added by keys.
const BESIDE: f64 = CARD_WIDTH / 2.0 + 104.0;

impl Diagram {
    /// Does what a command of the diagram says; others are none of its business.
    pub fn command(self, command: Command) {
        let focused = self.stage.with_value(|stage| stage.focused);
        if concerns_selection(command) {
            self.select_focused(focused);
        }
        match command {
            Command::Remove => self.remove_selected(),
            Command::Undo => self.editor.undo(),
            Command::Redo => self.editor.redo(),
            Command::SelectAll => self.editor.selection.set(self.editor.design().with_untracked(|design| Selection {
                components: design.components().map(|component| component.id).collect(),
                frames: design.frames().map(|frame| frame.id).collect(),
                ..Selection::default()
            })),
            Command::SelectAlike => self.select_alike(),
            Command::Duplicate => {
                let clip = self.clip_of_selected();
                self.paste(&clip, None);
            }
            Command::Copy => self.copy(),
            Command::Cut => {
                self.copy();
                self.remove_selected();
            }
            Command::Paste => self.paste_kept(None),
            Command::Connect => self.offer_connections(),
            Command::Faults => self.offer_faults(),
            Command::Cancel => self.cancel(),
            Command::Choose => self.choose(focused),
            Command::Menu => self.open_menu_of(focused),
            Command::Rename => self.renaming.set(self.single()),
            Command::Carry => self.carry(),
            Command::Nudge(right, down) => self.nudge(right, down),
            Command::Stretch(right, down) => self.stretch(right, down),
            Command::Group => self.group(),
            Command::Ungroup => self.change_selected(frames::ungroup),
            Command::FitFrame => self.fit_frames(),
            Command::DrawFrame(kind) => self.editor.dragged.set(Some(Part::Frame(kind))),
            Command::Align(line) => self.change_selected(|design, selection| align::align(design, selection, line)),
            Command::Distribute(axis) => {
                self.change_selected(|design, selection| align::distribute(design, selection, axis));
            }
            Command::Arrange => self.arrange(),
            Command::Fit => self.fit(),
            Command::FitSelection => self.fit_selection(),
            Command::ZoomIn => self.zoom(ZOOM_STEP, None),
            Command::ZoomOut => self.zoom(1.0 / ZOOM_STEP, None),
            Command::ZoomReset => self.zoom(1.0 / self.camera.get_untracked().zoom, None),
            Command::Page(down) => {
                let height = self.stage.with_value(|stage| stage.size.1);
                self.look(self.camera.get_untracked().panned(0.0, -f64::from(down) * PAGE * height));
            }
            Command::Hand => self.tool.set(Tool::Hand),
            Command::Erase => self.tool.set(Tool::Erase),
            Command::Point => self.tool.set(Tool::Pointer),
            Command::KeepTool => self.keep_tool(),
            Command::RestoreAll => self.restore_all(),
            Command::TogglePlaying
            | Command::Step
            | Command::StepBack
            | Command::GoLive
            | Command::Slower
            | Command::Faster
            | Command::Restart
            | Command::Add
            | Command::Search
            | Command::Find
            | Command::PartGroup(_)
            | Command::Theme
            | Command::Grid
            | Command::Zen
            | Command::Lock
            | Command::Save
            | Command::Help => {}
        }
    }

    /// What keys have led to is what they mean next: unless it is selected, it becomes the selection.
    fn select_focused(self, focused: Option<Spot>) {
        if let Some(spot) = focused.filter(|_| self.stage.with_value(|stage| stage.is_focus_meant)) {
            self.select_for_menu(spot);
        }
    }

    /// Makes the edit that comes of what is selected, if there is one.
    fn change_selected(self, edit: impl FnOnce(&crate::design::Design, &Selection) -> Option<Edit>) {
        let edit = self
            .editor
            .design()
            .with_untracked(|design| self.editor.selection.with_untracked(|selection| edit(design, selection)));
        if let Some(edit) = edit {
            self.keep_camera();
            self.editor.perform(edit);
        }
    }

    /// From now on, what is put down is put down again and again; or no longer.
    fn keep_tool(self) {
        let keeps = !self.keeps_tool.get_untracked();
        self.keeps_tool.set(keeps);
        self.editor.tell(words::say(if keeps { "tools.kept" } else { "tools.not_kept" }));
    }

    fn remove_selected(self) {
        let count = self.editor.selection.with_untracked(Selection::count);
        if count == 0 {
            return;
        }
        let goes = |spot| {
            self.editor.selection.with_untracked(|selection| match spot {
                Spot::Component(id) => selection.components.contains(&id),
                Spot::Link(id) => selection.links.contains(&id),
                Spot::Frame(id) => selection.frames.contains(&id),
                Spot::Ground | Spot::Port(_) | Spot::Border(..) => false,
            })
        };
        if self.stage.with_value(|stage| stage.focused).is_some_and(goes) {
            // Else it would go with the thing, and keys would no longer be for the diagram.
            web::focus("#canvas");
        }
        self.change_selected(clip::removal);
        self.editor.selection.set(Selection::default());
        self.editor.tell(fill("diagram.removed", &[("count", &count.to_string())]));
    }

    /// Removes a frame with all that it holds.
    pub fn remove_with_content(self, frame: crate::ids::FrameId) {
        let all = self.editor.design().with_untracked(|design| frames::with_content(design, &Selection::frame(frame)));
        self.editor.selection.set(all);
        self.remove_selected();
    }

    fn select_alike(self) {
        let alike = self.editor.design().with_untracked(|design| {
            let kind = |id: ComponentId| design.component(id).map(|component| component.config.kind());
            self.editor.selection.with_untracked(|selection| {
                let kinds: Vec<_> = selection.components.iter().filter_map(|&id| kind(id)).collect();
                let fits = design.components().filter(|component| kinds.contains(&component.config.kind()));
                fits.map(|component| component.id).collect()
            })
        });
        self.editor.selection.set(Selection { components: alike, ..Selection::default() });
    }

    fn clip_of_selected(self) -> Clip {
        self.editor
            .design()
            .with_untracked(|design| self.editor.selection.with_untracked(|selection| Clip::of(design, selection)))
    }

    /// Keeps a copy, here and on the system's clipboard, where other pages find it.
    fn copy(self) {
        let clip = self.clip_of_selected();
        if clip.is_empty() {
            return;
        }
        let text = clip.to_text();
        self.stage.update_value(|stage| {
            stage.clip = clip;
            stage.clip_text.clone_from(&text);
        });
        web::spawn(async move {
            // Where the browser refuses, copies stay within this page.
            let _ = files::copy(&text).await;
        });
    }

    /// Pastes what was copied here, else what is on the system's clipboard, as far as the browser gives it.
    pub fn paste_kept(self, at: Option<Point>) {
        let clip = self.stage.with_value(|stage| stage.clip.clone());
        if !clip.is_empty() {
            self.paste(&clip, at);
            return;
        }
        web::spawn(async move {
            if let Ok(text) = files::pasted().await {
                self.paste_text(&text, at);
            }
        });
    }

    /// Pastes text from the system's clipboard. What was copied here keeps its links to what was not copied.
    pub fn paste_text(self, text: &str, at: Option<Point>) {
        let own = self.stage.with_value(|stage| (stage.clip_text == text).then(|| stage.clip.clone()));
        if let Some(clip) = own.filter(|clip| !clip.is_empty()).or_else(|| Clip::from_text(text)) {
            self.paste(&clip, at);
        } else if text.trim().is_empty() {
            self.paste_kept(at);
        } else {
            self.editor.tell(super::super::words::say("diagram.not_pasted"));
        }
    }

    fn paste(self, clip: &Clip, at: Option<Point>) {
        if clip.is_empty() {
            return;
        }
        // A copy of the drawing, for giving out identities needs the drawing to itself.
        let design = self.editor.design().get_untracked();
        let (edit, new) = clip.paste(&design, at, || self.editor.fresh_id());
        self.keep_camera();
        self.editor.perform(edit);
        self.editor.tell(fill("diagram.pasted", &[("count", &new.count().to_string())]));
        self.editor.selection.set(new);
    }

    /// The one component or frame that is selected.
    fn single(self) -> Option<Spot> {
        self.editor.selection.with_untracked(|selection| {
            match (selection.components.first(), selection.frames.first()) {
                (Some(&id), None) if selection.components.len() == 1 => Some(Spot::Component(id)),
                (None, Some(&id)) if selection.frames.len() == 1 => Some(Spot::Frame(id)),
                _ => None,
            }
        })
    }

    fn offer_connections(self) {
        let from: Vec<ComponentId> =
            self.editor.selection.with_untracked(|selection| selection.components.iter().copied().collect());
        let Some(&first) = from.first() else {
            self.editor.tell(words::say("diagram.select_first"));
            return;
        };
        let (at, is_empty, name) = self.editor.design().with_untracked(|design| {
            let at = design.component(first).map(|component| component.position).unwrap_or_default();
            let menu = Menu::Connect(from.clone(), at);
            let is_empty = menu.entries(design, &AtWork::default(), Touches::Drawing).is_empty();
            (at, is_empty, words::component(design, first))
        });
        let place = self.window_point_of(first);
        if is_empty {
            self.refuse(fill("menus.nothing_fits", &[("name", &name)]), place);
        } else {
            self.open_menu(Menu::Connect(from, at.offset(BESIDE, 0.0)), place);
        }
    }

    fn offer_faults(self) {
        let (component, link, frame) = self.editor.selection.with_untracked(|selection| {
            (selection.components.first().copied(), selection.links.first().copied(), selection.frames.first().copied())
        });
        let target = component.map(Target::Component).or(link.map(Target::Link)).or(frame.map(Target::Frame));
        let Some(target) = target else {
            self.editor.tell(words::say("diagram.select_first"));
            return;
        };
        let menu = Menu::Faults(target);
        let nothing = self
            .editor
            .design()
            .with_untracked(|design| menu.entries(design, &AtWork::default(), Touches::System).len() <= 1);
        if !nothing {
            self.open_menu(menu, self.window_point_of_spot(self.selected_spot()));
        }
    }

    fn open_menu_of(self, focused: Option<Spot>) {
        let spot = focused.or_else(|| self.selected_spot());
        let place = self.window_point_of_spot(spot);
        let at = self.editor.view_centre.get_untracked();
        let menu =
            self.editor.selection.with_untracked(|selection| Menu::of(spot.unwrap_or(Spot::Ground), selection, at));
        self.open_menu(menu, place);
    }

    fn selected_spot(self) -> Option<Spot> {
        self.editor.selection.with_untracked(|selection| {
            let component = selection.components.first().copied().map(Spot::Component);
            let link = selection.links.first().copied().map(Spot::Link);
            component.or(link).or_else(|| selection.frames.first().copied().map(Spot::Frame))
        })
    }

    /// The place of the window at a thing, else in the middle of the diagram [CSS px].
    fn window_point_of_spot(self, spot: Option<Spot>) -> (f64, f64) {
        let at = self.stage.with_value(|stage| match spot? {
            Spot::Component(id) | Spot::Port(id) => {
                stage.layout.cards.get(&id).map(|area| Point::new(area.right(), area.origin.y))
            }
            Spot::Link(id) => stage.layout.routes.get(&id).map(|route| route.at(0.5)),
            Spot::Frame(id) | Spot::Border(id, _) => {
                stage.layout.frames.get(&id).map(|area| area.origin.offset(0.0, crate::scene::FRAME_HEAD))
            }
            Spot::Ground => None,
        });
        self.window_point(at.unwrap_or_else(|| self.editor.view_centre.get_untracked()))
    }

    /// Escape: takes back whatever is going on; else selects nothing.
    fn cancel(self) {
        let is_busy = self.stage.with_value(|stage| stage.gesture != Gesture::Idle);
        self.bubble.set(None);
        if self.editor.dragged.get_untracked().is_some() {
            self.editor.dragged.set(None);
        } else if is_busy {
            self.input(Input::Cancel);
        } else if self.tool.get_untracked() != Tool::Pointer {
            self.tool.set(Tool::Pointer);
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
        if let (Some(from), Some(Spot::Component(to))) = (drawn_from, focused)
            && from != to
        {
            self.stage.update_value(|stage| stage.gesture = Gesture::Idle);
            self.connect(from, to);
            self.refresh();
        } else if focused.is_some() && focused == self.single() {
            self.renaming.set(focused);
        } else {
            match focused {
                Some(Spot::Component(id)) => self.editor.selection.set(Selection::component(id)),
                Some(Spot::Link(id)) => self.editor.selection.set(Selection::link(id)),
                Some(Spot::Frame(id)) => self.editor.selection.set(Selection::frame(id)),
                _ => {}
            }
        }
    }

    fn carry(self) {
        let at = self.editor.view_centre.get_untracked();
        let plans = self.step(|_, board| Gesture::carry(at, board));
        for plan in plans {
            self.carry_out(plan);
        }
        self.refresh();
    }

    fn nudge(self, right: i32, down: i32) {
        let (right, down) = (f64::from(right) * GRID, f64::from(down) * GRID);
        let has_nothing =
            self.editor.selection.with_untracked(|one| one.components.is_empty() && one.frames.is_empty());
        if has_nothing || self.editor.access() != Access::Edit {
            // With nothing to move, arrows move the view.
            self.look(self.camera.get_untracked().panned(-right * 5.0, -down * 5.0));
            return;
        }
        self.change_selected(|design, selection| {
            let all = frames::with_content(design, selection);
            let first = all.components.first().and_then(|&id| design.component(id)).map(|component| component.position);
            // Whatever lay beside the grid comes onto it.
            let (dx, dy) = first.map_or((right, down), |at| {
                let goal = snap::to_grid(at.offset(right, down));
                (goal.x - at.x, goal.y - at.y)
            });
            Some(frames::settled(design, Edit::Batch(frames::moves(design, &all, dx, dy)), &all))
        });
        let said = self.editor.design().with_untracked(|design| {
            self.editor.selection.with_untracked(|selection| {
                let first = design.component(*selection.components.first()?)?;
                let place = |at: f64| ((at / GRID).round() as i64).to_string();
                let (column, row) = (place(first.position.x), place(first.position.y));
                Some(fill("diagram.moved_to", &[("name", &first.name), ("column", &column), ("row", &row)]))
            })
        });
        if let Some(said) = said {
            self.editor.tell(said);
        }
    }

    fn stretch(self, right: i32, down: i32) {
        self.change_selected(|design, selection| {
            let frames = selection.frames.iter().filter_map(|&id| design.frame(id));
            let edits: Vec<Edit> = frames
                .map(|frame| {
                    let width = (frame.area.width + f64::from(right) * GRID).max(frames::LEAST.width);
                    let height = (frame.area.height + f64::from(down) * GRID).max(frames::LEAST.height);
                    Edit::SetArea(frame.id, Rect { width, height, ..frame.area })
                })
                .collect();
            (!edits.is_empty()).then(|| frames::settled(design, Edit::Batch(edits), selection))
        });
    }

    fn group(self) {
        let id = crate::ids::FrameId(self.editor.fresh_id());
        let before = self.editor.design().with_untracked(|design| design.frames().count());
        self.change_selected(|design, selection| frames::group(design, selection, id));
        if self.editor.design().with_untracked(|design| design.frames().count()) > before {
            self.editor.selection.set(Selection::frame(id));
        }
    }

    fn fit_frames(self) {
        self.change_selected(|design, selection| {
            let edits: Vec<Edit> = selection.frames.iter().filter_map(|&id| frames::fit(design, id)).collect();
            (!edits.is_empty()).then_some(Edit::Batch(edits))
        });
    }

    /// Lays everything out anew in one step; cards glide to their places unless the person wants no motion.
    fn arrange(self) {
        let Some(edit) = self.editor.design().with_untracked(arrange::arrange) else { return };
        // The whole is shown where it then lies.
        self.stage.update_value(|stage| stage.is_camera_chosen = false);
        self.editor.glide(edit);
        self.editor.tell(text("diagram.arranged").to_owned());
    }

    fn fit_selection(self) {
        let bounds = self.editor.selection.with_untracked(|selection| {
            self.stage.with_value(|stage| {
                let cards = selection.components.iter().filter_map(|id| stage.layout.cards.get(id));
                let frames = selection.frames.iter().filter_map(|id| stage.layout.frames.get(id));
                let links = selection.links.iter().filter_map(|id| stage.layout.routes.get(id));
                cards.chain(frames).copied().chain(links.map(|route| route.bounds())).reduce(Rect::union)
            })
        });
        if let Some(bounds) = bounds {
            self.look(self.camera_for(bounds));
        }
    }

    /// Selects a thing and brings it into view, as finding it does.
    pub fn go_to(self, selection: Selection) {
        self.editor.selection.set(selection);
        let spot = self.selected_spot();
        match spot {
            Some(Spot::Component(id)) => self.reveal(&[id]),
            _ => self.fit_selection(),
        }
        let proxy = match spot {
            Some(Spot::Component(id)) => format!("[data-component='{id}']"),
            Some(Spot::Link(id)) => format!("[data-link='{id}']"),
            Some(Spot::Frame(id)) => format!("[data-frame='{id}']"),
            _ => return,
        };
        web::focus(&proxy);
    }
}

/// Whether the command is about what is selected.
const fn concerns_selection(command: Command) -> bool {
    matches!(
        command,
        Command::Cut
            | Command::Copy
            | Command::Duplicate
            | Command::Remove
            | Command::SelectAlike
            | Command::Rename
            | Command::Connect
            | Command::Faults
            | Command::Menu
            | Command::Carry
            | Command::Nudge(..)
            | Command::Stretch(..)
            | Command::Group
            | Command::Ungroup
            | Command::FitFrame
            | Command::FitSelection
    )
}
