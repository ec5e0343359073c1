//! The one door for commands and for what menus offer, wherever they come from: keys, buttons, menus, the search.

use leptos::prelude::*;

use super::canvas::{Diagram, OpenMenu};
use super::editor::Editor;
use super::engine::Engine;
use super::keeping;
use super::notices::Notices;
use super::preferences::{Preferences, Sheet};
use crate::design::edit::Edit;
use crate::design::fault::FaultKind;
use crate::design::script::{Action, Target};
use crate::editor::command::{Command, Row, Touches};
use crate::editor::menu::Act;
use crate::editor::scale::next_speed;
use crate::embed::params::Access;
use crate::geometry::Point;
use crate::text::text;
use crate::web;

/// What the search looks through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Search {
    /// Commands, parts to add, and things on the drawing.
    Everything,
    /// Things on the drawing.
    Things,
    /// Parts to add, at a point of the drawing or in the middle of the view.
    Parts(Option<Point>),
}

/// Handle to everything that commands act upon.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The diagram.
    pub diagram: Diagram,
    /// The drawing.
    pub editor: Editor,
    /// The run.
    pub engine: Engine,
    /// Messages.
    pub notices: Notices,
    /// What the person likes.
    pub preferences: Preferences,
    /// Whether the sheet of keys is shown.
    pub help_open: RwSignal<bool>,
    /// What is being searched; `None` while the search is closed.
    pub search: RwSignal<Option<Search>>,
}

impl Desk {
    /// The most that may be changed here.
    pub fn reach(self) -> Touches {
        match self.editor.access() {
            Access::View => Touches::View,
            Access::Play => Touches::System,
            Access::Edit => Touches::Drawing,
        }
    }

    /// Whether the command may be run here.
    pub fn offers(self, command: Command) -> bool {
        command.touches() <= self.reach()
    }

    /// Does what a command says, or says that it may not be done here.
    pub fn run(self, command: Command) {
        if !self.offers(command) {
            self.editor.refusal.set(Some(text("embed.locked").to_owned()));
            return;
        }
        let engine = self.engine;
        match command {
            Command::TogglePlaying => engine.toggle_playing(),
            Command::Step => engine.step(),
            Command::StepBack => engine.step_back(),
            Command::GoLive => engine.go_live(),
            Command::Slower => engine.speed.update(|speed| *speed = next_speed(*speed, false)),
            Command::Faster => engine.speed.update(|speed| *speed = next_speed(*speed, true)),
            Command::Restart => engine.restart(),
            Command::Add => self.ask_for_part(None),
            Command::Search => self.search.set(Some(Search::Everything)),
            Command::Find => self.search.set(Some(Search::Things)),
            Command::PartGroup(number) => self.go_to_parts(number),
            Command::Theme => self.preferences.theme.update(|theme| *theme = theme.next()),
            Command::Save => keeping::save_file(self.editor, self.notices),
            Command::Grid => self.preferences.has_grid.update(|has_grid| *has_grid = !*has_grid),
            Command::Zen => {
                self.preferences.sheet.set(None);
                self.preferences.is_zen.update(|is_zen| *is_zen = !*is_zen);
            }
            Command::Lock => self.editor.lock(),
            Command::Help => self.help_open.set(true),
            of_the_diagram => self.diagram.command(of_the_diagram),
        }
    }

    /// Does what an entry of `open` says.
    pub fn act(self, act: Act, open: &OpenMenu) {
        let (diagram, editor, engine) = (self.diagram, self.editor, self.engine);
        match act {
            Act::Run(command) => self.run(command),
            Act::Open(menu) => {
                let mut path = open.path.clone();
                path.push(open.menu.clone());
                diagram.menu.set(Some(OpenMenu { menu, at: open.at, path }));
            }
            Act::AddAt(at) => self.ask_for_part(Some(at)),
            Act::PasteAt(at) => diagram.paste_kept(Some(at)),
            Act::Fault(target, fault) => engine.switch_fault(editor, target, fault),
            Act::Kill(component) => engine.act(Action::Kill(component)),
            Act::Restore(target) => self.restore(target),
            Act::Connect(from, to) => {
                for one in from {
                    diagram.connect(one, to);
                }
            }
            Act::Extend(from, offer, at) => diagram.extend(&from, offer, at),
            Act::Role(link, role) => editor.perform(Edit::SetRole(link, role)),
            Act::FrameKind(frame, kind) => editor.perform(Edit::SetFrameKind(frame, kind)),
            Act::Select(selection) => editor.selection.set(selection),
            Act::RemoveWithContent(frame) => diagram.remove_with_content(frame),
        }
    }

    /// Puts right what is wrong there, the dead included.
    pub fn restore(self, target: Target) {
        if untrack(|| self.is_cut_off(target)) {
            self.engine.act(Action::Clear { target, fault: Some(FaultKind::Partition) });
        }
        self.engine.act(Action::Clear { target, fault: None });
    }

    /// Whether nothing comes through to it, or from it.
    pub fn is_cut_off(self, target: Target) -> bool {
        self.engine.is_struck(self.editor, target, FaultKind::Partition)
    }

    /// Lets the person search for a part to add.
    pub fn ask_for_part(self, at: Option<Point>) {
        self.search.set(Some(Search::Parts(at)));
    }

    /// Goes to the first part of a group in the palette, counted from 1.
    fn go_to_parts(self, group: u8) {
        self.preferences.is_zen.set(false);
        self.preferences.palette_open.set(true);
        self.preferences.sheet.set(Some(Sheet::Palette));
        // The palette may only now come into view.
        request_animation_frame(move || {
            web::focus(&format!(".palette-group:nth-of-type({group}) .palette-item"));
        });
    }

    /// Whether keys that are a sign alone count.
    pub fn with_single_keys(self) -> bool {
        self.preferences.single_keys.get_untracked()
    }

    /// A command in words, with its keys.
    pub fn tip(self, command: Command) -> String {
        let Row { key, .. } = command.row();
        let (words, keys) = (text(&format!("commands.{key}")).to_owned(), keys(command));
        if keys.is_empty() { words } else { format!("{words} ({keys})") }
    }
}

/// The keys of a command as this computer writes them; empty if there are none.
pub fn keys(command: Command) -> String {
    command.keys(is_mac())
}

/// Whether this computer has a Cmd key.
pub fn is_mac() -> bool {
    window().navigator().platform().is_ok_and(|name| name.starts_with("Mac") || name.starts_with("iP"))
}

/// The desk that the page provided.
pub fn use_desk() -> Desk {
    expect_context()
}
