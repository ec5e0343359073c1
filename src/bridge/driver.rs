//! The worker's loop without the worker: which simulated time is due at which real time, in slices short enough that
//! messages get through between them.
//!
//! Real time is handed in as milliseconds of any clock that never goes back. Nothing here influences what happens in
//! the simulation: slices only decide how far it has got when somebody looks. Questions about a network are answered in
//! the same slices; a page that wants its run undisturbed asks a second worker.

use super::message::{CapacityFound, FromEngine, RunId, SLOW_MOTION, ToEngine};
use crate::interview::Examination;
use crate::network::Network;
use crate::sim::Simulation;
use crate::sim::sweep::{Capacity, CapacitySearch, SweepOptions};
use crate::units::{SimDuration, SimTime};

/// How long a slice may take [ms].
const SLICE_MS: f64 = 6.0;
/// Events handled between two looks at the clock: well under a millisecond.
const EVENTS_PER_LOOK: u64 = 1_000;
/// How long to wait for more to become due once everything is done [ms].
const REST_MS: i32 = 5;
/// How far the simulation may fall behind real time before it is simply slower than asked for [ms].
const GREATEST_DEBT_MS: f64 = 100.0;
/// Over how long the speed reached is measured [ms].
const SPEED_WINDOW_MS: f64 = 400.0;
/// The trace rate is set anew when it is off by more than this factor.
const TRACE_RATE_TOLERANCE: f64 = 1.25;

/// Progress is told whenever it has grown by this share.
const PROGRESS_STEP: f64 = 0.01;

/// When to call [`Driver::slice`] next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Not before another message.
    Rest,
    /// As soon as the messages that wait have been handed in.
    Soon,
    /// In about so many milliseconds.
    AfterMs(i32),
}

/// Keeps a simulation in step with real time, and answers questions meanwhile.
#[derive(Debug)]
pub struct Driver {
    simulation: Option<Simulation>,
    run: RunId,
    playing: bool,
    /// Simulated seconds per real second.
    speed: f64,
    stop_at: Option<SimTime>,
    /// A snapshot has been asked for before there was a run.
    owes_snapshot: bool,
    /// Traces wanted per real second.
    trace_rate: f64,
    /// The rate that the simulation has been given, per simulated second.
    trace_rate_set: f64,
    /// When the real time that has passed was turned into simulated time last [ms].
    accounted_ms: f64,
    /// Simulated time that should be reached by now.
    due: SimTime,
    speedometer: Speedometer,
    /// The question that is being answered, with its number; a later one takes its place.
    search: Option<(u32, Search)>,
}

/// A question that takes longer than a slice.
#[derive(Debug)]
enum Search {
    Capacity(Box<CapacitySearch>),
    /// With the share done that was told last.
    Examination(Box<Examination>, f64),
}

impl Default for Driver {
    /// No run, at rest, at real-time speed.
    fn default() -> Self {
        Self {
            simulation: None,
            run: RunId::default(),
            playing: false,
            speed: 1.0,
            stop_at: None,
            owes_snapshot: false,
            trace_rate: 0.0,
            trace_rate_set: 0.0,
            accounted_ms: 0.0,
            due: SimTime::ZERO,
            speedometer: Speedometer::default(),
            search: None,
        }
    }
}

impl Driver {
    /// Takes a message at real time `now_ms` and gives the answers to it.
    pub fn handle(&mut self, message: ToEngine, now_ms: f64) -> Vec<FromEngine> {
        match message {
            ToEngine::Start { run, network, seed } => {
                self.start(run, network, seed, now_ms);
                if std::mem::take(&mut self.owes_snapshot) {
                    return self.snapshot(now_ms);
                }
            }
            ToEngine::Swap(network) => {
                if let Some(simulation) = &mut self.simulation {
                    simulation.swap(network);
                }
            }
            ToEngine::Act(action) => {
                if let Some(simulation) = &mut self.simulation {
                    simulation.act(action);
                }
            }
            ToEngine::SetPlaying(playing) => {
                self.playing = playing;
                self.start_counting(now_ms);
            }
            ToEngine::SetSpeed(speed) if speed.is_finite() && speed > 0.0 => {
                self.speed = speed;
                self.start_counting(now_ms);
                self.set_trace_rate(speed);
            }
            // No speed at all: the one before stays.
            ToEngine::SetSpeed(_) => {}
            ToEngine::Step => {
                self.playing = false;
                if let Some(simulation) = &mut self.simulation {
                    simulation.step();
                }
                self.start_counting(now_ms);
            }
            ToEngine::SetStopAt(stop_at) => self.stop_at = stop_at,
            ToEngine::SetTraceRate(rate) => {
                self.trace_rate = f64::from(rate);
                self.set_trace_rate(self.speed);
            }
            ToEngine::WantSnapshot => return self.snapshot(now_ms),
            ToEngine::FindCapacity { question, network, objective, seed } => {
                let search = CapacitySearch::new(&network, &objective, &SweepOptions::quick(seed));
                self.search = Some((question, Search::Capacity(Box::new(search))));
            }
            ToEngine::Examine { question, network, terms } => {
                let examination = Box::new(Examination::new(&network, &terms));
                self.search = Some((question, Search::Examination(examination, 0.0)));
            }
        }
        Vec::new()
    }

    /// Works for a few milliseconds: advances the simulation towards what is due at real time `now_ms`, then goes on with
    /// the question. `clock` tells the real time meanwhile, on the same scale [ms].
    pub fn slice(&mut self, now_ms: f64, mut clock: impl FnMut() -> f64) -> Vec<FromEngine> {
        let ends_ms = now_ms + SLICE_MS;
        self.simulate(now_ms, || clock() >= ends_ms);
        if let Some(speed) = self.measure_speed(clock()) {
            self.set_trace_rate(speed);
        }
        self.search(|| clock() >= ends_ms).into_iter().collect()
    }

    /// When to call [`Driver::slice`] next.
    pub fn next_slice(&self) -> Next {
        match &self.simulation {
            _ if self.search.is_some() => Next::Soon,
            Some(simulation) if self.playing && simulation.now() < self.due => Next::Soon,
            Some(_) if self.playing => Next::AfterMs(REST_MS),
            _ => Next::Rest,
        }
    }

    fn simulate(&mut self, now_ms: f64, mut is_over: impl FnMut() -> bool) {
        let Some(simulation) = self.simulation.as_mut().filter(|_| self.playing) else {
            return;
        };
        let elapsed_ms = (now_ms - self.accounted_ms).clamp(0.0, GREATEST_DEBT_MS);
        self.accounted_ms = now_ms;
        let greatest_debt = SimDuration::from_secs_f64(self.speed * GREATEST_DEBT_MS / 1e3);
        self.due += SimDuration::from_secs_f64(self.speed * elapsed_ms / 1e3);
        self.due = self.due.min(simulation.now() + greatest_debt);

        let limit = self.stop_at.map_or(self.due, |stop_at| self.due.min(stop_at)).max(simulation.now());
        while !simulation.advance_at_most(limit, EVENTS_PER_LOOK) && !is_over() {}

        if self.stop_at.is_some_and(|stop_at| simulation.now() >= stop_at) {
            // Once only: whoever plays on after the stop wants to see what comes then.
            self.stop_at = None;
            self.playing = false;
        }
    }

    /// Goes on with the question, at least a little however late it is, and answers it if it can.
    fn search(&mut self, mut is_over: impl FnMut() -> bool) -> Option<FromEngine> {
        let (question, search) = self.search.as_mut()?;
        let question = *question;
        let answer = loop {
            let answer = match search {
                Search::Capacity(search) => search
                    .advance(EVENTS_PER_LOOK)
                    .map(|capacity| FromEngine::Capacity { question, capacity: found(&capacity) }),
                Search::Examination(examination, _) => examination
                    .advance(EVENTS_PER_LOOK)
                    .map(|report| FromEngine::Examined { question, report: Box::new(report) }),
            };
            if let Some(answer) = answer {
                break answer;
            }
            if is_over() {
                return search.news(question);
            }
        };
        self.search = None;
        Some(answer)
    }

    fn measure_speed(&mut self, now_ms: f64) -> Option<f64> {
        let simulation = self.simulation.as_ref().filter(|_| self.playing)?;
        self.speedometer.passes(now_ms, simulation.now())
    }

    fn start(&mut self, run: RunId, network: Network, seed: u64, now_ms: f64) {
        self.run = run;
        self.simulation = Some(Simulation::new(network, seed));
        self.trace_rate_set = 0.0;
        self.set_trace_rate(self.speed);
        self.start_counting(now_ms);
    }

    /// Forgets real time that has passed and debts that have been made.
    fn start_counting(&mut self, now_ms: f64) {
        self.accounted_ms = now_ms;
        self.due = self.simulation.as_ref().map_or(SimTime::ZERO, Simulation::now);
        self.speedometer.restart(now_ms, self.due);
    }

    /// Passes on the wanted traces per real second as traces per simulated second, of which `speed` go by in one.
    fn set_trace_rate(&mut self, speed: f64) {
        let Some(simulation) = &mut self.simulation else {
            return;
        };
        let rate = if self.speed <= SLOW_MOTION {
            // Slow enough to see each of them.
            f64::INFINITY
        } else if speed > 0.0 {
            self.trace_rate / speed
        } else {
            self.trace_rate_set
        };
        let ratio = rate / self.trace_rate_set;
        let is_close =
            rate == self.trace_rate_set || ratio < TRACE_RATE_TOLERANCE && ratio > 1.0 / TRACE_RATE_TOLERANCE;
        if !is_close {
            simulation.set_trace_rate(rate);
            self.trace_rate_set = rate;
        }
    }

    fn snapshot(&mut self, now_ms: f64) -> Vec<FromEngine> {
        let Some(simulation) = &mut self.simulation else {
            self.owes_snapshot = true;
            return Vec::new();
        };
        let speed_reached = if self.playing { self.speedometer.speed(now_ms, simulation.now()) } else { 0.0 };
        let mut snapshot = Box::new(simulation.snapshot());
        if self.speed <= SLOW_MOTION {
            snapshot.under_way = Some(simulation.under_way());
        }
        vec![FromEngine::Snapshot { run: self.run, snapshot, speed_reached, playing: self.playing }]
    }
}

fn found(capacity: &Capacity) -> Option<CapacityFound> {
    capacity.users.map(|users| CapacityFound { users, missed_at: capacity.missed_at })
}

impl Search {
    /// How far it has got, if that is worth telling.
    fn news(&mut self, question: u32) -> Option<FromEngine> {
        let Self::Examination(examination, told) = self else { return None };
        let share = examination.progress();
        (share >= *told + PROGRESS_STEP).then(|| {
            *told = share;
            FromEngine::Examining { question, share }
        })
    }
}

/// Measures simulated seconds per real second, over windows that follow each other.
#[derive(Debug, Default)]
struct Speedometer {
    /// Where the present window began: real [ms], simulated.
    since: (f64, SimTime),
    /// Speed over the window before.
    latest: Option<f64>,
}

impl Speedometer {
    fn restart(&mut self, now_ms: f64, now: SimTime) {
        *self = Self { since: (now_ms, now), latest: None };
    }

    /// Ends the window if it is long enough, and then gives its speed.
    fn passes(&mut self, now_ms: f64, now: SimTime) -> Option<f64> {
        if now_ms - self.since.0 < SPEED_WINDOW_MS {
            return None;
        }
        self.latest = self.over_window(now_ms, now);
        self.since = (now_ms, now);
        self.latest
    }

    /// The speed over the last whole window; in the first one, over what there is of it.
    fn speed(&self, now_ms: f64, now: SimTime) -> f64 {
        self.latest.or_else(|| self.over_window(now_ms, now)).unwrap_or_default()
    }

    fn over_window(&self, now_ms: f64, now: SimTime) -> Option<f64> {
        let real_secs = (now_ms - self.since.0) / 1e3;
        (real_secs > 0.0).then(|| now.since(self.since.1).as_secs_f64() / real_secs)
    }
}

#[cfg(test)]
mod tests;
