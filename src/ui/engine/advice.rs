//! Measures what would help, once it is known how far the drawing carries and the users get near that: in a worker of
//! its own, one step after the other, until the drawing changes.

use leptos::prelude::*;

use super::{CapacityState, Engine};
use crate::bridge::message::{FromEngine, ToEngine};
use crate::learn::advice::{Measured, Step, best, steps};
use crate::learn::explain::Capacity;
use crate::ui::editor::Editor;
use crate::ui::reaction::{effect, memo};
use crate::web::worker::EngineWorker;

/// Share of what the drawing carries from which on people want to know what to do next.
const NEAR: f64 = 0.7;

/// What is known about the next step.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Advice {
    /// Nothing is needed, or nothing is known.
    #[default]
    None,
    /// Steps are being measured.
    Measuring,
    /// The best of them; what the drawing carries without it.
    Best(Box<Measured>, u64),
}

/// Steps that are being measured.
#[derive(Default)]
struct Asking {
    worker: Option<EngineWorker>,
    /// Steps that have not been measured, the next one last.
    left: Vec<Step>,
    asked: Option<Step>,
    measured: Vec<Measured>,
    before: u64,
    question: u32,
}

/// Keeps the advice about the drawing of `editor` up to date; `about` tells what gives way first.
pub fn keep_advised(engine: Engine, editor: Editor, about: Memo<Option<crate::ids::ComponentId>>) {
    let asking = StoredValue::new_local(Asking::default());
    let strained = memo(move || match engine.capacity.get() {
        CapacityState::Known(Capacity::UpTo(carried)) if engine.users.get() as f64 >= carried as f64 * NEAR => {
            Some(carried)
        }
        _ => None,
    });
    // What gives way first may change from one look to the next; measuring anew each time would never end.
    let is_known = memo(move || about.with(Option::is_some));
    effect(move || {
        is_known.track();
        let (before, component) = (strained.get(), about.get_untracked());
        let found = before
            .zip(component)
            .map(|(before, component)| (before, editor.design().with_untracked(|design| steps(design, component))));
        // Ends the worker and whatever it was asked.
        asking.set_value(Asking::default());
        match found {
            Some((before, left)) if !left.is_empty() => {
                engine.advice.set(Advice::Measuring);
                asking.update_value(|asking| {
                    asking.left = left;
                    asking.before = before;
                });
                ask(engine, editor, asking);
            }
            _ => {
                if engine.advice.with_untracked(|advice| *advice != Advice::None) {
                    engine.advice.set(Advice::None);
                }
            }
        }
    });
}

/// Asks about the next step; once there is none left, tells the best.
fn ask(engine: Engine, editor: Editor, asking: StoredValue<Asking, LocalStorage>) {
    let advice = asking.try_update_value(|state| {
        let Some(step) = state.left.pop() else {
            state.worker = None;
            let measured = core::mem::take(&mut state.measured);
            let best = best(measured, state.before, engine.users.get_untracked());
            return Some(best.map_or(Advice::None, |best| Advice::Best(Box::new(best), state.before)));
        };
        if state.worker.is_none() {
            let worker = EngineWorker::start(
                move |message| receive(engine, editor, asking, &message),
                // Whatever keeps this worker from working keeps the other ones too, and that is told once.
                |_| {},
            );
            state.worker = worker.ok();
        }
        let worker = state.worker.as_ref()?;
        state.question += 1;
        let mut network = step.network.clone();
        // The search starts where the answer is expected.
        network.users = state.before;
        worker.post(&ToEngine::FindCapacity {
            question: state.question,
            network,
            objective: editor.design().with_untracked(|design| design.settings().objective),
            seed: engine.seed.get_untracked(),
        });
        state.asked = Some(step);
        None
    });
    if let Some(advice) = advice.flatten() {
        engine.advice.set(advice);
    }
}

fn receive(engine: Engine, editor: Editor, asking: StoredValue<Asking, LocalStorage>, message: &FromEngine) {
    let &FromEngine::Capacity { question, capacity } = message else { return };
    let is_wanted = asking.try_update_value(|state| {
        if question != state.question {
            return false;
        }
        if let Some((step, found)) = state.asked.take().zip(capacity) {
            state.measured.push(Measured { step, users: found.users });
        }
        true
    });
    if is_wanted == Some(true) {
        ask(engine, editor, asking);
    }
}
