//! Undo and redo without limit: two stacks of inverse edits.

use super::Design;
use super::edit::{Edit, EditError};

/// What has been done to a design and what has been undone.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Edit>,
    undone: Vec<Edit>,
    /// Inverses of a gesture in progress, oldest first.
    gesture: Option<Vec<Edit>>,
}

impl History {
    /// Applies an edit that the person made.
    ///
    /// # Errors
    /// Why it cannot be made; nothing has changed then.
    pub fn perform(&mut self, design: &mut Design, edit: Edit) -> Result<(), EditError> {
        let inverse = design.apply(edit)?;
        self.undone.clear();
        match &mut self.gesture {
            Some(inverses) => inverses.push(inverse),
            None => self.done.push(inverse),
        }
        Ok(())
    }

    /// Starts a gesture: edits until [`History::end_gesture`] are undone together, as one drag should be.
    pub fn begin_gesture(&mut self) {
        self.end_gesture();
        self.gesture = Some(Vec::new());
    }

    /// Ends the gesture; does nothing if there is none.
    pub fn end_gesture(&mut self) {
        if let Some(mut inverses) = self.gesture.take().filter(|inverses| !inverses.is_empty()) {
            inverses.reverse();
            self.done.push(Edit::Batch(inverses));
        }
    }

    /// Takes the gesture in progress back, as Escape does.
    pub fn cancel_gesture(&mut self, design: &mut Design) {
        for inverse in self.gesture.take().unwrap_or_default().into_iter().rev() {
            design.apply(inverse).expect("the inverse of a change that was made can be made");
        }
    }

    /// Takes back the last edit; `false` if there is none.
    pub fn undo(&mut self, design: &mut Design) -> bool {
        self.end_gesture();
        Self::step(design, &mut self.done, &mut self.undone)
    }

    /// Repeats the last edit taken back; `false` if there is none.
    pub fn redo(&mut self, design: &mut Design) -> bool {
        self.end_gesture();
        Self::step(design, &mut self.undone, &mut self.done)
    }

    /// Whether there is something to take back.
    pub const fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to repeat.
    pub const fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    fn step(design: &mut Design, from: &mut Vec<Edit>, to: &mut Vec<Edit>) -> bool {
        let Some(inverse) = from.pop() else { return false };
        to.push(design.apply(inverse).expect("the inverse of a change that was made can be made"));
        true
    }
}
