//! Keeps measured how many users the drawing carries, in a worker of its own: the answer takes seconds of computing, and
//! the run that people watch must not wait for it.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::Engine;
use crate::bridge::message::{CapacityFound, FromEngine, ToEngine};
use crate::learn::explain::Capacity;
use crate::network::{self, Network};
use crate::objective::Objective;
use crate::ui::editor::Editor;
use crate::ui::reaction::effect;
use crate::web::worker::EngineWorker;

/// How long the drawing must have been left alone before it is measured [ms].
const REST_MS: u32 = 1000;

/// How far the drawing carries, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapacityState {
    /// The drawing cannot run, or nothing was asked yet.
    Unknown,
    /// It is being measured; what was known of the drawing before, if anything.
    Measuring(Option<Capacity>),
    /// It is known.
    Known(Capacity),
}

impl CapacityState {
    const fn last_known(self) -> Option<Capacity> {
        match self {
            Self::Known(capacity) => Some(capacity),
            Self::Measuring(before) => before,
            Self::Unknown => None,
        }
    }
}

/// The worker and the question that it has.
#[derive(Default)]
struct Asking {
    worker: Option<EngineWorker>,
    /// What was asked last.
    about: Option<(Network, Objective)>,
    question: u32,
    is_waiting: bool,
    /// Asks when it runs out; dropping it cancels.
    timer: Option<Timeout>,
}

/// Measures the drawing of `editor` whenever it has changed and then been left alone for a while.
pub fn keep_measured(engine: Engine, editor: Editor) {
    let asking = StoredValue::new_local(Asking::default());
    let design = editor.design();
    effect(move || {
        let (compiled, objective) = design.with(|design| (network::compile(design), design.settings().objective));
        let Ok(mut network) = compiled else {
            asking.update_value(|asking| {
                asking.timer = None;
                asking.about = None;
            });
            engine.capacity.set(CapacityState::Unknown);
            return;
        };
        // The question is how many users it carries, so its own number makes no difference.
        network.users = 1;
        let about = (network, objective);
        if asking.with_value(|asking| asking.about.as_ref() == Some(&about)) {
            return;
        }
        engine.capacity.update(|state| *state = CapacityState::Measuring(state.last_known()));
        let timer = Timeout::new(REST_MS, move || ask(engine, asking));
        asking.update_value(|asking| {
            asking.about = Some(about);
            asking.timer = Some(timer);
        });
    });
}

/// Asks for what has been noted. A worker that is still busy with an older question is ended: nobody wants its answer.
fn ask(engine: Engine, asking: StoredValue<Asking, LocalStorage>) {
    asking.update_value(|state| {
        state.timer = None;
        if state.worker.is_none() || state.is_waiting {
            let worker = EngineWorker::start(
                move |message| receive(engine, asking, &message),
                // Whatever keeps this worker from working keeps the other one too, and that is told once.
                |_| {},
            );
            state.worker = worker.ok();
        }
        let Some((worker, (network, objective))) = state.worker.as_ref().zip(state.about.clone()) else { return };
        state.question += 1;
        state.is_waiting = true;
        worker.post(&ToEngine::FindCapacity {
            question: state.question,
            network,
            objective,
            seed: engine.seed.get_untracked(),
        });
    });
}

fn receive(engine: Engine, asking: StoredValue<Asking, LocalStorage>, message: &FromEngine) {
    let &FromEngine::Capacity { question, capacity } = message else { return };
    let is_wanted = asking.try_update_value(|state| {
        let is_last = question == state.question;
        if is_last {
            state.is_waiting = false;
        }
        // A timer means that the drawing has changed since.
        is_last && state.about.is_some() && state.timer.is_none()
    });
    if is_wanted == Some(true) {
        engine.capacity.set(CapacityState::Known(match capacity {
            None => Capacity::None,
            Some(CapacityFound { missed_at: None, .. }) => Capacity::WholeRange,
            Some(CapacityFound { users, .. }) => Capacity::UpTo(users),
        }));
    }
}
