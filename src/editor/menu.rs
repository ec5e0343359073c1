//! What menus offer, for whatever the pointer or the focus is on. The page shows the entries and does what they say.

use crate::design::fault::FaultKind;
use crate::design::script::Target;
use crate::design::{Design, FrameKind, Kind, LinkRole};
use crate::editor::align::{Axis, Line};
use crate::editor::command::{Command, Touches};
use crate::editor::connect;
use crate::editor::faults::{self, AtWork};
use crate::editor::hit::Spot;
use crate::editor::place::Offer;
use crate::entry::small;
use crate::geometry::Point;
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::scene::{Selection, icon};
use crate::text::{fill, text};

/// A menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Menu {
    /// Of a component.
    Component(ComponentId),
    /// Of a link.
    Link(LinkId),
    /// Of a frame.
    Frame(FrameId),
    /// Of several things that are selected.
    Several,
    /// Of the ground at a point of the drawing.
    Ground(Point),
    /// The faults of something.
    Faults(Target),
    /// Ways to put the selected components in line.
    Align,
    /// Frames to draw.
    Frames,
    /// What a link can carry.
    Roles(LinkId),
    /// What a frame can stand for.
    FrameKinds(FrameId),
    /// What these components can be connected to: what is there, and what can be added.
    Connect(Vec<ComponentId>, Point),
    /// What can be added at a point of the drawing and connected to these components.
    Extend(Vec<ComponentId>, Point),
}

/// What choosing an entry does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A command, for what is selected.
    Run(Command),
    /// Shows another menu in place of this one.
    Open(Menu),
    /// Adds a part; which one is asked then.
    AddAt(Point),
    /// Pastes with the middle at a point of the drawing.
    PasteAt(Point),
    /// Lets a fault begin, or end where it is at work.
    Fault(Target, FaultKind),
    /// Kills all machines of a component.
    Kill(ComponentId),
    /// Puts right what is wrong there, the dead included.
    Restore(Target),
    /// Connects.
    Connect(Vec<ComponentId>, ComponentId),
    /// Adds and connects.
    Extend(Vec<ComponentId>, Offer, Point),
    /// Lets a link carry something else.
    Role(LinkId, LinkRole),
    /// Lets a frame stand for something else.
    FrameKind(FrameId, FrameKind),
    /// Selects.
    Select(Selection),
    /// Removes a frame with all that it holds.
    RemoveWithContent(FrameId),
}

/// An entry that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it says.
    pub words: String,
    /// What it does.
    pub act: Act,
    /// Path data of its icon, on a square of 24 units.
    pub icon: Option<&'static str>,
    /// Whether it is on, for entries that switch something.
    pub is_on: Option<bool>,
    /// Whether it destroys something.
    pub is_grave: bool,
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Can be chosen.
    Item(Item),
    /// Says what the entries below have in common.
    Heading(String),
    /// Separates.
    Line,
}

impl Item {
    fn new(words: String, act: Act) -> Self {
        Self { words, act, icon: None, is_on: None, is_grave: false }
    }
}

impl Menu {
    /// The menu for `spot`, at the point `at` of the drawing. What is not selected yet is to be selected first.
    pub fn of(spot: Spot, selection: &Selection, at: Point) -> Self {
        match spot {
            Spot::Component(id) | Spot::Port(id) if selection.components.contains(&id) && selection.count() > 1 => {
                Self::Several
            }
            Spot::Component(id) | Spot::Port(id) => Self::Component(id),
            Spot::Link(id) => Self::Link(id),
            Spot::Frame(id) | Spot::Border(id, _) => Self::Frame(id),
            Spot::Ground => Self::Ground(at),
        }
    }

    /// What the menu is about, for those who hear it.
    pub fn title(&self, design: &Design) -> String {
        let component = |id: ComponentId| design.component(id).map_or("", |component| component.name.as_str());
        match self {
            Self::Component(id) => component(*id).to_owned(),
            Self::Link(id) | Self::Roles(id) => link_name(design, *id),
            Self::Frame(id) | Self::FrameKinds(id) => {
                design.frame(*id).map_or_else(String::new, |frame| frame.name.clone())
            }
            Self::Several => text("menus.several").to_owned(),
            Self::Ground(_) => text("menus.ground").to_owned(),
            Self::Faults(target) => fill("menus.faults_of", &[("name", &target_name(design, *target))]),
            Self::Align => text("menus.align").to_owned(),
            Self::Frames => text("menus.frames").to_owned(),
            Self::Connect(from, _) | Self::Extend(from, _) => {
                let names: Vec<&str> = from.iter().map(|&id| component(id)).collect();
                let is_new = matches!(self, Self::Extend(..));
                let key = if is_new { "menus.extend_from" } else { "menus.connect_from" };
                fill(key, &[("name", &names.join(", "))])
            }
        }
    }

    /// The entries, from top to bottom, as far as they change no more than `most`.
    pub fn entries(&self, design: &Design, at_work: &AtWork, most: Touches) -> Vec<Entry> {
        let mut list = List { entries: Vec::new(), at_work };
        match self {
            Self::Component(id) => list.component(design, *id),
            Self::Link(id) => list.link(design, *id),
            Self::Frame(id) => list.frame(design, *id),
            Self::Several => list.several(),
            Self::Ground(at) => list.ground(*at),
            Self::Faults(target) => list.faults(design, *target),
            Self::Align => list.align(),
            Self::Frames => list.commands(&FrameKind::ALL.map(Command::DrawFrame)),
            Self::Roles(id) => list.roles(design, *id),
            Self::FrameKinds(id) => list.frame_kinds(design, *id),
            Self::Connect(from, at) => {
                list.targets(design, from);
                list.entries.push(Entry::Heading(text("menus.add_and_connect").to_owned()));
                list.offers(design, from, *at);
            }
            Self::Extend(from, at) => list.offers(design, from, *at),
        }
        list.entries.retain(|entry| match entry {
            Entry::Item(item) => item.act.touches() <= most,
            Entry::Heading(_) | Entry::Line => true,
        });
        tidied(list.entries)
    }

    /// What it is about changes.
    const fn touches(&self) -> Touches {
        match self {
            Self::Component(_) | Self::Link(_) | Self::Frame(_) | Self::Several | Self::Ground(_) => Touches::View,
            Self::Faults(_) => Touches::System,
            Self::Align
            | Self::Frames
            | Self::Roles(_)
            | Self::FrameKinds(_)
            | Self::Connect(..)
            | Self::Extend(..) => Touches::Drawing,
        }
    }
}

impl Act {
    /// What it changes.
    const fn touches(&self) -> Touches {
        match self {
            Self::Run(command) => command.touches(),
            Self::Open(menu) => menu.touches(),
            Self::Select(_) => Touches::View,
            Self::Fault(..) | Self::Kill(_) | Self::Restore(_) => Touches::System,
            Self::AddAt(_)
            | Self::PasteAt(_)
            | Self::Connect(..)
            | Self::Extend(..)
            | Self::Role(..)
            | Self::FrameKind(..)
            | Self::RemoveWithContent(_) => Touches::Drawing,
        }
    }
}

/// Entries without lines that separate nothing, and without headings over nothing.
fn tidied(entries: Vec<Entry>) -> Vec<Entry> {
    let mut tidy: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let follows_item = matches!(tidy.last(), Some(Entry::Item(_)));
        match entry {
            Entry::Line if !follows_item => {}
            Entry::Item(_) | Entry::Heading(_) | Entry::Line => tidy.push(entry),
        }
    }
    while tidy.last().is_some_and(|entry| !matches!(entry, Entry::Item(_))) {
        tidy.pop();
    }
    tidy
}

/// Entries being put together.
struct List<'a> {
    entries: Vec<Entry>,
    at_work: &'a AtWork,
}

impl List<'_> {
    fn item(&mut self, words: impl Into<String>, act: Act) {
        self.entries.push(Entry::Item(Item::new(words.into(), act)));
    }

    fn switch(&mut self, words: impl Into<String>, act: Act, is_on: bool) {
        self.entries.push(Entry::Item(Item { is_on: Some(is_on), ..Item::new(words.into(), act) }));
    }

    fn grave(&mut self, words: impl Into<String>, act: Act) {
        self.entries.push(Entry::Item(Item { is_grave: true, ..Item::new(words.into(), act) }));
    }

    fn command(&mut self, command: Command) {
        let words = text(&format!("commands.{}", command.row().key)).to_owned();
        if command == Command::Remove {
            self.grave(words, Act::Run(command));
        } else {
            self.item(words, Act::Run(command));
        }
    }

    fn commands(&mut self, commands: &[Command]) {
        for &command in commands {
            self.command(command);
        }
    }

    fn line(&mut self) {
        self.entries.push(Entry::Line);
    }

    fn component(&mut self, design: &Design, id: ComponentId) {
        let target = Target::Component(id);
        self.commands(&[Command::Rename, Command::Connect, Command::Duplicate, Command::Copy, Command::Cut]);
        self.line();
        if design.component(id).is_some_and(|component| component.config.kind() != Kind::Users) {
            self.grave(text("menus.kill"), Act::Kill(id));
            self.item(text("menus.faults"), Act::Open(Menu::Faults(target)));
            self.item(text("menus.restore"), Act::Restore(target));
            self.line();
        }
        self.commands(&[Command::SelectAlike, Command::Group, Command::Carry]);
        self.line();
        self.command(Command::Remove);
    }

    fn link(&mut self, design: &Design, id: LinkId) {
        let target = Target::Link(id);
        self.item(text("menus.roles"), Act::Open(Menu::Roles(id)));
        self.line();
        for fault in faults::of_links() {
            self.fault(design, target, fault);
        }
        self.item(text("menus.restore"), Act::Restore(target));
        self.line();
        self.command(Command::Remove);
    }

    fn frame(&mut self, design: &Design, id: FrameId) {
        self.command(Command::Rename);
        self.item(text("menus.frame_kind"), Act::Open(Menu::FrameKinds(id)));
        if !design.frame(id).is_some_and(|frame| frame.kind.holds_parts()) {
            self.commands(&[Command::Duplicate, Command::Copy, Command::Cut, Command::Carry]);
            self.line();
            self.command(Command::Remove);
            return;
        }
        self.commands(&[Command::FitFrame, Command::Duplicate, Command::Carry]);
        let content = crate::editor::frames::content(design, id);
        if !content.is_empty() {
            self.item(text("menus.select_content"), Act::Select(content));
        }
        self.line();
        self.item(text("menus.faults"), Act::Open(Menu::Faults(Target::Frame(id))));
        self.item(text("menus.restore"), Act::Restore(Target::Frame(id)));
        self.line();
        self.command(Command::Ungroup);
        self.grave(text("menus.remove_with_content"), Act::RemoveWithContent(id));
    }

    fn several(&mut self) {
        self.commands(&[Command::Connect, Command::Duplicate, Command::Copy, Command::Cut]);
        self.line();
        self.item(text("menus.align"), Act::Open(Menu::Align));
        self.commands(&[Command::Group, Command::Carry, Command::SelectAlike]);
        self.line();
        self.command(Command::Remove);
    }

    fn ground(&mut self, at: Point) {
        self.item(text("menus.add_here"), Act::AddAt(at));
        self.item(text("commands.paste"), Act::PasteAt(at));
        self.item(text("menus.frames"), Act::Open(Menu::Frames));
        self.line();
        self.commands(&[Command::SelectAll, Command::Arrange, Command::Fit]);
        self.line();
        self.command(Command::RestoreAll);
    }

    fn fault(&mut self, design: &Design, target: Target, fault: FaultKind) {
        let words = text(&format!("faults.{}.name", fault.key())).to_owned();
        let act = Act::Fault(target, fault);
        if faults::lasts(fault) && !matches!(target, Target::Frame(_)) {
            self.switch(words, act, self.at_work.has(design, target, fault));
        } else {
            self.item(words, act);
        }
    }

    fn faults(&mut self, design: &Design, target: Target) {
        let kinds: Vec<FaultKind> = match target {
            Target::Component(id) | Target::Instance(id, _) => design
                .component(id)
                .map(|component| faults::of_kind(component.config.kind()).collect())
                .unwrap_or_default(),
            Target::Link(_) => faults::of_links().collect(),
            Target::Frame(id) if design.holding_frames().all(|frame| frame.id != id) => Vec::new(),
            Target::Frame(_) => faults::of_frames().collect(),
        };
        for fault in kinds {
            self.fault(design, target, fault);
        }
        self.line();
        self.item(text("menus.restore"), Act::Restore(target));
    }

    fn align(&mut self) {
        let lines = [Line::Left, Line::Centre, Line::Right, Line::Top, Line::Middle, Line::Bottom];
        self.commands(&lines.map(Command::Align));
        self.line();
        self.commands(&[Axis::Across, Axis::Down].map(Command::Distribute));
    }

    fn roles(&mut self, design: &Design, id: LinkId) {
        let Some(link) = design.link(id) else { return };
        let (Some(from), Some(to)) = (design.component(link.from), design.component(link.to)) else { return };
        for &role in from.config.kind().roles_to(to.config.kind()) {
            let words = text(&format!("roles.{}.name", role.word())).to_owned();
            self.switch(words, Act::Role(id, role), role == link.role);
        }
    }

    fn frame_kinds(&mut self, design: &Design, id: FrameId) {
        let present = design.frame(id).map(|frame| frame.kind);
        for kind in FrameKind::ALL {
            let words = text(&format!("frames.{}.name", kind.key())).to_owned();
            self.switch(words, Act::FrameKind(id, kind), Some(kind) == present);
        }
    }

    fn targets(&mut self, design: &Design, from: &[ComponentId]) {
        let Some(&first) = from.first() else { return };
        let targets = connect::targets(design, first);
        if targets.is_empty() {
            return;
        }
        self.entries.push(Entry::Heading(text("menus.connect_to").to_owned()));
        for to in targets {
            let Some(component) = design.component(to) else { continue };
            let role = connect::links(design, first, to).ok().and_then(|links| links.first().map(|link| link.role));
            let role = role.map_or(String::new(), |role| small(text(&format!("roles.{}.name", role.word()))));
            let words = fill("menus.target", &[("name", &component.name), ("role", &role)]);
            let icon = Some(icon::of_kind(component.config.kind()));
            let act = Act::Connect(from.to_vec(), to);
            self.entries.push(Entry::Item(Item { icon, ..Item::new(words, act) }));
        }
    }

    fn offers(&mut self, design: &Design, from: &[ComponentId], at: Point) {
        let Some(&first) = from.first() else { return };
        for offer in connect::offers(design, first) {
            let act = Act::Extend(from.to_vec(), offer, at);
            let icon = Some(icon_of(offer));
            self.entries.push(Entry::Item(Item { icon, ..Item::new(offer.name(), act) }));
        }
    }
}

/// The icon of what the palette offers, as path data.
pub fn icon_of(offer: Offer) -> &'static str {
    offer.preset.map_or_else(|| icon::of_kind(offer.kind), icon::of_preset)
}

/// `Link from A to B: requests`; empty if it is gone.
pub fn link_name(design: &Design, id: LinkId) -> String {
    let named = || {
        let link = design.link(id)?;
        let (from, to) = (design.component(link.from)?, design.component(link.to)?);
        let role = text(&format!("diagram.roles.{}", link.role.word())).to_owned();
        Some(fill("diagram.link_name", &[("from", &from.name), ("to", &to.name), ("role", &role)]))
    };
    named().unwrap_or_default()
}

/// What people call what a fault strikes; empty if it is gone.
pub fn target_name(design: &Design, target: Target) -> String {
    match target {
        Target::Component(id) | Target::Instance(id, _) => {
            design.component(id).map_or_else(String::new, |component| component.name.clone())
        }
        Target::Link(id) => link_name(design, id),
        Target::Frame(id) => design.frame(id).map_or_else(String::new, |frame| frame.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::gesture::tests::three_in_a_row;

    fn words(menu: &Menu) -> Vec<String> {
        let design = three_in_a_row();
        let entries = menu.entries(&design, &AtWork::default(), Touches::Drawing);
        let words = entries.into_iter().filter_map(|entry| match entry {
            Entry::Item(item) => Some(item.words),
            Entry::Heading(_) | Entry::Line => None,
        });
        words.collect()
    }

    #[test]
    fn every_entry_says_something() {
        let (server, link, at) = (ComponentId(2), LinkId(4), Point::default());
        for menu in [
            Menu::Component(server),
            Menu::Link(link),
            Menu::Several,
            Menu::Ground(at),
            Menu::Faults(Target::Component(server)),
            Menu::Faults(Target::Link(link)),
            Menu::Faults(Target::Frame(FrameId(1))),
            Menu::Align,
            Menu::Frames,
            Menu::Roles(link),
            Menu::FrameKinds(FrameId(1)),
            Menu::Connect(vec![server], at),
            Menu::Extend(vec![server], at),
        ] {
            let words = words(&menu);
            assert!(!words.is_empty(), "{menu:?}");
            assert!(words.iter().all(|words| !words.is_empty() && !words.contains("menus.")), "{menu:?}: {words:?}");
        }
    }

    #[test]
    fn people_cannot_be_killed() {
        assert!(words(&Menu::Component(ComponentId(2))).contains(&text("menus.kill").to_owned()));
        assert!(!words(&Menu::Component(ComponentId(1))).contains(&text("menus.kill").to_owned()));
    }

    #[test]
    fn only_what_makes_sense_is_offered_for_a_link() {
        let design = three_in_a_row();
        let menu = Menu::Connect(vec![ComponentId(3)], Point::default());
        let targets: Vec<_> = menu
            .entries(&design, &AtWork::default(), Touches::Drawing)
            .into_iter()
            .filter(|entry| matches!(entry, Entry::Item(Item { act: Act::Connect(..), .. })))
            .collect();
        assert!(targets.is_empty(), "a database calls nobody: {targets:?}");
    }

    #[test]
    fn a_drawing_that_stays_as_it_is_can_still_be_broken() {
        let design = three_in_a_row();
        let menu = Menu::Component(ComponentId(2));
        let entries = menu.entries(&design, &AtWork::default(), Touches::System);
        let acts = entries.iter().filter_map(|entry| match entry {
            Entry::Item(item) => Some(&item.act),
            Entry::Heading(_) | Entry::Line => None,
        });
        let acts: Vec<&Act> = acts.collect();
        assert!(acts.contains(&&Act::Kill(ComponentId(2))), "{acts:?}");
        assert!(acts.iter().all(|act| act.touches() <= Touches::System), "{acts:?}");
        assert!(!acts.contains(&&Act::Run(Command::Remove)), "{acts:?}");
        // Nothing but entries at either end, and never two lines in a row.
        assert!(
            matches!((entries.first(), entries.last()), (Some(Entry::Item(_)), Some(Entry::Item(_)))),
            "{entries:?}"
        );
        assert!(entries.windows(2).all(|pair| pair[0] != Entry::Line || pair[1] != Entry::Line), "{entries:?}");
    }

    #[test]
    fn a_menu_speaks_of_what_is_under_the_pointer() {
        let at = Point::default();
        let one = Selection::component(ComponentId(2));
        let two = Selection { components: [1, 2].map(ComponentId).into(), ..Selection::default() };
        let spot = Spot::Component(ComponentId(2));
        assert_eq!(Menu::of(spot, &one, at), Menu::Component(ComponentId(2)));
        assert_eq!(Menu::of(spot, &two, at), Menu::Several);
        assert_eq!(Menu::of(Spot::Ground, &two, at), Menu::Ground(at));
    }
}
