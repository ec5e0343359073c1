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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{Component, Kind};
    use crate::geometry::Point;
    use crate::ids::ComponentId;

    const CARD: ComponentId = ComponentId(1);

    fn one_card() -> (Design, History) {
        let mut design = Design::new();
        let component = Component {
            id: CARD,
            name: "Card".to_owned(),
            config: Kind::Server.default_config(),
            position: Point::default(),
            frame: None,
        };
        design.apply(Edit::AddComponent(component)).expect("nothing is in the way");
        (design, History::default())
    }

    fn x(design: &Design) -> f64 {
        design.component(CARD).expect("never removed").position.x
    }

    fn move_to(history: &mut History, design: &mut Design, x: f64) {
        history.perform(design, Edit::Move(CARD, Point::new(x, 0.0))).expect("any finite place will do");
    }

    #[test]
    fn a_drag_is_taken_back_in_one_step() {
        let (mut design, mut history) = one_card();
        move_to(&mut history, &mut design, 5.0);
        history.begin_gesture();
        for x in [6.0, 7.0, 8.0] {
            move_to(&mut history, &mut design, x);
        }
        history.end_gesture();
        assert!(history.undo(&mut design));
        assert_eq!(x(&design), 5.0);
        assert!(history.redo(&mut design));
        assert_eq!(x(&design), 8.0);
    }

    #[test]
    fn a_cancelled_drag_leaves_no_trace() {
        let (mut design, mut history) = one_card();
        history.begin_gesture();
        move_to(&mut history, &mut design, 6.0);
        move_to(&mut history, &mut design, 7.0);
        history.cancel_gesture(&mut design);
        assert_eq!(x(&design), 0.0);
        assert!(!history.can_undo() && !history.can_redo());
    }

    #[test]
    fn an_empty_gesture_is_no_step() {
        let (mut design, mut history) = one_card();
        history.begin_gesture();
        history.end_gesture();
        assert!(!history.undo(&mut design));
    }

    #[test]
    fn a_new_edit_forgets_what_was_undone() {
        let (mut design, mut history) = one_card();
        move_to(&mut history, &mut design, 5.0);
        history.undo(&mut design);
        move_to(&mut history, &mut design, 6.0);
        assert!(!history.can_redo());
        assert_eq!(x(&design), 6.0);
    }

    #[test]
    fn a_refused_edit_changes_neither_design_nor_history() {
        let (mut design, mut history) = one_card();
        move_to(&mut history, &mut design, 5.0);
        history.undo(&mut design);
        let refused = history.perform(&mut design, Edit::RemoveComponent(ComponentId(9)));
        assert_eq!(refused, Err(EditError::NoComponent(ComponentId(9))));
        assert!(history.can_redo(), "what was undone is still there");
    }
}
