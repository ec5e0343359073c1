//! All figures of a run, with their 95 % confidence intervals: what the command line prints and other programs read.
//!
//! Field names are stable and carry SI units. Values come from everything measured after the warm-up, intervals from
//! batch means (see [`estimate`](super::estimate)). Where requests pile up through the whole span there is no steady
//! latency to report: `in_flight_growth` says so and the latencies of the classes are null.
//!
//! Latency is split into waiting, service and network along the calls that were waited for.

mod capacity;
pub mod compare;
mod figures;
pub mod series;
mod shape;
pub mod traces;

use self::capacity::use_of;
use self::series::Recorder;
pub use self::shape::{
    AlertFigures, ClassFigures, ComponentFigures, ConnectionFigures, CostFigures, LinkFigures, MessageFigures,
    ObjectiveFigures, OutcomeFigures, Outcomes, RecoveryFigures, RegionFigures, Report, StationFigures,
    ThirdPartyFigures, TimeFigures,
};
use super::Simulation;
pub use super::estimate::{Estimate, Growth};
use super::metrics::{Measurements, StationMeasurements};
use super::snapshot::{Alert, LogEntry};
use crate::network::Network;
use crate::objective::Objective;
use crate::units::{SimDuration, SimTime};

/// What to run and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunOptions {
    /// Registered users at the start.
    pub users: u64,
    /// Simulated time before anything is measured.
    pub warm_up: SimDuration,
    /// Simulated time measured, longer than zero.
    pub duration: SimDuration,
    /// Seed of all random streams.
    pub seed: u64,
    /// Batches that the measured time is cut into; 20 to 30 is usual, fewer than 5 give no intervals.
    pub batches: u32,
    /// What the answers should keep.
    pub objective: Objective,
}

impl RunOptions {
    /// Batches when nothing else is asked for.
    pub const BATCHES: u32 = 20;
}

/// A span of simulated time to report about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub start: SimTime,
    /// Its length, longer than zero.
    pub duration: SimDuration,
}

/// Runs `network` and reports. `progress` is called now and then with the share of simulated time done, 0 to 1.
///
/// # Panics
/// If the options ask for no batch or for no time.
pub fn run(network: Network, options: &RunOptions, progress: impl FnMut(f64)) -> Report {
    let window = Window { start: SimTime::ZERO + options.warm_up, duration: options.duration };
    let (report, _) = run_windows(network, options, &[window], progress).remove(0);
    report
}

/// Like [`run`], with figures over time: over intervals of the length asked for, or of a round one.
///
/// # Panics
/// If the options ask for no batch or for no time, or an interval has no length.
pub fn run_with_series(
    network: Network,
    options: &RunOptions,
    interval: Option<SimDuration>,
    progress: impl FnMut(f64),
) -> Report {
    assert!(interval.is_none_or(|interval| !interval.is_zero()), "an interval has a length");
    let window = Window { start: SimTime::ZERO + options.warm_up, duration: options.duration };
    let network = Network { users: options.users, ..network };
    let mut run = Run::new(&network, options.seed, window.start + window.duration, progress);
    run.recorder = Some(Recorder::new(&network, window.start + window.duration, interval));
    let (mut report, _) = run.report(options, window);
    let (now, users) = (run.simulation.now(), run.simulation.users());
    report.time_series = run.recorder.map(|recorder| recorder.finish(now, users));
    report
}

/// Runs `network` once and reports about each of `windows`, which follow each other, with the lines of the log from its
/// span. Of the options, warm-up and duration are left aside.
///
/// # Panics
/// If the options ask for no batch, or a window has no length.
pub fn run_windows(
    network: Network,
    options: &RunOptions,
    windows: &[Window],
    progress: impl FnMut(f64),
) -> Vec<(Report, Vec<LogEntry>)> {
    let network = Network { users: options.users, ..network };
    let end = windows.last().map_or(SimTime::ZERO, |window| window.start + window.duration);
    let mut run = Run::new(&network, options.seed, end, progress);
    windows.iter().map(|window| run.report(options, *window)).collect()
}

/// A run under way.
struct Run<'a, P> {
    network: &'a Network,
    simulation: Simulation,
    end: SimTime,
    progress: P,
    recorder: Option<Recorder<'a>>,
}

impl<'a, P: FnMut(f64)> Run<'a, P> {
    fn new(network: &'a Network, seed: u64, end: SimTime, progress: P) -> Self {
        Self { network, simulation: Simulation::unwatched(network.clone(), seed), end, progress, recorder: None }
    }

    /// Goes on to the end of `window` and reports about it, with the lines of the log from its span.
    fn report(&mut self, options: &RunOptions, window: Window) -> (Report, Vec<LogEntry>) {
        let batches = self.measure(window, options.batches);
        let spanned = RunOptions { warm_up: window.start.since(SimTime::ZERO), duration: window.duration, ..*options };
        let mut report = figures::report(self.simulation.network(), &spanned, &batches);
        report.fingerprint = format!("{:016x}", self.simulation.fingerprint());
        report.events = self.simulation.events();
        report.requests = self.simulation.requests();
        let end = window.start + window.duration;
        let is_inside = |alert: &&Alert| alert.fired_at >= window.start && alert.fired_at <= end;
        report.alerts = self.simulation.alerts().filter(is_inside).map(AlertFigures::new).collect();
        (report, self.simulation.take_log())
    }

    /// Goes on to the end of `window` and gives what was measured there, cut into `batches` equal parts. The log is that
    /// of the window afterwards.
    fn measure(&mut self, window: Window, batches: u32) -> Vec<Measurements> {
        assert!(batches > 0 && !window.duration.is_zero(), "something is measured");
        self.advance(window.start);
        self.simulation.take_log();
        (1..=batches)
            .map(|batch| {
                let nanos = u128::from(window.duration.as_nanos()) * u128::from(batch) / u128::from(batches);
                let nanos = u64::try_from(nanos).expect("a part of a duration is a duration");
                self.advance(window.start + SimDuration::from_nanos(nanos))
            })
            .collect()
    }

    /// Measurements in the order of the network that the run began with. Machines that a script has added are told with
    /// the first of their component.
    fn in_drawn_order(&self, mut measured: Measurements) -> Measurements {
        let (now, drawn) = (&self.simulation.network().stations, &self.network.stations);
        if now.len() == drawn.len() {
            return measured;
        }
        let mut ordered = vec![StationMeasurements::default(); drawn.len()];
        for (spec, counts) in now.iter().zip(core::mem::take(&mut measured.stations)) {
            let first = drawn.partition_point(|other| other.component < spec.component);
            let place = first + spec.instance as usize;
            let is_drawn = drawn.get(place).is_some_and(|other| other.component == spec.component);
            ordered[if is_drawn { place } else { first }].merge(&counts);
        }
        measured.stations = ordered;
        measured
    }

    /// Goes on until a moment and gives what was measured on the way there.
    fn advance(&mut self, until: SimTime) -> Measurements {
        let mut sum: Option<Measurements> = None;
        loop {
            let stop = self.recorder.as_ref().map_or(until, |recorder| recorder.interval_ends().min(until));
            while !self.simulation.advance_at_most(stop, 100_000) {
                (self.progress)(self.simulation.now().as_secs_f64() / self.end.as_secs_f64());
            }
            let measured = self.simulation.take_measurements();
            let measured = self.in_drawn_order(measured);
            if let Some(recorder) = &mut self.recorder {
                recorder.add(&measured, stop, self.simulation.users());
            }
            match &mut sum {
                Some(sum) => sum.merge(&measured),
                None => sum = Some(measured),
            }
            if stop == until {
                return sum.unwrap_or_default();
            }
        }
    }
}
