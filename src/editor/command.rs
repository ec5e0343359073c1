//! What a key means while the diagram has the focus.

/// Something to be done by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Removes what is selected.
    Remove,
    /// Takes back the last edit.
    Undo,
    /// Repeats the last edit taken back.
    Redo,
    /// Selects all components.
    SelectAll,
    /// Adds a copy of what is selected, with its links.
    Duplicate,
    /// Keeps a copy of what is selected.
    Copy,
    /// Keeps a copy of what is selected and removes it.
    Cut,
    /// Adds what has been copied.
    Paste,
    /// Starts a link at the selected component.
    Connect,
    /// Takes back the gesture in progress, else deselects.
    Cancel,
    /// Chooses what has the focus; ends a link there.
    Choose,
    /// Edits the name of the selected component in place.
    Rename,
    /// Moves what is selected by so many steps of the grid, right and down.
    Nudge(i32, i32),
    /// Shows the whole drawing.
    Fit,
    /// Shows things larger.
    ZoomIn,
    /// Shows things smaller.
    ZoomOut,
    /// Shows things at their natural size.
    ZoomReset,
}

/// Steps of the grid that an arrow moves by with Shift.
const BIG_STEP: i32 = 4;

/// The command of a key as the browser names it; `None` if the key is not ours. `is_control` is Ctrl or, on a Mac, Cmd.
pub fn command(key: &str, is_control: bool, is_shift: bool) -> Option<Command> {
    let step = if is_shift { BIG_STEP } else { 1 };
    let command = match (is_control, key) {
        (true, "z" | "Z") if is_shift => Command::Redo,
        (true, "z") => Command::Undo,
        (true, "y" | "Y") => Command::Redo,
        (true, "a" | "A") => Command::SelectAll,
        (true, "d" | "D") => Command::Duplicate,
        (true, "c" | "C") => Command::Copy,
        (true, "x" | "X") => Command::Cut,
        (true, "v" | "V") => Command::Paste,
        (true, "+" | "=") => Command::ZoomIn,
        (true, "-") => Command::ZoomOut,
        (true, "0") => Command::ZoomReset,
        (true, _) => return None,
        (false, "Delete" | "Backspace") => Command::Remove,
        (false, "c" | "C" | "a" | "A") => Command::Connect,
        (false, "Escape") => Command::Cancel,
        (false, "Enter" | " ") => Command::Choose,
        (false, "F2") => Command::Rename,
        (false, "ArrowLeft") => Command::Nudge(-step, 0),
        (false, "ArrowRight") => Command::Nudge(step, 0),
        (false, "ArrowUp") => Command::Nudge(0, -step),
        (false, "ArrowDown") => Command::Nudge(0, step),
        (false, "f" | "F" | "!") => Command::Fit,
        (false, "1") if is_shift => Command::Fit,
        (false, "+" | "=") => Command::ZoomIn,
        (false, "-" | "_") => Command::ZoomOut,
        (false, _) => return None,
    };
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_people_know_from_other_editors() {
        assert_eq!(command("z", true, false), Some(Command::Undo));
        assert_eq!(command("Z", true, true), Some(Command::Redo));
        assert_eq!(command("y", true, false), Some(Command::Redo));
        assert_eq!(command("c", true, false), Some(Command::Copy));
        assert_eq!(command("c", false, false), Some(Command::Connect));
        assert_eq!(command("ArrowLeft", false, false), Some(Command::Nudge(-1, 0)));
        assert_eq!(command("ArrowDown", false, true), Some(Command::Nudge(0, BIG_STEP)));
        assert_eq!(command("!", false, true), Some(Command::Fit));
    }

    #[test]
    fn the_browsers_own_keys_are_left_alone() {
        for (key, is_control) in [("r", true), ("t", true), ("Tab", false), ("F5", false), ("Home", false)] {
            assert_eq!(command(key, is_control, false), None, "{key}");
        }
    }
}
