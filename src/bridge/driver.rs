//! The worker's loop without the worker: which simulated time is due at which real time, in slices short enough that
//! messages get through between them.
//!
//! Real time is handed in as milliseconds of any clock that never goes back. Nothing here influences what happens in
//! the simulation: slices only decide how far it has got when somebody looks. Questions about a network are answered in
//! the same slices; a page that wants its run undisturbed asks a second worker.

use super::message::{CapacityFound, Deed, FromEngine, Reach, RunId, SLOW_MOTION, ToEngine};
use super::past::{Input, Past};
use crate::design::script::Action;
use crate::interview::Examination;
use crate::network::Network;
use crate::sim::Simulation;
use crate::sim::snapshot::{LogEntry, Sample, Snapshot};
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

/// What is on its way to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    /// This time.
    Time(SimTime),
    /// From so many events on one by one, up to the last moment at which event number `events` had not happened.
    StepBack { near: u64, events: u64 },
}

/// A run with its past.
#[derive(Debug)]
struct Running {
    /// The moment shown.
    simulation: Simulation,
    past: Past,
    search: Option<Sought>,
    /// Where to go once the search is over.
    next_search: Option<SimTime>,
    /// What had not been told yet when an earlier moment was gone back to.
    untold: (Vec<Sample>, Vec<LogEntry>),
    deeds: Vec<Deed>,
    branches: u32,
    branched_at: SimTime,
}

/// Keeps a simulation in step with real time, and answers questions meanwhile.
#[derive(Debug)]
pub struct Driver {
    running: Option<Running>,
    run: RunId,
    playing: bool,
    /// Simulated seconds per real second.
    speed: f64,
    /// What comes before this time is not watched; zero once it is reached.
    skip_to: SimTime,
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
            running: None,
            run: RunId::default(),
            playing: false,
            speed: 1.0,
            skip_to: SimTime::ZERO,
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
            ToEngine::Swap(network) => self.put_in(Input::Swap(network), now_ms),
            ToEngine::Act(action) => self.put_in(Input::Act(action), now_ms),
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
                if let Some(running) = &mut self.running {
                    running.finish_search();
                    running.past.step(&mut running.simulation);
                }
                self.start_counting(now_ms);
            }
            ToEngine::StepBack => {
                self.playing = false;
                if let Some(running) = &mut self.running {
                    running.finish_search();
                    running.step_back();
                }
                self.show_anew(now_ms);
            }
            ToEngine::Seek(at) => {
                self.playing = false;
                if let Some(running) = &mut self.running {
                    running.seek(at);
                }
                self.show_anew(now_ms);
            }
            ToEngine::GoLive => {
                if let Some(running) = &mut self.running {
                    running.go_live();
                }
                self.show_anew(now_ms);
            }
            ToEngine::SkipTo(at) => self.skip_to = at,
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
        let mut answers = Vec::new();
        if self.running.as_ref().is_some_and(Running::is_searching) {
            let is_found = self.running.as_mut().is_some_and(|running| running.search(|| clock() >= ends_ms));
            if is_found {
                self.show_anew(clock());
                if std::mem::take(&mut self.owes_snapshot) {
                    answers = self.snapshot(clock());
                }
            }
        } else if self.is_skipping() {
            self.skip(|| clock() >= ends_ms);
            self.start_counting(clock());
        } else {
            self.simulate(now_ms, || clock() >= ends_ms);
        }
        if let Some(speed) = self.measure_speed(clock()) {
            self.set_trace_rate(speed);
        }
        answers.extend(self.search(|| clock() >= ends_ms));
        answers
    }

    /// When to call [`Driver::slice`] next.
    pub fn next_slice(&self) -> Next {
        match &self.running {
            _ if self.search.is_some() => Next::Soon,
            Some(running) if running.is_searching() => Next::Soon,
            Some(_) if self.is_skipping() => Next::Soon,
            Some(running) if self.playing && running.simulation.now() < self.due => Next::Soon,
            Some(_) if self.playing => Next::AfterMs(REST_MS),
            _ => Next::Rest,
        }
    }

    fn is_skipping(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.simulation.now() < self.skip_to)
    }

    /// Goes on towards the time at which watching begins.
    fn skip(&mut self, mut is_over: impl FnMut() -> bool) {
        let Some(Running { simulation, past, .. }) = &mut self.running else { return };
        loop {
            if past.advance(simulation, self.skip_to, EVENTS_PER_LOOK) {
                // Once only: whoever goes back before it later wants to see what was there.
                self.skip_to = SimTime::ZERO;
                return;
            }
            if is_over() {
                return;
            }
        }
    }

    fn simulate(&mut self, now_ms: f64, mut is_over: impl FnMut() -> bool) {
        let Some(Running { simulation, past, .. }) = self.running.as_mut().filter(|_| self.playing) else {
            return;
        };
        let elapsed_ms = (now_ms - self.accounted_ms).clamp(0.0, GREATEST_DEBT_MS);
        self.accounted_ms = now_ms;
        let greatest_debt = SimDuration::from_secs_f64(self.speed * GREATEST_DEBT_MS / 1e3);
        self.due += SimDuration::from_secs_f64(self.speed * elapsed_ms / 1e3);
        self.due = self.due.min(simulation.now() + greatest_debt);

        let limit = self.stop_at.map_or(self.due, |stop_at| self.due.min(stop_at)).max(simulation.now());
        while !past.advance(simulation, limit, EVENTS_PER_LOOK) && !is_over() {}

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
        let running = self.running.as_ref().filter(|_| self.playing)?;
        self.speedometer.passes(now_ms, running.simulation.now())
    }

    fn start(&mut self, run: RunId, network: Network, seed: u64, now_ms: f64) {
        self.run = run;
        self.running = Some(Running::new(Simulation::new(network, seed)));
        self.show_anew(now_ms);
    }

    /// Does something to the run at the moment shown.
    fn put_in(&mut self, input: Input, now_ms: f64) {
        let Some(running) = &mut self.running else { return };
        running.finish_search();
        if running.put_in(input) {
            self.show_anew(now_ms);
        }
    }

    /// Another moment is shown than the one before.
    fn show_anew(&mut self, now_ms: f64) {
        self.trace_rate_set = 0.0;
        self.set_trace_rate(self.speed);
        self.start_counting(now_ms);
    }

    /// Forgets real time that has passed and debts that have been made.
    fn start_counting(&mut self, now_ms: f64) {
        self.accounted_ms = now_ms;
        self.due = self.running.as_ref().map_or(SimTime::ZERO, |running| running.simulation.now());
        self.speedometer.restart(now_ms, self.due);
    }

    /// Passes on the wanted traces per real second as traces per simulated second, of which `speed` go by in one.
    fn set_trace_rate(&mut self, speed: f64) {
        let Some(Running { simulation, .. }) = &mut self.running else {
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
        let Some(running) = self.running.as_mut().filter(|running| !running.is_searching()) else {
            self.owes_snapshot = true;
            return Vec::new();
        };
        let now = running.simulation.now();
        let speed_reached = if self.playing { self.speedometer.speed(now_ms, now) } else { 0.0 };
        let mut snapshot = Box::new(running.snapshot());
        if self.speed <= SLOW_MOTION {
            snapshot.under_way = Some(running.simulation.under_way());
        }
        vec![FromEngine::Snapshot {
            run: self.run,
            snapshot,
            speed_reached,
            playing: self.playing,
            reach: running.reach(),
            deeds: std::mem::take(&mut running.deeds),
        }]
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

impl Running {
    fn new(simulation: Simulation) -> Self {
        Self {
            past: Past::new(&simulation),
            simulation,
            search: None,
            next_search: None,
            untold: (Vec::new(), Vec::new()),
            deeds: Vec::new(),
            branches: 0,
            branched_at: SimTime::ZERO,
        }
    }

    const fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    fn reach(&self) -> Reach {
        Reach {
            oldest: self.past.oldest(),
            live: self.past.live_at(&self.simulation),
            branches: self.branches,
            branched_at: self.branched_at,
        }
    }

    /// The moment shown. What viewers have been told before is not told again.
    fn snapshot(&mut self) -> Snapshot {
        let mut snapshot = self.simulation.snapshot();
        if self.past.is_shown() {
            snapshot.samples.clear();
            snapshot.log.clear();
        }
        if !self.untold.0.is_empty() || !self.untold.1.is_empty() {
            let (mut samples, mut log) = std::mem::take(&mut self.untold);
            samples.append(&mut snapshot.samples);
            log.append(&mut snapshot.log);
            (snapshot.samples, snapshot.log) = (samples, log);
        }
        snapshot
    }

    /// Does something at the moment shown; gives whether that was in the past, so that another run begins.
    fn put_in(&mut self, input: Input) -> bool {
        let now = self.simulation.now();
        let action = match &input {
            Input::Act(action) => Some(action.clone()),
            Input::Swap(_) => None,
        };
        if self.past.is_shown() {
            // What has been told since then is taken back by the viewers; what has not been told never happened.
            self.untold.0.retain(|sample| sample.at <= now);
            self.untold.1.retain(|entry| entry.at <= now);
            self.deeds.retain(|deed| deed.at <= now);
            // The engine has been running through what was told already.
            self.simulation.forget_untold();
        }
        let is_branch = self.past.put_in(&mut self.simulation, input);
        if is_branch {
            self.branches += 1;
            self.branched_at = now;
        }
        self.note(Deed { at: now, action });
        is_branch
    }

    /// Notes a deed. Of a slider that is being pulled only the last place counts.
    fn note(&mut self, deed: Deed) {
        let is_users = |deed: &Deed| matches!(deed.action, Some(Action::SetUsers(_)));
        match self.deeds.last_mut() {
            Some(last) if is_users(last) && is_users(&deed) => *last = deed,
            _ => self.deeds.push(deed),
        }
    }

    /// Keeps what viewers are still to be told of the run as far as it has come.
    fn leave_live(&mut self) {
        if !self.past.is_shown() {
            let snapshot = self.simulation.snapshot();
            self.untold.0.extend(snapshot.samples);
            self.untold.1.extend(snapshot.log);
        }
    }

    fn seek(&mut self, at: SimTime) {
        let at = at.max(self.past.oldest());
        if self.is_searching() {
            self.next_search = Some(at);
            return;
        }
        if at >= self.past.live_at(&self.simulation) {
            self.go_live();
            return;
        }
        self.leave_live();
        self.past.go_back_for(&mut self.simulation, at);
        self.search = Some(Sought::Time(at));
    }

    fn step_back(&mut self) {
        self.leave_live();
        let events = self.simulation.events();
        self.search = self.past.begin_step_back(&mut self.simulation).map(|near| Sought::StepBack { near, events });
    }

    fn go_live(&mut self) {
        self.search = None;
        self.next_search = None;
        self.past.go_live(&mut self.simulation);
    }

    /// Goes on towards what is to be shown; gives whether it is.
    fn search(&mut self, mut is_over: impl FnMut() -> bool) -> bool {
        loop {
            let is_there = match self.search {
                None => true,
                Some(Sought::Time(at)) => self.past.advance(&mut self.simulation, at, EVENTS_PER_LOOK),
                Some(Sought::StepBack { near, events }) => {
                    let left = near.saturating_sub(self.simulation.events());
                    if left > 0 {
                        self.past.advance(&mut self.simulation, SimTime::NEVER, left.min(EVENTS_PER_LOOK));
                    } else {
                        self.past.finish_step_back(&mut self.simulation, events);
                    }
                    left == 0
                }
            };
            if is_there {
                self.search = None;
                if let Some(at) = self.next_search.take() {
                    self.seek(at);
                }
                return self.search.is_none();
            }
            if is_over() {
                return false;
            }
        }
    }

    /// Goes on until what is to be shown is, however long that takes.
    fn finish_search(&mut self) {
        while self.is_searching() {
            self.search(|| false);
        }
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
