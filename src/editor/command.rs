//! Everything that people can have done, with the keys for it: the one table that the handler of keys, the sheet of
//! keys, menus and the search for commands all read. Words for a command stand in `assets/text` under `commands`.

use super::align::{Axis, Line};
use crate::design::FrameKind;

/// Something to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Runs or rests.
    TogglePlaying,
    /// Advances to the next event.
    Step,
    /// Goes back to before the last event.
    StepBack,
    /// Shows the run as far as it has come.
    GoLive,
    /// Slows the run down.
    Slower,
    /// Speeds the run up.
    Faster,
    /// Starts the run anew.
    Restart,
    /// Offers the faults of what is selected.
    Faults,
    /// Puts everything right that was broken.
    RestoreAll,
    /// Takes back the last edit.
    Undo,
    /// Repeats the last edit taken back.
    Redo,
    /// Keeps a copy of what is selected and removes it.
    Cut,
    /// Keeps a copy of what is selected.
    Copy,
    /// Adds what has been copied.
    Paste,
    /// Adds a copy of what is selected, with its links.
    Duplicate,
    /// Removes what is selected.
    Remove,
    /// Selects all components and frames.
    SelectAll,
    /// Selects all components of the kinds that are selected.
    SelectAlike,
    /// Edits the name of what is selected in place.
    Rename,
    /// Offers what the selected components can be connected to.
    Connect,
    /// Offers parts to add.
    Add,
    /// Lets the selection follow the pointer until a click puts it down.
    Carry,
    /// Moves what is selected by so many steps of the grid, right and down.
    Nudge(i32, i32),
    /// Makes the selected frame larger by so many steps of the grid, right and down.
    Stretch(i32, i32),
    /// Puts a frame around what is selected.
    Group,
    /// Takes the selected frames away and leaves what they hold.
    Ungroup,
    /// Draws a frame with the pointer.
    DrawFrame(FrameKind),
    /// Draws the selected frames closely around what they hold.
    FitFrame,
    /// Puts the selected components in line.
    Align(Line),
    /// Spreads the selected components evenly.
    Distribute(Axis),
    /// Lays the whole drawing out anew, from left to right.
    Arrange,
    /// Chooses what has the focus; ends a link there.
    Choose,
    /// Takes back the gesture in progress, else deselects.
    Cancel,
    /// Opens the menu of what has the focus.
    Menu,
    /// Shows the whole drawing.
    Fit,
    /// Shows what is selected as large as it goes.
    FitSelection,
    /// Shows things larger.
    ZoomIn,
    /// Shows things smaller.
    ZoomOut,
    /// Shows things at their natural size.
    ZoomReset,
    /// Moves the view up or down by most of its height; negative is up.
    Page(i32),
    /// Lets the pointer move the view, whatever it is on.
    Hand,
    /// Lets the pointer remove what it is drawn over.
    Erase,
    /// Lets the pointer select and move things.
    Point,
    /// Puts down again and again what the next click puts down, or no longer.
    KeepTool,
    /// Goes to a group of parts to add, counted from 1.
    PartGroup(u8),
    /// Searches for commands, parts and things on the drawing.
    Search,
    /// Searches for things on the drawing.
    Find,
    /// Changes the theme.
    Theme,
    /// Shows the points of the grid, or hides them.
    Grid,
    /// Hides what stands around the diagram, or brings it back.
    Zen,
    /// Locks the drawing, or unlocks it.
    Lock,
    /// Saves the drawing as a file.
    Save,
    /// Shows the sheet of keys.
    Help,
}

/// What something that people do changes, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touches {
    /// What is seen and selected, and how time passes.
    View,
    /// The running system, which can break.
    System,
    /// The drawing.
    Drawing,
}

/// Groups of commands in the sheet of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Simulated time, and what goes wrong in it.
    Run,
    /// The drawing.
    Edit,
    /// What is where on the drawing.
    Arrange,
    /// What is seen of it.
    View,
}

impl Group {
    /// All groups, in the order of the sheet.
    pub const ALL: [Self; 4] = [Self::Run, Self::Edit, Self::Arrange, Self::View];

    /// Name in texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Edit => "edit",
            Self::Arrange => "arrange",
            Self::View => "view",
        }
    }
}

/// Where the focus must be for a key to mean a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Anywhere but in fields that take text.
    Page,
    /// On the diagram.
    Diagram,
    /// On something on the diagram.
    Thing,
}

/// Keys pressed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    /// The key as the browser names it, in lower case; or its place on the keyboard, as for digits.
    key: &'static str,
    /// Ctrl, or on a Mac Cmd.
    control: bool,
    /// Shift; `None` if it does not matter, as where a sign needs it on some keyboards.
    shift: Option<bool>,
    alt: bool,
}

/// A key press as the browser tells it.
#[derive(Clone, Copy, Debug)]
pub struct Press<'a> {
    /// What it writes or does: `a`, `+`, `ArrowLeft`.
    pub key: &'a str,
    /// Its place on the keyboard: `Digit1`.
    pub code: &'a str,
    /// Ctrl, or on a Mac Cmd.
    pub control: bool,
    /// Shift.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
}

/// A command with the words and the keys for it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is done.
    pub command: Command,
    /// Name in texts; rows of the same name stand in one line of the sheet.
    pub key: &'static str,
    /// Where the sheet shows it.
    pub group: Group,
    /// Where its keys count.
    pub scope: Scope,
    /// The keys; any of them will do.
    pub chords: &'static [Chord],
}

const fn plain(key: &'static str) -> Chord {
    Chord { key, control: false, shift: Some(false), alt: false }
}

const fn sign(key: &'static str) -> Chord {
    Chord { shift: None, ..plain(key) }
}

const fn shift(key: &'static str) -> Chord {
    Chord { shift: Some(true), ..plain(key) }
}

const fn control(key: &'static str) -> Chord {
    Chord { control: true, ..plain(key) }
}

const fn control_sign(key: &'static str) -> Chord {
    Chord { control: true, ..sign(key) }
}

const fn control_shift(key: &'static str) -> Chord {
    Chord { control: true, ..shift(key) }
}

/// With Alt, keys are told by their place: on a Mac they write other signs.
const fn alt(key: &'static str) -> Chord {
    Chord { alt: true, ..plain(key) }
}

const fn row(command: Command, key: &'static str, group: Group, scope: Scope, chords: &'static [Chord]) -> Row {
    Row { command, key, group, scope, chords }
}

/// Steps of the grid that an arrow moves by with Shift.
const FAR: i32 = 4;

/// All commands, in the order of the sheet of keys.
pub const TABLE: &[Row] = &{
    use Command as C;
    use Group::{Arrange, Edit, Run, View};
    use Scope::{Diagram, Page, Thing};
    [
        row(C::TogglePlaying, "play", Run, Page, &[plain(" "), plain("k")]),
        row(C::Step, "step", Run, Page, &[plain(".")]),
        row(C::StepBack, "step_back", Run, Page, &[plain(",")]),
        row(C::GoLive, "live", Run, Page, &[plain("l")]),
        row(C::Slower, "slower", Run, Page, &[sign("[")]),
        row(C::Faster, "faster", Run, Page, &[sign("]")]),
        row(C::Restart, "restart", Run, Page, &[plain("r")]),
        row(C::Faults, "faults", Run, Diagram, &[plain("x")]),
        row(C::RestoreAll, "restore_all", Run, Page, &[shift("x")]),
        row(C::Undo, "undo", Edit, Page, &[control("z")]),
        row(C::Redo, "redo", Edit, Page, &[control_shift("z"), control("y")]),
        row(C::Cut, "cut", Edit, Diagram, &[control("x")]),
        row(C::Copy, "copy", Edit, Diagram, &[control("c")]),
        row(C::Paste, "paste", Edit, Diagram, &[control("v")]),
        row(C::Duplicate, "duplicate", Edit, Diagram, &[control("d")]),
        row(C::Remove, "remove", Edit, Diagram, &[plain("delete"), plain("backspace")]),
        row(C::SelectAll, "select_all", Edit, Diagram, &[control("a")]),
        row(C::SelectAlike, "select_alike", Edit, Diagram, &[]),
        row(C::Rename, "rename", Edit, Diagram, &[plain("f2")]),
        row(C::Connect, "connect", Edit, Diagram, &[plain("c"), plain("a")]),
        row(C::Add, "add", Edit, Page, &[plain("n")]),
        row(C::PartGroup(1), "part_group", Edit, Page, &[plain("digit1")]),
        row(C::PartGroup(2), "part_group", Edit, Page, &[plain("digit2")]),
        row(C::PartGroup(3), "part_group", Edit, Page, &[plain("digit3")]),
        row(C::PartGroup(4), "part_group", Edit, Page, &[plain("digit4")]),
        row(C::PartGroup(5), "part_group", Edit, Page, &[plain("digit5")]),
        row(C::PartGroup(6), "part_group", Edit, Page, &[plain("digit6")]),
        row(C::DrawFrame(FrameKind::Note), "draw_note", Edit, Page, &[plain("t")]),
        row(C::KeepTool, "keep_tool", Edit, Page, &[plain("q")]),
        row(C::Erase, "erase", Edit, Page, &[plain("e")]),
        row(C::Lock, "lock", Edit, Page, &[alt("keyr")]),
        row(C::Choose, "choose", Edit, Thing, &[plain("enter"), plain(" ")]),
        row(C::Cancel, "cancel", Edit, Diagram, &[plain("escape")]),
        row(C::Menu, "menu", Edit, Diagram, &[shift("f10"), plain("contextmenu")]),
        row(C::Save, "save", Edit, Page, &[control("s")]),
        row(C::Nudge(-1, 0), "nudge", Arrange, Diagram, &[plain("arrowleft")]),
        row(C::Nudge(0, -1), "nudge", Arrange, Diagram, &[plain("arrowup")]),
        row(C::Nudge(1, 0), "nudge", Arrange, Diagram, &[plain("arrowright")]),
        row(C::Nudge(0, 1), "nudge", Arrange, Diagram, &[plain("arrowdown")]),
        row(C::Nudge(-FAR, 0), "nudge_far", Arrange, Diagram, &[shift("arrowleft")]),
        row(C::Nudge(0, -FAR), "nudge_far", Arrange, Diagram, &[shift("arrowup")]),
        row(C::Nudge(FAR, 0), "nudge_far", Arrange, Diagram, &[shift("arrowright")]),
        row(C::Nudge(0, FAR), "nudge_far", Arrange, Diagram, &[shift("arrowdown")]),
        row(C::Stretch(-1, 0), "stretch", Arrange, Diagram, &[control("arrowleft")]),
        row(C::Stretch(0, -1), "stretch", Arrange, Diagram, &[control("arrowup")]),
        row(C::Stretch(1, 0), "stretch", Arrange, Diagram, &[control("arrowright")]),
        row(C::Stretch(0, 1), "stretch", Arrange, Diagram, &[control("arrowdown")]),
        row(C::Carry, "carry", Arrange, Diagram, &[plain("m")]),
        row(C::Group, "group", Arrange, Diagram, &[control("g")]),
        row(C::Ungroup, "ungroup", Arrange, Diagram, &[control_shift("g")]),
        row(C::DrawFrame(FrameKind::Group), "draw_group", Arrange, Page, &[]),
        row(C::DrawFrame(FrameKind::Zone), "draw_zone", Arrange, Page, &[]),
        row(C::DrawFrame(FrameKind::Region), "draw_region", Arrange, Page, &[]),
        row(C::FitFrame, "fit_frame", Arrange, Diagram, &[]),
        row(C::Align(Line::Left), "align_left", Arrange, Diagram, &[]),
        row(C::Align(Line::Centre), "align_centre", Arrange, Diagram, &[]),
        row(C::Align(Line::Right), "align_right", Arrange, Diagram, &[]),
        row(C::Align(Line::Top), "align_top", Arrange, Diagram, &[]),
        row(C::Align(Line::Middle), "align_middle", Arrange, Diagram, &[]),
        row(C::Align(Line::Bottom), "align_bottom", Arrange, Diagram, &[]),
        row(C::Distribute(Axis::Across), "distribute_across", Arrange, Diagram, &[]),
        row(C::Distribute(Axis::Down), "distribute_down", Arrange, Diagram, &[]),
        row(C::Arrange, "arrange", Arrange, Page, &[]),
        row(C::ZoomIn, "zoom_in", View, Diagram, &[control_sign("+"), control_sign("="), sign("+"), plain("=")]),
        row(C::ZoomOut, "zoom_out", View, Diagram, &[control_sign("-"), sign("-")]),
        row(C::ZoomReset, "zoom_reset", View, Diagram, &[control("digit0")]),
        row(C::Fit, "fit", View, Diagram, &[plain("f"), shift("digit1")]),
        row(C::FitSelection, "fit_selection", View, Diagram, &[shift("digit2")]),
        row(C::Page(-1), "page", View, Diagram, &[plain("pageup")]),
        row(C::Page(1), "page", View, Diagram, &[plain("pagedown")]),
        row(C::Grid, "grid", View, Page, &[control_sign("'")]),
        row(C::Zen, "zen", View, Page, &[alt("keyz")]),
        row(C::Hand, "hand", View, Diagram, &[plain("h")]),
        row(C::Point, "point", View, Diagram, &[plain("v")]),
        row(C::Search, "search", View, Page, &[control("k")]),
        row(C::Find, "find", View, Page, &[control("f")]),
        row(C::Theme, "theme", View, Page, &[Chord { alt: true, ..shift("keyd") }]),
        row(C::Help, "help", View, Page, &[sign("?")]),
    ]
};

impl Chord {
    fn fits(self, press: Press<'_>) -> bool {
        let is_key = self.key.eq_ignore_ascii_case(press.key) || self.key.eq_ignore_ascii_case(press.code);
        is_key
            && self.control == press.control
            && self.alt == press.alt
            && self.shift.is_none_or(|shift| shift == press.shift)
    }

    /// Whether it is a sign alone, which people may want to type or say to their computer instead.
    pub fn is_single(self) -> bool {
        let is_sign = self.key.chars().count() == 1 && self.key != " ";
        !self.control && !self.alt && (is_sign || self.key.starts_with("digit"))
    }

    /// The keys as people read them: `Ctrl Shift Z`.
    pub fn words(self, is_mac: bool) -> String {
        let mut words = Vec::new();
        if self.control {
            words.push(if is_mac { "⌘" } else { "Ctrl" });
        }
        if self.alt {
            words.push(if is_mac { "⌥" } else { "Alt" });
        }
        if self.shift == Some(true) {
            words.push("Shift");
        }
        let capital = self.key.to_ascii_uppercase();
        words.push(match self.key {
            " " => "Space",
            "arrowleft" => "←",
            "arrowright" => "→",
            "arrowup" => "↑",
            "arrowdown" => "↓",
            "delete" => "Del",
            "backspace" => "⌫",
            "escape" => "Esc",
            "enter" => "Enter",
            "pageup" => "PgUp",
            "pagedown" => "PgDn",
            "contextmenu" => "Menu",
            "-" => "−",
            _ => capital.trim_start_matches("DIGIT").trim_start_matches("KEY"),
        });
        words.join(" ")
    }
}

impl Command {
    /// Where it stands in the table.
    ///
    /// # Panics
    /// Never: every command has a row, which a test holds; a nudge of any length counts as the shortest.
    pub fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.command == self).expect("every command has a row")
    }

    /// What it changes. What has been done can always be taken back.
    pub const fn touches(self) -> Touches {
        match self {
            Self::TogglePlaying
            | Self::Step
            | Self::StepBack
            | Self::GoLive
            | Self::Slower
            | Self::Faster
            | Self::Restart
            | Self::Undo
            | Self::Redo
            | Self::Copy
            | Self::SelectAll
            | Self::SelectAlike
            | Self::Choose
            | Self::Cancel
            | Self::Menu
            | Self::Fit
            | Self::FitSelection
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::Page(_)
            | Self::Hand
            | Self::Point
            | Self::Grid
            | Self::Zen
            // Whoever has locked the drawing unlocks it.
            | Self::Lock
            // Without anything to move, arrows move the view.
            | Self::Nudge(..)
            | Self::Search
            | Self::Find
            | Self::Theme
            | Self::Save
            | Self::Help => Touches::View,
            Self::Faults | Self::RestoreAll => Touches::System,
            Self::Cut
            | Self::Paste
            | Self::Duplicate
            | Self::Remove
            | Self::Rename
            | Self::Connect
            | Self::Add
            | Self::PartGroup(_)
            | Self::Erase
            | Self::KeepTool
            | Self::Carry
            | Self::Stretch(..)
            | Self::Group
            | Self::Ungroup
            | Self::DrawFrame(_)
            | Self::FitFrame
            | Self::Align(_)
            | Self::Distribute(_)
            | Self::Arrange => Touches::Drawing,
        }
    }

    /// Its first keys as people read them; empty if it has none.
    pub fn keys(self, is_mac: bool) -> String {
        self.row().chords.first().map_or_else(String::new, |chord| chord.words(is_mac))
    }
}

/// The command of a key while the focus is in `scope`, where the keys of wider scopes count too; `None` if the key is not
/// ours. `with_single` says whether signs alone count.
pub fn command(press: Press<'_>, scope: Scope, with_single: bool) -> Option<Command> {
    // The narrowest scope first.
    [Scope::Thing, Scope::Diagram, Scope::Page].into_iter().filter(|&wider| wider <= scope).find_map(|scope| {
        TABLE.iter().filter(|row| row.scope == scope).find_map(|row| {
            let fits = |chord: &&Chord| chord.fits(press) && (with_single || !chord.is_single());
            row.chords.iter().find(fits).map(|_| row.command)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str) -> Press<'_> {
        Press { key, code: "", control: false, shift: false, alt: false }
    }

    fn with_control(key: &str) -> Press<'_> {
        Press { control: true, ..press(key) }
    }

    #[test]
    fn keys_mean_what_people_know_from_other_editors() {
        for (press, meant) in [
            (with_control("z"), Command::Undo),
            (Press { shift: true, ..with_control("Z") }, Command::Redo),
            (with_control("y"), Command::Redo),
            (with_control("c"), Command::Copy),
            (with_control("g"), Command::Group),
            (press("c"), Command::Connect),
            (press("ArrowLeft"), Command::Nudge(-1, 0)),
            (Press { shift: true, ..press("ArrowDown") }, Command::Nudge(0, FAR)),
            (Press { shift: true, code: "Digit1", ..press("!") }, Command::Fit),
            (Press { shift: true, ..press("?") }, Command::Help),
            (Press { shift: true, ..press("F10") }, Command::Menu),
            (Press { code: "Digit2", ..press("2") }, Command::PartGroup(2)),
            (Press { code: "KeyZ", alt: true, ..press("Ω") }, Command::Zen),
            (press("t"), Command::DrawFrame(FrameKind::Note)),
        ] {
            assert_eq!(command(press, Scope::Diagram, true), Some(meant), "{press:?}");
        }
    }

    #[test]
    fn the_space_bar_chooses_on_a_thing_and_runs_elsewhere() {
        assert_eq!(command(press(" "), Scope::Thing, true), Some(Command::Choose));
        assert_eq!(command(press(" "), Scope::Diagram, true), Some(Command::TogglePlaying));
    }

    #[test]
    fn keys_of_the_diagram_mean_nothing_elsewhere() {
        assert_eq!(command(press("Delete"), Scope::Page, true), None);
        assert_eq!(command(with_control("a"), Scope::Page, true), None);
        assert_eq!(command(with_control("k"), Scope::Page, true), Some(Command::Search));
    }

    #[test]
    fn single_keys_can_be_switched_off() {
        for key in ["c", "k", ".", "?", "+"] {
            assert_eq!(command(press(key), Scope::Thing, false), None, "{key}");
        }
        for (key, meant) in [("Delete", Command::Remove), ("ArrowUp", Command::Nudge(0, -1)), (" ", Command::Choose)] {
            assert_eq!(command(press(key), Scope::Thing, false), Some(meant));
        }
    }

    #[test]
    fn the_browsers_own_keys_are_left_alone() {
        for press in [with_control("r"), with_control("t"), press("Tab"), press("F5"), press("Home")] {
            assert_eq!(command(press, Scope::Thing, true), None, "{press:?}");
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        let all = TABLE.iter().flat_map(|row| row.chords.iter().map(move |chord| (row.scope, chord)));
        let all: Vec<_> = all.collect();
        for (position, (scope, chord)) in all.iter().enumerate() {
            let twice = all[position + 1..].iter().find(|(other, again)| other == scope && again == chord);
            assert!(twice.is_none(), "{chord:?}");
        }
    }

    #[test]
    fn every_command_has_words() {
        for row in TABLE {
            let text = crate::text::lookup(&format!("commands.{}", row.key));
            assert!(text.is_some_and(|text| !text.is_empty()), "{}", row.key);
        }
        assert_eq!(Command::Redo.keys(false), "Ctrl Shift Z");
        assert_eq!(Command::Fit.row().chords[1].words(false), "Shift 1");
    }
}
