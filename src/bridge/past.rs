//! The past of a run: copies of the engine at some moments, and everything that was done to it in between. Any moment
//! since the oldest copy can be had again, to the bit, by running on from the copy before it.
//!
//! Copies are made at distances in events, not in time, because events are what running again costs. There is a limit to
//! their number and to their memory: when it is reached, every other one goes and the distance doubles; when distances
//! have become as great as anybody wants to wait for, the oldest goes instead, and the past begins later.
//!
//! While an earlier moment is shown, the run as far as it had come is kept beside it. Doing something in the past ends
//! that: what came after has not happened.

use std::collections::VecDeque;

use crate::design::script::Action;
use crate::network::Network;
use crate::sim::Simulation;
use crate::units::SimTime;

/// Copies kept, at most.
const MOST_COPIES: usize = 32;
/// Memory that copies may take, about [bytes].
const MOST_BYTES: usize = 96 << 20;
/// Fewest events between two copies.
const FEWEST_EVENTS: u64 = 100_000;
/// Most events between two copies: a second or two of running again.
const MOST_EVENTS: u64 = 8_000_000;
/// Bytes copied in the time that one event takes, times the share of all time that copying may take: a copy of so many
/// bytes for each event is cheap enough.
const BYTES_PER_EVENT: usize = 5;
/// Interventions remembered, at most.
const MOST_INPUTS: usize = 2_000;
/// How many events before the one wanted a copy is made for steps back.
const STEPS_NEAR: u64 = 64;

/// What was done to a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Something that people, or the page for them, did.
    Act(Action),
    /// The drawing was edited.
    Swap(Network),
}

/// A moment of a run. Several things happen at one time, so the number of events counts as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    events: u64,
    at: SimTime,
}

impl Moment {
    const fn of(simulation: &Simulation) -> Self {
        Self { events: simulation.events(), at: simulation.now() }
    }
}

/// The engine at a moment.
#[derive(Clone, Debug)]
struct Copy {
    simulation: Simulation,
    /// Inputs that it has had, since the start of the run.
    n_inputs: usize,
    bytes: usize,
}

/// The past of one run.
#[derive(Debug)]
pub struct Past {
    /// Oldest first; at least one.
    copies: VecDeque<Copy>,
    /// A copy near the moment shown, for steps back.
    near: Option<Box<Copy>>,
    /// What was done since the oldest copy, in order.
    inputs: VecDeque<(Moment, Input)>,
    /// Inputs from before the oldest copy.
    n_forgotten: usize,
    /// Inputs that the simulation shown has had, since the start of the run.
    n_applied: usize,
    /// The run as far as it has come, while an earlier moment is shown.
    live: Option<Box<Simulation>>,
    /// Events between two copies.
    spacing: u64,
}

impl Past {
    /// The past of a run that begins with `simulation`.
    pub fn new(simulation: &Simulation) -> Self {
        let mut past = Self {
            copies: VecDeque::new(),
            near: None,
            inputs: VecDeque::new(),
            n_forgotten: 0,
            n_applied: 0,
            live: None,
            spacing: FEWEST_EVENTS,
        };
        past.copies.push_back(past.copy(simulation));
        past
    }

    /// Copies kept at the moment.
    #[cfg(test)]
    pub fn n_copies(&self) -> usize {
        self.copies.len()
    }

    /// Whether the moment shown is an earlier one than the run has come to.
    pub const fn is_shown(&self) -> bool {
        self.live.is_some()
    }

    /// The earliest moment that can be shown.
    pub fn oldest(&self) -> SimTime {
        self.copies.front().map_or(SimTime::ZERO, |copy| copy.simulation.now())
    }

    /// How far the run has come; `shown` is the simulation shown.
    pub fn live_at(&self, shown: &Simulation) -> SimTime {
        self.live.as_ref().map_or_else(|| shown.now(), |live| live.now())
    }

    /// Does something to the simulation shown. In the past, what came after is forgotten; the drawing stays the present
    /// one. Gives whether something was forgotten.
    pub fn put_in(&mut self, simulation: &mut Simulation, input: Input) -> bool {
        let is_cut = self.live.take().is_some();
        if is_cut {
            self.forget_future(simulation, matches!(input, Input::Swap(_)));
        }
        self.record(simulation, input);
        is_cut
    }

    /// Runs on to `until`, but handles not many more than `budget` events. Returns whether `until` was reached.
    pub fn advance(&mut self, simulation: &mut Simulation, until: SimTime, mut budget: u64) -> bool {
        loop {
            let Some(next) = self.next_known() else {
                let is_there = simulation.advance_at_most(until, budget);
                self.keep_copy(simulation);
                return is_there;
            };
            if next.at > until {
                return simulation.advance_at_most(until, budget);
            }
            let left = next.events.saturating_sub(simulation.events());
            if left > 0 {
                simulation.advance_at_most(next.at, left.min(budget));
                if left >= budget {
                    return false;
                }
                budget -= left;
            }
            if simulation.now() < next.at {
                // Nothing happens any more until then.
                simulation.advance(next.at);
            }
            self.pass(simulation);
        }
    }

    /// Handles the next event, whenever it is.
    pub fn step(&mut self, simulation: &mut Simulation) {
        let before = simulation.events();
        while self.is_shown() && simulation.events() == before {
            self.advance(simulation, SimTime::NEVER, 1);
        }
        if simulation.events() == before {
            simulation.step();
            self.keep_copy(simulation);
        }
    }

    /// Goes back to a moment from which [`Past::advance`] leads to `at`, unless the one shown is already such a moment
    /// and no later one is at hand.
    pub fn go_back_for(&mut self, simulation: &mut Simulation, at: SimTime) {
        let copy = self.nearest(|copy| copy.simulation.now() <= at);
        let is_better = |copy: &Copy| simulation.now() > at || copy.simulation.events() > simulation.events();
        if let Some(copy) = copy.filter(is_better) {
            self.show(simulation, copy);
        } else if simulation.now() > at {
            let oldest = self.copies.front().cloned().expect("there is always a copy");
            self.show(simulation, oldest);
        }
    }

    /// Goes back to a moment shortly before the last event of the one shown; gives the number of events from which
    /// [`Past::finish_step_back`] goes on. `None` if there is nothing before.
    pub fn begin_step_back(&mut self, simulation: &mut Simulation) -> Option<u64> {
        let events = simulation.events();
        let copy = self.nearest(|copy| copy.simulation.events() < events)?;
        let near = events.saturating_sub(STEPS_NEAR).max(copy.simulation.events());
        self.show(simulation, copy);
        Some(near)
    }

    /// From a moment shortly before event number `events`, goes on to the last one at which it had not happened.
    pub fn finish_step_back(&mut self, simulation: &mut Simulation, events: u64) {
        let near = self.copy(simulation);
        let mut last = simulation.events();
        loop {
            let before = simulation.events();
            // One event with all that it causes at once.
            while simulation.events() == before {
                self.advance(simulation, SimTime::NEVER, 1);
            }
            if simulation.events() >= events {
                break;
            }
            last = simulation.events();
        }
        self.near = Some(Box::new(near.clone()));
        self.show(simulation, near);
        while simulation.events() < last {
            let left = last - simulation.events();
            self.advance(simulation, SimTime::NEVER, left);
        }
    }

    /// Shows the run as far as it has come.
    pub fn go_live(&mut self, simulation: &mut Simulation) {
        if let Some(live) = self.live.take() {
            *simulation = *live;
            self.n_applied = self.n_forgotten + self.inputs.len();
            self.near = None;
        }
    }

    /// The next moment at which something is known to have been done, or the end of what is known; `None` if the moment
    /// shown is that end.
    fn next_known(&self) -> Option<Moment> {
        let live = self.live.as_ref()?;
        let next = self.inputs.get(self.n_applied - self.n_forgotten);
        Some(next.map_or_else(|| Moment::of(live), |(moment, _)| *moment))
    }

    /// Does again what was done at the moment shown, or goes over into the run as far as it has come.
    fn pass(&mut self, simulation: &mut Simulation) {
        match self.inputs.get(self.n_applied - self.n_forgotten) {
            Some((_, input)) => {
                self.n_applied += 1;
                apply(simulation, input.clone());
            }
            None => self.go_live(simulation),
        }
    }

    fn record(&mut self, simulation: &mut Simulation, input: Input) {
        if self.inputs.len() >= MOST_INPUTS {
            self.copies.push_back(self.copy(simulation));
            while self.inputs.len() >= MOST_INPUTS / 2 && self.copies.len() > 1 {
                self.forget_oldest();
            }
        }
        self.inputs.push_back((Moment::of(simulation), input.clone()));
        self.n_applied += 1;
        apply(simulation, input);
    }

    /// What came after the moment shown has not happened, but the drawing has been changed all the same: unless it is
    /// just about to change again, the present one takes effect now.
    fn forget_future(&mut self, simulation: &mut Simulation, will_swap: bool) {
        let n_kept = self.n_applied - self.n_forgotten;
        let future = self.inputs.split_off(n_kept);
        let n_applied = self.n_applied;
        let now = Moment::of(simulation);
        self.copies.retain(|copy| copy.n_inputs <= n_applied && Moment::of(&copy.simulation) <= now);
        self.near = None;
        let drawing = future.into_iter().rev().find_map(|(_, input)| match input {
            Input::Swap(network) => Some(network),
            Input::Act(_) => None,
        });
        if let Some(mut network) = drawing.filter(|_| !will_swap) {
            // How many users there are is not the drawing's business while it runs.
            network.users = simulation.network().users;
            self.record(simulation, Input::Swap(network));
        }
    }

    /// Makes a copy if it is time for one.
    fn keep_copy(&mut self, simulation: &Simulation) {
        let since = self.copies.back().map_or(0, |copy| copy.simulation.events());
        let distance = simulation.events().saturating_sub(since);
        if distance < self.spacing {
            return;
        }
        let bytes = simulation.footprint_bytes();
        if distance < (bytes / BYTES_PER_EVENT) as u64 {
            return;
        }
        self.copies.push_back(self.copy(simulation));
        while self.copies.len() > MOST_COPIES || self.bytes() > MOST_BYTES && self.copies.len() > 1 {
            if self.spacing < MOST_EVENTS && self.copies.len() > 2 {
                self.spacing *= 2;
                // The newest stays, and so does the oldest: where the past begins.
                let mut left = self.copies.len();
                let all = left;
                self.copies.retain(|_| {
                    left -= 1;
                    left.is_multiple_of(2) || left + 1 == all
                });
            } else {
                self.forget_oldest();
            }
        }
    }

    fn forget_oldest(&mut self) {
        self.copies.pop_front();
        self.forget_inputs();
    }

    /// Forgets what was done before the oldest copy.
    fn forget_inputs(&mut self) {
        let known_from = self.copies.front().map_or(self.n_applied, |copy| copy.n_inputs);
        while self.n_forgotten < known_from {
            self.inputs.pop_front();
            self.n_forgotten += 1;
        }
    }

    fn bytes(&self) -> usize {
        self.copies.iter().map(|copy| copy.bytes).sum()
    }

    fn copy(&self, simulation: &Simulation) -> Copy {
        let mut simulation = simulation.clone();
        // What viewers were to be told has been told by the time that anybody goes back.
        simulation.forget_untold();
        let bytes = simulation.footprint_bytes();
        Copy { simulation, n_inputs: self.n_applied, bytes }
    }

    /// The latest copy that `fits`.
    fn nearest(&self, fits: impl Fn(&Copy) -> bool) -> Option<Copy> {
        let copies = self.copies.iter().chain(self.near.as_deref());
        copies.filter(|copy| fits(copy)).max_by_key(|copy| (copy.simulation.events(), copy.n_inputs)).cloned()
    }

    fn show(&mut self, simulation: &mut Simulation, copy: Copy) {
        let shown = core::mem::replace(simulation, copy.simulation);
        if self.live.is_none() {
            self.live = Some(Box::new(shown));
        }
        self.n_applied = copy.n_inputs;
    }
}

fn apply(simulation: &mut Simulation, input: Input) {
    match input {
        Input::Act(action) => simulation.act(action),
        Input::Swap(network) => simulation.swap(network),
    }
}
